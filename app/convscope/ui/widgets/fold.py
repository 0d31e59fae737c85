"""A part of a panel that is folded away until it is wanted."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from convscope.ui import theme
from convscope.ui.widgets.settling import settle


class Fold(QWidget):
    """A heading to press, and contents below it that come and go; while they are away, a line tells what is set there.

    Attributes:
        heading: The button with the title.
        body: What its owner fills.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        """Make an empty part, folded away."""
        super().__init__(parent)
        self.heading = QToolButton(self)
        self.heading.setText(title)
        self.heading.setAccessibleName(title)
        self.heading.setAutoRaise(True)
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.clicked.connect(lambda: self.show_open(not self.is_open))
        self._summary = _Summary(self)
        self._contents = QWidget(self)
        self.body = QVBoxLayout(self._contents)
        self.body.setContentsMargins(0, 2, 0, 6)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.heading)
        row.addWidget(self._summary, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._contents)
        self.show_open(False)

    @property
    def is_open(self) -> bool:
        """Whether the contents are there."""
        return not self._contents.isHidden()

    @property
    def summary(self) -> str:
        """What is told while they are not."""
        return self._summary.text

    def show_open(self, is_open: bool) -> None:
        """Unfold the contents, or fold them away."""
        self.heading.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self._contents.setVisible(is_open)
        self._summary.setVisible(not is_open)
        settle(self)

    def show_summary(self, text: str) -> None:
        """Tell something else while the contents are away."""
        self._summary.show_text(text)
        self.heading.setToolTip(text)
        self.heading.setAccessibleDescription(text)


class _Summary(QWidget):
    """One line in a quiet colour, cut off where there is no more room; it never asks for any."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.text = ""
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setRetainSizeWhenHidden(True)  # the heading stays at its place
        self.setSizePolicy(policy)

    def show_text(self, text: str) -> None:
        self.text = text
        self.setToolTip(text)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme.current().muted)
        line = painter.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, line)
