"""New, Open and Save: what is asked, what is remembered, and that a file that cannot be opened changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from PySide6.QtWidgets import QFileDialog, QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.history import History
from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.presets import preset, presets
from convscope.core.project import MAX_FILE, Project, load, save
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import initial_weights
from convscope.paths import resources
from convscope.ui import background
from convscope.ui.document import Document
from convscope.ui.file_commands import FileCommands
from convscope.ui.preferences import Preferences
from convscope.ui.session import Session
from convscope.ui.start_project import DEFAULT, start_project
from convscope.ui.widgets.error_dialog import ErrorDialog

NETWORK = Network(layers=(Conv2d(2, 5, 4), Activation(), Flatten(), Dense(10)))
OTHER = Network(layers=(Flatten(), Dense(10)))
LINE = Drawing((Stroke(((0.3, 0.2), (0.5, 0.8)), 0.08, False),))
BUTTONS = QMessageBox.StandardButton


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(Document(NETWORK))
    yield session
    session.close()
    assert background.end_all()
    session.deleteLater()


@pytest.fixture
def files(session: Session, qtbot: QtBot) -> FileCommands:
    window = QWidget()
    qtbot.addWidget(window)
    return FileCommands(session, Preferences(), window)


@pytest.fixture
def asked(answers: Any) -> list[str]:
    """Answer "save changes?" by Cancel, and return what was asked."""
    answers.button = BUTTONS.Cancel
    return answers.asked


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    """Return a file of another network than the session's."""
    path = tmp_path / "other.safetensors"
    save(path, Project(OTHER, initial_weights(OTHER, 5), TrainingConfig(seed=5), drawing=LINE))
    return path


def choose(monkeypatch: pytest.MonkeyPatch, method: str, path: Path | None) -> list[tuple[object, ...]]:
    """Choose `path` in the file dialog, or Cancel; return how the dialog was called."""
    calls: list[tuple[object, ...]] = []

    def dialog(*args: object) -> tuple[str, str]:
        calls.append(args)
        return str(path or ""), ""

    monkeypatch.setattr(QFileDialog, method, dialog)
    return calls


def draw(session: Session) -> None:
    session.edit("Draw", drawing=session.drawing.with_stroke(LINE.strokes[0]))


def messages(files: FileCommands) -> list[str]:
    labels = [dialog.findChild(QLabel, "error_sentences") for dialog in files._window.findChildren(ErrorDialog)]
    return [label.text() for label in labels if label is not None]


def test_save_asks_for_a_name_once_and_adds_the_suffix(
    files: FileCommands, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(session)
    calls = choose(monkeypatch, "getSaveFileName", tmp_path / "mine")
    assert files.save()
    path = tmp_path / "mine.safetensors"
    assert files.path == path
    assert not session.modified
    draw(session)
    assert session.modified
    assert files.save()
    assert len(calls) == 1
    saved = load(path)
    assert saved.network == NETWORK
    assert saved.drawing == session.drawing
    assert len(saved.drawing.strokes) == 2
    for key, array in session.weights.items():
        np.testing.assert_array_equal(saved.weights[key], array)


def test_a_name_with_a_dot_keeps_its_end(files: FileCommands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, "getSaveFileName", tmp_path / "lecture 3.2")
    assert files.save_as()
    assert files.path == tmp_path / "lecture 3.2.safetensors"


@pytest.mark.parametrize("button", [BUTTONS.Yes, BUTTONS.No])
def test_a_file_that_only_the_suffix_reveals_is_not_replaced_unasked(
    files: FileCommands,
    project_file: Path,
    answers: Any,
    monkeypatch: pytest.MonkeyPatch,
    button: QMessageBox.StandardButton,
) -> None:
    answers.button = button
    choose(monkeypatch, "getSaveFileName", project_file.with_suffix(""))
    assert files.save_as() is (button is BUTTONS.Yes)
    assert project_file.name in answers.asked[0]
    assert (load(project_file).network == NETWORK) is (button is BUTTONS.Yes)


def test_save_as_starts_at_the_present_name_and_takes_the_new_one(
    files: FileCommands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, "getSaveFileName", tmp_path / "one.safetensors")
    files.save_as()
    calls = choose(monkeypatch, "getSaveFileName", tmp_path / "two.safetensors")
    files.save_as()
    assert str(tmp_path / "one.safetensors") in calls[0]
    assert files.path == tmp_path / "two.safetensors"
    assert Preferences().recent_files == (tmp_path / "two.safetensors", tmp_path / "one.safetensors")


def test_no_name_saves_nothing(files: FileCommands, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    draw(session)
    choose(monkeypatch, "getSaveFileName", None)
    assert not files.save()
    assert session.modified
    assert files.path is None


def test_a_file_that_cannot_be_written_is_told_and_the_work_stays_unsaved(
    files: FileCommands, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(session)
    path = tmp_path / "no folder" / "mine.safetensors"
    choose(monkeypatch, "getSaveFileName", path)
    assert not files.save()
    assert [str(path) in text for text in messages(files)] == [True]
    assert session.modified
    assert files.path is None
    assert Preferences().recent_files == ()


def test_a_chosen_project_is_opened_and_remembered(
    files: FileCommands, session: Session, project_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, "getOpenFileName", project_file)
    files.open()
    assert session.network == OTHER
    assert session.config.seed == 5
    assert session.drawing == LINE
    assert not session.modified
    assert files.path == project_file
    assert Preferences().recent_files == (project_file,)


def test_no_file_opens_nothing(files: FileCommands, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, "getOpenFileName", None)
    files.open()
    assert session.network is NETWORK
    assert messages(files) == []


def test_new_is_the_network_the_program_opens_with(files: FileCommands, session: Session, project_file: Path) -> None:
    files.open(project_file)
    files.new()
    assert session.network == start_project().network == next(p for p in presets() if p.name == DEFAULT).network
    assert (session.project().dataset_id, session.history.dataset_id) == ("", "mnist")  # asks for no download
    assert files.path is None
    assert session.undo_stack.count() == 0
    assert not session.modified


def test_a_preset_file_is_opened_as_a_step_that_can_be_undone(files: FileCommands, session: Session) -> None:
    files.open(resources() / "presets" / "softmax.json")
    assert session.network == next(p for p in presets() if p.name == "softmax").network
    session.undo_stack.undo()
    assert session.network is NETWORK


@pytest.mark.parametrize("command", ["new", "open"])
def test_cancel_keeps_what_is_not_saved(
    files: FileCommands, session: Session, project_file: Path, asked: list[str], command: str
) -> None:
    draw(session)
    if command == "new":
        files.new()
    else:
        files.open(project_file)
    assert len(asked) == 1
    assert session.network is NETWORK
    assert session.modified


def test_discard_lets_it_go(files: FileCommands, session: Session, project_file: Path, answers: Any) -> None:
    draw(session)
    answers.button = BUTTONS.Discard
    files.open(project_file)
    assert session.network == OTHER


def test_save_saves_before_it_lets_go(
    files: FileCommands,
    session: Session,
    project_file: Path,
    tmp_path: Path,
    answers: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw(session)
    answers.button = BUTTONS.Save
    choose(monkeypatch, "getSaveFileName", tmp_path / "mine.safetensors")
    files.open(project_file)
    assert session.network == OTHER
    assert load(tmp_path / "mine.safetensors").drawing == LINE


def test_a_save_that_is_not_done_lets_nothing_go(
    files: FileCommands, session: Session, project_file: Path, answers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(session)
    answers.button = BUTTONS.Save
    choose(monkeypatch, "getSaveFileName", None)
    files.open(project_file)
    assert session.network is NETWORK


def test_nothing_is_asked_when_all_is_saved(files: FileCommands, asked: list[str]) -> None:
    assert files.may_discard()
    assert asked == []


def damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def foreign(path: Path) -> None:
    path.write_bytes(safetensors.numpy.save({"a": np.zeros(3, np.float32)}))


def not_even_safetensors(path: Path) -> None:
    path.write_bytes(b"\x80\x04K\x01." * 100)


def oversized(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(MAX_FILE + 1)  # a hole, which takes no space


def changed_array(path: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    texts = json.loads(content[8 : 8 + length])["__metadata__"]
    arrays = safetensors.numpy.load(content)
    arrays["dense_1.weight"] = change(arrays["dense_1.weight"])
    path.write_bytes(safetensors.numpy.save(arrays, texts))


def wrong_shape(path: Path) -> None:
    changed_array(path, lambda array: np.ascontiguousarray(array[:, 1:]))


def wrong_type(path: Path) -> None:
    changed_array(path, lambda array: array.astype(np.float64))


def not_finite(path: Path) -> None:
    changed_array(path, lambda array: np.full_like(array, np.nan))


def missing(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "spoil",
    [
        damaged,
        foreign,
        not_even_safetensors,
        oversized,
        wrong_shape,
        wrong_type,
        not_finite,
        missing,
        a_folder,
    ],
)
def test_a_file_that_is_no_project_gets_one_message_and_changes_nothing(
    files: FileCommands, session: Session, project_file: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(project_file)
    before = session.project()
    files.open(project_file)
    (text,) = messages(files)
    assert str(project_file) in text
    after = session.project()
    assert all(getattr(after, name) is getattr(before, name) for name in ("network", "config", "history", "drawing"))
    assert all(after.weights[key] is array for key, array in before.weights.items())
    assert not session.modified
    assert files.path is None
    assert Preferences().recent_files == ()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"format": 1, "name": "x", "network": {"layers": [{"kind": "?"}]}}']
)
def test_a_file_that_is_no_preset_gets_one_message_and_changes_nothing(
    files: FileCommands, session: Session, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "broken.json"
    path.write_text(content)
    files.open(path)
    (text,) = messages(files)
    assert str(path) in text
    assert session.network is NETWORK
    assert session.undo_stack.count() == 0


def test_a_second_failure_joins_the_dialog_that_is_open(files: FileCommands, tmp_path: Path) -> None:
    files.open(tmp_path / "one.safetensors")
    files.open(tmp_path / "two.safetensors")
    (text,) = messages(files)
    assert "one.safetensors" in text
    assert "two.safetensors" in text


def test_curves_and_settings_are_saved_too(files: FileCommands, session: Session, tmp_path: Path) -> None:
    history = History().extended(
        (np.array([0.5, 1.0]), np.array([2.0, 1.0], np.float32), np.array([0.1, 0.2], np.float32)), ()
    )
    session.edit("Change", history=history, config=TrainingConfig(learning_rate=0.25))
    files.path = tmp_path / "mine.safetensors"
    assert files.save()
    saved = load(files.path)
    assert saved.config.learning_rate == 0.25
    np.testing.assert_array_equal(saved.history.batch_losses, history.batch_losses)


def test_of_a_large_network_it_says_that_random_weights_are_left_out(
    files: FileCommands, session: Session, tmp_path: Path
) -> None:
    messages: list[str] = []
    session.message_shown.connect(messages.append)
    session.load_preset(preset("vgg-16"))
    files.path = tmp_path / "vgg.safetensors"
    assert files.save()
    assert messages[-1].endswith(", without the 553 MB of random weights, which the seed gives again")
    assert files.path.stat().st_size < 100_000
    files.read(files.path)
    assert session.lacks_weights
