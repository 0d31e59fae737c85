"""The sliding window on the screen; both maps can be pointed at."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.ui import theme
from convscope.ui.widgets.laid_out_text import LaidOutTexts
from convscope.ui.widgets.number_grid import Look, paint_ring
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.slide import Slide
from convscope.ui.widgets.slide_picture import SlideLayout, beside_height, cell_at, cell_of, paint_slide, slide_layout

_SIDES, _ABOVE = 4, 2  # pixels around the picture
_BETWEEN = 14  # pixels to what stands beside it, with the margins there
_LEAST = 0.3, 0.22  # of the width, and where what stands beside it would be unreadable otherwise
_MOST = 0.42  # of the width or the height
_NO_LIMIT = 16_777_215  # Qt's own greatest height
Cell = tuple[int, ...]  # row and column


class SlideView(QWidget):
    """Shows the window at one position; a drag over the output moves it.

    Signals:
        source_hovered: (row, column) of the input under the pointer, or None.
        result_hovered: (row, column) of the output under the pointer, or None.
        source_chosen: The user clicked this (row, column) of the input.
        result_chosen: The user clicked this (row, column) of the output.
        readout_changed: `readout` says something new.
    """

    source_hovered = Signal(object)
    result_hovered = Signal(object)
    source_chosen = Signal(object)
    result_chosen = Signal(object)
    readout_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setObjectName("slide_view")
        self.setAccessibleName("Sliding window")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._slide: Slide | None = None
        self._position = 0
        self._filled: int | None = None
        self._hovered: tuple[Cell | None, Cell | None] = (None, None)  # on the input, on the output
        self._readout = ""
        self._texts: LaidOutTexts | None = None  # of the names, until the widget's font is another

    @property
    def readout(self) -> str:
        """Position and value under the pointer; empty where there is none."""
        return self._readout

    @property
    def position(self) -> int:
        """Where the window is."""
        return self._position

    @property
    def filled(self) -> int | None:
        """How many values of the output are shown; None for all."""
        return self._filled

    def show_slide(self, slide: Slide | None, position: int = 0, filled: int | None = None) -> None:
        """Show a window at a position.

        Args:
            slide: None shows nothing.
            position: 0 to `slide.count` − 1.
            filled: How many values of the output are shown; None for all.
        """
        self._slide, self._position, self._filled = slide, position, filled
        if slide is not None:
            row, column = slide.place(position)
            text = f"The window makes row {row}, column {column} of {slide.result_name}."
            self.setAccessibleDescription(text)
        self.update()

    def show_hovered(self, source: Cell | None, result: Cell | None) -> None:
        """Ring a value of the input, or one of the output, that is pointed at anywhere in the window."""
        if (source, result) != self._hovered:
            self._hovered = (source, result)
            self.update()

    def places(self) -> SlideLayout | None:
        """Return where the two maps lie."""
        if self._slide is None:
            return None
        return slide_layout(self._slide, self._area(), self._names().metrics.height())

    def fit_above(self, width: int, height: int) -> None:
        """Take a width, and of a height what two maps beside each other fill, but not all."""
        wanted = 0
        if self._slide is not None:
            head = self._names().metrics.height()
            wanted = round(beside_height(self._slide, width - 2 * _SIDES, head) + _ABOVE + _SIDES)
        self.setFixedSize(max(width, 1), min(wanted, max(int(_MOST * height), self.minimumSizeHint().height())))

    def fit_beside(self, width: int, height: int, needed: Sequence[int]) -> None:
        """Take what of a width something else leaves, and any height.

        Args:
            width: Of both together.
            height: The same.
            needed: What the other thing needs in its various arrangements, the best first.
        """
        rooms = [width - one - _BETWEEN for one in needed]
        leasts = [int(share * width) for share in _LEAST]
        room = next((room for least in leasts for room in rooms if room >= least), leasts[0])
        self.setFixedWidth(max(min(room, int(_MOST * width), 2 * height), 1))
        self.setMinimumHeight(0)
        self.setMaximumHeight(_NO_LIMIT)

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_SIDES, _ABOVE, -_SIDES, -_SIDES)

    def _names(self) -> LaidOutTexts:
        if self._texts is None:
            self._texts = LaidOutTexts(Look.of(self.font()).small)
        return self._texts

    def _cells_at(self, point: QPointF) -> tuple[Cell | None, Cell | None]:
        places, slide = self.places(), self._slide
        if places is None or slide is None:
            return None, None
        return (
            cell_at(places.source, slide.source.shape, point),
            cell_at(places.result, slide.result.shape, point),
        )

    def _hover(self, source: Cell | None, result: Cell | None) -> None:
        if (source, result) == self._hovered and bool(self._readout) == (source is not None or result is not None):
            return
        self._hovered = (source, result)
        self._readout = self._said(source, result)
        self.source_hovered.emit(source) if result is None else self.result_hovered.emit(result)
        self.readout_changed.emit()
        self.update()

    def _said(self, source: Cell | None, result: Cell | None) -> str:
        slide = self._slide
        if slide is None or (source is None and result is None):
            return ""
        name, values, cell = (
            (slide.source_name, slide.source, source)
            if source is not None
            else (slide.result_name, slide.result, result)
        )
        assert cell is not None
        return f"{name}, row {cell[0]}, column {cell[1]}: {number_text(float(values[cell]))}"

    def sizeHint(self) -> QSize:
        """Return room for two maps of MNIST's size, one below the other."""
        return QSize(150, 220)

    def minimumSizeHint(self) -> QSize:
        """Return the least size at which the window can be seen."""
        return QSize(80, 60)

    def changeEvent(self, event: QEvent) -> None:
        """Paint in the new colours and font."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._texts = None
            self.update()
        super().changeEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is under the pointer; with the button down move the window."""
        source, result = self._cells_at(event.position())
        self._hover(source, result)
        if event.buttons() & Qt.MouseButton.LeftButton and result is not None:
            self.result_chosen.emit(result)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the value under the pointer."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        source, result = self._cells_at(event.position())
        if result is not None:
            self.result_chosen.emit(result)
        elif source is not None:
            self.source_chosen.emit(source)

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the value under the pointer."""
        self._hover(None, None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the two maps, and the ring around what is pointed at."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.current().base)
        if self._slide is None:
            return
        paint_slide(painter, self._area(), self._slide, self._position, self._names(), filled=self._filled)
        places = self.places() if self._hovered != (None, None) else None
        if places is None:
            return
        for cell, box, values in zip(
            self._hovered, (places.source, places.result), (self._slide.source, self._slide.result), strict=True
        ):
            if cell is not None:
                paint_ring(painter, cell_of(box, values.shape, *cell))
