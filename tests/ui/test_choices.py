"""The boxes of the toolbar: presets and data sets."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from convscope.core.data.dataset import DataError, Dataset
from convscope.core.data.handwriting import generated
from convscope.core.data.progress import Progress
from convscope.core.data.sources import SOURCES
from convscope.core.large import is_large
from convscope.core.layers import Activation, Dense, Flatten
from convscope.core.network import Network
from convscope.core.presets import preset, presets
from convscope.core.weights import check_weights, initial_weights
from convscope.paths import config_folder
from convscope.ui import background
from convscope.ui.choices import DatasetBox, PresetBox
from convscope.ui.document import Document
from convscope.ui.run_state import RunState
from convscope.ui.session import Session

LONG = 15_000  # milliseconds; a busy machine may take long to start a thread
OWN = Network(layers=(Flatten(), Dense(7), Activation(), Dense(10)))


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(Document(OWN))
    yield session
    session.close()
    assert background.end_all()
    session.deleteLater()


@pytest.fixture
def preset_box(session: Session, qtbot: QtBot) -> PresetBox:
    box = PresetBox(session)
    qtbot.addWidget(box)
    return box


@pytest.fixture
def dataset_box(session: Session, qtbot: QtBot) -> DatasetBox:
    box = DatasetBox(session)
    qtbot.addWidget(box)
    return box


def choose(box: PresetBox | DatasetBox, index: int, qtbot: QtBot) -> None:
    """Choose an entry by the keyboard, from the first one down."""
    box.show()
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Home)
    for _ in range(index):
        qtbot.keyClick(box, Qt.Key.Key_Down)


def source_index(name: str) -> int:
    return [source.id for source in SOURCES].index(name)


def press_in_question(monkeypatch: pytest.MonkeyPatch, label: str) -> list[str]:
    """Answer the next question by the button of that label, and return the questions that were asked."""
    asked: list[str] = []

    def answer(box: QMessageBox) -> int:
        asked.append(box.text())
        next(button for button in box.buttons() if button.text().replace("&", "") == label).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", answer)
    return asked


def test_an_own_network_is_no_preset(preset_box: PresetBox) -> None:
    assert preset_box.currentIndex() == -1
    assert preset_box.placeholderText() == "Your own network"


@pytest.mark.parametrize("index", range(len(presets())))
def test_each_preset_is_loaded_shown_and_taken_back(preset_box: PresetBox, session: Session, index: int) -> None:
    wanted = presets()[index]
    preset_box.activated.emit(index)
    assert session.network == wanted.network
    assert session.config == wanted.training
    check_weights(session.network, session.weights)
    assert preset_box.currentText() == wanted.title + " (shown, not trained)" * is_large(wanted.network)
    assert preset_box.itemData(index, Qt.ItemDataRole.ToolTipRole) == wanted.description
    session.undo_stack.undo()
    assert session.network is OWN
    assert preset_box.currentIndex() == -1


def test_all_presets_are_listed(preset_box: PresetBox) -> None:
    assert preset_box.count() == len(presets())


def test_presets_of_one_network_are_told_apart_by_their_training(preset_box: PresetBox, session: Session) -> None:
    names = [preset.name for preset in presets()]
    plain, decay = names.index("relu-deep"), names.index("relu-decay")
    preset_box.activated.emit(decay)
    session.edit("Rate", config=dataclasses.replace(session.config, learning_rate=0.02))
    assert preset_box.currentIndex() == decay  # its network with another rate is still nearest to it
    session.edit("Train as", config=presets()[plain].training)
    assert preset_box.currentIndex() == plain


def test_a_preset_is_chosen_by_the_keyboard_and_edited_into_an_own_network(
    preset_box: PresetBox, session: Session, qtbot: QtBot
) -> None:
    preset_box.show()
    preset_box.setFocus()
    qtbot.keyClick(preset_box, Qt.Key.Key_Down)
    assert session.network == presets()[0].network
    session.edit("Add", network=session.network.inserted(0, Activation()))
    assert preset_box.currentIndex() == -1


def test_the_users_own_presets_are_listed_behind_those_that_ship(session: Session, qtbot: QtBot) -> None:
    folder = config_folder() / "presets"
    folder.mkdir()
    (folder / "mine.json").write_text('{"format": 1, "name": "mine", "title": "Mine", "network": {"layers": []}}')
    box = PresetBox(session)
    qtbot.addWidget(box)
    assert box.itemText(len(presets())) == "Mine"


def test_broken_presets_of_the_users_do_not_hide_the_others(session: Session, qtbot: QtBot) -> None:
    folder = config_folder() / "presets"
    folder.mkdir()
    (folder / "broken.json").write_text("{")
    (folder / "empty.json").write_text("")
    (folder / "mine.json").write_text('{"format": 1, "name": "mine", "title": "Mine", "network": {"layers": []}}')
    box = PresetBox(session)
    qtbot.addWidget(box)
    with qtbot.waitSignal(session.message_shown) as message:
        pass  # who is made after the box hears it too, as the status bar
    text = (message.args or [""])[0]
    assert "broken.json" in text
    assert "empty.json" in text
    assert box.count() == len(presets()) + 1
    assert box.itemText(len(presets())) == "Mine"


def test_choosing_generated_digits_begins_to_load_them(dataset_box: DatasetBox, session: Session, qtbot: QtBot) -> None:
    assert dataset_box.currentIndex() == -1
    choose(dataset_box, source_index("generated"), qtbot)
    assert session.loading_source == "generated"
    assert dataset_box.currentData() == "generated"
    session.cancel_loading()
    assert dataset_box.currentIndex() == -1


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_nothing_is_downloaded_unless_the_user_agrees(
    dataset_box: DatasetBox, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    asked = press_in_question(monkeypatch, "Cancel")
    dataset_box.activated.emit(source_index(name))
    qtbot.waitUntil(lambda: bool(asked), timeout=LONG)
    assert "MB" in asked[0]
    assert session.loading is None
    assert dataset_box.currentIndex() == -1


def test_an_agreed_download_begins(
    dataset_box: DatasetBox, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = press_in_question(monkeypatch, "Download")
    wanted: list[tuple[str, bool]] = []
    change = session.change_dataset

    def change_dataset(source_id: str, folder: Path | None = None, *, download: bool = False) -> None:
        wanted.append((source_id, download))
        if not download:  # no test may use the network
            change(source_id, folder)

    monkeypatch.setattr(session, "change_dataset", change_dataset)
    dataset_box.activated.emit(source_index("mnist"))
    qtbot.waitUntil(lambda: len(wanted) == 2, timeout=LONG)
    assert wanted == [("mnist", False), ("mnist", True)]
    assert len(asked) == 1


def test_a_download_that_failed_can_be_tried_again(
    dataset_box: DatasetBox, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []
    digits = generated(seed=1, train_size=20, test_size=10)

    def loading(source_id: str, **_: object) -> Generator[Progress, None, Dataset]:
        tries.append(source_id)
        yield Progress("Downloading", 1, 2)
        if len(tries) == 1:
            raise DataError("Both mirrors are silent.")
        return digits

    monkeypatch.setattr("convscope.ui.data_loading.loading", loading)
    asked = press_in_question(monkeypatch, "Try again")
    session.change_dataset("mnist", download=True)
    qtbot.waitUntil(lambda: session.dataset is digits, timeout=LONG)
    assert tries == ["mnist", "mnist"]
    assert asked == ["Both mirrors are silent."]


def test_a_folder_is_asked_for_and_loaded(
    dataset_box: DatasetBox, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, digits_folder: Path
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(digits_folder))
    with qtbot.waitSignal(session.dataset_changed, timeout=LONG):
        dataset_box.activated.emit(source_index("folder"))
    assert dataset_box.currentData() == "folder"
    assert session.dataset is not None
    assert len(session.dataset.train) == 600


def test_no_folder_is_no_change(dataset_box: DatasetBox, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    dataset_box.setCurrentIndex(source_index("folder"))
    dataset_box.activated.emit(source_index("folder"))
    assert session.loading is None
    assert dataset_box.currentIndex() == -1


def test_a_run_that_waits_for_data_ends_with_their_loading(
    dataset_box: DatasetBox, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    press_in_question(monkeypatch, "Cancel")
    session.train()
    assert session.run_state is RunState.LOADING
    session.cancel_loading()
    assert session.run_state is RunState.IDLE

    session.train()
    dataset_box.activated.emit(source_index("mnist"))
    qtbot.waitUntil(lambda: session.loading is None, timeout=LONG)
    assert session.run_state is RunState.IDLE

    session.train()
    with qtbot.waitSignal(session.failed, timeout=LONG):
        session.change_dataset("folder", tmp_path)
    assert session.run_state is RunState.IDLE


def test_weights_of_a_preset_are_those_of_its_seed(preset_box: PresetBox, session: Session) -> None:
    preset_box.activated.emit(0)
    for key, array in initial_weights(session.network, session.config.seed).items():
        assert (session.weights[key] == array).all()


@pytest.mark.parametrize("name", ["preset_box", "dataset_box"])
def test_the_wheel_chooses_nothing(request: pytest.FixtureRequest, session: Session, name: str) -> None:
    box: PresetBox | DatasetBox = request.getfixturevalue(name)
    box.show()
    middle = QPointF(box.rect().center())
    buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    down, none = QPoint(0, -120), Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(middle, box.mapToGlobal(middle), QPoint(), down, buttons, none, phase, False)
    QApplication.sendEvent(box, event)
    assert not event.isAccepted()
    assert box.currentIndex() == -1
    assert session.network is OWN
    assert session.loading is None


def test_data_in_use_are_not_loaded_again(dataset_box: DatasetBox, session: Session) -> None:
    session._take_dataset(generated(seed=1, train_size=20, test_size=10))
    dataset_box.activated.emit(source_index("generated"))
    assert session.loading is None
    assert dataset_box.currentData() == "generated"
    session.change_dataset("folder", Path("nowhere"))
    dataset_box.activated.emit(source_index("generated"))  # while others are loaded it means: rather these
    assert session.loading_source == "generated"


def test_a_large_network_keeps_its_input_whatever_data_are_loaded(
    preset_box: PresetBox, session: Session, qtbot: QtBot
) -> None:
    session.load_preset(preset("alexnet"))
    assert session.weights == {}
    with qtbot.waitSignal(session.dataset_changed, timeout=60_000):
        session.change_dataset("generated")
    assert session.network == preset("alexnet").network
    session.load_preset(preset("vgg-16"))
    assert session.network == preset("vgg-16").network
    assert preset_box.currentText() == "VGG-16 (shown, not trained)"
    assert session.class_names[-1] == "999"
