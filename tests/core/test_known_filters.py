"""Known filters do to a picture what their names say, with torch as the one who convolves."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from convscope.core.known_filters import KNOWN_FILTERS, KnownFilter, fitting
from convscope.core.layers import Conv2d
from convscope.core.network import Network
from convscope.core.trace import trace

BY_ID = {known.id: known for known in KNOWN_FILTERS}
PICTURE = np.random.default_rng(3).random((1, 9, 11)).astype(np.float32)
RAMP_RIGHT = np.tile(np.arange(9, dtype=np.float32), (9, 1))


def convolved(known: KnownFilter, picture: np.ndarray) -> np.ndarray:
    """Return the places where the whole kernel lies on the picture."""
    kernel = torch.tensor(known.kernel(3, 3))[None, None]
    return functional.conv2d(torch.tensor(picture)[None, None], kernel)[0, 0].numpy()


def test_names_are_unique_and_explained():
    assert len(BY_ID) == len({known.title for known in KNOWN_FILTERS}) == len(KNOWN_FILTERS) == 9
    assert all(known.help.endswith(".") for known in KNOWN_FILTERS)


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 3), (4, 4), (5, 3), (3, 6), (7, 7)])
def test_in_a_same_convolution_the_identity_hands_on_what_comes_in(size: tuple[int, int]):
    network = Network((1, 9, 11), (Conv2d(filters=1, kernel_size=size, padding="same"),))
    weights = {
        "conv_1.weight": BY_ID["identity"].kernel(*size)[None, None],
        "conv_1.bias": np.zeros(1, np.float32),
    }
    np.testing.assert_array_equal(trace(network, weights, PICTURE).outputs[0], PICTURE)


@pytest.mark.parametrize("known", KNOWN_FILTERS, ids=lambda known: known.id)
def test_a_filter_keeps_or_removes_what_is_the_same_everywhere(known: KnownFilter):
    keeps = known.id in ("identity", "sharpen", "box_blur", "gaussian_blur")
    np.testing.assert_allclose(convolved(known, np.full((5, 5), 7.0, np.float32)), 7.0 if keeps else 0.0, atol=1e-5)


def test_sobel_measures_the_slope_of_its_direction():
    np.testing.assert_allclose(convolved(BY_ID["sobel_horizontal"], RAMP_RIGHT), 8)  # 8 times the slope, undivided
    np.testing.assert_allclose(convolved(BY_ID["sobel_vertical"], RAMP_RIGHT), 0)
    np.testing.assert_allclose(convolved(BY_ID["sobel_vertical"], RAMP_RIGHT.T.copy()), 8)


def test_edges_answer_to_a_bend_and_not_to_a_slope():
    for name in ("edges_diagonal", "edges_four", "edges_eight"):
        np.testing.assert_allclose(convolved(BY_ID[name], RAMP_RIGHT), 0, atol=1e-5)
    row, column = np.mgrid[:5, :5].astype(np.float32)
    np.testing.assert_allclose(convolved(BY_ID["edges_four"], row**2 + column**2), 4)
    np.testing.assert_allclose(convolved(BY_ID["edges_diagonal"], row * column), 4)


def test_blurs_are_means_and_sharpen_undoes_some_of_it():
    spot = np.zeros((5, 5), np.float32)
    spot[2, 2] = 1
    np.testing.assert_allclose(convolved(BY_ID["box_blur"], spot), 1 / 9)
    np.testing.assert_allclose(convolved(BY_ID["gaussian_blur"], spot), np.outer([1, 2, 1], [1, 2, 1]) / 16)
    assert convolved(BY_ID["sharpen"], spot)[1, 1] == 5


def test_only_what_has_room_is_offered():
    assert [known.id for known in fitting(1, 1)] == ["identity"]
    assert [known.id for known in fitting(2, 5)] == ["identity"]
    assert fitting(3, 3) == fitting(7, 4) == KNOWN_FILTERS
    with pytest.raises(ValueError, match="does not fit"):
        BY_ID["sharpen"].kernel(2, 3)
