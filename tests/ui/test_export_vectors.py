"""SVG and PDF files of a plot are read back: text is text, and curves stand where the axes say."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from convscope.core.history import EpochPoint, History
from convscope.ui.colour_maps import image_of
from convscope.ui.export.picture import pdf_of, svg_of
from convscope.ui.widgets.curve_canvas import axis_font
from convscope.ui.widgets.curve_data import LOSS
from convscope.ui.widgets.curve_plot import CurvePlot

SVG = "{http://www.w3.org/2000/svg}"
EPOCHS = (1, 2, 3)
TRAIN, VALIDATION = (2.0, 1.25, 0.5), (2.2, 1.6, 1.1)

Matrix = Any  # 3×3; a point is a row (x, y, 1)


@dataclass
class Drawn:
    """What a file holds, in pixels of the panel: lines as lists of points, and words with where they begin.

    Attributes:
        clips: Of each word, what can be seen there: left, top, right and bottom.
    """

    lines: list[Any] = field(default_factory=list)
    words: list[tuple[str, float, float]] = field(default_factory=list)
    images: int = 0
    clips: list[Any] = field(default_factory=list)

    @property
    def hidden(self) -> set[str]:
        """Words that begin where nothing can be seen."""
        return {
            word.strip()
            for (word, x, y), clip in zip(self.words, self.clips, strict=True)
            if not (clip[:2] - 1 <= (x, y)).all() or not ((x, y) <= clip[2:] + 1).all()
        }

    def clip(self, word: str) -> Any:
        """Return what can be seen where a word stands that is there once."""
        (found,) = [clip for (text, *_), clip in zip(self.words, self.clips, strict=True) if text.strip() == word]
        return found

    def place(self, word: str) -> tuple[float, float]:
        """Return where a word begins that is there once."""
        (found,) = [(x, y) for text, x, y in self.words if text.strip() == word]
        return found

    def joined(self, points: int) -> list[Any]:
        """Return lines of so many points, of which the file may hold single pieces that go on from each other."""
        chains: list[list[Any]] = []
        for line in self.lines:
            if chains and np.allclose(chains[-1][-1], line[0], atol=0.01):
                chains[-1].extend(line[1:])
            else:
                chains.append(list(line))
        return [np.array(chain) for chain in chains if len(chain) == points]


def matrix(numbers: Any) -> Matrix:
    a, b, c, d, e, f = map(float, numbers)
    return np.array([[a, b, 0], [c, d, 0], [e, f, 1]])


def moved(points: Any, by: Matrix) -> Any:
    points = np.array(points, float).reshape(-1, 2)
    return (np.column_stack((points, np.ones(len(points)))) @ by)[:, :2]


def numbers_in(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", text)]


def read_svg(content: bytes) -> Drawn:
    """Read a file as the standard says: what a clip is given in are the units of what it clips."""
    drawn, root = Drawn(), ElementTree.fromstring(content)
    shapes = {clip.get("id"): clip[0] for clip in root.iter(f"{SVG}clipPath")}

    def box(clip: ElementTree.Element, by: Matrix) -> Any:
        if clip.tag == f"{SVG}rect":
            x, y, width, height = (float(clip.get(name, 0)) for name in ("x", "y", "width", "height"))
            corners = moved([x, y, x + width, y + height], by)
        else:
            corners = moved(numbers_in(clip.get("d", "").replace("Z", "")), by)
        return np.concatenate((corners.min(0), corners.max(0)))

    def read(element: ElementTree.Element, by: Matrix, seen: Any) -> None:
        if (text := element.get("transform")) is not None:
            by = matrix(numbers_in(text)) @ by
        if (name := element.get("clip-path")) is not None:
            own = box(shapes[name.removeprefix("url(#").rstrip(")")], by)
            seen = np.concatenate((np.maximum(seen[:2], own[:2]), np.minimum(seen[2:], own[2:])))
        if element.tag == f"{SVG}polyline":
            drawn.lines.append(moved(numbers_in(element.get("points", "")), by))
        elif element.tag == f"{SVG}text":
            (place,) = moved([float(element.get("x", 0)), float(element.get("y", 0))], by)
            drawn.words.append(("".join(element.itertext()), *place))
            drawn.clips.append(seen)
        drawn.images += element.tag == f"{SVG}image"
        for child in element:
            if child.tag != f"{SVG}defs":
                read(child, by, seen)

    read(root, np.eye(3), np.array([-1e6, -1e6, 1e6, 1e6]))
    return drawn


class Pdf:
    """Reads what Qt writes of a page: its one content stream, and which letters its glyphs are."""

    def __init__(self, content: bytes) -> None:
        self.objects = {int(one[1]): one[2] for one in re.finditer(rb"(\d+) 0 obj\s(.*?)endobj", content, re.S)}
        self.drawn = Drawn(images=content.count(b"/Subtype /Image"))
        fonts = re.findall(rb"/(F\d+) (\d+) 0 R", content)
        self.letters = {name.decode(): self._letters(int(number)) for name, number in fonts}
        box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
        assert box is not None
        self.size = float(box[1]), float(box[2])
        (page,) = [text for text in map(self._stream, self.objects) if text.startswith(b"/GSa gs")]
        self._read(page.decode("latin-1"))

    def _stream(self, number: int) -> bytes:
        found = re.search(rb"stream\r?\n(.*?)\r?\n?endstream", self.objects[number], re.S)
        if found is None:
            return b""
        return zlib.decompressobj().decompress(found[1]) if b"/FlateDecode" in self.objects[number] else found[1]

    def _letters(self, font: int) -> dict[int, str]:
        """Return what a font's glyphs mean, which makes the text one that can be searched and copied."""
        table = re.search(rb"/ToUnicode (\d+) 0 R", self.objects[font])
        assert table is not None, "a font without letters"
        letters: dict[int, str] = {}
        for first, last, code in re.findall(rb"<(\w+)> <(\w+)> <(\w+)>", self._stream(int(table[1]))):
            for step in range(int(last, 16) - int(first, 16) + 1):
                letters[int(first, 16) + step] = chr(int(code, 16) + step)
        for first, codes in re.findall(rb"<(\w+)> <\w+> \[([^\]]*)\]", self._stream(int(table[1]))):
            for step, code in enumerate(re.findall(rb"<(\w+)>", codes)):
                letters[int(first, 16) + step] = chr(int(code, 16))
        return letters

    def _read(self, page: str) -> None:
        now, kept, path, operands = np.eye(3), [], [], []
        tokens = re.findall(r"<\w*>|\[[^\]]*\]|[^\s<\[]+", page)
        start, scale, font, word = np.eye(3), np.eye(3), "", ""
        for token in tokens:
            if not re.fullmatch(r"[A-Za-z*]+", token):
                operands.append(token)
                continue
            match token:
                case "q":
                    kept.append(now)
                case "Q":
                    now = kept.pop() if kept else now
                case "cm":
                    if not kept:  # the first one, from pixels to points
                        scale = np.linalg.inv(matrix(operands[-6:]))
                    now = matrix(operands[-6:]) @ now
                case "m":
                    path.append([operands[-2:]])
                case "l":
                    path[-1].append(operands[-2:])
                case "S" | "f":
                    lines = [moved(line, now @ scale) for line in path]
                    self.drawn.lines += lines if token == "S" else [_middle(line) for line in lines if _is_thin(line)]
                    path = []
                case "n" | "B*" | "W*":
                    path = []
                case "BT":
                    word, start = "", now
                case "Tf":
                    font = operands[-2].lstrip("/")
                case "Tm":
                    start = matrix(operands[-6:]) @ now
                case "Td" if not word:
                    start = matrix([1, 0, 0, 1, *operands[-2:]]) @ start
                case "Tj":
                    glyphs = re.findall("....", operands[-1].strip("<>"))
                    word += "".join(self.letters[font][int(glyph, 16)] for glyph in glyphs)
                case "ET":
                    self.drawn.words.append((word, *moved([0, 0], start @ scale)[0]))
            operands = []


def _is_thin(outline: Any) -> bool:
    return np.ptp(outline[:, 1]) < 2


def _middle(outline: Any) -> Any:
    """Return the line whose outline this is: so Qt writes translucent ones."""
    return np.column_stack(([outline[:, 0].min(), outline[:, 0].max()], np.repeat(outline[:, 1].mean(), 2)))


def read_pdf(content: bytes) -> Drawn:
    return Pdf(content).drawn


READERS = {"svg": (svg_of, read_svg), "pdf": (pdf_of, read_pdf)}


@pytest.fixture
def plot(qtbot: QtBot) -> CurvePlot:
    """Return a loss plot of three epochs on the screen."""
    plot = CurvePlot(LOSS)
    qtbot.addWidget(plot)
    points = [EpochPoint(n, a, 0.5, b, 0.5, 0.01, 1.0) for n, a, b in zip(EPOCHS, TRAIN, VALIDATION, strict=True)]
    plot.show_history(History(epochs=tuple(points)))
    plot.resize(501, 307)
    plot.show()
    qtbot.waitExposed(plot)
    plot.make_canvas()
    plot.canvas.refresh_colours()  # type: ignore[union-attr]
    return plot


def axes(drawn: Drawn) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Return of the axes across and upright the values of their labels and where their ticks stand, in order."""
    marks = [line for line in drawn.lines if len(line) == 2]
    ticks = sorted({round(line[0, 0], 2) for line in marks if np.ptp(line[:, 0]) < 0.01 and 4 < np.ptp(line[:, 1]) < 6})
    grid = [
        line
        for line in marks
        if np.ptp(line[:, 1]) < 0.01 and np.ptp(line[:, 0]) > 200 and abs(line[:, 0].min() - ticks[0]) < 0.6
    ]
    heights = sorted({round(float(line[0, 1]), 2) for line in grid}, reverse=True)
    words = [(float(text), y) for text, _, y in drawn.words if re.fullmatch(r"[\d.]+", text.strip())]
    labels = [(value, y) for value, y in words if y > min(heights) - 10]  # without those of the legend
    lowest = max(y for _, y in labels)
    values = [sorted(value for value, y in labels if (y > lowest - 2) == below) for below in (True, False)]
    return (np.array(values[0]), np.array(ticks)), (np.array(values[1]), np.array(heights))


@pytest.mark.parametrize("kind", READERS)
def test_axes_match_their_curves(plot: CurvePlot, kind: str) -> None:
    write, read = READERS[kind]
    drawn = read(write(plot))
    across, upright = axes(drawn)
    assert len(across[0]) >= 3
    assert len(upright[0]) >= 3
    curves = [line for line in drawn.joined(3) if np.ptp(line[:, 0]) > 100]
    assert len(curves) == 2
    for curve, losses in zip(sorted(curves, key=lambda line: -line[0, 1]), (TRAIN, VALIDATION), strict=True):
        expected = np.column_stack(
            [np.polyval(np.polyfit(*one, 1), values) for one, values in ((across, EPOCHS), (upright, losses))]
        )
        assert np.abs(curve - expected).max() < 0.5


@pytest.mark.parametrize("kind", READERS)
def test_labels_stand_at_their_ticks(plot: CurvePlot, kind: str) -> None:
    write, read = READERS[kind]
    drawn = read(write(plot))
    metrics = QFontMetricsF(axis_font(), plot)
    (values, places), _ = axes(drawn)
    for value, place in zip(values, places, strict=True):
        text = f"{value:g}"
        centres = [x + metrics.horizontalAdvance(text) / 2 for word, x, _ in drawn.words if word.strip() == text]
        assert min(abs(centre - place) for centre in centres) < 1.5


@pytest.mark.parametrize("kind", READERS)
def test_text_is_text_and_lines_are_lines(plot: CurvePlot, kind: str) -> None:
    write, read = READERS[kind]
    for button in plot.findChildren(QToolButton):
        button.hide()  # the style draws its frame as an image
    drawn = read(write(plot))
    words = {text.strip() for text, _, _ in drawn.words}
    assert {"Training", "Validation", "Epoch", "Loss", "0.5", "1.10"} <= words
    assert drawn.images == 0


def test_both_files_say_the_same(plot: CurvePlot) -> None:
    svg, pdf = read_svg(svg_of(plot)), read_pdf(pdf_of(plot))
    for word in ("Training", "Validation", "Epoch"):
        assert svg.place(word) == pytest.approx(pdf.place(word), abs=0.5)


def test_a_page_is_as_large_as_the_panel(plot: CurvePlot) -> None:
    width, height = Pdf(pdf_of(plot)).size
    inch = plot.logicalDpiX()
    assert 0 <= width - 72 * plot.width() / inch < 1
    assert 0 <= height - 72 * plot.height() / inch < 1
    root = ElementTree.fromstring(svg_of(plot))
    assert root.get("viewBox") == f"0 0 {plot.width()} {plot.height()}"
    assert numbers_in(root.get("width", "")) == [pytest.approx(25.4 * plot.width() / inch, abs=0.01)]


def test_lines_become_thicker_with_the_picture(plot: CurvePlot) -> None:
    root = ElementTree.fromstring(svg_of(plot))
    lines = [element for element in root.iter(f"{SVG}polyline") if "points" in element.attrib]
    assert len(lines) > 10
    assert "non-scaling-stroke" not in {element.get("vector-effect") for element in lines}


def test_what_is_scrolled_out_of_sight_is_cut_off(qtbot: QtBot) -> None:
    area = QScrollArea()
    qtbot.addWidget(area)
    inside = QWidget(area)
    column = QVBoxLayout(inside)
    for number in range(20):
        column.addWidget(QLabel(f"line {number}", inside))
    area.setWidget(inside)
    area.resize(200, 150)
    area.show()
    area.verticalScrollBar().setValue(inside.findChildren(QLabel)[0].geometry().center().y())
    drawn = read_svg(svg_of(area))
    words = [word.strip() for word, *_ in drawn.words]
    view = area.viewport().geometry()
    assert "line 0" in words
    assert "line 19" not in words
    for _, top, _, bottom in drawn.clips:
        assert top >= view.top()
        assert bottom <= view.bottom() + 1
    heights = [bottom - top for _, top, _, bottom in drawn.clips]
    assert heights[0] < heights[1]  # half of the first line


class Values(QWidget):
    """Shows six values as a picture of as many pixels."""

    colours = np.array([[0xFF112233, 0xFF445566, 0xFF778899], [0xFFAABBCC, 0xFFDDEEFF, 0xFF010203]], np.uint32)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.drawImage(QRectF(self.rect()), image_of(self.colours))
        painter.end()


def test_values_stay_squares_for_readers_that_smooth_pictures(qtbot: QtBot) -> None:
    values = Values()
    qtbot.addWidget(values)
    values.resize(300, 200)
    values.show()
    (data,) = re.findall(rb'<image [^>]*base64,([^"]+)"', svg_of(values))
    image = QImage.fromData(base64.b64decode(data))
    blocks = np.array([[image.pixel(x, y) for x in range(image.width())] for y in range(image.height())], np.uint32)
    times = image.width() // 3
    assert times > 100
    np.testing.assert_array_equal(blocks, np.kron(Values.colours, np.ones((times, times), np.uint32)))


class Window(QWidget):
    """Shows a part of what it draws."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.translate(10, 5)
        painter.setClipRect(QRectF(0, 0, 60, 30), Qt.ClipOperation.IntersectClip)
        painter.drawText(QPointF(2, 20), "inside")
        painter.end()


def test_what_a_widget_clips_itself_is_clipped_where_the_widget_lies(qtbot: QtBot) -> None:
    """Not at the corner of the panel, where readers other than Qt's would hide everything."""
    panel = QWidget()
    qtbot.addWidget(panel)
    within = QWidget(panel)
    within.setGeometry(100, 50, 150, 120)
    window = Window(within)
    window.setGeometry(30, 20, 110, 90)
    panel.resize(300, 200)
    panel.show()
    drawn = read_svg(svg_of(panel))
    assert drawn.place("inside") == (142, 95)
    np.testing.assert_allclose(drawn.clip("inside"), (140, 75, 200, 105))
    assert not drawn.hidden


def test_letters_that_no_file_may_hold_are_left_out(qtbot: QtBot) -> None:
    label = QLabel("a\x01b\x0cc & <d>")
    qtbot.addWidget(label)
    label.show()
    assert "".join(word for word, *_ in read_svg(svg_of(label)).words).strip() == "abc & <d>"


def test_nothing_of_a_plot_is_hidden(plot: CurvePlot) -> None:
    drawn = read_svg(svg_of(plot))
    assert len(drawn.words) > 8
    assert not drawn.hidden


@pytest.mark.parametrize(
    "settings",
    [{"QT_FONT_DPI": "144", "QT_ENABLE_HIGHDPI_SCALING": "0"}, {"QT_FONT_DPI": "72", "QT_ENABLE_HIGHDPI_SCALING": "0"}]
    + [{"QT_SCALE_FACTOR": scale} for scale in ("1.5", "2")],
    ids=["144dpi", "72dpi", "scale-1.5", "scale-2"],
)
@pytest.mark.skipif("CONVSCOPE_NESTED" in os.environ, reason="it is the test in another resolution")
def test_the_same_holds_in_other_resolutions(settings: dict[str, str]) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        str(Path(__file__)),
        "-k",
        "axes or labels or page",
    ]
    result = subprocess.run(
        command, env=os.environ | settings | {"CONVSCOPE_NESTED": "1"}, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stdout[-3000:]
    assert "5 passed" in result.stdout
