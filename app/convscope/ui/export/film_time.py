"""The film of a run: a layer's maps, kernels or data cube at every moment, and below them the prediction so far."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QImage, QPainter

from convscope.core.data.progress import Progress
from convscope.core.network import Network
from convscope.core.time_machine import Moment
from convscope.core.unit import SwitchedOff
from convscope.ui import theme
from convscope.ui.colour_maps import ColourScale
from convscope.ui.export.film import HOLD, RATE, Film, film_font, film_size
from convscope.ui.theme import Theme
from convscope.ui.widgets.cube_data import cube_items
from convscope.ui.widgets.cube_scene import CubeScene
from convscope.ui.widgets.cube_values import CubeValues
from convscope.ui.widgets.mosaic_maps import Maps
from convscope.ui.widgets.time_picture import TimePicture
from convscope.ui.widgets.time_plot_data import PredictionCourse, epoch_text

Subject = Literal["maps", "kernels", "cube"]
Array = NDArray[np.floating[Any]]

MOST_BYTES = 256 * 2**20  # of a layer's outputs at all moments; of large ones fewer moments are shown
_MOST_PARTS = 1024  # kernels of one picture; of more, those of the first channel are shown
_UPPER = 0.56  # of the height, for the layer
_OPENING = 0.3  # of the cube: the maps behind the first can be seen, and it is still a cube


@dataclass(frozen=True, eq=False)
class TimeStory:
    """A layer through a run.

    Attributes:
        network: The network of the run.
        layer: Whose outputs these are; −1 for the input.
        positions: Of the moments, in epochs.
        outputs: What the layer made of the drawing at each moment.  # (C, H, W) or (N,)
        kernels: The layer's weights at each moment, nothing where it has none.
            # (filters, channels, H, W) or (units, inputs)
        course: The prediction at the same moments.
    """

    network: Network
    layer: int
    positions: tuple[float, ...]
    outputs: tuple[Array, ...]
    kernels: tuple[Array, ...]
    course: PredictionCourse

    @property
    def name(self) -> str:
        """The layer's name."""
        return "input" if self.layer < 0 else self.network.layers[self.layer].name

    @property
    def subjects(self) -> dict[str, str]:
        """What can be shown of the layer, with how it is called."""
        there: dict[str, str] = {"maps": "Maps" if self.outputs[0].ndim == 3 else "Values"}
        if self.kernels:
            whole = "Kernels" if self.kernels[0].ndim == 4 else "Weights"
            there["kernels"] = "Kernels of the first channel" if self.is_first_channel else whole
        if self.outputs[0].ndim == 3:
            there["cube"] = "Data cube"
        return there

    @property
    def is_first_channel(self) -> bool:
        """Whether the layer has so many kernels that only those of the first channel are shown."""
        shape = self.kernels[0].shape if self.kernels else ()
        return len(shape) == 4 and shape[0] * shape[1] > _MOST_PARTS


@dataclass(frozen=True, eq=False)
class StoryQuestion:
    """What a story is to be of: a layer of a network, the moments of its run, and the image that it sees."""

    network: Network
    layer: int
    moments: tuple[Moment, ...]
    image: NDArray[np.float32]
    switched_off: SwitchedOff
    names: tuple[str, ...]
    label: int | None


def told(question: StoryQuestion) -> Generator[Progress, None, TimeStory]:
    """Trace an image at the moments of a run; runs on a job's thread.

    Returns:
        The story, of fewer moments where the layer is large.
    """
    from convscope.core.backend import use_threads
    from convscope.core.trace import Tracer

    use_threads()
    q, tracer, outputs, answers = question, Tracer(), list[Array](), list[Array]()
    size = 4 * prod(q.network.shape_at(q.layer) or (1,))
    moments = _spread(q.moments, max(2, MOST_BYTES // size))
    for moment in moments:
        trace = tracer.trace(q.network, moment.weights, q.image, q.switched_off)
        output = trace.values(q.layer)
        if output is None or trace.probabilities is None:
            raise ValueError("The network does not work, so it has no story to tell.")
        outputs.append(output)
        answers.append(trace.probabilities)
        yield Progress("Computing the moments", len(outputs), len(moments))
    positions = tuple(moment.position for moment in moments)
    course = PredictionCourse(np.array(positions), np.stack(answers), q.names, q.label)
    key = "" if q.layer < 0 else f"{q.network.layers[q.layer].name}.weight"
    kernels = tuple(m.weights[key] for m in moments if key in m.weights and m.weights[key].ndim > 1)
    return TimeStory(q.network, q.layer, positions, tuple(outputs), kernels, course)


def time_film(story: TimeStory, subject: Subject, width: int, seconds: float, font: QFont, look: Theme) -> Film:
    """Return a layer on its way through the run; the last moment stands still for a while.

    Colours stand for the same values in all pictures.

    Args:
        story: What happened.
        subject: What is shown of the layer.
        width: Of the pictures, in pixels.
        seconds: For the way.
        font: Of the program.
        look: The colours.
    """
    count = min(len(story.positions), max(2, round(seconds * RATE)))
    numbers = np.linspace(0, len(story.positions) - 1, count).round().astype(int)
    size, letters = film_size(width), film_font(font, width)
    painter_of = {"maps": _MapsOf, "kernels": _KernelsOf, "cube": _CubeOf}[subject](story, letters)
    title = f"{story.name} · {story.subjects[subject]}"

    def picture(number: int) -> QImage:
        with theme.painted_as(look):
            image = QImage(size, QImage.Format.Format_RGB32)
            image.fill(theme.current().base)
            painter = QPainter(image)
            painter.setFont(letters)
            room = QRectF(QPointF(0, 0), QSizeF(size)).adjusted(width / 60, width / 80, -width / 60, -width / 80)
            _paint_moment(painter, room, story, int(numbers[number]), title, painter_of)
            painter.end()
            return image

    times = [seconds / count] * count
    times[-1] += HOLD
    return Film(tuple(times), picture)


def _paint_moment(
    painter: QPainter, room: QRectF, story: TimeStory, number: int, title: str, subject: _MapsOf | _CubeOf
) -> None:
    """Paint the heading, the layer and the prediction of a moment, one below the other."""
    line = painter.fontMetrics().height()
    heading = QRectF(room.left(), room.top(), room.width(), line)
    painter.setPen(theme.current().text)
    painter.drawText(heading, Qt.AlignmentFlag.AlignLeft, title)
    painter.drawText(heading, Qt.AlignmentFlag.AlignRight, epoch_text(story.positions[number]))
    upper = QRectF(room.left(), heading.bottom() + line / 3, room.width(), _UPPER * room.height() - line)
    subject.paint(painter, upper, number)
    lower = QRectF(room.left(), upper.bottom() + line / 3, room.width(), room.bottom() - upper.bottom() - line / 3)
    picture = TimePicture(story.course, lower, painter.font())
    picture.paint(painter, story.positions[number])


class _MapsOf:
    """Paints the outputs of the layer as a mosaic."""

    def __init__(self, story: TimeStory, font: QFont) -> None:
        self._font = font
        self._values = self._all(story)
        self._scale = self._shared()

    def paint(self, painter: QPainter, room: QRectF, number: int) -> None:
        """Paint a moment, in the middle of the room."""
        values = self._values[number]
        maps = Maps.of(values, self._scale, stretched=values.ndim == 3 and len(values) == 1)
        layout = maps.layout((int(room.width()), int(room.height())), 1.0)
        image = maps.picture(layout, self._font, 1.0)
        painter.drawImage(room.center().toPoint() - QPoint(image.width() // 2, image.height() // 2), image)

    def _all(self, story: TimeStory) -> tuple[Array, ...]:
        return story.outputs

    def _shared(self) -> ColourScale:
        ends = [ColourScale.of(values) for values in self._values]
        low, high = min(end.low for end in ends), max(end.high for end in ends)
        return ColourScale(low, high, "diverging" if low < 0 else "sequential")


class _KernelsOf(_MapsOf):
    """Paints the weights of the layer, each filter's kernels in a row; those of a dense layer as one matrix."""

    def _all(self, story: TimeStory) -> tuple[Array, ...]:
        if story.is_first_channel:
            return tuple(values[:, 0] for values in story.kernels)
        return story.kernels if story.kernels[0].ndim == 4 else tuple(values[None] for values in story.kernels)

    def _shared(self) -> ColourScale:
        reach = max(float(np.abs(values).max(initial=0)) for values in self._values)
        return ColourScale(-reach, reach, "diverging")


class _CubeOf:
    """Paints the outputs of the layer as a data cube that is ajar."""

    def __init__(self, story: TimeStory, font: QFont) -> None:
        self._story = story
        self._scene = CubeScene(font)
        self._scene.show_items(cube_items(story.network), tuple(story.course.names))

    def paint(self, painter: QPainter, room: QRectF, number: int) -> None:
        """Paint a moment."""
        self._scene.show_values(CubeValues({self._story.layer: self._story.outputs[number]}))
        self._scene.paint_fan(painter, self._story.layer, room, _OPENING)


def _spread(moments: Sequence[Moment], most: int) -> tuple[Moment, ...]:
    """Return at most so many moments, at even distances, the first and the last with them."""
    if len(moments) <= most:
        return tuple(moments)
    return tuple(moments[number] for number in np.linspace(0, len(moments) - 1, most).round().astype(int))
