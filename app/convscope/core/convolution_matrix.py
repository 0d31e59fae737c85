"""A convolution as the dense layer it is: one great matrix, mostly zeros, with the same few weights again and again."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from convscope.core.layers import Conv2d, Shape, shape_text
from convscope.core.layers.window import pair
from convscope.core.receptive_field import touched

Array = NDArray[np.float32]

MOST_ENTRIES = 4_000_000  # 32 MB with the weights' numbers; far more than a picture can show
_MOST_SIDE = 1024  # of an image


@dataclass(frozen=True, eq=False)
class ConvolutionMatrix:
    """The matrix that takes flattened maps to what a convolution makes of them, before the bias.

    Rows are output values, columns input values, both in the order channel, row, column.

    Attributes:
        matrix: # (F·H'·W', C·H·W)
        weight_index: Which weight an entry repeats, by its place among all weights of the layer in the order filter,
            channel, row, column; −1 where the window does not reach, so that the entry is 0 whatever is learned.
            # (F·H'·W', C·H·W)
        input_shape: # (C, H, W)
        output_shape: # (F, H', W')
        weight_shape: # (F, C, kh, kw)
    """

    matrix: Array
    weight_index: NDArray[np.int32]
    input_shape: tuple[int, int, int]
    output_shape: tuple[int, int, int]
    weight_shape: tuple[int, int, int, int]

    @property
    def nonzero(self) -> NDArray[np.bool_]:
        """Which entries are weights, those that happen to be 0 with them.  # as the matrix."""
        return self.weight_index >= 0

    @property
    def weights_in_it(self) -> int:
        """How many entries are weights."""
        return int(np.count_nonzero(self.nonzero))

    @property
    def zeros_share(self) -> float:
        """The share of entries that are 0 whatever is learned, 0 to 1."""
        return 1 - self.weights_in_it / self.matrix.size

    def row_of(self, index: tuple[int, ...]) -> int:
        """Return the row that makes the output value at (filter, row, column), or raise ValueError."""
        return _flat(index, self.output_shape)

    def column_of(self, index: tuple[int, ...]) -> int:
        """Return the column that the input value at (channel, row, column) is multiplied by, or raise ValueError."""
        return _flat(index, self.input_shape)

    def output_of(self, row: int) -> tuple[int, ...]:
        """Return the (filter, row, column) of the output value that a row makes."""
        return tuple(int(place) for place in np.unravel_index(row, self.output_shape))

    def input_of(self, column: int) -> tuple[int, ...]:
        """Return the (channel, row, column) of the input value that a column is for."""
        return tuple(int(place) for place in np.unravel_index(column, self.input_shape))

    def weight_of(self, row: int, column: int) -> tuple[int, ...] | None:
        """Return the (filter, channel, row, column) of the weight that an entry repeats, None where it is always 0."""
        number = int(self.weight_index[row, column])
        return None if number < 0 else tuple(int(place) for place in np.unravel_index(number, self.weight_shape))


def convolution_matrix(
    conv: Conv2d, weights: Array, input_shape: Shape, limit: int = MOST_ENTRIES
) -> ConvolutionMatrix:
    """Return the matrix M with M·x + bias = the convolution of x, all values in the order channel, row, column.

    Args:
        conv: The layer; whether it is switched off does not matter.
        weights: Its filters.  # (F, C, kh, kw)
        input_shape: What reaches it.  # (C, H, W)
        limit: How many entries the matrix may have.

    Raises:
        MisfitError: The layer cannot work on that input.
        ValueError: The weights are of another shape, or the matrix is larger than the limit.
    """
    channels, height, width = _checked(conv, weights, input_shape, limit)
    _, rows, columns = output_shape = conv.output_shape(input_shape)
    per_filter = prod(weights.shape[1:])
    one = _one_filter(conv, (channels, height, width), (rows, columns))
    index = np.concatenate(
        [np.where(one >= 0, one + np.int32(number * per_filter), np.int32(-1)) for number in range(conv.filters)]
    )
    matrix = np.where(index >= 0, weights.ravel()[index], np.float32(0))
    for array in (matrix, index):
        array.flags.writeable = False
    filters, _, *kernel = weights.shape
    weight_shape = (filters, channels, kernel[0], kernel[1])
    return ConvolutionMatrix(matrix, index, (channels, height, width), (output_shape[0], rows, columns), weight_shape)


def entries(conv: Conv2d, input_shape: Shape) -> int:
    """Return how many entries the matrix has; raises MisfitError where the layer cannot work on that input."""
    return prod(conv.output_shape(input_shape)) * prod(input_shape)


def largest_square(conv: Conv2d, channels: int, limit: int = MOST_ENTRIES) -> int:
    """Return the side of the largest square input whose matrix has at most `limit` entries; 0 where none has."""
    sides = (side for side in range(1, _MOST_SIDE + 1) if conv.window.fits((side, side)))
    largest = 0
    for side in sides:
        if entries(conv, (channels, side, side)) > limit:
            break
        largest = side
    return largest


def _one_filter(conv: Conv2d, input_shape: tuple[int, int, int], places: tuple[int, int]) -> NDArray[np.int32]:
    """Return the weights' numbers within one filter, −1 where there is none: (H'·W', C·H·W)."""
    channels, height, width = input_shape
    kernel, directions = pair(conv.kernel_size), conv.window.along((height, width))
    ys, xs = (
        touched(np.arange(count), along) for count, along in zip(places, directions, strict=True)
    )  # (H', kh), (W', kw)
    y, x = ys[:, None, :, None], xs[None, :, None, :]
    inside = (y >= 0) & (y < height) & (x >= 0) & (x < width)  # (H', W', kh, kw)
    down, across, i, j = np.nonzero(inside)
    rows, columns = down * places[1] + across, ys[down, i] * width + xs[across, j]
    index = np.full((prod(places), channels, height * width), -1, np.int32)
    for channel in range(channels):
        index[rows, channel, columns] = (channel * kernel[0] + i) * kernel[1] + j
    return index.reshape(prod(places), -1)


def _checked(conv: Conv2d, weights: Array, input_shape: Shape, limit: int) -> tuple[int, int, int]:
    count, output_shape = entries(conv, input_shape), conv.output_shape(input_shape)
    wanted = conv.parameter_shapes(input_shape)["weight"]
    if weights.shape != wanted:
        raise ValueError(f"The weights are {weights.shape}, but {shape_text(input_shape)} maps need {wanted}.")
    if count > limit:
        side = largest_square(conv, input_shape[0], limit)
        less = "Use fewer filters or channels, less padding or a smaller window."
        advice = f"With an input of at most {side}×{side} it fits." if side else less
        raise ValueError(
            f"The matrix would have {prod(output_shape):,} rows and {prod(input_shape):,} columns, {count:,} entries; "
            f"at most {limit:,} are shown. {advice}"
        )
    return input_shape[0], input_shape[1], input_shape[2]


def _flat(index: tuple[int, ...], shape: tuple[int, ...]) -> int:
    if len(index) != len(shape) or not all(0 <= place < side for place, side in zip(index, shape, strict=True)):
        raise ValueError(f"There is no value {index} in {shape_text(shape)} maps.")
    return int(np.ravel_multi_index(index, shape))
