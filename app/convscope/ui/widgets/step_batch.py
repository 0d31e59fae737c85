"""The images of a batch with what the network says of each: logits, predicted class and loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from convscope.core.training_step import StepDetails
from convscope.ui import theme
from convscope.ui.widgets.mosaic_text import draw_sentence
from convscope.ui.widgets.network_input import coloured_image
from convscope.ui.widgets.number_text import number_text

_IMAGE = 58  # pixels
_CARD = QSize(188, _IMAGE + 10)
_GAP = 4
_STEPS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True, eq=False)
class Batch:
    """What is shown of a batch: the step, and what its classes are called."""

    details: StepDetails
    class_names: tuple[str, ...]

    def name(self, label: int) -> str:
        """Return what a class is called."""
        return self.class_names[label] if 0 <= label < len(self.class_names) else str(label)

    def is_wrong(self, image: int) -> bool:
        """Say whether another class than the right one was chosen."""
        step = self.details
        return step.has_classes and int(step.labels[image]) != int(step.predicted[image])

    def verdict(self, image: int) -> str:
        """Return the true class of an image, and the predicted one where that is another."""
        if not self.details.has_classes:
            return f"should be {_numbers(self.details.labels[image])}, is {_numbers(self.details.logits[image])}"
        true, predicted = int(self.details.labels[image]), int(self.details.predicted[image])
        return f"{self.name(true)} ✓" if true == predicted else f"{self.name(true)} read as {self.name(predicted)} ✗"

    def described(self, image: int) -> str:
        """Return all that is known of an image, in one line."""
        step = self.details
        loss = f", loss {number_text(float(step.losses[image]))}" if step.losses.size else ""
        if not step.has_classes:
            return f"Should be {_numbers(step.labels[image])}, is {_numbers(step.logits[image])}{loss}"
        true, predicted = int(step.labels[image]), int(step.predicted[image])
        logits = ",  ".join(
            f"{self.name(n)}: {number_text(float(z), 3)}" for n, z in enumerate(step.logits[image][:20])
        )
        more = ", …" if step.logits.shape[1] > 20 else ""
        return f"True {self.name(true)}, predicted {self.name(predicted)}{loss}.  Logits  {logits}{more}"


def _numbers(values: NDArray[Any]) -> str:
    return ", ".join(number_text(float(value), 3) for value in values)


class BatchCards(QAbstractScrollArea):
    """Shows a card for each image of a batch, the worst first; arrows or the pointer choose one to be read out.

    Signals:
        caption_changed: `caption()` tells something new.
    """

    caption_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty area."""
        super().__init__(parent)
        self.setObjectName("step_batch")
        self.setAccessibleName("Images of the batch")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self._batch: Batch | None = None
        self._what = "images"
        self._order: list[int] = []
        self._images: dict[int, QImage] = {}
        self._reach = 1.0  # of the logits
        self._chosen: int | None = None  # place in the order

    @property
    def order(self) -> list[int]:
        """The images' numbers in the batch, in the order in which they are shown."""
        return list(self._order)

    def show_batch(self, batch: Batch | None) -> None:
        """Show the images of a step; nothing for None."""
        former = self._batch.details.images if self._batch is not None else None
        self._batch = batch
        self._order = [] if batch is None else [int(n) for n in batch.details.worst_first()]
        if batch is None or batch.details.images is not former:
            self._images, self._chosen = {}, None
        if batch is not None:
            self._reach = float(np.abs(np.nan_to_num(batch.details.logits, posinf=0, neginf=0)).max()) or 1.0
        self._scroll()
        self._tell()

    @property
    def kind(self) -> str:
        """What a batch consists of."""
        return self._what

    def show_kind(self, what: str) -> None:
        """Show what a batch consists of, while there is none."""
        self._what = what
        self.viewport().update()

    def caption(self) -> str:
        """Return what is known of the chosen image; empty while none is."""
        if self._batch is None or self._chosen is None or self._chosen >= len(self._order):
            return ""
        return self._batch.described(self._order[self._chosen])

    def card(self, place: int) -> QRect:
        """Return where a card lies in the viewport."""
        row, column = divmod(place, self._columns)
        width = (self.viewport().width() - _GAP) // self._columns
        top = _GAP + row * (_CARD.height() + _GAP) - self.verticalScrollBar().value()
        return QRect(_GAP + column * width, top, width - _GAP, _CARD.height())

    @property
    def _columns(self) -> int:
        return max(1, (self.viewport().width() - _GAP) // (_CARD.width() + _GAP))

    def _scroll(self) -> None:
        rows = -(-len(self._order) // self._columns)
        whole, seen = _GAP + rows * (_CARD.height() + _GAP), self.viewport().height()
        self.verticalScrollBar().setRange(0, max(0, whole - seen))
        self.verticalScrollBar().setPageStep(seen)
        self.verticalScrollBar().setSingleStep((_CARD.height() + _GAP) // 2)
        self.viewport().update()

    def _choose(self, place: int | None) -> None:
        if place != self._chosen:
            self._chosen = place
            self._tell()
            self.viewport().update()

    def _tell(self) -> None:
        self.setAccessibleDescription(self.caption())
        self.caption_changed.emit()

    def _at(self, point: QPoint) -> int | None:
        return next((place for place in self._in_sight() if self.card(place).contains(point)), None)

    def _in_sight(self) -> range:
        step = _CARD.height() + _GAP
        first = self.verticalScrollBar().value() // step * self._columns
        rows = self.viewport().height() // step + 2
        return range(first, min(len(self._order), first + rows * self._columns))

    def _paint_card(self, painter: QPainter, batch: Batch, place: int) -> None:
        colours, box, image = theme.current(), self.card(place), self._order[place]
        chosen = place == self._chosen
        painter.setPen(QPen(colours.accent if chosen else colours.border, 2 if chosen else 1))
        painter.setBrush(colours.card)
        painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        picture = self._image(batch, image)
        size = picture.size().scaled(QSize(_IMAGE, _IMAGE), Qt.AspectRatioMode.KeepAspectRatio)
        area = QRect(box.topLeft() + QPoint(5, 5), size)
        painter.drawImage(area, picture)
        right = QRect(
            box.left() + _IMAGE + 12, box.top() + 3, box.width() - _IMAGE - 17, painter.fontMetrics().height()
        )
        wrong = batch.is_wrong(image)
        painter.setPen(colours.warning if wrong else colours.text)
        painter.drawText(right, _LEFT, painter.fontMetrics().elidedText(
            batch.verdict(image), Qt.TextElideMode.ElideRight, right.width()))  # fmt: skip
        if batch.details.losses.size:
            right.translate(0, right.height() - 1)
            painter.setPen(colours.text)
            painter.drawText(right, _LEFT, f"loss {number_text(float(batch.details.losses[image]), 3)}")
        if not batch.details.has_classes:
            right.translate(0, right.height() - 1)
            inputs = f"from {_numbers(batch.details.images[image].reshape(-1)[:4])}"
            painter.setPen(colours.muted)
            painter.drawText(right, _LEFT, painter.fontMetrics().elidedText(
                inputs, Qt.TextElideMode.ElideRight, right.width()))  # fmt: skip
            return
        bars = QRectF(right.left(), right.bottom() + 2, right.width(), box.bottom() - 4 - right.bottom() - 2)
        self._paint_logits(painter, batch, image, bars)

    def _paint_logits(self, painter: QPainter, batch: Batch, image: int, room: QRectF) -> None:
        """Draw a bar up or down from the middle for each logit; the predicted class is full, the true one framed."""
        colours, logits = theme.current(), np.nan_to_num(batch.details.logits[image])
        true, predicted = int(batch.details.labels[image]), int(batch.details.predicted[image])
        step, middle = room.width() / len(logits), room.center().y()
        quiet = QColor(colours.muted)
        quiet.setAlphaF(0.55)
        for number, logit in enumerate(logits):
            height = -float(np.clip(logit / self._reach, -1, 1)) * room.height() / 2
            bar = QRectF(room.left() + number * step, middle, max(1.0, step - 1.5), height).normalized()
            painter.fillRect(bar, colours.accent if number == predicted else quiet)
            if number == true:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colours.text, 1))
                painter.drawRect(QRectF(bar.left(), room.top(), bar.width(), room.height()))
        painter.setPen(QPen(colours.border, 1))
        painter.drawLine(QPointF(room.left(), middle), QPointF(room.right(), middle))

    def _image(self, batch: Batch, image: int) -> QImage:
        if image not in self._images:
            self._images[image] = coloured_image(np.clip(batch.details.images[image], 0, 1))
        return self._images[image]

    def sizeHint(self) -> QSize:
        """Return a size at which a few rows of cards are seen."""
        return QSize(2 * (_CARD.width() + _GAP) + 20, 4 * (_CARD.height() + _GAP))

    def minimumSizeHint(self) -> QSize:
        """Return the size of one card."""
        return _CARD + QSize(24, 8)

    def changeEvent(self, event: QEvent) -> None:
        """Draw with the ink and paper of the theme that is current now."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._images = {}
            self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let as many cards stand beside each other as there is room for."""
        self._scroll()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read out the image under the pointer."""
        self._choose(self._at(event.position().toPoint()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to another image."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or not self._order:
            super().keyPressEvent(event)
            return
        target = 0 if self._chosen is None else self._chosen + step[0] + step[1] * self._columns
        if 0 <= target < len(self._order):
            self._choose(target)
            top = target // self._columns * (_CARD.height() + _GAP)
            bar = self.verticalScrollBar()
            bar.setValue(min(max(bar.value(), top + _CARD.height() + 2 * _GAP - self.viewport().height()), top))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cards in sight."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._batch is None:
            text = f"The {self._what} of the batch come with its forward pass."
            draw_sentence(painter, QRectF(self.viewport().rect()), text, theme.current().muted)
        else:
            for place in self._in_sight():
                self._paint_card(painter, self._batch, place)
        painter.end()
