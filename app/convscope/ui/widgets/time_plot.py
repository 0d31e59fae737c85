"""The prediction of the drawing through training: one line for each class, or for each number."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.ui import theme
from convscope.ui.painting import is_vector, pixel_ratio
from convscope.ui.widgets.time_picture import TimePicture
from convscope.ui.widgets.time_plot_data import PredictionCourse

_MARGIN = 4  # pixels


class TimePlot(QWidget):
    """Shows how the probability of each class or a predicted number went; a click or a drag chooses a moment.

    Signals:
        position_chosen(float): This place of the run, in epochs, shall be looked at.
    """

    position_chosen = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("time_plot")
        self.setAccessibleName("Prediction of the drawing through training")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._course = PredictionCourse()
        self._message = ""
        self._shown: float | None = None
        self._hovered: int | None = None
        self._kept: tuple[tuple[object, ...], QPixmap] = ((), QPixmap())  # what the lines were painted for, and they

    @property
    def course(self) -> PredictionCourse:
        """What is plotted."""
        return self._course

    @property
    def message(self) -> str:
        """What is said instead; empty while there are lines."""
        return self._message

    @property
    def hovered(self) -> int | None:
        """The number of the moment under the pointer."""
        return self._hovered

    def show_course(self, course: PredictionCourse) -> None:
        """Plot the answers of some moments, at least one."""
        self._course, self._message, self._kept = course, "", ((), QPixmap())
        if self._hovered is not None and self._hovered >= len(course):
            self._hovered = None
        self._describe()
        self.update()

    def show_message(self, text: str) -> None:
        """Say why there is nothing to plot."""
        self._course, self._message, self._hovered = PredictionCourse(), text, None
        self._describe()
        self.update()

    def show_position(self, position: float | None) -> None:
        """Mark the moment that is looked at; None for the present."""
        if position != self._shown:
            self._shown = position
            self._describe()
            self.update()

    def picture(self) -> TimePicture | None:
        """Return how the lines are laid out; None while there are none."""
        if not len(self._course):
            return None
        return TimePicture(
            self._course, QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN), self.font()
        )

    def _paint_lines(self, painter: QPainter, picture: TimePicture) -> None:
        """Paint the lines from the picture that is kept of them: smooth ones take milliseconds."""
        if is_vector(painter):
            picture.paint_lines(painter)
            return
        ratio = pixel_ratio(painter)
        state = (self.size().toTuple(), theme.current().dark, self.font().toString(), ratio)
        if self._kept[0] != state:
            pixmap = QPixmap((self.size().toSizeF() * ratio).toSize())
            pixmap.setDevicePixelRatio(ratio)
            pixmap.fill(theme.current().base)
            inner = QPainter(pixmap)
            picture.paint_lines(inner)
            inner.end()
            self._kept = state, pixmap
        painter.drawPixmap(0, 0, self._kept[1])

    def _describe(self) -> None:
        text = self._message
        if len(self._course):
            last = len(self._course) - 1
            text = self._course.described(last if self._shown is None else self._course.nearest(self._shown))
        self.setAccessibleDescription(text)

    def sizeHint(self) -> QSize:
        """Return a size at which the lines can be followed."""
        return QSize(520, 220)

    def minimumSizeHint(self) -> QSize:
        """Return the least size that still shows something."""
        return QSize(180, 70)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the moment under the pointer."""
        picture = self.picture()
        if picture is not None and event.button() == Qt.MouseButton.LeftButton:
            self.position_chosen.emit(picture.position_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the moment under the pointer; with the button down, choose it."""
        picture = self.picture()
        if picture is None:
            return
        self._hovered = picture.moment_at(event.position())
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.position_chosen.emit(picture.position_at(event.position().x()))
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Read nothing any more."""
        self._hovered = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines, or say why there are none."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.current().base)
        picture = self.picture()
        if picture is not None:
            self._paint_lines(painter, picture)
            picture.paint_moment(painter, self._shown, self._hovered)
            return
        painter.setPen(theme.current().muted)
        room = self.rect().adjusted(3 * _MARGIN, _MARGIN, -3 * _MARGIN, -_MARGIN)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._message)
