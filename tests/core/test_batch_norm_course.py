"""The figures of batch norm through a run: what is kept, how much, and whose."""

from __future__ import annotations

import numpy as np
import pytest

from convscope.core.batch_norm_course import BatchNormCourse
from convscope.core.batch_statistics import BatchStatistics
from convscope.core.weights import Weights, frozen


def statistics_of(number: int, channels: int = 3) -> dict[str, BatchStatistics]:
    mean = np.arange(channels, dtype=np.float32) + number
    return {"batch_norm_1": BatchStatistics(mean, np.full(channels, 2.0), 5)}


def weights_of(number: int, channels: int = 3) -> Weights:
    arrays = {"running_mean": np.full(channels, number / 2), "running_var": np.full(channels, number / 4)}
    return frozen({f"batch_norm_1.{key}": array.astype(np.float32) for key, array in arrays.items()})


def test_a_channel_is_found_with_its_running_figures() -> None:
    course = BatchNormCourse()
    for number in range(1, 6):
        course.take(number / 10, statistics_of(number), weights_of(number))
    found = course.of("batch_norm_1", 2)
    assert found is not None
    np.testing.assert_allclose(found.positions, [0.1, 0.2, 0.3, 0.4, 0.5])
    np.testing.assert_allclose(found.batch_mean, [3, 4, 5, 6, 7])
    np.testing.assert_allclose(found.running_mean, [0.5, 1, 1.5, 2, 2.5])
    np.testing.assert_allclose(found.batch_variance, 2.0 * 5 / 4)  # over one value less, as the running one takes it
    np.testing.assert_allclose(found.running_variance, [0.25, 0.5, 0.75, 1, 1.25])


def test_what_is_not_there_gives_no_course() -> None:
    course = BatchNormCourse()
    assert course.of("batch_norm_1", 0) is None
    course.take(0.1, {}, weights_of(1))
    assert len(course) == 0
    course.take(0.1, statistics_of(1), weights_of(1))
    assert course.of("batch_norm_2", 0) is None
    assert course.of("batch_norm_1", 3) is None


def test_a_report_without_a_new_batch_adds_nothing() -> None:
    course = BatchNormCourse()
    for position in (0.5, 0.5, 0.4):
        course.take(position, statistics_of(1), weights_of(1))
    assert len(course) == 1


@pytest.mark.parametrize("channels", [3, 3000])
def test_memory_is_bounded_and_the_whole_run_stays_in_view(channels: int) -> None:
    course = BatchNormCourse(most_bytes=400_000, most_moments=50)
    for number in range(1, 301):
        course.take(number / 100, statistics_of(number, channels), weights_of(number, channels))
    found = course.of("batch_norm_1", 0)
    assert found is not None
    assert len(found.positions) <= 50
    assert course.size <= 400_000
    assert (found.positions[0], found.positions[-1]) == (0.01, 3.0)
    gaps = np.diff(found.positions)
    assert gaps.max() <= 3 * gaps.mean()
