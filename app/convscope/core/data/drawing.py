"""What the user draws: strokes and pictures, and the image that a network sees of them."""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from convscope.core.data.drawing_raster import Ink, Placement, StrokeRaster, resampled
from convscope.core.data.number_rows import takes_numbers

DEFAULT_WIDTH = 0.09  # a digit that fills two thirds of the canvas then has as much ink as MNIST's
MAX_STROKES = 2_000
MAX_POINTS = 20_000  # of one stroke
MAX_POINTS_IN_ALL = 200_000
MAX_SIDE = 4_096  # pixels of a picture
MAX_NUMBERS = 1_024  # as many as an input has channels

_GRID = 140  # pixels of the ink grid, five for each of MNIST's
_FILL = 20 / 28  # MNIST's digits fill 20 of 28 pixels
_LEAST = 0.2  # of the canvas: ink smaller than this is a dot and is not blown up to a whole digit
_FAINT = 0.1  # ink below this does not count as the edge of a digit


@dataclass(frozen=True)
class Stroke:
    """One line of the pen, from putting it down to lifting it.

    Attributes:
        points: (x, y) in units of the canvas side, from its top left corner.
        width: Of the pen, as a fraction of the canvas side.
        eraser: Whether it takes ink away.
    """

    points: tuple[tuple[float, float], ...]
    width: float = DEFAULT_WIDTH
    eraser: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the stroke as values that JSON can hold."""
        return {"points": [list(point) for point in self.points], "width": self.width, "eraser": self.eraser}

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Build the stroke from what `to_json` returned, or raise `ValueError` with the reason."""
        found = _mapping(values, "A stroke")
        points = _list(found.get("points"), "The points of a stroke")
        if not 1 <= len(points) <= MAX_POINTS:
            raise ValueError(f"A stroke must have 1 to {MAX_POINTS:,} points, not {len(points):,}.")
        width, eraser = found.get("width", DEFAULT_WIDTH), found.get("eraser", False)
        if not _is_number(width) or not 0 < width <= 1:
            raise ValueError(f"The width of a stroke must be above 0 and at most 1, not {width!r:.40}.")
        if not isinstance(eraser, bool):
            raise ValueError(f"A stroke is an eraser or not, true or false, not {eraser!r:.40}.")
        return cls(tuple(_point(point) for point in points), float(width), eraser)


@dataclass(frozen=True, eq=False)
class Picture:
    """An image that lies on the canvas under the strokes; its array is made read-only.

    Attributes:
        image: Bright ink on dark paper, 0 to 255, uint8.  # (C, H, W)
        label: Its class when it is known.
        exact: Whether a network sees it as it is (a sample of a data set) as long as no stroke lies on it.
    """

    image: NDArray[np.uint8]
    label: int | None = None
    exact: bool = False

    def __post_init__(self) -> None:
        if self.image.ndim != 3 or self.image.dtype != np.uint8 or 0 in self.image.shape:
            raise ValueError(f"A picture must be uint8 (C, H, W), not {self.image.dtype} {self.image.shape}.")
        self.image.flags.writeable = False

    def __eq__(self, other: object) -> bool:
        if self is other or not isinstance(other, Picture):
            return self is other
        same = (self.label, self.exact) == (other.label, other.exact)
        return same and np.array_equal(self.image, other.image)

    def __hash__(self) -> int:
        return hash((self.image.tobytes(), self.label, self.exact))

    @property
    def ink(self) -> Ink:
        """The mean of its channels, 0 to 1.  # (H, W)."""
        return (self.image.mean(axis=0) / 255).astype(np.float32)

    def to_json(self) -> dict[str, Any]:
        """Return the picture as values that JSON can hold."""
        pixels = base64.b64encode(self.image.tobytes()).decode("ascii")
        return {"shape": list(self.image.shape), "pixels": pixels, "label": self.label, "exact": self.exact}

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Build the picture from what `to_json` returned, or raise `ValueError` with the reason."""
        found = _mapping(values, "A picture")
        shape = _picture_shape(found.get("shape"))
        label, exact = found.get("label"), found.get("exact", False)
        if label is not None and (isinstance(label, bool) or not isinstance(label, int) or label < 0):
            raise ValueError(f"The label of a picture must be a class number, not {label!r:.40}.")
        if not isinstance(exact, bool):
            raise ValueError(f"A picture is exact or not, true or false, not {exact!r:.40}.")
        return cls(_pixels(found.get("pixels"), shape), label, exact)


@dataclass(frozen=True)
class Drawing:
    """What lies on the canvas: a picture, if any, and strokes over it in the order they were made.

    Attributes:
        numbers: What a network gets that takes numbers in place of images, already standardised; empty for none.
        target: What it should predict from them; None where that is not known.
    """

    strokes: tuple[Stroke, ...] = ()
    picture: Picture | None = None
    numbers: tuple[float, ...] = ()
    target: float | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was drawn and no picture shown."""
        return not self.strokes and self.picture is None

    @property
    def room(self) -> int:
        """How many points the next stroke may have, so that `from_json` takes the drawing back; 0 when it is full."""
        if len(self.strokes) >= MAX_STROKES:
            return 0
        return max(0, min(MAX_POINTS, MAX_POINTS_IN_ALL - sum(len(stroke.points) for stroke in self.strokes)))

    def with_stroke(self, stroke: Stroke) -> Self:
        """Return the drawing with one more stroke."""
        return replace(self, strokes=(*self.strokes, stroke))

    def without_last_stroke(self) -> Self:
        """Return the drawing less its newest stroke; without strokes it stays as it is."""
        return replace(self, strokes=self.strokes[:-1]) if self.strokes else self

    def to_json(self) -> dict[str, Any]:
        """Return the drawing as values that JSON can hold."""
        picture = None if self.picture is None else self.picture.to_json()
        values = {"strokes": [stroke.to_json() for stroke in self.strokes], "picture": picture}
        return values | {"numbers": list(self.numbers), "target": self.target} if self.numbers else values

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Build the drawing from what `to_json` returned.

        Raises:
            ValueError: The values are no drawing, or one larger than a person makes; the text is a sentence.
        """
        found = _mapping(values, "A drawing")
        listed = _list(found.get("strokes", []), "The strokes of a drawing")
        if len(listed) > MAX_STROKES:
            raise ValueError(f"A drawing must have at most {MAX_STROKES:,} strokes, not {len(listed):,}.")
        strokes = tuple(Stroke.from_json(stroke) for stroke in listed)
        if sum(len(stroke.points) for stroke in strokes) > MAX_POINTS_IN_ALL:
            raise ValueError(f"A drawing must have at most {MAX_POINTS_IN_ALL:,} points in all.")
        picture = found.get("picture")
        numbers, target = _list(found.get("numbers", []), "The numbers of a drawing"), found.get("target")
        if len(numbers) > MAX_NUMBERS or not all(_is_number(value) for value in numbers):
            raise ValueError(f"A drawing must have at most {MAX_NUMBERS} numbers, not {numbers!r:.40}.")
        if target is not None and not _is_number(target):
            raise ValueError(f"The target of a drawing must be a number, not {target!r:.40}.")
        return cls(strokes, None if picture is None else Picture.from_json(picture), tuple(map(float, numbers)), target)


def placement(drawing: Drawing, shape: tuple[int, int, int] = (1, 28, 28)) -> Placement | None:
    """Return where on the canvas the pixels of `network_image` come from; None where nothing is drawn."""
    if _is_exact(drawing, shape):
        step = 1 / max(shape[1:])
        return Placement((1 - shape[2] * step) / 2, (1 - shape[1] * step) / 2, step)
    ink = _memory.ink(drawing, _grid(shape))
    placed = _placed(ink, shape[1], shape[2])
    if placed is None:
        return None
    scale, down, across = placed
    first_row, first_column = down - (shape[1] // 2 + 0.5) * scale, across - (shape[2] // 2 + 0.5) * scale
    return Placement(first_column / len(ink), first_row / len(ink), scale / len(ink))


def network_image(drawing: Drawing, shape: tuple[int, int, int] = (1, 28, 28)) -> NDArray[np.float32]:
    """Return the image a network sees of a drawing, normalised as MNIST's digits are.

    The box around the ink is scaled to 20/28 of the image, its aspect kept, and its centre of mass comes to the
    centre (of pixel 14 of 28, where MNIST's lies). Ink smaller than a fifth of the canvas counts as a dot and is
    enlarged no further. All channels are alike. An exact picture of the right shape without strokes stays as it is.
    Channels of a single pixel are no image but numbers: those of the drawing, or zeros where it has not as many.

    Args:
        drawing: What lies on the canvas.
        shape: Of the network's input, (C, H, W).

    Returns:
        Values 0 to 1, or the numbers, read-only.  # (C, H, W)
    """
    picture = drawing.picture
    if takes_numbers(shape):
        fitting = drawing.numbers if len(drawing.numbers) == shape[0] else (0.0,) * shape[0]
        image = np.array(fitting, np.float32).reshape(shape)
    elif picture is not None and _is_exact(drawing, shape):
        image = picture.image.astype(np.float32) / np.float32(255)
    else:
        ink = _memory.ink(drawing, _grid(shape))
        image = np.repeat(_normalised(ink, shape[1], shape[2])[None], shape[0], axis=0)
    image.flags.writeable = False
    return image


def _is_exact(drawing: Drawing, shape: tuple[int, int, int]) -> bool:
    """Say whether a network sees the picture as it is."""
    picture = drawing.picture
    return picture is not None and picture.exact and not drawing.strokes and picture.image.shape == shape


def _grid(shape: tuple[int, int, int]) -> int:
    """Return the side of the grid of ink from which an image is made."""
    return max(_GRID, min(max(shape[1:]), 4 * _GRID))


def _normalised(ink: Ink, height: int, width: int) -> Ink:
    placed = _placed(ink, height, width)
    if placed is None:
        return np.zeros((height, width), np.float32)
    scale, down, across = placed
    upright = resampled(ink, height, down, scale)
    return np.clip(resampled(upright.T, width, across, scale).T, 0, 1)


def _placed(ink: Ink, height: int, width: int) -> tuple[float, float, float] | None:
    """Return how many pixels of ink make one of the image, and which row and column come to its centre."""
    across = np.flatnonzero(ink.max(axis=0) > _FAINT)
    down = np.flatnonzero(ink.max(axis=1) > _FAINT)
    if not len(down):
        return None
    scale = max(
        (down[-1] + 1 - down[0]) / (_FILL * height),
        (across[-1] + 1 - across[0]) / (_FILL * width),
        _LEAST * len(ink) / (_FILL * min(height, width)),
    )
    scale = float(scale)
    return scale, _centre(ink.sum(axis=1), down, height, scale), _centre(ink.sum(axis=0), across, width, scale)


def _centre(sums: Ink, inked: NDArray[np.intp], size: int, scale: float) -> float:
    """Return what comes to the centre in one direction: the centre of mass, unless it pushed ink over the edge."""
    mass = float(sums @ (np.arange(len(sums)) + 0.5) / sums.sum())
    before, after = (size // 2 + 0.5) * scale, (size - size // 2 - 0.5) * scale
    return float(min(max(mass, inked[-1] + 1 - after), inked[0] + before))


class _InkMemory(threading.local):
    """Remembers the ink of the newest drawing, so that a pen move costs only what it added; one for each thread."""

    def __init__(self) -> None:
        self._forget(None, _GRID)

    def ink(self, drawing: Drawing, side: int) -> Ink:
        """Return the ink of a drawing on a grid of `side` × `side` pixels."""
        *finished, last = drawing.strokes or (None,)
        known = len(self._strokes)
        if side != len(self._ink) or drawing.picture is not self._picture or self._strokes != tuple(finished[:known]):
            self._forget(drawing.picture, side)
        for stroke in finished[len(self._strokes) :]:
            self._ink = _inked(self._ink, stroke, self._cover(stroke))
            self._strokes = (*self._strokes, stroke)
        return self._ink if last is None else _inked(self._ink, last, self._cover(last))

    def _cover(self, stroke: Stroke) -> Ink:
        known = self._raster.points
        if stroke.width != self._width or stroke.points[: len(known)] != known:
            self._raster, self._width = StrokeRaster(len(self._ink), stroke.width), stroke.width
        self._raster.extend(stroke.points)
        return self._raster.cover

    def _forget(self, picture: Picture | None, side: int) -> None:
        self._picture = picture
        self._strokes: tuple[Stroke, ...] = ()  # those in _ink
        self._ink = np.zeros((side, side), np.float32) if picture is None else _laid(picture.ink, side)
        self._width = DEFAULT_WIDTH
        self._raster = StrokeRaster(side, self._width)  # of the stroke that grows


_memory = _InkMemory()


def _inked(ink: Ink, stroke: Stroke, cover: Ink) -> Ink:
    return ink * (1 - cover) if stroke.eraser else np.maximum(ink, cover)


def _laid(ink: Ink, side: int) -> Ink:
    """Return the ink of a picture that fills a square grid as far as its aspect allows."""
    scale = max(ink.shape) / side
    shift = (side // 2 + 0.5 - side / 2) * scale  # the middle of pixel side // 2 need not be the middle
    upright = resampled(ink, side, ink.shape[0] / 2 + shift, scale)
    return resampled(upright.T, side, ink.shape[1] / 2 + shift, scale).T


def _mapping(values: object, what: str) -> Mapping[str, Any]:
    if not isinstance(values, Mapping):
        raise ValueError(f"{what} must be a set of named values, not {values!r:.40}.")
    return cast("Mapping[str, Any]", values)


def _list(values: object, what: str) -> Sequence[Any]:
    if not isinstance(values, list | tuple):
        raise ValueError(f"{what} must be a list, not {values!r:.40}.")
    return cast("Sequence[Any]", values)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _point(values: object) -> tuple[float, float]:
    pair = _list(values, "A point of a stroke")
    if len(pair) != 2 or not all(_is_number(value) and -1 <= value <= 2 for value in pair):
        raise ValueError(f"A point of a stroke must be two numbers between -1 and 2, not {pair!r:.40}.")
    return float(pair[0]), float(pair[1])


def _picture_shape(values: object) -> tuple[int, int, int]:
    sides = _list(values, "The shape of a picture")
    whole = all(isinstance(side, int) and not isinstance(side, bool) and 1 <= side <= MAX_SIDE for side in sides)
    if len(sides) != 3 or not whole or sides[0] > 4:
        raise ValueError(
            f"The shape of a picture must be 1 to 4 channels, height and width of 1 to {MAX_SIDE:,}, not {sides!r:.40}."
        )
    return sides[0], sides[1], sides[2]


def _pixels(text: object, shape: tuple[int, int, int]) -> NDArray[np.uint8]:
    try:
        pixels = base64.b64decode(text if isinstance(text, str) else "?", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("The pixels of a picture cannot be read: they are not base64 text.") from error
    if len(pixels) != shape[0] * shape[1] * shape[2]:
        raise ValueError(f"A picture of shape {shape} came with {len(pixels):,} pixel values.")
    return np.frombuffer(pixels, np.uint8).reshape(shape)
