"""The line that names a value and leads to others."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convscope.ui.widgets.unit_picker import UnitPicker


@pytest.mark.parametrize("value", ["−0.002899", "0.5", "−1.234·10⁻¹²"])
def test_the_value_is_read_at_every_width(qtbot: QtBot, value: str) -> None:
    """The fields go to a line of their own before it has too little room."""
    picker = UnitPicker()
    qtbot.addWidget(picker)
    picker.show_unit("batch_norm_1", (6, 13, 13), (12, 26, 26), value)
    picker.show()
    label = picker._value
    heights: set[int] = set()
    least = picker.minimumSizeHint().width()
    for width in range(least, 2 * least):
        picker.resize(width, picker.sizeHint().height())
        QApplication.processEvents()
        assert label.width() >= label.fontMetrics().horizontalAdvance(f"= {value}"), width
        heights.add(picker.sizeHint().height())
    assert len(heights) == 2


def test_a_larger_font_folds_the_line_as_early_as_if_it_had_been_there_from_the_start(qtbot: QtBot) -> None:
    font = QApplication.font()
    font.setPointSizeF(1.4 * font.pointSizeF())
    later, first = UnitPicker(), UnitPicker()
    first.setFont(font)
    for picker in (later, first):
        qtbot.addWidget(picker)
        picker.show_unit("conv_1", (6, 13, 13), (12, 26, 26), "0.5")
        picker.show()
    later.setFont(font)
    heights: set[int] = set()
    for width in range(300, 800, 7):
        for picker in (later, first):
            picker.resize(width, 60)
        QApplication.processEvents()
        assert later.sizeHint().height() == first.sizeHint().height(), width
        heights.add(first.sizeHint().height())
    assert len(heights) == 2
