"""The four stages of a training step in a row, the present one highlighted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.core.training_step import Stage
from convscope.ui import theme

_GAP = 12  # pixels between two stages, where the arrow is
_MARGIN = 12  # pixels that a name leaves of its box
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)


class StageBar(QWidget):
    """Shows which stages of a step are done, which one was the last, and which are to come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make a bar of a step that has not begun."""
        super().__init__(parent)
        self.setObjectName("stage_bar")
        self.setAccessibleName("Stages of the training step")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._stage: Stage | None = None
        self.show_stage(None)

    @property
    def stage(self) -> Stage | None:
        """The stage that is highlighted."""
        return self._stage

    def show_stage(self, stage: Stage | None) -> None:
        """Highlight the stage that was done last; none before a step."""
        self._stage = stage
        text = f"{stage.value}, stage {stage.number + 1} of 4" if stage is not None else "No step has begun"
        self.setAccessibleDescription(text)
        self.update()

    def box(self, stage: Stage) -> QRectF:
        """Return where a stage is drawn."""
        names = self._names()
        spare = (self.width() - 2 - 3 * _GAP - sum(names)) / 4
        left = 1 + sum(names[: stage.number]) + stage.number * (spare + _GAP)
        return QRectF(left, 1, names[stage.number] + spare, self.height() - 2)

    def _names(self) -> list[float]:
        """Return how wide the stages' names are where they are highlighted."""
        metrics = QFontMetricsF(self._font(bold=True))
        return [metrics.horizontalAdvance(stage.value) for stage in Stage]

    def _paint_stage(self, painter: QPainter, stage: Stage) -> None:
        colours, box = theme.current(), self.box(stage)
        present = stage is self._stage
        done = self._stage is not None and stage.number < self._stage.number
        fill = QColor(colours.accent if present or done else colours.base)
        if done:
            fill.setAlphaF(0.22)
        painter.setPen(QPen(colours.accent if present or done else colours.border, 1.5))
        painter.setBrush(fill)
        painter.drawRoundedRect(box, 6, 6)
        painter.setPen(colours.on_accent if present else colours.text if done else colours.muted)
        painter.setFont(self._font(bold=present))
        painter.drawText(box, _CENTRE, f"{stage.number + 1}  {stage.value}" if self._is_numbered else stage.value)

    def _font(self, *, bold: bool) -> QFont:
        font = QFont(self.font())
        font.setBold(bold)
        return font

    @property
    def _is_numbered(self) -> bool:
        """Whether every stage has room for its number."""
        longest = QFontMetricsF(self._font(bold=True)).horizontalAdvance(f"3  {Stage.BACKWARD.value}")
        return longest <= self.box(Stage.BACKWARD).width() - _MARGIN

    def _paint_arrow(self, painter: QPainter, stage: Stage) -> None:
        right, middle = self.box(stage).right(), self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().muted)
        left = right + _GAP / 2 - 3
        tip = [QPointF(left, middle - 4), QPointF(left, middle + 4), QPointF(left + 6, middle)]
        painter.drawPolygon(QPolygonF(tip))

    def sizeHint(self) -> QSize:
        """Return a size at which the names are read from the last row."""
        return QSize(440, self.fontMetrics().height() + 14)

    def minimumSizeHint(self) -> QSize:
        """Return the least size at which the names have room."""
        return QSize(round(sum(self._names())) + 4 * _MARGIN + 3 * _GAP, self.fontMetrics().height() + 14)

    def changeEvent(self, event: QEvent) -> None:
        """Draw in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the stages and the arrows between them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for stage in Stage:
            self._paint_stage(painter, stage)
            if stage is not Stage.UPDATE:
                self._paint_arrow(painter, stage)
        painter.end()
