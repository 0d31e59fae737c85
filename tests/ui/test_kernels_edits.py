"""What the tools make of weights, and what they leave alone."""

from __future__ import annotations

import numpy as np
import pytest

from convscope.ui.panels.kernels_edits import randomised, restored, with_kernel, with_known_filter, with_value

WEIGHTS = np.arange(3 * 2 * 3 * 3, dtype=np.float32).reshape(3, 2, 3, 3)
WEIGHTS.flags.writeable = False
IDENTITY = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], np.float32)
KERNEL = (1, 0)


def unchanged(weights: np.ndarray) -> set[tuple[int, int]]:
    """Return the kernels that are as they were, as (filter, channel)."""
    same = (weights == WEIGHTS).all(axis=(2, 3))
    return {(int(number), int(channel)) for number, channel in np.argwhere(same)}


ALL = {(number, channel) for number in range(3) for channel in range(2)}


def test_a_value_changes_one_weight():
    changed = with_value(WEIGHTS, KERNEL, (2, 1), -7.5)
    assert changed[1, 0, 2, 1] == -7.5
    assert (changed != WEIGHTS).sum() == 1
    assert changed.dtype == np.float32


@pytest.mark.parametrize(
    ("target", "others"), [("kernel", WEIGHTS[1, 1]), ("alone", np.zeros((3, 3))), ("filter", IDENTITY)]
)
def test_a_known_filter_for_a_kernel_alone_or_all_channels(target: str, others: np.ndarray):
    changed = with_known_filter(WEIGHTS, KERNEL, "identity", target)
    np.testing.assert_array_equal(changed[1, 0], IDENTITY)
    np.testing.assert_array_equal(changed[1, 1], others)
    assert unchanged(changed) >= ALL - {(1, 0), (1, 1)}


def test_random_kernels_differ_from_channel_to_channel_and_from_press_to_press():
    random = np.random.default_rng(2)
    changed = randomised(WEIGHTS, KERNEL, "filter", random)
    assert unchanged(changed) == ALL - {(1, 0), (1, 1)}
    assert not np.array_equal(changed[1, 0], changed[1, 1])
    assert np.abs(changed[1]).max() <= 1 / np.sqrt(18)
    again = randomised(changed, KERNEL, "kernel", random)
    assert not np.array_equal(again[1, 0], changed[1, 0])
    np.testing.assert_array_equal(again[1, 1], changed[1, 1])
    assert not randomised(WEIGHTS, KERNEL, "alone", random)[1, 1].any()


@pytest.mark.parametrize(("target", "back"), [("kernel", {(1, 0)}), ("alone", ALL), ("filter", ALL)])
def test_restoring_brings_back_what_the_target_had_changed(target: str, back: set[tuple[int, int]]):
    changed = with_kernel(WEIGHTS, KERNEL, np.full((3, 3), 9), "filter")
    assert unchanged(changed) == ALL - {(1, 0), (1, 1)}
    assert unchanged(restored(changed, KERNEL, WEIGHTS[1], target)) >= back
