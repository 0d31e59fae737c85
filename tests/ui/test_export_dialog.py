"""The dialog that asks how a picture is to be: sizes that follow each other, keys, and names of files."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QLabel, QSpinBox
from pytestqt.qtbot import QtBot

from convscope.ui.export.dialog import ExportDialog
from convscope.ui.export.options import PictureOptions, file_name

from .export_choice import choose


def test_names_fit_every_system() -> None:
    assert file_name("Größe: α/β?", "conv_2", kind="svg") == "convscope-grosse-conv_2.svg".replace("grosse", "groe")
    assert file_name("", kind="png") == "convscope.png"


@pytest.fixture
def dialog(qtbot: QtBot) -> ExportDialog:
    dialog = ExportDialog({"one": "One", "two": "Two"}, PictureOptions("two", scale=2.0))
    qtbot.addWidget(dialog)
    picture = QImage(600, 300, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.white)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.show_picture(picture, QSize(300, 150))
    return dialog


def size_shown(dialog: ExportDialog) -> str:
    label = dialog.findChild(QLabel, "export_size")
    assert label is not None
    return label.text()


def test_scale_and_width_follow_each_other(dialog: ExportDialog) -> None:
    scale, width = dialog.findChildren(QDoubleSpinBox)[0], dialog.findChild(QSpinBox, "export_width")
    assert width is not None
    assert (scale.value(), width.value(), size_shown(dialog)) == (2.0, 600, "600 × 300 pixels")
    scale.setValue(1.5)
    assert (width.value(), size_shown(dialog)) == (450, "450 × 225 pixels")
    width.setValue(1001)
    assert scale.value() == pytest.approx(3.34)
    assert size_shown(dialog) == "1001 × 500 pixels"
    assert dialog.options.scale * 300 == pytest.approx(1001)


def test_every_control_is_reached_by_tab_and_by_its_letter(dialog: ExportDialog) -> None:
    reached: list[str] = []
    for _ in range(12):
        focus = QApplication.focusWidget()
        reached.append(focus.objectName() if focus is not None else "")
        QTest.keyClick(focus or dialog, Qt.Key.Key_Tab)
    names = ("panel", "format", "scale", "width", "theme", "background", "copy")
    assert {f"export_{name}" for name in names} <= set(reached)
    QTest.keyClick(dialog, Qt.Key.Key_T, Qt.KeyboardModifier.AltModifier)
    assert QApplication.focusWidget().objectName() == "export_theme"  # type: ignore[union-attr]


def test_vector_formats_say_that_they_have_no_pixels(dialog: ExportDialog) -> None:
    choose(dialog, "export_format", "SVG")
    assert dialog.options.kind == "svg"
    assert "sharp at any size" in size_shown(dialog)
