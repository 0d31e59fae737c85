"""The weights of a run stay within their memory, and what is kept of them is spread evenly over the run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convscope.core.time_machine import MOST_BYTES, MOST_MOMENTS, WeightsThroughTime
from convscope.core.weights import Weights, frozen

KB = 1024


def weights(size: int = KB) -> Weights:
    """Return a moment's weights with one array of so many bytes of its own."""
    return frozen({"dense_1.weight": np.zeros(size // 4, np.float32)})


def unique_bytes(kept: WeightsThroughTime) -> int:
    arrays = {id(array): array.nbytes for moment in kept.moments for array in moment.weights.values()}
    return sum(arrays.values())


def filled(
    positions: list[float], most_bytes: int = MOST_BYTES, most_moments: int = MOST_MOMENTS
) -> WeightsThroughTime:
    kept = WeightsThroughTime(most_bytes, most_moments)
    for position in positions:
        kept.keep(position, weights())
    return kept


steps = st.lists(st.floats(0.001, 1.0), min_size=1, max_size=150)


@given(steps, st.integers(2, 40))
@settings(max_examples=60)
def test_what_is_kept_fits_and_holds_both_ends(gaps: list[float], room: int) -> None:
    kept = WeightsThroughTime(room * KB)
    positions = np.cumsum(gaps)
    for position in positions:
        kept.keep(float(position), weights())
        assert unique_bytes(kept) == kept.size <= room * KB
        assert kept.positions[0] == positions[0]
        assert kept.positions[-1] == position
        assert (np.diff(kept.positions) > 0).all()
    assert len(kept.moments) == min(len(gaps), room)


@given(steps, st.integers(4, 40))
@settings(max_examples=60)
def test_no_gap_is_larger_than_twice_the_mean_unless_the_run_left_it(gaps: list[float], room: int) -> None:
    kept = WeightsThroughTime(most_moments=room)
    positions = np.cumsum(gaps)
    for position in positions:
        kept.keep(float(position), weights())
    largest = np.diff(kept.positions).max(initial=0)
    left_by_the_run = np.diff(positions).max(initial=0)
    mean = (positions[-1] - positions[0]) / (room - 1)
    assert largest <= max(left_by_the_run, 2 * mean) + 1e-9


def test_a_long_run_at_an_even_pace_is_kept_evenly() -> None:
    kept = filled([index / 100 for index in range(3001)], most_moments=50)
    gaps = np.diff(kept.positions)
    assert len(kept.moments) == 50
    assert gaps.max() <= 2 * gaps.mean() + 0.01
    quarters = np.histogram(kept.positions, 4, (0, 30))[0]
    assert quarters.min() >= 8
    assert quarters.max() <= 20


def test_arrays_that_stay_the_same_are_shared_and_counted_once() -> None:
    still = np.ones(100 * KB // 4, np.float32)
    kept = WeightsThroughTime(110 * KB)
    for index in range(8):
        kept.keep(index, frozen({**weights(), "conv_1.weight": still}))
    assert len(kept.moments) == 8
    assert kept.size == 108 * KB == unique_bytes(kept)
    assert all(moment.weights["conv_1.weight"] is still for moment in kept.moments)


def test_nothing_is_copied() -> None:
    kept = WeightsThroughTime()
    first, second = weights(), weights()
    kept.keep(0, first)
    kept.keep(0.5, second)
    assert [moment.weights for moment in kept.moments] == [first, second]
    assert kept.moments[1].weights is second


def test_other_weights_at_the_same_place_take_the_place_of_the_last() -> None:
    kept = filled([0.0, 1.0, 2.0])
    best = weights()
    kept.keep(2.0, best)
    assert kept.positions.tolist() == [0, 1, 2]
    assert kept.moments[-1].weights is best
    assert kept.size == 3 * KB == unique_bytes(kept)


def test_the_same_moment_told_twice_is_one() -> None:
    kept = filled([0.0])
    again = weights()
    for _ in range(3):
        kept.keep(1.0, again)
    assert len(kept.moments) == 2
    assert kept.size == 2 * KB


def test_of_weights_that_are_too_large_nothing_is_kept() -> None:
    kept = WeightsThroughTime(3 * KB)
    kept.keep(0, weights(2 * KB))
    assert not kept.is_too_large
    kept.keep(1, weights(2 * KB))
    kept.keep(2, weights(2 * KB))
    assert kept.is_too_large
    assert kept.moments == ()
    assert kept.size == 0
    assert kept.nearest(1) is None


def test_a_run_does_not_go_back() -> None:
    kept = filled([0.0, 1.0])
    with pytest.raises(ValueError, match=r"cannot be at 0\.5 later"):
        kept.keep(0.5, weights())


def test_the_nearest_moment_is_found() -> None:
    kept = filled([0.0, 1.0, 2.0])
    found = [kept.nearest(position) for position in (-3, 0.4, 0.6, 1.9, 7)]
    assert [moment and moment.position for moment in found] == [0, 0, 1, 2, 2]
