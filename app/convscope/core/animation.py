"""Moving pictures as GIF and WebP files, encoded frame by frame.

Pillow compresses the frames; the containers around them are written here, so that a frame is encoded as soon as it is
there, only where it differs from the one before, and nothing but compressed bytes is kept. Pillow's own writers want
all frames first and cannot be stopped.
"""

from __future__ import annotations

import struct
from collections.abc import Generator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from convscope.core.files import write_whole

Kind = Literal["gif", "webp"]
Pixels = NDArray[np.uint8]

MOST_PIXELS_A_SIDE = 8192  # WebP ends at 16383, GIF at 65535; projectors end far below
_FOREVER = 0  # as both formats count repetitions
_KEEP = 1 << 2  # GIF: what a frame does not cover stays as it was
_NO_BLENDING = 0b10  # WebP: a frame replaces what it covers


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of an animation.

    Attributes:
        pixels: Red, green, blue.  # (height, width, 3)
        seconds: How long it is shown, at least 0.02: viewers slow shorter ones down.
        is_last: Whether the animation ends with it.
    """

    pixels: Pixels
    seconds: float
    is_last: bool = False


@dataclass(frozen=True)
class Box:
    """A part of a picture in pixels: its upper left corner and its size."""

    left: int
    top: int
    width: int
    height: int

    def of(self, pixels: Pixels) -> Pixels:
        """Return this part of a picture.  # (height, width, 3)."""
        return pixels[self.top : self.top + self.height, self.left : self.left + self.width]


class _Container(Protocol):
    """What a format writes at its head, for every frame and at its end."""

    def head(self, width: int, height: int) -> bytes: ...

    def frame(self, part: Pixels, box: Box, milliseconds: int) -> bytes: ...

    def file(self, body: bytes) -> bytes: ...


def write_animation(path: Path, kind: Kind) -> Generator[int, Frame, int]:
    """Encode the frames that are sent, and write them to `path` after the last: a generator for a worker thread.

    Equal frames after each other become one that is shown longer.

    Args:
        path: The file; it is written whole or not at all.
        kind: Its format. GIF has at most 256 colours in each changed part, WebP is exact.

    Yields:
        How many frames have been encoded.

    Returns:
        The size of the file in bytes.

    Raises:
        ValueError: A frame has another size than the first, or one that is too large.
        OSError: The file cannot be written.
    """
    encoder = _Encoder(_Gif() if kind == "gif" else _WebP())
    count = 0
    frame = yield count
    while not frame.is_last:
        encoder.add(frame)
        count += 1
        frame = yield count
    encoder.add(frame)
    content = encoder.finished()
    write_whole(path, content)
    return len(content)


class _Encoder:
    """Finds what changes from frame to frame and has that encoded."""

    def __init__(self, container: _Container) -> None:
        self._container = container
        self._body = BytesIO()
        self._shown: Pixels | None = None  # what the frames so far add up to
        self._waiting: tuple[Pixels, Box, float] | None = None  # part, place, seconds; equal frames may follow

    def add(self, frame: Frame) -> None:
        """Take up a frame."""
        if self._shown is None:
            height, width, _ = frame.pixels.shape
            if max(height, width) > MOST_PIXELS_A_SIDE:
                raise ValueError(f"An animation has at most {MOST_PIXELS_A_SIDE} pixels a side, not {width}×{height}.")
            self._body.write(self._container.head(width, height))
        elif self._shown.shape != frame.pixels.shape:
            raise ValueError(f"A frame has the shape {frame.pixels.shape}, the first one {self._shown.shape}.")
        box = changed(self._shown, frame.pixels)
        if box is None and self._waiting is not None:
            part, place, seconds = self._waiting
            self._waiting = part, place, seconds + frame.seconds
        elif box is not None:
            self._flush()
            self._waiting = box.of(frame.pixels), box, frame.seconds
        self._shown = frame.pixels

    def finished(self) -> bytes:
        """Return the whole file."""
        self._flush()
        return self._container.file(self._body.getvalue())

    def _flush(self) -> None:
        if self._waiting is not None:
            part, box, seconds = self._waiting
            self._body.write(self._container.frame(np.ascontiguousarray(part), box, round(1000 * seconds)))


def changed(before: Pixels | None, after: Pixels) -> Box | None:
    """Return the smallest part with even corner that holds all that differs; None if nothing does.

    WebP counts corners in steps of two pixels; without a picture before, everything differs.
    """
    if before is None:
        return Box(0, 0, after.shape[1], after.shape[0])
    differs = (before != after).any(axis=2)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not len(rows):
        return None
    left, top = int(columns[0]) // 2 * 2, int(rows[0]) // 2 * 2
    return Box(left, top, int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top)


class _Gif:
    """GIF 89a (https://www.w3.org/Graphics/GIF/spec-gif89a.txt), each part with a palette of its own."""

    def head(self, width: int, height: int) -> bytes:
        """Return the screen descriptor without a palette for all frames, and the wish to be repeated."""
        screen = struct.pack("<HHBBB", width, height, 0x70, 0, 0)
        repeat = b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<H", _FOREVER) + b"\0"
        return b"GIF89a" + screen + repeat

    def frame(self, part: Pixels, box: Box, milliseconds: int) -> bytes:
        """Return a graphic control, an image descriptor with its palette, and the compressed indices."""
        from PIL import GifImagePlugin, Image  # here, for it is needed seldom and takes a tenth of a second

        indexed = Image.fromarray(part).quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        control = b"\x21\xf9\x04" + struct.pack("<BHBB", _KEEP, round(milliseconds / 10), 0, 0)
        data = GifImagePlugin.getdata(indexed, (box.left, box.top), include_color_table=True)
        return control + b"".join(bytes(piece) for piece in data)

    def file(self, body: bytes) -> bytes:
        """Return the file: what was written, and the trailer."""
        return body + b"\x3b"


class _WebP:
    """Animated WebP (https://developers.google.com/speed/webp/docs/riff_container), without loss."""

    def head(self, width: int, height: int) -> bytes:
        """Return the extended header and the animation's parameters."""
        canvas = struct.pack("<I", 0b10) + _three_bytes(width - 1) + _three_bytes(height - 1)
        return _chunk(b"VP8X", canvas) + _chunk(b"ANIM", struct.pack("<IH", 0xFFFFFFFF, _FOREVER))

    def frame(self, part: Pixels, box: Box, milliseconds: int) -> bytes:
        """Return a frame's place, duration and compressed picture."""
        from PIL import Image

        still = BytesIO()
        Image.fromarray(part).save(still, "WEBP", lossless=True, quality=40, method=2)
        place = (box.left // 2, box.top // 2, box.width - 1, box.height - 1, milliseconds)
        header = b"".join(map(_three_bytes, place)) + bytes([_NO_BLENDING])
        return _chunk(b"ANMF", header + still.getvalue()[12:])  # without the still file's own RIFF header

    def file(self, body: bytes) -> bytes:
        """Return the file: what was written, in one RIFF chunk."""
        return _chunk(b"RIFF", b"WEBP" + body)


def _three_bytes(number: int) -> bytes:
    return number.to_bytes(3, "little")


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
