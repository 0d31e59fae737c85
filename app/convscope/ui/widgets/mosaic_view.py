"""A mosaic with what belongs below it: the value under the pointer, and what the colours mean."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from convscope.ui.widgets.colour_legend import ColourLegend
from convscope.ui.widgets.mosaic import Mosaic
from convscope.ui.widgets.mosaic_maps import Maps
from convscope.ui.widgets.mosaic_marks import Marks
from convscope.ui.widgets.tinted_label import TintedLabel

_BESIDE, _BELOW = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
_WIDE = 430  # pixels, of a view with room for caption and legend side by side


class MosaicView(QWidget):
    """Shows maps with their caption and legend."""

    def __init__(self, mosaic: Mosaic, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mosaic = mosaic
        self._maps: Maps | None = None
        self._caption = TintedLabel("text", self)
        self._caption.reserve(2, most=2)  # the maps must not jump
        self._caption.setMinimumWidth(80)
        self.legend = ColourLegend(self)
        self._below = below = QBoxLayout(_BESIDE)
        below.setContentsMargins(6, 0, 6, 0)
        below.setSpacing(2)
        below.addWidget(self._caption, 1)
        below.addWidget(self.legend)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(mosaic, 1)
        column.addLayout(below)
        mosaic.caption_changed.connect(self._describe)

    def show_maps(self, maps: Maps | None) -> None:
        """Show the maps of a layer."""
        self._maps = maps
        self.mosaic.show_maps(maps)
        self._describe()

    def show_marks(self, marks: Marks) -> None:
        """Mark values and tiles of the maps."""
        self.mosaic.show_marks(marks)
        self._describe()

    def show_message(self, text: str) -> None:
        """Show a sentence in the place of maps."""
        self._maps = None
        self.mosaic.show_message(text)
        self._describe()

    def caption(self) -> str:
        """Return what is read below the mosaic."""
        return self._caption.text()

    def _describe(self) -> None:
        self._caption.show_text(self.mosaic.caption())
        if self._maps is None:
            self.legend.show_scale(None)
        elif self._maps.scale is not None:
            self.legend.show_scale(self._maps.scale, gain=self._maps.gain)
        else:
            hovered = self.mosaic.hovered
            tile = min(hovered.tile if hovered is not None else self.mosaic.selected, len(self._maps) - 1)
            self.legend.show_scale(self._maps.tile_scale(tile), f"{self.mosaic.tile_name} {tile}", self._maps.gain)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the legend below the caption where it would leave that too little room."""
        super().resizeEvent(event)
        self._below.setDirection(_BESIDE if self.width() >= _WIDE else _BELOW)
