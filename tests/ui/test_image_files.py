"""Images from files and the clipboard become bright ink on dark paper; what cannot be used is said."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from convscope.core.data.drawing import Drawing, network_image
from convscope.ui import image_files
from convscope.ui.image_files import ImageError, picture_from_image, picture_from_mime, read_picture

SHAPE = (1, 28, 28)


@pytest.fixture(autouse=True)
def _application(qapp: QApplication) -> None:
    """Image formats are plugins, which an application loads."""


def sheet(width: int, height: int, paper: str, ink: str, form: QImage.Format = QImage.Format.Format_ARGB32) -> QImage:
    """Return a sheet with an upright bar in its left half: a third as wide as high."""
    image = QImage(width, height, form)
    image.fill(QColor(paper))
    painter = QPainter(image)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    painter.fillRect(width // 4, height // 4, height // 6, height // 2, QColor(ink))
    painter.end()
    return image


def ink_box(image: np.ndarray) -> tuple[int, int]:
    """Return height and width of the ink."""
    down, across = np.flatnonzero(image.max(axis=1) > 0.3), np.flatnonzero(image.max(axis=0) > 0.3)
    return int(down[-1] + 1 - down[0]), int(across[-1] + 1 - across[0])


@pytest.mark.parametrize(("paper", "ink"), [("white", "black"), ("black", "white"), ("#d8d0c0", "#203080")])
def test_dark_and_bright_paper_give_the_same_ink(paper, ink):
    picture = picture_from_image(sheet(300, 200, paper, ink), SHAPE)
    assert not picture.exact
    assert picture.image.min() == 0
    assert picture.image.max() == 255
    height, width = ink_box(network_image(Drawing(picture=picture))[0])
    assert 19 <= height <= 21
    assert 6 <= width <= 8


@pytest.mark.parametrize("ink", ["black", "white"])
def test_a_transparent_ground_is_paper_for_any_ink(ink):
    picture = picture_from_image(sheet(90, 90, "#00000000", ink), SHAPE)
    assert picture.image.mean() < 128  # the bar is no paper
    assert ink_box(network_image(Drawing(picture=picture))[0])[0] >= 19


def test_an_image_of_the_inputs_size_on_dark_ground_is_shown_as_it_is():
    image = sheet(28, 28, "black", "#808080")
    picture = picture_from_image(image, SHAPE)
    assert picture.exact
    assert network_image(Drawing(picture=picture))[0, 10, 8] == pytest.approx(128 / 255)
    colours = picture_from_image(sheet(28, 28, "black", "red"), (3, 28, 28))
    assert colours.image[:, 10, 8].tolist() == [255, 0, 0]
    assert not picture_from_image(sheet(28, 28, "white", "black"), SHAPE).exact
    assert not picture_from_image(sheet(29, 28, "black", "white"), SHAPE).exact


def test_the_paper_around_the_ink_and_its_grain_are_cut_away():
    image = sheet(500, 400, "#e0e0e0", "black", QImage.Format.Format_RGB32)
    for x in range(0, 500, 7):
        image.setPixelColor(x, (x * 31) % 400, QColor("#d0d0d0"))
    picture = picture_from_image(image, SHAPE)
    _, height, width = picture.image.shape
    assert height < 260
    assert width < 120
    assert picture.image[0, 0, 0] == 0


def test_a_blank_sheet_has_no_ink():
    image = QImage(50, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("#f0f0f0"))
    assert picture_from_image(image, SHAPE).image.max() == 0


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp"])
def test_files_of_many_kinds_are_read_whatever_their_name_says(tmp_path, suffix):
    kinds = image_files.image_suffixes()
    if suffix not in kinds:
        pytest.skip(f"this Qt cannot read {suffix}")
    path = tmp_path / f"seven.{suffix}"
    assert sheet(1500, 1200, "white", "black", QImage.Format.Format_RGB32).save(str(path))
    misnamed = path.rename(tmp_path / "seven.image")
    picture = read_picture(misnamed, SHAPE)
    assert max(picture.image.shape) <= 560
    assert picture.image.max() > 240


def png_that_claims(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes whose header promises this size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def test_a_bomb_is_refused_by_its_header(tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(png_that_claims(30_000, 30_000))
    with pytest.raises(ImageError, match=r"bomb\.png has 30,000 × 30,000 pixels; at most 64 million"):
        read_picture(path, SHAPE)
    huge = QImage(9000, 8000, QImage.Format.Format_Mono)
    with pytest.raises(ImageError, match=r"9,000 × 8,000"):
        picture_from_image(huge, SHAPE)


def test_files_that_are_missing_too_large_or_no_images_are_named(tmp_path, monkeypatch):
    path = tmp_path / "notes.png"
    with pytest.raises(ImageError, match=r"notes\.png cannot be opened"):
        read_picture(path, SHAPE)
    with pytest.raises(ImageError, match="cannot be opened"):
        read_picture(tmp_path, SHAPE)
    path.write_text("no image")
    with pytest.raises(ImageError, match=r"notes\.png is not an image"):
        read_picture(path, SHAPE)
    path.write_bytes(png_that_claims(500, 500))
    with pytest.raises(ImageError, match=r"notes\.png cannot be read"):
        read_picture(path, SHAPE)
    monkeypatch.setattr(image_files, "MAX_BYTES", 10)
    with pytest.raises(ImageError, match="larger than"):
        read_picture(path, SHAPE)


def test_the_clipboard_gives_an_image_or_a_file(tmp_path):
    mime = QMimeData()
    with pytest.raises(ImageError, match="clipboard holds no image"):
        picture_from_mime(mime, SHAPE)
    mime.setImageData(sheet(100, 100, "white", "black"))
    assert picture_from_mime(mime, SHAPE).image.max() == 255
    path = tmp_path / "one.png"
    assert sheet(60, 40, "white", "black").save(str(path))
    mime.setUrls([QUrl("https://example.org/seven.png"), QUrl.fromLocalFile(str(path))])
    assert image_files.image_path(mime) == Path(path)
    assert picture_from_mime(mime, SHAPE).image.max() == 255


def test_the_dialog_asks_for_the_kinds_that_can_be_read():
    assert "*.png" in image_files.file_filter()
    assert "*.jpg" in image_files.file_filter()


def test_a_network_of_colours_gets_the_middle_of_a_photo_in_its_colours():
    photo = QImage(600, 300, QImage.Format.Format_RGB32)
    photo.fill(QColor("#ffe0c0"))  # a bright border is no paper here
    painter = QPainter(photo)
    painter.fillRect(200, 100, 200, 100, QColor("#2040ff"))
    painter.fillRect(0, 0, 150, 300, QColor("#00ff00"))  # the left of what is cut off
    painter.end()
    picture = picture_from_image(photo, (3, 224, 224))
    assert picture.exact
    assert picture.image.shape == (3, 224, 224)
    assert picture.image[:, 112, 112].tolist() == [0x20, 0x40, 0xFF]
    assert picture.image[:, 10, 112].tolist() == [0xFF, 0xE0, 0xC0]
    assert picture.image[:, 112, 8].tolist() == [0xFF, 0xE0, 0xC0]  # the green lies outside the square
    seen = network_image(Drawing(picture=picture), (3, 224, 224))
    np.testing.assert_array_equal(seen, picture.image.astype(np.float32) / 255)
