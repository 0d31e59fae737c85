"""Where the parts of the panel lie, however small it is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize

from convscope.ui.panels.drawing_places import Sizes, arranged, least_size


@pytest.mark.parametrize("width", [320, 360, 420, 600, 900, 1400])
@pytest.mark.parametrize("height", [400, 500, 600, 860])
def test_parts_lie_inside_beside_each_other_and_large_enough(width, height):
    sizes = Sizes(QSize(300, 66), QSize(96, 120), QSize(160, 160), QSize(208, 235))
    assert least_size(sizes).width() <= 320
    assert least_size(sizes).height() <= 410
    places = arranged(QSize(width, max(height, least_size(sizes).height())), sizes)
    parts = [places.sheet, places.tools, places.network_input, places.bars]
    for number, part in enumerate(parts):
        assert 0 <= part.left() <= part.right() < width
        assert 0 <= part.top() <= part.bottom() < max(height, least_size(sizes).height())
        assert not any(part.intersects(other) for other in parts[number + 1 :])
    assert min(places.sheet.width(), places.sheet.height()) >= 160
    assert places.tools.width() >= 300
    assert places.bars.height() >= 160
    assert places.bars.width() >= 160
    assert places.network_input.width() >= 96
    assert places.network_input.height() >= 120


def test_the_panel_fits_a_narrow_dock(panel):
    assert panel.minimumSizeHint().width() <= 330
    assert panel.minimumSizeHint().height() <= 440
    panel.resize(900, 560)
    assert panel.bars.geometry().left() > panel.canvas.geometry().right()
    panel.resize(330, 700)
    assert panel.bars.geometry().top() > panel.canvas.geometry().bottom()
