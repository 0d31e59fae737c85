"""The stopwatch of a run, on a clock that the test moves."""

from __future__ import annotations

import pytest

from convscope.core import stopwatch
from convscope.core.stopwatch import WINDOW, Stopwatch


class Clock:
    """Time that goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(stopwatch, "perf_counter", clock)
    return clock


def test_waiting_to_be_resumed_is_no_work(clock: Clock):
    watch = Stopwatch(1.0)
    clock.now += 2
    with watch.stopped():
        clock.now += 50
    clock.now += 3
    assert watch.busy == pytest.approx(5)


def test_a_report_is_due_after_a_pace_of_work_since_the_last(clock: Clock):
    watch = Stopwatch(1.0)
    clock.now += 0.9
    assert not watch.is_due()
    clock.now += 0.1
    assert watch.is_due()
    with watch.stopped():
        clock.now += 60  # paused
    assert not watch.is_due()
    clock.now += 1
    assert watch.is_due()


def test_a_pace_of_zero_is_always_due(clock: Clock):
    assert Stopwatch(0).is_due()


def test_speed_is_that_of_the_last_seconds_of_training(clock: Clock):
    watch = Stopwatch(1.0)
    assert watch.speed == 0
    for _ in range(10):
        watch.count_batch(WINDOW / 2, 100)
    assert watch.speed == pytest.approx(200 / WINDOW)
    for _ in range(3):
        watch.count_batch(WINDOW / 2, 300)
    assert watch.speed == pytest.approx(600 / WINDOW)  # the slow ones have left the window


def test_one_slow_batch_still_has_a_speed(clock: Clock):
    watch = Stopwatch(1.0)
    watch.count_batch(10 * WINDOW, 60)
    assert watch.speed == pytest.approx(6 / WINDOW)


def test_time_left_counts_images_and_validations(clock: Clock):
    watch = Stopwatch(1.0)
    assert watch.seconds_left(1000, 2) == 0
    watch.count_batch(0.5, 50)
    watch.count_validation(4.0)
    assert watch.seconds_left(1000, 2) == pytest.approx(10 + 8)


def test_a_pause_that_ends_by_an_error_goes_on_counting(clock: Clock):
    watch = Stopwatch(1.0)
    pause = watch.stopped()
    pause.__enter__()
    clock.now += 5
    assert not pause.__exit__(GeneratorExit, GeneratorExit(), None)  # the error goes on
    clock.now += 1
    assert watch.busy == pytest.approx(1)
