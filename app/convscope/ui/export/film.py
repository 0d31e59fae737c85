"""Films as values: how many pictures, what each shows, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import QFont, QImage, QPainter

from convscope.ui import theme
from convscope.ui.theme import Theme
from convscope.ui.widgets.cube_scene import CubeScene
from convscope.ui.widgets.slide import Slide
from convscope.ui.widgets.slide_picture import slide_image

RATE = 20.0  # pictures a second: GIF counts in hundredths, and viewers slow down what is faster than 50
HOLD = 1.5  # seconds for which the end, and a cube's beginning, stand still
_LETTERS = 56  # so many times the height of the letters is a film wide, to be read from the last row


@dataclass(frozen=True, eq=False)
class Film:
    """Pictures of one size.

    Attributes:
        times: For how many seconds each picture is shown.
        picture: Paints the picture of a number, on the GUI thread.
    """

    times: tuple[float, ...]
    picture: Callable[[int], QImage]

    def __len__(self) -> int:
        return len(self.times)

    def pixels(self, number: int) -> NDArray[np.uint8]:
        """Return a picture's red, green and blue.  # (height, width, 3)."""
        image = self.picture(number).convertToFormat(QImage.Format.Format_RGB888)
        lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return lines[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()  # outlives the image


def film_size(width: int) -> QSize:
    """Return the size of a film in the shape of a slide; both sides are even, as video programs want it."""
    return QSize(width // 2 * 2, round(width * 9 / 32) * 2)


def film_font(font: QFont, width: int) -> QFont:
    """Return the font of a film, which grows with it."""
    result = QFont(font)
    result.setPixelSize(max(8, width // _LETTERS))
    return result


def slide_film(slide: Slide, width: int, seconds: float, font: QFont, look: Theme) -> Film:
    """Return a window on its way over a map, the output growing with it.

    Of more positions than there are pictures, every second or third is shown.

    Args:
        slide: The window and its maps.
        width: Of the pictures, in pixels.
        seconds: For the way.
        font: Of the program.
        look: The colours.
    """
    count = min(slide.count, max(2, round(seconds * RATE)))
    positions = np.linspace(0, slide.count - 1, count).round().astype(int)
    size, letters = film_size(width), film_font(font, width)

    def picture(number: int) -> QImage:
        with theme.painted_as(look):
            return slide_image(slide, int(positions[number]), size, letters)

    times = [seconds / count] * count
    times[-1] += HOLD
    return Film(tuple(times), picture)


def cube_film(scene: CubeScene, layer: int, width: int, seconds: float, look: Theme) -> Film:
    """Return a data cube that opens, stands open for a while, and closes again, so that the film can be repeated.

    Args:
        scene: The cubes, in a font of `film_font`.
        layer: Whose cube it is.
        width: Of the pictures, in pixels.
        seconds: For the opening.
        look: The colours.
    """
    steps = max(2, round(seconds * RATE))
    opening = np.linspace(0, 1, steps)
    moments = np.concatenate((opening, opening[-2:0:-1]))
    size = film_size(width)

    def picture(number: int) -> QImage:
        with theme.painted_as(look):
            image = QImage(size, QImage.Format.Format_RGB32)
            image.fill(theme.current().base)
            painter = QPainter(image)
            scene.paint_fan(painter, layer, QRectF(QPointF(0, 0), QSizeF(size)), float(moments[number]))
            painter.end()
            return image

    times = [seconds / steps] * len(moments)
    times[0] += HOLD
    times[steps - 1] += HOLD
    return Film(tuple(times), picture)
