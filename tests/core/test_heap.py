"""Memory that is given back to the system while a run goes on."""

from __future__ import annotations

import sys

import pytest

from convscope.core import heap
from convscope.core.heap import INTERVAL, Heap


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(heap, "monotonic", lambda: now[0])
    return now


def test_free_memory_is_given_back_now_and_then(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[int]()

    def trim(padding: int) -> int:
        asked.append(padding)
        return 1

    monkeypatch.setattr(heap, "_trim", lambda: trim)
    kept = Heap()
    kept.tidy()
    assert not asked
    clock[0] += INTERVAL
    kept.tidy()
    kept.tidy()
    assert asked == [0]


def test_where_the_c_library_cannot_do_it_nothing_happens(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    kept = Heap()
    clock[0] += 2 * INTERVAL
    kept.tidy()


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is the C library of most Linux systems alone")
def test_the_real_one_can_be_called(clock: list[float]) -> None:
    kept = Heap()
    clock[0] += 2 * INTERVAL
    kept.tidy()
