"""A convolution of many channels: which come first, what the others add, and that only what is seen is painted."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.colour_maps import ColourScale, colours
from convscope.ui.widgets.breakdown_products import SHOWN, ProductsBlock
from convscope.ui.widgets.breakdown_sheet import sheet_of
from convscope.ui.widgets.breakdown_view import BreakdownView
from convscope.ui.widgets.number_grid import Look

from .made_breakdowns import click, convolution, spot


def test_of_many_channels_the_largest_come_first_and_all_can_be_shown(qtbot: QtBot, view: BreakdownView) -> None:
    breakdown = convolution(512)
    view.show_sheet(sheet_of(breakdown))
    assert view.sheet is not None
    block = view.sheet.blocks[0]
    assert isinstance(block, ProductsBlock)
    assert block.shown == SHOWN
    first = view.spot_at(view.boxes(Unit(1, (int(breakdown.order[0]), 4, 4)))[0].center())
    assert first is not None
    assert view.boxes(Unit(1, (int(breakdown.order[400]), 4, 4))) == []
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    click(qtbot, view, spot(view, "Show every channel"))
    assert view.opened
    assert block.shown == 512
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    last = Unit(1, (int(breakdown.order[-1]), 4, 4))
    assert view.viewport().rect().contains(view.boxes(last)[0].center().toPoint())
    view.show_sheet(sheet_of(convolution(512, at=(5, 5))))  # the same layer: opened, and at the same place
    assert view.opened
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum() > 25_000
    click(qtbot, view, spot(view, "Show every channel"))
    assert not view.opened


def test_what_the_other_channels_add_is_said(view: BreakdownView) -> None:
    breakdown = convolution(40)
    block = ProductsBlock(breakdown)
    block.fit(Look.of(view.font()), 600)
    rest = breakdown.channel_sums[breakdown.order[SHOWN:]].sum()
    assert f"{40 - SHOWN} smaller channels add {rest:.4g} together" in block._rest_text(False)


def test_only_what_can_be_seen_is_painted(qtbot: QtBot, view: BreakdownView, monkeypatch: pytest.MonkeyPatch) -> None:
    painted = []
    grids = ProductsBlock._grids
    monkeypatch.setattr(
        ProductsBlock, "_grids", lambda block, row, seen: (painted.append(row), grids(block, row, seen))[1]
    )
    view.show_sheet(sheet_of(convolution(512)))
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    click(qtbot, view, spot(view, "Show every channel"))
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    painted.clear()
    view.viewport().repaint()
    assert 2 <= len(painted) <= 6
    assert 200 < min(painted) < max(painted) < 300


def picture(block: ProductsBlock, look: Look, seen: QRectF, part: QRectF) -> QImage:
    """Return what a part of a block looks like when only what is seen is painted."""
    image = QImage(part.size().toSize(), QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    painter.translate(-part.topLeft())
    block.paint(painter, look, seen)
    painter.end()
    return image


@pytest.mark.parametrize("width", [170, 280, 330, 420, 900])
@pytest.mark.parametrize("kernel", [1, 3, 6])
def test_nothing_that_can_be_seen_is_left_out(qapp: QApplication, kernel: int, width: int) -> None:
    look = Look.of(QFont())
    block = ProductsBlock(convolution(20, at=(0, 4), kernel=kernel))
    block.fit(look, width)
    whole = QRectF(0, 0, width, block.height)
    full = picture(block, look, whole, whole)
    for top in np.linspace(0, block.height - 40, 61).astype(int).tolist():
        seen = QRectF(0, top, width, 40)
        assert picture(block, look, seen, seen) == full.copy(seen.toRect()), top


def test_channels_may_keep_an_order_that_is_not_that_of_their_sums(view: BreakdownView) -> None:
    breakdown = convolution(40)
    order = np.arange(40)
    view.show_sheet(sheet_of(breakdown, order=order))
    tops = [view.boxes(Unit(1, (channel, 4, 4)))[0].top() for channel in range(SHOWN)]
    assert tops == sorted(tops)
    block = ProductsBlock(breakdown, order=order)
    block.fit(Look.of(view.font()), 600)
    rest = breakdown.channel_sums[SHOWN:].sum()
    assert f"{40 - SHOWN} other channels add {rest:.4g} together" in block._rest_text(False)


def test_cells_have_the_colours_of_their_values_wherever_one_scrolls(qapp: QApplication, view: BreakdownView) -> None:
    breakdown = convolution(12)
    view.show_sheet(sheet_of(breakdown))
    parts = breakdown.patches, breakdown.kernels, breakdown.products
    scales = ColourScale.of(parts[0]), ColourScale.signed(parts[1]), ColourScale.signed(parts[2])
    seen = set[int]()
    for name in ("light", "dark"):
        theme.apply(qapp, name)
        for place in (0, view.verticalScrollBar().maximum()):
            view.verticalScrollBar().setValue(place)
            image = view.viewport().grab().toImage()
            for channel in range(12):
                boxes = view.boxes(Unit(1, (channel, 3, 5)))
                if not view.viewport().rect().contains(boxes[0].toAlignedRect()):
                    continue
                seen.add(channel)
                for part, scale, box in zip(parts, scales, boxes, strict=True):
                    expected = colours(part[channel], scale.low, scale.high, scale.kind)[0, 2]
                    assert image.pixel(int(box.left()) + 3, int(box.top()) + 3) == expected
    theme.apply(qapp, "light")
    assert len(seen) > 4
