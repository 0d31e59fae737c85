"""Pictures in pixels are read back at several scales, and a vector file shows what the pixels show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.history import EpochPoint, History
from convscope.ui import theme
from convscope.ui.export.picture import greatest_scale, image_of, pdf_of, picture_size, svg_of
from convscope.ui.export.png import png_of
from convscope.ui.widgets.canvas_view import CanvasView
from convscope.ui.widgets.curve_data import LOSS
from convscope.ui.widgets.curve_plot import CurvePlot
from convscope.ui.widgets.mosaic import Mosaic
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.mosaic_maps import Maps
from convscope.ui.widgets.number_text import cell_text

SCALES = (1.0, 1.5, 2.0, 3.0)


class Target(QWidget):
    """Paints a red rectangle and a blue line, and itself green when it has the focus or is pointed at."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.pointed = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointed = True

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed = False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(QRectF(20, 10, 40, 30), QColor("#d01020"))
        painter.setPen(QPen(QColor("#1020d0"), 4))
        painter.drawLine(QPointF(10, 60), QPointF(110, 60))
        if self.hasFocus() or self.pointed:
            painter.fillRect(self.rect(), QColor("#00ff00"))
        painter.end()


@pytest.fixture
def target(qtbot: QtBot) -> Target:
    target = Target()
    qtbot.addWidget(target)
    target.resize(121, 81)
    target.show()
    qtbot.waitExposed(target)
    return target


def pixels(image: QImage) -> Any:
    """Return red, green, blue and opacity.  # (height, width, 4)."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).astype(int)


def read(content: bytes) -> QImage:
    image = QImage.fromData(content)
    assert not image.isNull()
    return image


@pytest.mark.parametrize("scale", SCALES)
def test_a_png_has_the_panels_size_times_the_scale_and_its_colours(target: Target, scale: float) -> None:
    image = read(png_of(image_of(target, scale)))
    assert image.size() == QSize(round(121 * scale), round(81 * scale))
    for place, colour in (
        ((40, 25), "#d01020"),
        ((60, 60), "#1020d0"),
        ((100, 30), target.palette().window().color().name()),
    ):
        x, y = (int(side * scale) for side in place)
        assert image.pixelColor(x, y).name() == QColor(colour).name()
    red = (pixels(image)[..., :3] == (0xD0, 0x10, 0x20)).all(axis=2)
    assert red.sum() == pytest.approx(40 * 30 * scale**2, rel=0.04)


@pytest.mark.parametrize("scale", SCALES)
def test_a_picture_has_the_same_size_on_paper_at_each_scale(target: Target, scale: float) -> None:
    image = read(png_of(image_of(target, scale)))
    inches = image.width() / (image.dotsPerMeterX() * 0.0254)
    assert inches == pytest.approx(121 / target.logicalDpiX(), rel=0.01)


def test_at_scale_one_it_is_what_the_screen_shows(target: Target) -> None:
    shown = pixels(target.grab().toImage())[..., :3]
    np.testing.assert_array_equal(pixels(image_of(target, 1.0))[..., :3], shown)


@pytest.mark.parametrize(("background", "colour"), [("white", (255, 255, 255, 255)), ("transparent", (0, 0, 0, 0))])
def test_another_background_is_behind_everything(target: Target, background: Any, colour: tuple[int, ...]) -> None:
    picture = pixels(read(png_of(image_of(target, 1.0, background))))
    assert tuple(picture[30, 100]) == colour
    assert tuple(picture[25, 40]) == (0xD0, 0x10, 0x20, 255)


@pytest.mark.parametrize("background", ["theme", "white", "transparent"])
def test_vector_files_have_that_background_too(target: Target, background: Any) -> None:
    image = QImage(121, 81, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor("#00ffff"))
    painter = QPainter(image)
    QSvgRenderer(svg_of(target, background)).render(painter)
    painter.end()
    wanted: dict[str, str] = {
        "theme": target.palette().window().color().name(),
        "white": "#ffffff",
        "transparent": "#00ffff",
    }
    assert image.pixelColor(100, 30).name() == wanted[background]
    assert image.pixelColor(40, 25).name() == "#d01020"


def test_neither_focus_nor_pointer_is_in_the_picture(qtbot: QtBot) -> None:
    panel = QWidget()
    qtbot.addWidget(panel)
    row = QHBoxLayout(panel)
    target = Target(panel)
    target.setFixedSize(121, 81)
    target.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    row.addWidget(target)
    panel.show()
    qtbot.waitExposed(panel)
    panel.activateWindow()
    target.setFocus()
    QTest.mouseMove(panel, QPoint(1, 1))  # from where another test left the pointer nothing might be entered
    QTest.mouseMove(target)
    qtbot.waitUntil(lambda: target.hasFocus() and target.pointed and target.underMouse())
    for picture in (image_of(panel, 1.0), image_of(target, 2.0)):
        assert not (pixels(picture)[..., :3] == (0, 255, 0)).all(axis=2).any()
    assert b"00ff00" not in svg_of(panel)
    assert target.hasFocus()


def test_a_half_typed_word_stays_as_it_is(qtbot: QtBot) -> None:
    line = QLineEdit()
    qtbot.addWidget(line)
    line.show()
    qtbot.waitExposed(line)
    line.activateWindow()
    line.setFocus()
    qtbot.waitUntil(lambda: line.hasFocus())
    line.setText("con")
    line.setCursorPosition(2)
    image_of(line, 1.0)
    assert line.hasFocus()
    assert (line.text(), line.cursorPosition(), line.selectedText()) == ("con", 2, "")


@pytest.fixture
def mosaic(qtbot: QtBot) -> Mosaic:
    """Return three maps of 5×4 values, with a number on each."""
    mosaic = Mosaic()
    qtbot.addWidget(mosaic)
    mosaic.resize(700, 290)
    mosaic.show_maps(Maps.of(np.random.default_rng(1).random((3, 5, 4))))
    mosaic.show()
    qtbot.waitExposed(mosaic)
    mosaic.grab()
    return mosaic


def cell_colours(image: QImage, mosaic: Mosaic, scale: float) -> list[str]:
    """Return the colours in the lower right of all cells, where no number is."""
    boxes = [mosaic.cell_rect(Place(tile, 0, row, column)) for tile, row, column in np.ndindex(3, 5, 4)]
    places = [box.center() + QPointF(box.width(), box.height()) * 0.35 for box in boxes]
    return [image.pixelColor(int(place.x() * scale), int(place.y() * scale)).name() for place in places]


@pytest.mark.parametrize("scale", SCALES)
def test_maps_have_the_colours_of_the_screen_at_each_scale(mosaic: Mosaic, scale: float) -> None:
    shown = cell_colours(mosaic.grab().toImage(), mosaic, 1.0)
    assert len(set(shown)) > 20
    assert cell_colours(image_of(mosaic, scale), mosaic, scale) == shown


@pytest.mark.parametrize("scale", [2.0, 3.0])
def test_letters_on_maps_are_sharp(mosaic: Mosaic, scale: float) -> None:
    """An enlarged picture of the screen has blocks of scale × scale equal pixels, a sharp one does not."""
    sharp = pixels(image_of(mosaic, scale))[..., :3]
    step = int(scale)
    blocks = sharp[: sharp.shape[0] // step * step, : sharp.shape[1] // step * step]
    blocks = blocks.reshape(-1, step, blocks.shape[1] // step, step, 3)
    assert (np.ptp(blocks, axis=(1, 3)).max(axis=-1) > 60).mean() > 0.01


@pytest.mark.parametrize("zoomed", [False, True])
def test_numbers_on_maps_are_text_in_vector_files(mosaic: Mosaic, zoomed: bool) -> None:
    mosaic.show_tile(1, zoomed=zoomed)
    words = [text for text in ElementTree.fromstring(svg_of(mosaic)).itertext() if text.strip()]
    shown = mosaic.maps.values[1] if zoomed else mosaic.maps.values  # type: ignore[union-attr]
    for value in shown.ravel():
        assert cell_text(float(value)) in words
    assert ("2" in words) is not zoomed


def test_maps_in_vector_files_are_images_without_loss(mosaic: Mosaic) -> None:
    svg = QImage(picture_size(mosaic.size(), 3.0), QImage.Format.Format_RGB32)
    painter = QPainter(svg)
    QSvgRenderer(svg_of(mosaic)).render(painter)
    painter.end()
    shown = cell_colours(mosaic.grab().toImage(), mosaic, 1.0)
    assert cell_colours(svg, mosaic, 3.0) == shown
    pdf = pdf_of(mosaic)
    assert pdf.count(b"/Subtype /Image") >= 1
    assert b"DCTDecode" not in pdf


def test_ink_is_sharp(qtbot: QtBot) -> None:
    """A sharp edge is as wide in a large picture as in a small one: it has the same number of pixels a length."""
    view = CanvasView()
    qtbot.addWidget(view)
    view.resize(206, 206)
    view.show_ink(
        Drawing((Stroke(((0.2, 0.2), (0.8, 0.75)), 0.1, False), Stroke(((0.3, 0.8), (0.3, 0.8)), 0.1, False)))
    )
    view.show()
    qtbot.waitExposed(view)

    def greys(scale: float) -> float:
        brightness = pixels(image_of(view, scale))[..., 0]
        return float(((brightness > 60) & (brightness < 190)).sum()) / scale

    assert greys(3.0) == pytest.approx(greys(1.0), rel=0.4)


@pytest.fixture
def plot(qtbot: QtBot) -> CurvePlot:
    plot = CurvePlot(LOSS)
    qtbot.addWidget(plot)
    points = [EpochPoint(n, 2.0 / n, 0.5, 2.5 / n, 0.5, 0.01, 1.0) for n in (1, 2, 3, 4)]
    batches = np.arange(1, 401) / 100
    plot.show_history(
        History(batches, (2 / (1 + batches)).astype(np.float32), np.zeros(400, np.float32), tuple(points))
    )
    plot.resize(420, 260)
    plot.show()
    qtbot.waitExposed(plot)
    plot.make_canvas()
    return plot


def coarse(image: QImage) -> Any:
    """Return the mean brightness of an image's 20×30 fields, in which hairs of text do not matter."""
    grey = pixels(image.scaled(600, 400))[..., :3].mean(axis=2)
    return grey.reshape(20, 20, 30, 20).mean(axis=(1, 3))


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_an_svg_shows_what_the_png_shows(plot: CurvePlot, scale: float) -> None:
    png = image_of(plot, scale)
    drawn = QImage(picture_size(plot.size(), scale), QImage.Format.Format_RGB32)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer = QSvgRenderer(svg_of(plot))
    assert renderer.viewBox().size() == plot.size()
    renderer.render(painter)
    painter.end()
    difference = np.abs(coarse(png) - coarse(drawn))
    assert difference.mean() < 1.0
    assert difference.max() < 20


@pytest.mark.parametrize("scale", [2.0, 3.0])
def test_curves_are_as_thick_as_on_the_screen(plot: CurvePlot, scale: float) -> None:
    def ink(image: QImage) -> float:
        """Return which share of the picture has the colour of the validation curve."""
        colour = theme.current().validation
        wanted = np.array([colour.red(), colour.green(), colour.blue()])
        return float((np.abs(pixels(image)[..., :3] - wanted).max(axis=2) < 40).mean())

    assert ink(image_of(plot, scale)) == pytest.approx(ink(image_of(plot, 1.0)), rel=0.25)


TAKES: dict[str, Callable[[QWidget], object]] = {"png": lambda plot: image_of(plot, 2.0), "svg": svg_of, "pdf": pdf_of}


@pytest.mark.parametrize("take", TAKES.values(), ids=TAKES)
def test_the_screen_is_as_before(plot: CurvePlot, take: Callable[[QWidget], object]) -> None:
    QApplication.processEvents()
    before = plot.grab().toImage()
    take(plot)
    QApplication.processEvents()
    assert plot.grab().toImage() == before


def test_a_low_plot_stays_without_the_names_of_its_axes(plot: CurvePlot) -> None:
    plot.resize(300, 150)
    QApplication.processEvents()
    before = plot.grab().toImage()
    image_of(plot, 2.0)
    QApplication.processEvents()
    assert plot.grab().toImage() == before


def test_a_plot_that_was_never_painted_has_its_axes_in_their_places(qtbot: QtBot, plot: CurvePlot) -> None:
    fresh = CurvePlot(LOSS)
    qtbot.addWidget(fresh)
    fresh.show_history(plot._history)
    fresh.resize(plot.size())
    fresh.show()
    qtbot.waitExposed(fresh)
    fresh.make_canvas()
    assert fresh.canvas is not None
    fresh.canvas.show()  # as the next event would do
    layout = fresh.layout()
    assert layout is not None
    layout.activate()
    first = image_of(fresh, 1.0)
    QApplication.processEvents()
    assert first == image_of(fresh, 1.0)


def test_a_picture_too_large_for_memory_is_refused(target: Target) -> None:
    assert greatest_scale(target.size()) > 50
    with pytest.raises(MemoryError, match="scale"):
        image_of(target, 1_000_000.0)
