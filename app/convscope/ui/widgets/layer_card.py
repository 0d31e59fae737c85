"""The card of one layer: icon, name, settings in a few words, output shape, parameters, and what is wrong with it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from convscope.ui import theme
from convscope.ui.painting import pixel_ratio
from convscope.ui.widgets.card_data import CardData
from convscope.ui.widgets.card_heading import EDGE, CardHeading
from convscope.ui.widgets.layer_editor import LayerEditor
from convscope.ui.widgets.problem_box import ProblemBox

RADIUS = 7
FADED = 0.45


class LayerCard(QWidget):
    """Draws one `CardData`; opened, it leaves room for an editor below its heading.

    The heading takes one row where name and settings fit beside the shape, else two, and a third where the number of
    parameters would not fit.

    Signals:
        remedy_chosen(int): The button of the remedy of this number was pressed.
        fit_wanted(): The height may have changed; whoever places the card should call `fit`.
    """

    remedy_chosen = Signal(int)
    fit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.data = CardData("layer", "dense", "")
        self.is_selected = False
        self.is_dragged = False
        self._problem: ProblemBox | None = None
        self._heading = CardHeading(self.data, self.font(), 0)
        self._fitted: tuple[CardData, int] | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_data(self, data: CardData) -> None:
        """Show other data, touching only what differs."""
        if data == self.data:
            return
        old, self.data = self.data, data
        self.setAccessibleName(data.spoken())
        self.setToolTip(data.help)
        self.setStatusTip(data.help)
        if (old.problem, old.remedies) != (data.problem, data.remedies):
            self._show_problem()
        self.update()

    def show_selected(self, selected: bool) -> None:
        """Draw the card as the selected one, or not."""
        if selected != self.is_selected:
            self.is_selected = selected
            self.update()

    def show_dragged(self, dragged: bool) -> None:
        """Draw the card as one that is being carried elsewhere, or not."""
        self.is_dragged = dragged
        self.update()

    def fit(self, width: int, editor: LayerEditor | None = None) -> int:
        """Lay everything out for a width and return the height that takes.

        Args:
            width: Of the card, in pixels.
            editor: For the open card; room is left for it below the heading.
        """
        key = (self.data, width)
        if key != self._fitted:
            self._fitted = key
            self._heading = CardHeading(self.data, self.font(), width - 2 * EDGE)
            self.update()
        height, inside = self._heading.height, width - 2 * EDGE
        if editor is not None:
            height += editor.fit(inside) + EDGE
        if self._problem is not None:  # last: a new problem must not move what is being edited
            wanted = self._problem.fit(inside)
            self._problem.setGeometry(EDGE, height, inside, wanted)
            height += wanted + EDGE
        return height

    def editor_place(self, height: int) -> QRect:
        """Return where an editor of this height lies in the parent of the open card."""
        return QRect(self.x() + EDGE, self.y() + self._heading.height, self.width() - 2 * EDGE, height)

    @property
    def heading(self) -> QRect:
        """The part above the problem and the editor: where the card can be picked up."""
        return QRect(0, 0, self.width(), self._heading.height)

    def picture(self) -> QPixmap:
        """Return the closed card as a picture, to be carried by the pointer."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.heading.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_surface(painter, self.heading)
        self._heading.paint(painter, self.data, selected=self.is_selected, ratio=ratio)
        painter.end()
        return picture

    def _show_problem(self) -> None:
        if self._problem is not None:
            self._problem.hide()
            self._problem.deleteLater()
            self._problem = None
        if self.data.problem:
            self._problem = ProblemBox(self.data.problem, self.data.remedies, self)
            self._problem.remedy_chosen.connect(self.remedy_chosen)
            self._problem.show()

    def _paint_surface(self, painter: QPainter, rect: QRect) -> None:
        colours = theme.current()
        edge = colours.warning if self.data.problem else colours.accent if self.is_selected else colours.border
        if self.underMouse() and not self.is_selected and not self.data.problem and self.data.role != "output":
            edge = colours.muted
        width = 2 if self.is_selected or self.data.problem else 1
        pen = QPen(edge, width)
        if not self.data.enabled and not self.is_selected:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(colours.card if self.data.enabled and self.data.role == "layer" else colours.window)
        inset = width / 2
        painter.drawRoundedRect(rect.toRectF().adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)

    def event(self, event: QEvent) -> bool:
        """Ask for another height when what the card holds has changed its own."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.FontChange):
            self._fitted = None
            self.fit_wanted.emit()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card and its heading."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.is_dragged:
            painter.setOpacity(FADED)
        self._paint_surface(painter, self.rect())
        self._heading.paint(painter, self.data, selected=self.is_selected, ratio=pixel_ratio(painter))
