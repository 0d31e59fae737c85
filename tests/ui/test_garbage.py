"""Garbage with Qt objects in it is collected on the window's thread, whoever makes more of it."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

import convscope
from convscope.ui.garbage import GarbageCollector

PROGRAM = """
import gc, threading, weakref
from PySide6.QtCore import QObject, QTimer
from convscope.ui import application

class Ring(QObject):
    def __init__(self):
        super().__init__()
        self.itself = self

app = application.make_application()
kept, threads = [], []

def look():
    if not kept:
        weakref.finalize(Ring(), lambda: threads.append(threading.current_thread()))
    kept.append([[] for _ in range(2 * gc.get_threshold()[0])])  # makes a collection due
    if threads and gc.get_freeze_count() > 0:
        print("Python's own:", gc.isenabled(), "freed by:", threads[0].name)
        app.quit()

poll = QTimer(app)
poll.timeout.connect(look)
poll.start(50)
application.run()
"""


class Ring(QObject):
    """A Qt object that only the garbage collector can free."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


@pytest.fixture
def collector() -> Iterator[GarbageCollector]:
    was_on = gc.isenabled()
    gc.enable()
    parent = QObject()
    collector = GarbageCollector(parent)
    yield collector
    collector.stop()
    parent.deleteLater()
    if not was_on:
        gc.disable()


def make_garbage() -> None:
    """Allocate, on a thread of its own, what makes Python collect several times."""
    thread = threading.Thread(target=lambda: [[[] for _ in range(2000)] for _ in range(300)])
    thread.start()
    thread.join()


def freed_on() -> list[int]:
    """Drop a ring, and return the list of the threads that will have freed it."""
    threads: list[int] = []
    weakref.finalize(Ring(), lambda: threads.append(threading.get_ident()))
    return threads


def test_a_worker_frees_no_qt_objects(collector: GarbageCollector, qtbot: QtBot) -> None:
    threads = freed_on()
    make_garbage()
    assert threads == []
    kept = [[] for _ in range(2 * gc.get_threshold()[0])]  # so many new objects make a collection due
    qtbot.waitUntil(lambda: bool(threads), timeout=10_000)
    assert kept
    assert threads == [threading.get_ident()]


def test_without_it_a_worker_does(collector: GarbageCollector) -> None:
    collector.stop()
    gc.collect()
    threads = freed_on()
    make_garbage()
    assert threads
    assert threads[0] != threading.get_ident()


def test_what_is_loaded_is_kept_out_of_further_collections(collector: GarbageCollector) -> None:
    collector.keep_what_is_loaded()
    assert gc.get_freeze_count() > 10_000
    gc.unfreeze()


def test_the_program_collects_on_its_own_thread_and_keeps_what_is_loaded() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(convscope.__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.stdout.strip() == "Python's own: False freed by: MainThread", done.stderr
    assert done.returncode == 0
