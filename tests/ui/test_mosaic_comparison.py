"""Two mosaics with their titles: where height is scarce, the maps get it."""

from __future__ import annotations

import pytest

from convscope.ui.widgets.mosaic_comparison import MosaicComparison


@pytest.mark.parametrize(("height", "beside"), [(120, True), (300, False)])
def test_titles_stand_beside_low_mosaics_and_above_high_ones(height: int, beside: bool, qtbot):
    comparison = MosaicComparison()
    qtbot.addWidget(comparison)
    comparison.resize(545, height)
    comparison.show()
    for side in comparison._sides[:2]:
        qtbot.waitUntil(lambda side=side: (side._title.geometry().right() <= side.mosaic.x()) is beside)
        assert (side._title.geometry().bottom() <= side.mosaic.y()) is not beside
        assert side.rect().contains(side._title.geometry())
