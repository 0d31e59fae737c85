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
