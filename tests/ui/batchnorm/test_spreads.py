"""The bars of all layers, with batch norm and without: all of them can be seen."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF

from convscope.core.batch_norm import LayerSpread
from convscope.ui.widgets.batch_norm_spreads import BatchNormSpreads

ROOM = QRectF(100, 0, 200, 10)


def shown(qtbot, *pairs: tuple[float, float]) -> BatchNormSpreads:
    spreads = BatchNormSpreads()
    qtbot.addWidget(spreads)
    spreads.show_spreads([LayerSpread(f"conv_{n}", False, 0.0, 1.0, *pair) for n, pair in enumerate(pairs)])
    return spreads


def test_layers_of_like_spread_share_an_even_axis(qtbot):
    spreads = shown(qtbot, (0.5, 2.0), (-1.0, 1.0))
    assert spreads.axis == "mean ± σ"
    assert spreads.bar(ROOM, 0.5, 2.0).width() == pytest.approx(2 * spreads.bar(ROOM, -1.0, 1.0).width())


def test_narrow_bars_are_seen_beside_one_a_thousand_times_as_wide(qtbot):
    pairs = ((-20.0, 233.0), (0.1, 0.2), (30.0, 20.0))
    spreads = shown(qtbot, *pairs)
    assert spreads.axis == "mean ± σ, log scale"
    bars = [spreads.bar(ROOM, *pair) for pair in pairs]
    assert all(bar.width() >= 6 and ROOM.adjusted(-0.5, 0, 0.5, 0).contains(bar) for bar in bars)
    assert bars[0].width() > 2 * bars[1].width()
    assert bars[1].center().x() < bars[2].center().x()  # the order of the means stays


def test_values_that_are_all_the_same_leave_an_even_axis(qtbot):
    spreads = shown(qtbot, (0.0, 0.0), (float("nan"), float("inf")))
    assert spreads.axis == "mean ± σ"
    spreads.grab()
