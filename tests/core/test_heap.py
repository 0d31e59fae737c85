"""Memory that is given back to the system while a run goes on."""

from __future__ import annotations

import platform
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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library needs none of this")
def test_glibc_has_what_it_takes() -> None:
    trim = heap._trim()
    assert trim is not None
    assert trim(0) in (0, 1)
