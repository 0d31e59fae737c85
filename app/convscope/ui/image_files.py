"""Images from files, the clipboard and drops, made into pictures for the canvas: bright ink on dark paper."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter

from convscope.core.data.drawing import Picture

MAX_BYTES = 50_000_000
MAX_PIXELS = 64_000_000
_KEPT_SIDE = 560  # pixels: more than the ink of any input needs, and little to save with a project
_COLOURS = 3  # channels of a network that sees red, green and blue
_PAPER = 0.15  # of the contrast: less is the grain and the shadows of paper, not ink
_MARGIN = 0.1  # around the ink of a picture that is cropped to it, as a fraction of its longer side


class ImageError(Exception):
    """An image that cannot be used; the text is a sentence that names it and the reason."""


def read_picture(path: Path, shape: tuple[int, int, int]) -> Picture:
    """Return the image of a file as a picture for a network with inputs of `shape`.

    Raises:
        ImageError: The file is missing, too large or no image.
    """
    if not path.is_file():
        raise ImageError(f"{path.name} cannot be opened: there is no such file.")
    if path.stat().st_size > MAX_BYTES:
        raise ImageError(f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB; choose a smaller image.")
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    if not reader.canRead():
        raise ImageError(f"{path.name} is not an image that can be read. Known are {', '.join(image_suffixes())}.")
    size = reader.size()  # from the header: nothing is decoded yet
    _check_size(size, path.name)
    if size.isValid() and max(size.width(), size.height()) > 2 * _KEPT_SIDE:
        reader.setScaledSize(size.scaled(2 * _KEPT_SIDE, 2 * _KEPT_SIDE, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise ImageError(f"{path.name} cannot be read: {reader.errorString().rstrip('.')}.")
    return picture_from_image(image, shape, path.name)


def picture_from_mime(data: QMimeData | None, shape: tuple[int, int, int]) -> Picture:
    """Return the image on the clipboard or in a drop as a picture.

    Raises:
        ImageError: There is no image in it.
    """
    path = None if data is None else image_path(data)
    if path is not None:
        return read_picture(path, shape)
    image = None if data is None else data.imageData()  # a cleared clipboard has no data at all
    if not isinstance(image, QImage) or image.isNull():
        raise ImageError("The clipboard holds no image. Copy an image first.")
    return picture_from_image(image, shape, "The image")


def picture_from_image(image: QImage, shape: tuple[int, int, int], name: str = "The image") -> Picture:
    """Return an image as a network gets it, 0 to 255.

    A network of colours gets the colours: the middle of the image, scaled to the network's height and width. For one
    of brightness an image of exactly its size on dark ground is kept as it is; others become bright ink on dark
    paper: reversed where the paper is bright, spread from paper to darkest ink, and cropped to the ink.

    Raises:
        ImageError: The image is too large.
    """
    _check_size(image.size(), name)
    fits = (image.height(), image.width()) == shape[1:]
    image = _reduced(image)
    if shape[0] == _COLOURS:
        return Picture(_coloured(image, shape[1], shape[2]), exact=True)
    grey = _grey(image)
    bright_paper = float(np.median(_border(grey))) > 127
    if fits and not bright_paper:
        return Picture(np.repeat(grey[None], shape[0], axis=0), exact=True)
    return Picture(_cropped(_spread(255 - grey if bright_paper else grey))[None])


def image_path(data: QMimeData) -> Path | None:
    """Return the image file that a drop or the clipboard names, by its ending; None if it names none."""
    for url in data.urls():
        path = Path(url.toLocalFile())
        if url.isLocalFile() and path.suffix.lower().lstrip(".") in image_suffixes():
            return path
    return None


def image_suffixes() -> list[str]:
    """Return the endings of the image files that can be read, without the dot."""
    return sorted({bytes(kind.data()).decode() for kind in QImageReader.supportedImageFormats()})


def file_filter() -> str:
    """Return the filter of a dialog that asks for an image file."""
    return f"Images ({' '.join(f'*.{suffix}' for suffix in image_suffixes())})"


def _check_size(size: QSize, name: str) -> None:
    if size.width() * size.height() > MAX_PIXELS:
        raise ImageError(
            f"{name} has {size.width():,} × {size.height():,} pixels; "
            f"at most {MAX_PIXELS // 1_000_000} million can be opened."
        )


def _reduced(image: QImage) -> QImage:
    """Return the image at most `_KEPT_SIDE` large, opaque: what is clear becomes paper."""
    if max(image.width(), image.height()) > _KEPT_SIDE:
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        image = image.scaled(_KEPT_SIDE, _KEPT_SIDE, keep, smooth)
    if not image.hasAlphaChannel():
        return image.convertToFormat(QImage.Format.Format_RGB32)
    paper = QImage(image.size(), QImage.Format.Format_RGB32)
    paper.fill(QColor("black" if _is_bright(image) else "white"))
    painter = QPainter(paper)
    painter.drawImage(0, 0, image)
    painter.end()
    return paper


def _is_bright(image: QImage) -> bool:
    """Return whether what is opaque in an image is bright, so that it needs dark paper."""
    pixels = _bytes(image.convertToFormat(QImage.Format.Format_RGBA8888), 4).astype(np.float32)
    alpha = pixels[..., 3]
    return float((pixels[..., :3].mean(axis=2) * alpha).sum()) > 127 * float(alpha.sum())


def _bytes(image: QImage, depth: int) -> NDArray[np.uint8]:
    """Return a copy of an image's pixels.  # (H, W, depth)."""
    lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return lines[:, : image.width() * depth].reshape(image.height(), image.width(), depth).copy()


def _grey(image: QImage) -> NDArray[np.uint8]:
    return _bytes(image.convertToFormat(QImage.Format.Format_Grayscale8), 1)[..., 0]


def _coloured(image: QImage, height: int, width: int) -> NDArray[np.uint8]:
    """Return the middle of an image in red, green and blue, at the size given.  # (3, height, width)."""
    cover, smooth = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    if (image.height(), image.width()) != (height, width):
        image = image.scaled(width, height, cover, smooth)
        image = image.copy((image.width() - width) // 2, (image.height() - height) // 2, width, height)
    return np.moveaxis(_bytes(image.convertToFormat(QImage.Format.Format_RGB888), 3), 2, 0).copy()


def _border(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate((grey[0], grey[-1], grey[:, 0], grey[:, -1]))


def _spread(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Spread the contrast so that paper is 0 and the strongest ink 255."""
    paper, most = float(np.median(_border(ink))), float(ink.max())
    if most - paper < 8:  # a blank sheet: its grain is no ink
        return np.zeros_like(ink)
    share = (ink - paper) / (most - paper)
    return np.rint(255 * np.clip((share - _PAPER) / (1 - _PAPER), 0, 1)).astype(np.uint8)


def _cropped(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Cut away the empty paper around the ink, but for a small margin."""
    rows, columns = np.flatnonzero(ink.max(axis=1) > 64), np.flatnonzero(ink.max(axis=0) > 64)
    if not len(rows):
        return ink
    margin = math.ceil(_MARGIN * max(rows[-1] - rows[0], columns[-1] - columns[0], 1))
    top, left = max(rows[0] - margin, 0), max(columns[0] - margin, 0)
    return ink[top : rows[-1] + 1 + margin, left : columns[-1] + 1 + margin].copy()
