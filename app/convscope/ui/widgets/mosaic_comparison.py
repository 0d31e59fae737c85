"""The maps of two images side by side in the same colours, and their difference."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPixmap, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from convscope.ui.colour_maps import coloured
from convscope.ui.widgets.colour_legend import ColourLegend
from convscope.ui.widgets.mosaic import Mosaic
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.mosaic_maps import Maps
from convscope.ui.widgets.mosaic_marks import Marks
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.tinted_label import TintedLabel

_THUMBNAIL = 26  # logical pixels
_LOW = 120  # pixels of height below which a title above would take too much of it
_SIDE_BY_SIDE = 1.2  # width over height from which the mosaics are larger beside each other

Names = tuple[str, str, str]  # of the one, the other, and their difference
_TITLES: Names = ("A, kept", "B, now", "B − A")
_NAMES: Names = ("A", "B", "B − A")


@dataclass(frozen=True, eq=False)
class Comparison:
    """Maps of the same layer for two images, or of the same image in two ways.

    Attributes:
        a: Of the image that was kept.
        b: Of the present one, in the same colours.
        difference: By how much b is greater.
        images: What was drawn in both.  # (C, H, W) each, 0 to 1
        titles: What stands above the three.
        names: What they are called in a sentence.
    """

    a: Maps
    b: Maps
    difference: Maps
    images: tuple[NDArray[np.float32], NDArray[np.float32]]
    titles: Names = _TITLES
    names: Names = _NAMES


class MosaicComparison(QWidget):
    """Shows two mosaics, or with their difference three, in which the same tile is selected and enlarged.

    Signals:
        place_hovered: The `Place` under the pointer, None when it has left.
        side_pinned: The user clicks a value of this mosaic: 0 A, 1 B, 2 their difference; `place_pinned` follows.
        place_pinned: The `Place` of the value that the user clicked.
        pin_withdrawn: That click was the first half of a double-click.
        tile_chosen: The user selected this tile, in one and so in all of them.
        menu_wanted: Tile and global position of a click with the right button.
    """

    place_hovered = Signal(object)
    side_pinned = Signal(int)
    place_pinned = Signal(object)
    pin_withdrawn = Signal()
    tile_chosen = Signal(int)
    menu_wanted = Signal(int, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Comparison | None = None
        self._sides = tuple(_Side(title, self) for title in _TITLES)
        self._caption = TintedLabel("text", self)
        self._difference = QCheckBox("B − A", self)
        self._difference.setToolTip("Show by how much B is greater than A")
        self._legends = (ColourLegend(self), ColourLegend(self))
        self._legends[0].setAccessibleName("Colour scale of A and B")
        self._legends[1].setAccessibleName("Colour scale of the difference")
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._row.setSpacing(8)
        for number, side in enumerate(self._sides):
            self._row.addWidget(side, 1)
            side.mosaic.place_pinned.connect(lambda _, at=number: self.side_pinned.emit(at))
            self._follow(side.mosaic)
        legends = QHBoxLayout()
        for widget in (self._difference, *self._legends):
            legends.addWidget(widget)
        self._below = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._below.setContentsMargins(6, 0, 6, 0)
        self._below.setSpacing(4)
        self._below.addWidget(self._caption, 1)
        self._below.addLayout(legends)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._row, 1)
        column.addLayout(self._below)
        self._difference.toggled.connect(self._show_difference)
        self._show_difference(False)

    @property
    def selected(self) -> int:
        """The tile that is selected in all of them."""
        return self._sides[0].mosaic.selected

    @property
    def zoomed(self) -> bool:
        """Whether the selected tile is shown alone."""
        return self._sides[0].mosaic.zoomed

    @property
    def has_maps(self) -> bool:
        """Whether there are maps, not a message instead."""
        return self._shown is not None

    def show_tile(self, tile: int, *, zoomed: bool) -> None:
        """Select a tile, and show it alone or among all."""
        for side in self._sides:
            side.mosaic.show_tile(tile, zoomed=zoomed)
        self._describe()

    def show_comparison(self, comparison: Comparison | None, message: str = "") -> None:
        """Show maps, or a sentence in their place."""
        self._shown = comparison
        if comparison is None:
            for side in self._sides:
                side.mosaic.show_message(message)
        else:
            for side, maps in zip(self._sides, (comparison.a, comparison.b, comparison.difference), strict=True):
                side.mosaic.show_maps(maps)
            for side, image in zip(self._sides, comparison.images, strict=False):
                side.show_image(image)
            for side, title in zip(self._sides, comparison.titles, strict=True):
                side.show_title(title)
            self._difference.setText(comparison.names[2])
            self._difference.setToolTip(f"Show by how much {comparison.names[1]} is greater than {comparison.names[0]}")
        self._describe()

    def show_marks(self, marks: Marks, *, off_in_a: frozenset[int] = frozenset()) -> None:
        """Mark the same values in all of them; other tiles may have been switched off when A was kept."""
        for side in self._sides[1:]:
            side.mosaic.show_marks(marks)
        self._sides[0].mosaic.show_marks(dataclasses.replace(marks, crossed=off_in_a))
        self._describe()

    def caption(self) -> str:
        """Return what both images have at the place that is pointed at, else at the pinned one."""
        if self._shown is None:
            return ""
        mosaics, names = [side.mosaic for side in self._sides], self._shown.names
        places = [place for mosaic in mosaics for place in (mosaic.hovered,) if place]
        place = places[0] if places else mosaics[0].marks.pinned
        if place is None:
            return "The colours are the same. Point at a value to compare."
        values = [mosaic.value_at(place) for mosaic in mosaics]
        numbers = [f"{name} {number_text(value)}" for name, value in zip(names, values, strict=True)]
        where = mosaics[0].described(place, 0.0).partition(":")[0]
        return f"{where}:  {',  '.join(numbers)}"

    def _show_difference(self, shown: bool) -> None:
        """Show the difference beside the two, or not; its legend leaves no room for the caption beside it."""
        self._sides[2].setVisible(shown)
        self._legends[1].setVisible(shown)
        self._below.setDirection(QBoxLayout.Direction.TopToBottom if shown else QBoxLayout.Direction.LeftToRight)

    def _follow(self, mosaic: Mosaic) -> None:
        mosaic.place_hovered.connect(self.place_hovered)
        mosaic.place_pinned.connect(self.place_pinned)
        mosaic.pin_withdrawn.connect(self.pin_withdrawn)
        mosaic.menu_wanted.connect(self.menu_wanted)
        mosaic.caption_changed.connect(self._describe)
        mosaic.tile_chosen.connect(lambda _: self._align(mosaic))
        mosaic.tile_chosen.connect(self.tile_chosen)  # once it is selected in all
        mosaic.zoom_changed.connect(lambda: self._align(mosaic))

    def _align(self, leader: Mosaic) -> None:
        """Show the same tile everywhere."""
        for side in self._sides:
            if side.mosaic is not leader:
                side.mosaic.show_tile(leader.selected, zoomed=leader.zoomed)

    def _describe(self) -> None:
        self._caption.show_text(self.caption())
        shown = self._shown
        for legend, maps in zip(self._legends, (shown and shown.a, shown and shown.difference), strict=True):
            if maps is None:
                legend.show_scale(None)
                continue
            places: list[Place] = [side.mosaic.hovered for side in self._sides if side.mosaic.hovered]
            tile = min(places[0].tile if places else self.selected, len(maps) - 1)
            legend.show_scale(maps.tile_scale(tile), "" if maps.scale else f"map {tile}", maps.gain)

    def minimumSizeHint(self) -> QSize:
        """Return the least size that shows something, whatever the present arrangement needs."""
        return QSize(200, 110)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the mosaics where they are largest."""
        super().resizeEvent(event)
        wide = self.width() > _SIDE_BY_SIDE * self.height()
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)


class _Side(QWidget):
    """A mosaic under its title and the image it belongs to."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.mosaic = Mosaic(self)
        self.mosaic.setAccessibleName(f"Feature maps: {title}")
        self._image = QLabel(self)
        self._image.setFixedHeight(_THUMBNAIL)  # also where there is none, so that all mosaics are at one height
        self._title = QLabel(title, self)
        font = self._title.font()
        font.setBold(True)
        self._title.setFont(font)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setContentsMargins(6, 0, 0, 0)
        self._head.setSpacing(6)
        self._head.addWidget(self._image)
        self._head.addWidget(self._title)
        self._head.addStretch(1)
        self._whole = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(0)
        self._whole.addLayout(self._head)
        self._whole.addWidget(self.mosaic, 1)

    def show_title(self, title: str) -> None:
        """Show what stands above the mosaic."""
        if title != self._title.text():
            self._title.setText(title)
            self.mosaic.setAccessibleName(f"Feature maps: {title}")

    def show_image(self, image: NDArray[np.float32]) -> None:
        """Show the image, small."""
        picture = coloured(image.mean(axis=0), 0, 1, "sequential")
        side = round(_THUMBNAIL * self.devicePixelRatioF())
        pixmap = QPixmap.fromImage(picture).scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        self._image.setPixmap(pixmap)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put title and image beside the mosaic where height is scarce."""
        super().resizeEvent(event)
        low = self.height() < _LOW and self.width() > 2 * self.height()
        directions = QBoxLayout.Direction
        self._head.setDirection(directions.TopToBottom if low else directions.LeftToRight)
        self._whole.setDirection(directions.LeftToRight if low else directions.TopToBottom)
