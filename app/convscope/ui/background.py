"""Work on threads: a generator that is relayed, and a question whose newest version alone counts.

How a value travels, for `Stream`:

1. The thread resumes the generator and gets a value.
2. If the last value has not been fetched yet, the new one is merged with it; so there is never more than one on the
   way, however slow the window is.
3. A queued signal wakes the GUI thread, which in its next turn takes the value and emits `received`.
4. After `abandon` nothing is emitted any more; the generator is closed on its thread, which then ends.

Every thread is in one registry until it has ended; `end_all` ends and awaits them, and is also called when Python
exits, because a QThread that is alive then would abort the process.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable, Generator
from threading import Condition
from typing import Any, Generic, TypeVar

import shiboken6
from PySide6.QtCore import QObject, QThread, QTimer, Signal, Slot

_NICENESS = 5  # from 0, as everybody, to 19; among equals it costs nothing
Value = Any  # what a generator yields or a question is answered with; Qt's signals know no more than object

_alive: set[_Worker] = set()


def stand_back() -> None:
    """Let the calling thread wait for others where there are fewer cores than threads.

    For long work: without this an answer to the pen waits up to twice as long while a network trains on two cores.
    """
    if sys.platform == "linux":  # where Qt's priorities of threads have no effect, but each has its own niceness
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
    else:
        QThread.currentThread().setPriority(QThread.Priority.LowPriority)


def newest(_: Value, value: Value) -> Value:
    """Merge two values by forgetting the older one."""
    return value


class _Worker(QThread):
    """A thread that is in the registry from its start until it has ended.

    Signals:
        failed: The exception that ended the work.
    """

    failed = Signal(object)
    _woken = Signal()

    def __init__(self) -> None:
        super().__init__()  # without a parent: the registry alone keeps it, so that nobody can delete it while it runs
        self._changed = Condition()
        self._abandoned = False
        self._mail: list[tuple[str, Value]] = []  # undelivered values, at most one of each kind
        # A timer, so that what the window owes others between two deliveries, and before the paint, is not put off:
        # all events that are posted, paints included, would be handled in one go.
        self._delivery = QTimer(self, singleShot=True, interval=0)
        self._delivery.timeout.connect(self._deliver)
        self._woken.connect(self._delivery.start)
        self.finished.connect(self._forget)

    def begin(self) -> None:
        """Start the thread and keep it alive until it ends."""
        _alive.add(self)
        self.start()

    def abandon(self) -> None:
        """Let the work end soon, and emit nothing any more; returns at once."""
        with self._changed:
            self._abandoned = True
            self._mail.clear()
            if shiboken6.isValid(self):  # a thread that ended by itself is deleted, whoever still knows it
                self.requestInterruption()
            self._changed.notify_all()

    def _post(self, kind: str, value: Value, merge: Callable[[Value, Value], Value] = newest) -> None:
        with self._changed:
            if self._abandoned:
                return
            for index, (other, older) in enumerate(self._mail):
                if other == kind:
                    self._mail[index] = (kind, merge(older, value))
                    return
            self._mail.append((kind, value))
        self._woken.emit()

    @Slot()
    def _deliver(self) -> None:
        with self._changed:
            mail, self._mail = self._mail, []
        for kind, value in mail:
            if not self._abandoned:  # a slot of the one before may have abandoned the work
                getattr(self, kind).emit(value)

    @Slot()
    def _forget(self) -> None:
        self._deliver()
        _alive.discard(self)
        self.deleteLater()

    def work(self) -> None:
        """Do the work, on the thread."""

    def run(self) -> None:
        try:
            self.work()
        except Exception as error:
            self._post("failed", error)


class Stream(_Worker):
    """Relays a generator from a thread of its own; see the top of the file.

    Signals:
        received: A value of the generator, merged with those that were not fetched in time.
        rested: The generator waits to be resumed; with its last value, None before the first.
        ended: The generator has returned this value.
    """

    received = Signal(object)
    rested = Signal(object)
    ended = Signal(object)

    def __init__(
        self,
        start: Callable[[], Generator[Value, Value, Value]],
        merge: Callable[[Value, Value], Value] = newest,
    ) -> None:
        """Make a stream of what `start` returns; it is called on the thread, where slow imports hurt nobody.

        Args:
            start: Makes the generator.
            merge: From an older and a newer value, the one that stands for both.
        """
        super().__init__()
        self._start = start
        self._merge = merge
        self._until: Callable[[Value], bool] | None = None  # None: rest
        self._order: Value = None
        self._resting = True  # and whoever resumed it knows

    def resume(self, until: Callable[[Value], bool], order: Value = None) -> None:
        """Go on until a value fulfils `until`, then rest; `order` is sent to the generator first."""
        with self._changed:
            self._mail = [(kind, value) for kind, value in self._mail if kind != "rested"]  # no longer true
            self._until = until
            self._resting = False
            self._order = order if order is not None else self._order
            self._changed.notify_all()

    def order(self, order: Value) -> None:
        """Send something to the generator when it goes on the next time."""
        with self._changed:
            self._order = order

    @property
    def is_to_rest(self) -> bool:
        """Whether the next value is the last for now, so that the generator may hurry to yield it; for any thread."""
        return self._until is None or self._abandoned

    def rest(self) -> None:
        """Rest after the present value."""
        with self._changed:
            self._until = None

    def work(self) -> None:
        """Resume the generator whenever it shall go on."""
        generator = self._start()
        try:
            value = None
            started = False
            while self._awaited(value):
                order = self._taken_order() if started else None
                value = generator.send(order)
                started = True
                self._post("received", value, self._merge)
                self._note(value)
        except StopIteration as end:
            self._post("ended", end.value)
        finally:
            generator.close()

    def _awaited(self, last: Value) -> bool:
        """Wait until the generator shall go on; say whether it shall at all."""
        with self._changed:
            while self._until is None and not self._abandoned:
                if not self._resting:  # also when it was told to rest before it had begun
                    self._resting = True
                    self._post("rested", last)
                self._changed.wait()
            return not self._abandoned

    def _taken_order(self) -> Value:
        with self._changed:
            order, self._order = self._order, None
            return order

    def _note(self, value: Value) -> None:
        with self._changed:
            if self._until is not None and self._until(value):
                self._until = None


Question = TypeVar("Question")


class Latest(_Worker, Generic[Question]):
    """Answers questions on a thread of its own; of those that wait, only the newest counts.

    Signals:
        answered: An answer.
    """

    answered = Signal(object)

    def __init__(self, prepare: Callable[[], Callable[[Question], Value]]) -> None:
        """Make it with `prepare`, which is called on the thread and returns what answers a question."""
        super().__init__()
        self._prepare = prepare
        self._question: Question | None = None

    def ask(self, question: Question) -> None:
        """Ask; a question that has not been taken up yet is forgotten."""
        with self._changed:
            self._question = question
            self._changed.notify_all()

    def work(self) -> None:
        """Answer whenever there is a question."""
        answer = self._prepare()
        while (question := self._next()) is not None:
            try:
                self._post("answered", answer(question))
            except Exception as error:
                self._post("failed", error)

    def _next(self) -> Question | None:
        with self._changed:
            while self._question is None and not self._abandoned:
                self._changed.wait()
            question, self._question = self._question, None
            return None if self._abandoned else question


def end_all(milliseconds: int = 20_000) -> bool:
    """End every thread and wait for it; say whether all have ended in time."""
    workers = list(_alive)
    for worker in workers:
        worker.abandon()
    ended = [worker for worker in workers if worker.wait(milliseconds)]
    _alive.difference_update(ended)
    return len(ended) == len(workers)


def alive() -> tuple[QObject, ...]:
    """Return the threads that have not ended yet."""
    return tuple(_alive)


atexit.register(end_all)
