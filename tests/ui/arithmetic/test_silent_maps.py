"""A map that is switched off keeps its window, whichever layer slides it."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convscope.core.layers import AveragePool, Conv2d, MaxPool, MinPool, SumPool
from convscope.core.network import Network
from convscope.core.unit import Unit
from convscope.ui.layer_slide import slide_of
from convscope.ui.panels.arithmetic import ArithmeticPanel

from .traced_session import StubSession, press

WINDOWED = Network(
    (1, 12, 12),
    (
        Conv2d(filters=9, kernel_size=3),
        *(kind(kernel_size=2, stride=1) for kind in (MaxPool, MinPool, AveragePool, SumPool)),
        Conv2d(filters=20, kernel_size=3),
    ),
)
UNITS = [Unit(0, (8, 1, 1)), *(Unit(layer, (8, 1, 1)) for layer in range(1, 5)), Unit(5, (19, 1, 1))]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("pinned_first", [True, False])
def test_a_silent_map_slides_on(
    qtbot: QtBot, session: StubSession, panel: ArithmeticPanel, unit: Unit, pinned_first: bool
) -> None:
    off = {(WINDOWED.layers[unit.layer].name, unit.index[0])}
    session.show(WINDOWED)
    if pinned_first:
        session.inspection.pin(unit)
    session.show(WINDOWED, switched_off=off)
    session.inspection.pin(unit)
    shown = panel.slide_view._slide
    assert shown is not None
    assert not shown.result.any()
    assert np.array_equal(shown.source, session.trace.values(unit.layer - 1)[0 if unit.layer in (0, 5) else 8])
    press(qtbot, panel, "play")
    press(qtbot, panel, "forward")
    assert session.inspection.pinned == Unit(unit.layer, (unit.index[0], 1, 2))
    film = slide_of(WINDOWED, session.trace, unit)
    assert film is not None
    assert not film.result.any()
    session.show(WINDOWED)
    awake = panel.slide_view._slide
    assert awake is not None
    assert awake.result.any()
