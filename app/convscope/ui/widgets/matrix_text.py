"""What is said of a convolution written out as a matrix."""

from __future__ import annotations

from math import prod

from convscope.core.convolution_matrix import ConvolutionMatrix
from convscope.ui.widgets.number_text import number_text

MOST_TERMS = 9  # of a sum; a 3×3 kernel's all


def summary(matrix: ConvolutionMatrix) -> str:
    """Return how large the matrix is, how few weights are in it, and what a dense layer would have in its place."""
    rows, columns = matrix.matrix.shape
    weights, places = prod(matrix.weight_shape), matrix.weights_in_it
    return (
        f"{rows:,} outputs × {columns:,} inputs = {matrix.matrix.size:,} entries: {weights:,} weight"
        f"{'s' * (weights != 1)} in {places:,} places, and {100 * matrix.zeros_share:.0f} % always 0. "
        f"A dense layer would learn all {matrix.matrix.size:,}."
    )


def described_row(matrix: ConvolutionMatrix, row: int, bias: float | None, most: int = MOST_TERMS) -> str:
    """Return the sum that a row stands for, with the weights as numbers; of a long one the first `most` products."""
    terms: list[str] = []
    columns = matrix.nonzero[row].nonzero()[0]
    for column in columns[:most]:
        terms.append(f"{number_text(float(matrix.matrix[row, column]), 2)}·x{_place(matrix, matrix.input_of(column))}")
    if len(columns) > most:
        terms.append(f"… ({len(columns):,} products)")
    if bias is not None:
        terms.append(f"{number_text(bias, 2)} (bias)")
    total = " + ".join(terms).replace("+ −", "− ") or "0"
    return f"Row {row}: y{_place(matrix, matrix.output_of(row))} = {total}"


def described_entry(matrix: ConvolutionMatrix, row: int, column: int) -> str:
    """Return which weight an entry repeats, and which input it multiplies."""
    output, pixel = (_place(matrix, place) for place in (matrix.output_of(row), matrix.input_of(column)))
    weight = matrix.weight_of(row, column)
    if weight is None:
        return f"Always 0: the window of output {output} leaves out input {pixel}."
    times = int((matrix.weight_index == matrix.weight_index[row, column]).sum())
    value = number_text(float(matrix.matrix[row, column]), 3)
    return (
        f"Weight {_place(matrix, weight)} = {value} times input {pixel}, for output {output}; "
        f"it stands in {times:,} place{'s' * (times != 1)}."
    )


def described_column(matrix: ConvolutionMatrix, column: int) -> str:
    """Return how many outputs read an input."""
    readers = int(matrix.nonzero[:, column].sum())
    pixel = _place(matrix, matrix.input_of(column))
    return f"Column {column}: input {pixel} is read by {readers} output{'s' * (readers != 1)}."


def _place(matrix: ConvolutionMatrix, place: tuple[int, ...]) -> str:
    """Return a place as (row, column), with filter and channel before them where there are several."""
    several = matrix.input_shape[0] > 1 or matrix.output_shape[0] > 1
    return f"({', '.join(str(number) for number in (place if several else place[-2:]))})"
