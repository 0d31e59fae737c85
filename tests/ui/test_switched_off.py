"""Maps that are switched off: part of the document, undoable, and only of layers that are there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from convscope.core.layers import Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.training_config import TrainingConfig
from convscope.ui import background
from convscope.ui.document import Document
from convscope.ui.session import Session

NETWORK = Network((1, 28, 28), (Conv2d(filters=3, kernel_size=5, stride=4), Flatten(), Dense(units=10)))
FIRST = NETWORK.layers[0].name
OFF = frozenset({(FIRST, 2)})


@pytest.fixture
def session(qtbot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr(Session, "_ask", lambda _: None)  # what the trace makes of it is the core's affair
    config = TrainingConfig(batch_size=50, epochs=1, train_size=100, validation_size=100)
    session = Session(Document(network=NETWORK, config=config))
    yield session
    session.close()
    assert background.end_all()


def test_switching_off_is_told_and_can_be_undone(qtbot, session: Session) -> None:
    assert session.switched_off == frozenset()
    with qtbot.waitSignal(session.switched_off_changed):
        session.edit("Switch map off", switched_off=OFF)
    assert session.switched_off == OFF
    with qtbot.waitSignal(session.switched_off_changed):
        session.undo_stack.undo()
    assert session.switched_off == frozenset()


def test_maps_that_vanish_are_ignored_and_come_back_with_their_layer(session: Session) -> None:
    session.edit("Switch map off", switched_off=OFF)
    session.edit("Change filters", network=NETWORK.replaced(0, Conv2d(filters=2, kernel_size=5, stride=4)))
    assert session.switched_off == frozenset()
    session.undo_stack.undo()
    assert session.switched_off == OFF
    session.edit("Remove layer", network=NETWORK.removed(0))
    assert session.switched_off == frozenset()


def test_a_map_whose_layer_does_not_work_is_ignored(session: Session) -> None:
    session.edit("Switch map off", switched_off=OFF)
    session.edit("Change kernel", network=NETWORK.replaced(0, Conv2d(filters=3, kernel_size=40)))
    assert session.switched_off == frozenset()


def test_another_network_begins_with_all_its_maps(session: Session) -> None:
    session.edit("Switch map off", switched_off=OFF)
    session.load_preset(preset("cnn"))
    assert FIRST in {layer.name for layer in session.network.layers}
    assert session.switched_off == frozenset()


def test_a_run_says_that_it_uses_every_map(qtbot, session: Session, digits_folder: Path) -> None:
    session.change_dataset("folder", digits_folder)
    qtbot.waitUntil(lambda: session.dataset is not None, timeout=20_000)
    session.edit("Switch map off", switched_off=OFF)
    messages: list[str] = []
    session.message_shown.connect(messages.append)
    session.train()
    assert any("every map" in message for message in messages)
