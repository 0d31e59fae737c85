"""A convolution as a matrix, against torch's convolution."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from convscope.core.convolution_matrix import MOST_ENTRIES, convolution_matrix, entries, largest_square
from convscope.core.layers import Conv2d, MisfitError
from convscope.core.module import build_module, load_weights
from convscope.core.network import Network
from convscope.core.receptive_field import receptive_field
from convscope.core.unit import Unit
from convscope.core.weights import initial_weights

sizes = st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3))
convolutions = st.builds(
    Conv2d,
    filters=st.integers(1, 3),
    kernel_size=sizes,
    stride=sizes,
    padding=st.sampled_from(["valid", "same"]) | st.integers(0, 3),
    dilation=sizes,
)
shapes = st.tuples(st.integers(1, 3), st.integers(1, 7), st.integers(1, 7))
PLAIN = Conv2d(filters=2, kernel_size=3)


def fits(conv: Conv2d, shape: tuple[int, int, int]) -> bool:
    return conv.window.fits((shape[1], shape[2]))


def drawn(conv: Conv2d, shape: tuple[int, int, int]) -> np.ndarray[Any, np.dtype[np.float32]]:
    random = np.random.default_rng(3)
    return random.normal(0, 1, conv.parameter_shapes(shape)["weight"]).astype(np.float32)


@given(convolutions, shapes)
@settings(max_examples=60)
def test_its_product_with_the_input_is_torchs_convolution(conv: Conv2d, shape: tuple[int, int, int]):
    assume(fits(conv, shape))
    network = Network(shape, (conv.changed(name="it"),))
    weights = initial_weights(network, 0)
    module = build_module(network).eval()
    load_weights(module, weights)
    x = np.random.default_rng(1).normal(0, 1, shape).astype(np.float32)
    with torch.inference_mode():
        expected = module(torch.tensor(x)[None])[0].numpy()
    found = convolution_matrix(conv, weights["it.weight"], shape)
    product = (found.matrix @ x.ravel()).reshape(found.output_shape) + weights["it.bias"][:, None, None]
    np.testing.assert_allclose(product, expected, rtol=1e-4, atol=1e-5)


@given(convolutions, shapes, st.data())
@settings(max_examples=40)
def test_a_row_reads_what_its_value_sees(conv: Conv2d, shape: tuple[int, int, int], data: st.DataObject):
    assume(fits(conv, shape))
    found = convolution_matrix(conv, drawn(conv, shape), shape)
    index = tuple(data.draw(st.integers(0, side - 1)) for side in found.output_shape)
    row = found.row_of(index)
    assert found.output_of(row) == index
    seen = receptive_field(Network(shape, (conv,)), Unit(0, index))[-1]
    np.testing.assert_array_equal(found.nonzero[row].reshape(shape), seen.mask(shape))


@given(convolutions, shapes)
@settings(max_examples=40)
def test_every_entry_is_the_weight_that_it_names_or_zero(conv: Conv2d, shape: tuple[int, int, int]):
    assume(fits(conv, shape))
    weights = drawn(conv, shape)
    found = convolution_matrix(conv, weights, shape)
    assert found.matrix.shape == found.weight_index.shape == (np.prod(found.output_shape), np.prod(shape))
    for row, column in zip(*(places[::7] for places in np.indices(found.matrix.shape).reshape(2, -1)), strict=True):
        weight = found.weight_of(int(row), int(column))
        assert found.matrix[row, column] == (0 if weight is None else weights[weight])
        assert (weight is not None) == found.nonzero[row, column]
        if weight is not None:
            assert weight[0] == found.output_of(int(row))[0]
            assert weight[1] == found.input_of(int(column))[0]
            assert found.column_of(found.input_of(int(column))) == column


def test_without_padding_every_weight_repeats_once_for_each_place():
    found = convolution_matrix(PLAIN, drawn(PLAIN, (3, 6, 5)), (3, 6, 5))
    numbers, counts = np.unique(found.weight_index[found.nonzero], return_counts=True)
    assert numbers.tolist() == list(range(2 * 3 * 9))
    assert (counts == 4 * 3).all()
    assert found.weights_in_it == 2 * 3 * 9 * 12
    assert found.zeros_share == pytest.approx(1 - 27 / 90)  # 27 weights in each row of 90


def test_a_weight_that_is_zero_is_still_a_weight():
    weights = drawn(PLAIN, (1, 4, 4))
    weights[0, 0, 1, 1] = 0
    found = convolution_matrix(PLAIN, weights, (1, 4, 4))
    assert (found.matrix[0] != 0).sum() == 8
    assert found.nonzero[0].sum() == 9


def test_a_convolution_along_one_direction_is_the_lectures_band():
    conv = Conv2d(filters=1, kernel_size=(1, 3), stride=2)
    weights = np.array([1, 2, 3], np.float32).reshape(1, 1, 1, 3)
    found = convolution_matrix(conv, weights, (1, 1, 7))
    assert found.matrix.tolist() == [[1, 2, 3, 0, 0, 0, 0], [0, 0, 1, 2, 3, 0, 0], [0, 0, 0, 0, 1, 2, 3]]


def test_arrays_cannot_be_changed_and_the_weights_are_not():
    weights = drawn(PLAIN, (1, 4, 4))
    before = weights.copy()
    found = convolution_matrix(PLAIN, weights, (1, 4, 4))
    assert not found.matrix.flags.writeable
    assert not found.weight_index.flags.writeable
    np.testing.assert_array_equal(weights, before)


def test_one_that_is_too_large_is_refused_with_the_size_that_fits():
    conv = Conv2d(filters=12, padding="same")
    side = largest_square(conv, 1)
    assert entries(conv, (1, side, side)) <= MOST_ENTRIES < entries(conv, (1, side + 1, side + 1))
    with pytest.raises(ValueError, match=f"9,408 rows and 784 columns, 7,375,872 entries.* at most {side}×{side}"):
        convolution_matrix(conv, drawn(conv, (1, 28, 28)), (1, 28, 28))
    assert convolution_matrix(conv, drawn(conv, (1, side, side)), (1, side, side)).matrix.size <= MOST_ENTRIES


@given(convolutions, st.integers(1, 3), st.integers(0, 3000))
@settings(max_examples=30)
def test_the_largest_square_is_the_largest(conv: Conv2d, channels: int, limit: int):
    side = largest_square(conv, channels, limit)
    sizes = {s: entries(conv, (channels, s, s)) for s in range(1, 40) if fits(conv, (1, s, s))}
    assert side == max((s for s, count in sizes.items() if count <= limit), default=0)


def test_where_no_input_is_small_enough_other_advice_is_given():
    conv = Conv2d(filters=10, kernel_size=5)
    assert largest_square(conv, 8, 100) == 0
    with pytest.raises(ValueError, match="Use fewer filters or channels"):
        convolution_matrix(conv, drawn(conv, (8, 5, 5)), (8, 5, 5), limit=100)


def test_what_does_not_belong_together_is_refused():
    with pytest.raises(MisfitError):
        convolution_matrix(PLAIN, drawn(PLAIN, (1, 4, 4)), (1, 2, 2))
    with pytest.raises(ValueError, match=r"weights are \(2, 1, 3, 3\), but 4×4×3 maps need \(2, 3, 3, 3\)"):
        convolution_matrix(PLAIN, drawn(PLAIN, (1, 4, 4)), (3, 4, 4))
    found = convolution_matrix(PLAIN, drawn(PLAIN, (1, 4, 4)), (1, 4, 4))
    for index in ((2, 0, 0), (0, 0, -1), (0, 0)):
        with pytest.raises(ValueError, match="no value"):
            found.row_of(index)
    with pytest.raises(ValueError, match="no value"):
        found.column_of((1, 0, 0))
