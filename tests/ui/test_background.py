"""Threads that relay a generator or answer the newest question."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator, Iterator

import pytest

from convscope.ui import background
from convscope.ui.background import Latest, Stream, stand_back


@pytest.fixture(autouse=True)
def no_thread_left() -> Iterator[None]:
    yield
    assert background.end_all()
    assert background.alive() == ()


def counting(limit: int = 10**9):
    yield from range(limit)
    return "done"


def never(_: object) -> bool:
    return False


def test_relays_every_value_merged_and_the_result(qtbot):
    stream = Stream(lambda: ([number] for number in range(2000)), lambda older, newer: older + newer)
    received: list[list[int]] = []
    stream.received.connect(received.append)
    with qtbot.waitSignal(stream.ended):
        stream.begin()
        stream.resume(never)
    assert [number for values in received for number in values] == list(range(2000))


def test_ended_brings_what_the_generator_returns(qtbot):
    stream = Stream(lambda: counting(3))
    with qtbot.waitSignal(stream.ended) as end:
        stream.begin()
        stream.resume(never)
    assert end.args == ["done"]


def test_values_wait_while_the_window_is_busy(qtbot):
    """A window that does not come round gets one merged value, not thousands."""
    stream = Stream(lambda: ([number] for number in range(1000)), lambda older, newer: older + newer)
    received: list[list[int]] = []
    stream.received.connect(received.append)
    stream.begin()
    stream.resume(never)
    stream.wait()  # on the GUI thread: nothing can be delivered meanwhile
    qtbot.waitUntil(lambda: len(received) > 0)
    assert received == [list(range(1000))]


def test_rests_where_it_is_told_to_and_goes_on(qtbot):
    stream = Stream(counting)
    stream.begin()
    with qtbot.waitSignal(stream.rested) as rest:
        stream.resume(lambda number: number == 5)
    assert rest.args == [5]
    with qtbot.waitSignal(stream.rested) as rest:
        stream.resume(lambda _: True)
    assert rest.args == [6]


def test_rests_soon_when_asked_to(qtbot):
    stream = Stream(counting)
    stream.begin()
    stream.resume(never)
    with qtbot.waitSignal(stream.rested) as rest:
        stream.rest()
    last = -1 if rest.args[0] is None else rest.args[0]  # it may not have begun yet
    with qtbot.waitSignal(stream.received) as value:
        stream.resume(lambda _: True)
    assert value.args == [last + 1]


def test_says_that_it_rests_when_told_to_before_it_begins(qtbot):
    stream = Stream(counting)
    stream.resume(never)
    stream.rest()
    with qtbot.waitSignal(stream.rested) as rest:
        stream.begin()
    assert rest.args == [None]


def test_sends_orders_to_the_generator(qtbot):
    def obeying():
        order = None
        while True:
            order = yield order

    stream = Stream(obeying)
    stream.begin()
    with qtbot.waitSignal(stream.rested):
        stream.resume(lambda _: True)
    with qtbot.waitSignal(stream.rested) as rest:
        stream.resume(lambda _: True, "faster")
    assert rest.args == ["faster"]


def test_says_nothing_after_being_abandoned_and_closes_the_generator(qtbot):
    closed = threading.Event()

    def generator():
        try:
            yield from counting()
        finally:
            closed.set()

    stream = Stream(generator)
    received: list[int] = []
    stream.received.connect(received.append)
    stream.begin()
    stream.resume(never)
    qtbot.waitUntil(lambda: len(received) > 0)
    stream.abandon()
    count = len(received)
    qtbot.waitUntil(lambda: background.alive() == ())
    assert closed.is_set()
    assert len(received) == count


def test_slots_run_on_the_gui_thread(qtbot):
    stream = Stream(lambda: counting(1))
    threads: list[threading.Thread] = []
    stream.received.connect(lambda _: threads.append(threading.current_thread()))
    with qtbot.waitSignal(stream.ended):
        stream.begin()
        stream.resume(never)
    assert threads == [threading.main_thread()]


def test_an_exception_arrives_as_a_value(qtbot):
    def failing():
        yield 1
        raise ValueError("broken")

    stream = Stream(failing)
    with qtbot.waitSignal(stream.failed) as failure:
        stream.begin()
        stream.resume(never)
    assert isinstance(failure.args[0], ValueError)
    assert str(failure.args[0]) == "broken"


def test_answers_only_the_newest_question(qtbot):
    asked: list[int] = []
    gate = threading.Event()

    def answer(question: int) -> int:
        asked.append(question)
        gate.wait(10)
        return 2 * question

    latest: Latest[int] = Latest(lambda: answer)
    answers: list[int] = []
    latest.answered.connect(answers.append)
    latest.begin()
    latest.ask(1)
    qtbot.waitUntil(lambda: asked == [1])
    for question in range(2, 100):
        latest.ask(question)
    gate.set()
    qtbot.waitUntil(lambda: bool(answers) and answers[-1] == 198)
    assert asked == [1, 99]


def test_a_failing_answer_does_not_end_the_answering(qtbot):
    def answer(question: int) -> float:
        return 1 / question

    latest: Latest[int] = Latest(lambda: answer)
    latest.begin()
    with qtbot.waitSignal(latest.failed):
        latest.ask(0)
    with qtbot.waitSignal(latest.answered) as answered:
        latest.ask(4)
    assert answered.args == [0.25]


def test_end_all_ends_a_thread_that_rests_and_one_that_works(qtbot):
    resting, working = Stream(counting), Stream(counting)
    working.resume(never)
    for stream in (resting, working):
        stream.begin()
    assert len(background.alive()) == 2
    assert background.end_all(5000)
    assert background.alive() == ()
    assert resting.isFinished()
    assert working.isFinished()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how nice a thread is")
def test_a_thread_that_stands_back_is_alone_in_that(qtbot):
    found = list[int]()

    def course() -> Generator[int, None, None]:
        stand_back()
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        yield 1

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    stream = Stream(course)
    with qtbot.waitSignal(stream.ended, timeout=5000):
        stream.begin()
        stream.resume(lambda _: False)
    assert found[0] > before
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
