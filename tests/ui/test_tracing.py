"""Tracing: that nothing begins after its end."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from convscope.core.layers import Dense, Flatten
from convscope.core.network import Network
from convscope.core.weights import initial_weights
from convscope.ui import background
from convscope.ui.tracing import Question, Tracing

NETWORK = Network(layers=(Flatten(), Dense(10)))


def test_nothing_begins_after_the_stop(qtbot: QtBot) -> None:
    parent = QObject()
    tracing = Tracing(parent)
    tracing.stop()
    tracing.ask(Question(NETWORK, initial_weights(NETWORK, 0), np.zeros((1, 28, 28), np.float32)))
    tracing.warm_up()
    begun = [tracing._latest, tracing._warming]
    tracing.stop()
    assert background.end_all()
    assert begun == [None, None]
