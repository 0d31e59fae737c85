"""As a matrix: the selected convolution as the dense layer it is, for a small input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from convscope.core.convolution_matrix import Array, convolution_matrix, entries, largest_square
from convscope.core.layers import Conv2d
from convscope.core.layers.window import pair
from convscope.ui.panels.shown_layer import nearest
from convscope.ui.widgets.layer_picker import LayerPicker
from convscope.ui.widgets.matrix_text import MOST_TERMS
from convscope.ui.widgets.matrix_view import MatrixView
from convscope.ui.widgets.tinted_label import TintedLabel

if TYPE_CHECKING:
    from convscope.ui.session import Session

_USUAL, _MOST = 8, 16  # pixels of the input's side
_LIMIT = 250_000  # entries; with more, one entry is far smaller than a pixel
_ALL = -1
_BESIDE = 520  # pixels of width from which all choices stand in one line
_LINES = 3  # of the caption in a wide dock: what an entry is, and the sum of a 3×3 kernel


class MatrixPanel(QWidget):
    """Shows the matrix of one filter and one input channel, or of all where the matrix stays small enough."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("matrix_panel")
        self._session = session
        self._stale = True
        self._layer = ""  # the one that the boxes are for
        self._offered: tuple[object, ...] = ()  # what the choices were made for
        self._picker = LayerPicker(self)
        self._filter = self._box("Filter", "Which filter's rows are shown")
        self._channel = self._box("Input channel", "Which input channel's columns are shown")
        self._side = QSpinBox(self)
        self.view = MatrixView(self)
        self._caption = TintedLabel("text", self)
        self._lay_out()
        self._picker.chosen.connect(session.select)
        self._filter.activated.connect(self._refresh)
        self._channel.activated.connect(self._refresh)
        self._side.valueChanged.connect(self._refresh)
        self.view.caption_changed.connect(self._show_caption)
        session.weights_changed.connect(self._refresh)
        session.network_changed.connect(self._refresh)
        session.selection_changed.connect(self._refresh)

    def _box(self, name: str, tip: str) -> QComboBox:
        box = QComboBox(self)
        box.setAccessibleName(name)
        box.setToolTip(tip)
        box.setMaxVisibleItems(20)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        return box

    def _lay_out(self) -> None:
        self._side.setAccessibleName("Side of the input")
        self._side.setToolTip("Height and width of the small input that the matrix is for")
        self._side.setSuffix(" px")
        choices = QHBoxLayout()
        for widget in (self._filter, self._channel):
            choices.addWidget(widget)
        choices.addStretch(1)
        choices.addWidget(self._side)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setContentsMargins(4, 2, 4, 0)
        self._head.addWidget(self._picker, 0, Qt.AlignmentFlag.AlignLeft)
        self._head.addLayout(choices, 1)
        self._caption.setObjectName("matrix_caption")
        self._caption.setMinimumWidth(80)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 4)
        column.setSpacing(4)
        column.addLayout(self._head)
        column.addWidget(self.view, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(6, 0, 6, 0)
        foot.addWidget(self._caption)
        column.addLayout(foot)

    def _show_caption(self) -> None:
        """Show as many products of a sum as have room."""
        metrics, flags = self._caption.fontMetrics(), Qt.TextFlag.TextWordWrap
        room = QRect(0, 0, max(80, self._caption.width()), 10_000)
        height = self._caption.minimumHeight() + metrics.height() // 3  # signs of another font make a line higher
        texts = (self.view.caption(most) for most in range(MOST_TERMS, 0, -1))
        fits = (text for text in texts if metrics.boundingRect(room, flags.value, text).height() <= height)
        self._caption.show_text(next(fits, self.view.caption(1)))
        self._caption.setToolTip(self.view.caption())

    def _refresh(self) -> None:
        """Show the present weights, or remember that they are not shown."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        layers = self._session.network.layers
        found = [(index, layer.name) for index, layer in enumerate(layers) if isinstance(layer, Conv2d)]
        index = nearest([number for number, _ in found], self._session.selected)
        self._picker.show_entries(found, -1 if index is None else index)
        conv = None if index is None else layers[index]
        weights = None if conv is None else self._session.shown_weights.get(f"{conv.name}.weight")
        if isinstance(conv, Conv2d) and weights is not None and weights.shape[2:] != pair(conv.kernel_size):
            weights = None  # they are of the layer before it was changed
        for widget in (self._filter, self._channel, self._side):
            widget.setVisible(weights is not None)
        if isinstance(conv, Conv2d) and weights is not None:
            self._show(conv, weights)
        else:
            self.view.show_message(self._reason(conv is not None))

    def _reason(self, has_convolution: bool) -> str:
        if not has_convolution:
            return "This network has no convolution to be written as a matrix. Add one."
        return self._session.waiting or "The convolution gets its weights as soon as the layers before it work."

    def _show(self, conv: Conv2d, weights: Array) -> None:
        offered = (conv, weights.shape, self._side.value(), self._filter.currentData(), self._channel.currentData())
        if offered != self._offered:
            self._offer_all(conv, weights)
            self._offered = offered
        chosen = self._chosen(weights)
        part = weights[chosen]
        small = conv.changed(filters=len(part))
        side = self._side.value()
        try:
            matrix = convolution_matrix(small, part, (part.shape[1], side, side), _LIMIT)
        except ValueError as error:  # of all the padding or the window's span, the smallest one is too large
            self.view.show_message(str(error))
            return
        biases = self._session.shown_weights.get(f"{conv.name}.bias")
        whole = part.shape[1] == weights.shape[1] and len(part) == 1  # else it is not all that a sum consists of
        bias = float(biases[chosen[0]][0]) if biases is not None and whole else None
        self.view.show_matrix(matrix, part, bias)

    def _offer_all(self, conv: Conv2d, weights: Array) -> None:
        """Offer what can be chosen of a layer."""
        self._offer_sides(conv)
        self._offer(self._filter, "filter", len(weights))
        self._offer(self._channel, "channel", weights.shape[1])
        self._layer = conv.name
        for box, other in ((self._filter, self._channel), (self._channel, self._filter)):
            self._limit(conv, weights, box, other)

    def _chosen(self, weights: Array) -> tuple[slice, slice]:
        def part(box: QComboBox) -> slice:
            number: int = box.currentData() if box.count() else 0
            return slice(None) if number == _ALL else slice(number, number + 1)

        return part(self._filter), part(self._channel)

    def _offer_sides(self, conv: Conv2d) -> None:
        """Allow inputs that the window fits into and whose matrix is small enough for one filter and one channel.

        Those of another layer begin at the usual size.
        """
        window = conv.window
        least = next(side for side in range(1, 10_000) if window.fits((side, side)))
        self._side.blockSignals(True)
        most = min(_MOST, largest_square(conv.changed(filters=1), 1, _LIMIT))
        self._side.setRange(least, max(least, most))
        if conv.name != self._layer:
            self._side.setValue(_USUAL)
        self._side.blockSignals(False)

    def _offer(self, box: QComboBox, name: str, count: int) -> None:
        """List the filters or channels of a layer; the chosen one stays chosen as long as there is one."""
        if box.count() == count + (count > 1):
            return
        former = box.currentData() if box.count() else 0
        box.clear()
        for number in range(count):
            box.addItem(f"{name.capitalize()} {number}", number)
        if count > 1:
            box.addItem(f"All {count} {name}s", _ALL)
        box.setCurrentIndex(max(0, box.findData(former)))

    def _limit(self, conv: Conv2d, weights: Array, box: QComboBox, other: QComboBox) -> None:
        """Offer all filters or channels only where the matrix stays within the limit."""
        place = box.findData(_ALL)
        if place < 0:
            return
        filters, channels = len(weights), weights.shape[1]
        if other.currentData() != _ALL:
            filters, channels = (filters, 1) if box is self._filter else (1, channels)
        side = self._side.value()
        fits = entries(conv.changed(filters=filters), (channels, side, side)) <= _LIMIT
        item = box.model().index(place, 0)
        box.model().setData(item, None if fits else 0, Qt.ItemDataRole.UserRole - 1)  # how a combo box disables one
        if not fits and box.currentIndex() == place:
            box.setCurrentIndex(0)

    def minimumSizeHint(self) -> QSize:
        """Return a size at which the choices stand in two lines, above a matrix and one line about it."""
        line, margins = self._caption.fontMetrics().height(), self._column.contentsMargins()
        parts = (self._head.minimumSize().height(), self.view.minimumSizeHint().height(), line)
        around = margins.top() + margins.bottom() + (len(parts) - 1) * self._column.spacing()
        return QSize(260, sum(parts) + around)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the choices below the layer where they have no room beside it."""
        super().resizeEvent(event)
        wide = self.width() >= _BESIDE
        self._head.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        line = self._caption.fontMetrics().height()
        room = self.height() - self.minimumSizeHint().height()
        lines = min(_LINES if wide else _LINES + 1, 1 + max(0, room) // line)
        self._caption.reserve(lines, most=lines)  # whatever is said: the matrix must not jump
        self._column.activate()
        self._show_caption()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        if self._stale:
            self._refresh()
