"""The panel that reads the curves: it says what they show, points at the place, and its remedies are one step each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from convscope.core.diagnosis import Kind
from convscope.core.history import History
from convscope.core.layers import Activation, Dense, Dropout, Flatten
from convscope.core.network import Network
from convscope.core.runs import RunRecord
from convscope.core.training_config import TrainingConfig
from convscope.ui import theme
from convscope.ui.document import Document
from convscope.ui.panels import diagnosis
from convscope.ui.panels.diagnosis import DiagnosisPanel
from convscope.ui.run_state import RunState
from convscope.ui.session import Session
from convscope.ui.widgets.diagnosis_summary import LOOKS

from ..core.made_curves import decaying, made_history

NETWORK = Network(layers=(Flatten(), Dense(units=20), Activation(), Dense(units=10)))
CONFIG = TrainingConfig(train_size=500, validation_size=300, epochs=20)
SIZES = [(590, 200), (500, 300), (300, 420), (1100, 320)]

Maker = Callable[[History], DiagnosisPanel]


def overfit(epochs: int = 20, turn: int = 8) -> History:
    validation = 0.5 + 0.004 * (np.arange(1, epochs + 1) - turn) ** 2
    return made_history(decaying(epochs, 1.5, 0.02, 3), validation, noise=0.002)


def good() -> History:
    return made_history(decaying(15, 1.2, 0.05, 1), decaying(15, 0.9, 0.06, 1))


def cut(history: History, epochs: int) -> History:
    """Return what was known of a run when so many epochs had ended."""
    done = history.batch_epochs <= epochs + 1e-9
    arrays = history.batch_epochs[done], history.batch_losses[done], history.batch_accuracies[done]
    return History(*arrays, history.epochs[:epochs])


@pytest.fixture
def make(qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Maker:
    theme.apply(qapp, "light")
    monkeypatch.setattr(Session, "_ask", lambda _: None)  # no trace is looked at here

    def made(history: History) -> DiagnosisPanel:
        session = Session(Document(network=NETWORK, config=CONFIG, history=history))
        panel = DiagnosisPanel(session, {})
        session.setParent(panel)
        qtbot.addWidget(panel)
        panel.resize(590, 260)
        panel.show()
        return panel

    return made


def session_of(panel: DiagnosisPanel) -> Session:
    return panel._session


def give(panel: DiagnosisPanel, history: History) -> None:
    """Let the run be as far as `history`, as a snapshot does."""
    session: Any = session_of(panel)
    session._document = Document(session.network, session.weights, session.config, history=history)
    session.history_changed.emit()


def heading(panel: DiagnosisPanel) -> str:
    return panel.view.summary.heading.text()


def test_buttons_have_room_for_what_they_do_beside_the_words(make: Maker):
    panel = make(overfit())
    panel.resize(545, 200)
    QApplication.processEvents()
    view = panel.view
    assert view._side.x() > view.summary.x()  # the words stand beside the buttons
    long = buttons(panel)[0]
    long.setText("Widen dense_layer_1: 2,000 → 4,000 units")
    view._place_buttons()
    QApplication.processEvents()
    assert long.width() - 10 >= long.sizeHint().width() > view.viewport().width() / 2
    assert view.horizontalScrollBar().maximum() == 0
    assert view.summary.geometry().right() < view._side.x()


def buttons(panel: DiagnosisPanel) -> list[QPushButton]:
    return [button for button in panel.view.buttons if button.isVisible()]


def test_it_names_what_the_curves_show_with_its_figures(make: Maker) -> None:
    panel = make(overfit())
    assert heading(panel) == "Overfitting"
    assert "Since epoch 8 the validation loss rises" in panel.view.summary.sentence.text()
    figures = [row.text() for row in panel.view.summary.figures]
    assert "(epoch 8)" in figures[0]
    assert "%" in figures[1]
    assert "→" in figures[2]
    assert panel.view.summary.accessibleName().startswith("Overfitting. Since epoch 8")


def test_without_a_run_it_says_what_to_press(make: Maker) -> None:
    panel = make(History())
    assert heading(panel) == "Too early to tell"
    assert "Press Train" in panel.view.summary.sentence.text()
    assert not panel.view.sketch.isVisible()


def test_pressing_a_remedy_is_one_step_that_can_be_undone(make: Maker, qtbot: QtBot) -> None:
    panel = make(overfit())
    session = session_of(panel)
    assert [button.text() for button in buttons(panel)][:2] == ["Train on all images", "Insert dropout before dense_2"]
    qtbot.mouseClick(buttons(panel)[1], Qt.MouseButton.LeftButton)
    assert [layer.kind for layer in session.network.layers] == ["flatten", "dense", "activation", "dropout", "dense"]
    assert session.undo_stack.count() == 1
    assert session.undo_stack.undoText() == "Insert dropout before dense_2"
    assert "Press Train" in panel.view.note.text()
    assert [button.text() for button in buttons(panel)][1] == "✓ Insert dropout before dense_2"
    assert [button.isEnabled() for button in buttons(panel)] == [True, False, True, True]
    session.undo_stack.undo()
    assert session.network == NETWORK
    assert [button.text() for button in buttons(panel)][1] == "Insert dropout before dense_2"


def test_a_remedy_that_is_pressed_twice_is_done_once(make: Maker, qtbot: QtBot) -> None:
    panel = make(overfit())
    session, first, second = session_of(panel), buttons(panel)[0], buttons(panel)[1].text()
    for _ in range(2):
        qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert session.undo_stack.count() == 1
    assert first.text() == "✓ Train on all images"
    assert buttons(panel)[1].text() == second
    qtbot.mouseClick(buttons(panel)[1], Qt.MouseButton.LeftButton)  # which keeps what the first one changed
    assert session.config.train_size == 0
    assert [button.isEnabled() for button in buttons(panel)][:2] == [False, False]
    session.undo_stack.undo()
    session.undo_stack.undo()
    assert all(button.isEnabled() for button in buttons(panel))


@pytest.mark.parametrize("is_hidden", [False, True])
@pytest.mark.parametrize("change", ["undo", "settings", "network", "run", "training"])
def test_what_is_done_is_told_until_anything_else_changes(
    make: Maker, qtbot: QtBot, change: str, is_hidden: bool
) -> None:
    panel = make(overfit())
    session = session_of(panel)
    qtbot.mouseClick(buttons(panel)[0], Qt.MouseButton.LeftButton)
    panel.hide()
    panel.show()
    assert panel.view.note.text() == "Done: Train on all images. Press Train to see what it changes."
    panel.setHidden(is_hidden)
    match change:
        case "undo":
            session.undo_stack.undo()
        case "settings":
            session.edit("Change", config=dataclasses.replace(session.config, epochs=7))
        case "network":
            session.edit("Change", network=NETWORK.inserted(3, Dropout()))
        case "run":
            give(panel, overfit(21))
        case _:
            session._set_run_state(RunState.RUNNING)
    panel.show()
    assert panel.view.note.text() == ""
    assert all(button.isEnabled() for button in buttons(panel))
    session._set_run_state(RunState.IDLE)


def test_too_early_to_tell_is_too_early_to_say_that_nothing_needs_to_be_changed(make: Maker) -> None:
    panel = make(cut(overfit(), 1))
    assert (heading(panel), buttons(panel)) == ("Too early to tell", [])
    assert panel.view._try.text() == ""
    give(panel, good())
    assert panel.view._try.text() == "Nothing needs to be changed."


def test_a_remedy_that_changes_a_setting_works_by_keyboard(make: Maker, qtbot: QtBot) -> None:
    panel = make(overfit())
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    first = buttons(panel)[0]
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Space)
    assert session_of(panel).config.train_size == 0
    assert session_of(panel).undo_stack.undoText() == "Train on all images"
    assert heading(panel) == "Overfitting"  # the curves are still those
    qtbot.keyClick(panel.focusWidget(), Qt.Key.Key_Space)
    assert session_of(panel).undo_stack.count() == 1


def test_it_reads_anew_after_an_epoch_and_not_after_a_batch(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = make(cut(overfit(), 6))
    assert heading(panel) == Kind.STOPPED_EARLY.value
    calls: list[int] = []
    real = diagnosis.diagnose
    monkeypatch.setattr(diagnosis, "diagnose", lambda *a, **k: (calls.append(1), real(*a, **k))[1])
    session = session_of(panel)
    for place in (6.1, 6.2, 6.3):
        give(panel, session.history.extended(([place], [0.5], [0.9])))
    assert calls == []
    give(panel, overfit())
    assert calls == [1]
    assert heading(panel) == "Overfitting"


def test_hidden_it_reads_nothing_and_catches_up_when_shown(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = make(cut(overfit(), 3))
    panel.hide()
    monkeypatch.setattr(diagnosis, "diagnose", lambda *_, **__: pytest.fail("nobody sees it"))
    give(panel, overfit())
    monkeypatch.undo()
    panel.show()
    assert heading(panel) == "Overfitting"


def test_another_run_starts_from_too_early(make: Maker) -> None:
    panel = make(overfit())
    give(panel, History())
    assert heading(panel) == "Too early to tell"
    give(panel, good())
    assert heading(panel) == "Good fit"
    assert buttons(panel) == []


def test_the_place_is_marked_while_the_panel_is_seen(make: Maker) -> None:
    panel = make(overfit())
    pointed = session_of(panel).pointed_place
    assert pointed.place is not None
    assert (pointed.place.first, pointed.place.last) == (8, 20)
    assert not pointed.strongly
    panel.hide()
    assert pointed.place is None
    panel.show()
    assert pointed.place is not None


def test_pointer_and_keyboard_on_the_words_mark_the_place_strongly(make: Maker, qtbot: QtBot) -> None:
    panel = make(overfit())
    pointed, summary = session_of(panel).pointed_place, panel.view.summary
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    buttons(panel)[0].setFocus()
    at = QPointF(5, 5)
    QApplication.sendEvent(summary, QEnterEvent(at, at, at))
    assert pointed.strongly
    QApplication.sendEvent(summary, QEvent(QEvent.Type.Leave))
    assert not pointed.strongly
    summary.setFocus()
    assert pointed.strongly
    buttons(panel)[0].setFocus()
    assert not pointed.strongly


def test_the_sketch_shows_the_marked_epochs(make: Maker) -> None:
    panel = make(overfit())
    assert "marked from epoch 8 to 20: turned in epoch 8" in panel.view.sketch.accessibleName()
    image = panel.view.sketch.grab().toImage()
    width, row = image.width(), image.height() // 3
    inside, outside = image.pixelColor(round(0.7 * width), row), image.pixelColor(round(0.2 * width), row)
    assert inside != outside


def test_every_kind_has_a_drawing_and_a_name_of_its_own() -> None:
    assert set(LOOKS) == set(Kind)
    assert len({kind.value for kind in Kind}) == len(Kind)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("appearance", ["light", "dark"])
def test_at_usual_sizes_words_are_whole_and_nothing_lies_on_top_of_another(
    make: Maker, qtbot: QtBot, qapp: QApplication, size: tuple[int, int], appearance: Any
) -> None:
    panel = make(overfit())
    theme.apply(qapp, appearance)
    panel.resize(*size)
    view = panel.view
    qtbot.waitUntil(lambda: view.content.width() == view.viewport().width())
    assert view.horizontalScrollBar().maximum() == 0
    visible = view.viewport().rect()
    for label in (view.summary.heading, view.summary.sentence):
        place = label.rect().translated(label.mapTo(view.viewport(), label.rect().topLeft()))
        assert visible.contains(place), label.objectName()
    widths = [button.fontMetrics().horizontalAdvance(button.text()) + 12 for button in buttons(panel)]
    assert all(button.width() >= width for button, width in zip(buttons(panel), widths, strict=True))
    parts = [view.summary, view.sketch, *buttons(panel)]
    places = [part.rect().translated(part.mapTo(view.content, part.rect().topLeft())) for part in parts]
    for index, place in enumerate(places):
        assert not any(place.intersects(other) for other in places[index + 1 :])


def test_a_run_that_diverged_is_told_and_answered(make: Maker) -> None:
    panel = make(good())
    session: Any = session_of(panel)
    session._diverged_history = session.history
    session.history_changed.emit()
    assert heading(panel) == Kind.NOT_FINITE.value
    assert buttons(panel)[0].text() == "Lower the rate: 0.001 → 0.0001"


def test_settings_changed_after_a_run_do_not_change_what_is_said_of_it(make: Maker) -> None:
    panel = make(overfit())
    session: Any = session_of(panel)
    small = made_history(decaying(12, 1.4, 0.2, 1), decaying(12, 1.5, 0.45, 1))
    impatient = dataclasses.replace(CONFIG, patience=1)
    session._runs = (RunRecord(1, NETWORK, CONFIG, latest=impatient, history=small),)
    give(panel, small)
    assert heading(panel) == Kind.TRAINING_TOO_SMALL.value
    session.edit("Change", config=dataclasses.replace(CONFIG, train_size=0, batch_size=2000))
    assert heading(panel) == Kind.TRAINING_TOO_SMALL.value  # of so many images as it was trained on
    falling = cut(overfit(), 6)
    last = falling.epochs[-1]
    falling = falling.extended(
        points=[dataclasses.replace(last, epoch=7, validation_loss=1.001 * last.validation_loss)]
    )
    session._runs = (RunRecord(1, NETWORK, CONFIG, latest=impatient, history=falling),)
    give(panel, falling)
    assert "Early stopping ended the run" in panel.view.summary.sentence.text()


def test_dropout_explains_easier_validation(make: Maker) -> None:
    panel = make(made_history(decaying(12, 1.6, 0.35, 3), decaying(12, 1.0, 0.2, 3)))
    assert heading(panel) == Kind.VALIDATION_EASIER.value
    assert "look at the data" in panel.view.summary.sentence.text()
    session_of(panel).edit("Add dropout", network=NETWORK.inserted(3, Dropout()))
    assert "dropout switches units off" in panel.view.summary.sentence.text()
