"""The canvas turns mouse, tablet, finger and keys into strokes, and draws what it is shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRectF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage, QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convscope.core.data import drawing as drawings
from convscope.core.data.drawing import Drawing, Picture, Stroke
from convscope.ui import theme
from convscope.ui.widgets.drawing_canvas import DrawingCanvas

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
LINE = Stroke(((0.2, 0.5), (0.8, 0.5)), 0.1)


@pytest.fixture
def canvas(qtbot: QtBot, qapp: QApplication) -> DrawingCanvas:
    theme.apply(qapp, "light")
    widget = DrawingCanvas()
    qtbot.addWidget(widget)
    widget.resize(306, 406)  # the sheet is 300 × 300, from (3, 53)
    widget.show()
    widget.setFocus()
    return widget


@pytest.fixture
def heard(canvas: DrawingCanvas) -> list[tuple[str, object]]:
    """Return what the canvas says, in order."""
    said: list[tuple[str, object]] = []
    canvas.stroke_started.connect(lambda: said.append(("started", None)))
    canvas.stroke_moved.connect(lambda stroke: said.append(("moved", stroke)))
    canvas.stroke_finished.connect(lambda stroke: said.append(("finished", stroke)))
    canvas.stroke_cancelled.connect(lambda: said.append(("cancelled", None)))
    canvas.image_dropped.connect(lambda image: said.append(("dropped", image)))
    canvas.filled.connect(lambda: said.append(("filled", None)))
    return said


def at(canvas: DrawingCanvas, x: float, y: float) -> QPoint:
    return canvas.sheet.topLeft() + QPoint(round(300 * x), round(300 * y))


def drag(canvas: DrawingCanvas, *places: tuple[float, float], button: Qt.MouseButton = LEFT) -> None:
    QTest.mousePress(canvas, button, pos=at(canvas, *places[0]))
    for place in places[1:]:
        QTest.mouseMove(canvas, at(canvas, *place))
    QTest.mouseRelease(canvas, button, pos=at(canvas, *places[-1]))


def finished(heard: list[tuple[str, object]]) -> Stroke:
    strokes = [value for name, value in heard if name == "finished"]
    assert len(strokes) == 1
    assert isinstance(strokes[0], Stroke)
    return strokes[0]


def colour_at(canvas: DrawingCanvas, x: float, y: float) -> str:
    return QColor(canvas.grab().toImage().pixel(at(canvas, x, y))).name()


def test_a_mouse_stroke_is_told_while_it_grows_and_when_it_ends(canvas, heard):
    drag(canvas, (0.25, 0.25), (0.5, 0.25), (0.5, 0.75))
    assert [name for name, _ in heard] == ["started", "moved", "moved", "moved", "finished"]
    stroke = finished(heard)
    assert stroke.points == ((0.25, 0.25), (0.5, 0.25), (0.5, 0.75))
    assert (stroke.width, stroke.eraser) == (drawings.DEFAULT_WIDTH, False)
    assert heard[2][1] == Stroke(stroke.points[:2])


def test_the_ink_is_seen_while_the_pen_is_down(canvas):
    QTest.mousePress(canvas, LEFT, pos=at(canvas, 0.25, 0.25))
    QTest.mouseMove(canvas, at(canvas, 0.75, 0.25))
    QTest.mouseMove(canvas, at(canvas, 0.75, 0.75))
    assert canvas.pen_is_down
    assert colour_at(canvas, 0.6, 0.25) == theme.current().ink.name()
    assert colour_at(canvas, 0.75, 0.65) == theme.current().ink.name()  # the newest piece too
    assert colour_at(canvas, 0.25, 0.75) == theme.current().paper.name()
    QTest.mouseRelease(canvas, LEFT, pos=at(canvas, 0.75, 0.75))
    assert not canvas.pen_is_down


def test_the_right_button_and_the_eraser_take_ink_away(canvas, heard):
    canvas.show_drawing(Drawing((LINE,)))
    assert colour_at(canvas, 0.4, 0.5) == theme.current().ink.name()
    drag(canvas, (0.4, 0.3), (0.4, 0.7), button=RIGHT)
    stroke = finished(heard)
    assert stroke.eraser
    canvas.show_drawing(Drawing((LINE, stroke)))
    assert colour_at(canvas, 0.4, 0.5) == theme.current().paper.name()
    assert colour_at(canvas, 0.7, 0.5) == theme.current().ink.name()
    heard.clear()
    canvas.show_pen(0.05, eraser=True)
    drag(canvas, (0.7, 0.3), (0.7, 0.7))
    assert finished(heard) == Stroke(((0.7, 0.3), (0.7, 0.7)), 0.1, eraser=True)


def test_what_was_shown_before_leaves_no_trace(canvas):
    other = Stroke(((0.2, 0.3), (0.8, 0.3)), 0.1)
    canvas.show_drawing(Drawing((LINE, other)))
    canvas.show_drawing(Drawing((LINE,)))
    fresh = canvas.grab().toImage()
    canvas.show_drawing(Drawing((other, LINE)))
    assert colour_at(canvas, 0.5, 0.3) == theme.current().ink.name()
    canvas.show_drawing(Drawing())
    assert colour_at(canvas, 0.5, 0.5) != theme.current().ink.name()
    canvas.show_drawing(Drawing((LINE,)))
    assert canvas.grab().toImage() == fresh


def test_a_picture_lies_under_the_strokes_with_its_aspect(canvas):
    bar = np.zeros((1, 20, 40), np.uint8)
    bar[:, :, :20] = 255
    canvas.show_drawing(Drawing(picture=Picture(bar)))
    assert colour_at(canvas, 0.25, 0.7) == theme.current().ink.name()
    assert colour_at(canvas, 0.75, 0.6) == theme.current().paper.name()
    assert colour_at(canvas, 0.25, 0.2) == theme.current().paper.name()
    wipe = Stroke(((0.1, 0.7), (0.4, 0.7)), 0.1, eraser=True)
    canvas.show_drawing(Drawing((wipe, LINE), Picture(bar)))
    assert colour_at(canvas, 0.25, 0.7) == theme.current().paper.name()
    assert colour_at(canvas, 0.75, 0.48) == theme.current().ink.name()


def test_the_keyboard_draws(canvas, heard):
    QTest.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    QTest.keyClick(canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert finished(heard).points == ((0.42, 0.5), (0.42, 0.52), (0.5, 0.52))
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    assert heard[-1][0] == "finished"  # a lifted pen draws nothing


def test_the_keyboards_pen_is_lifted_when_the_focus_goes(canvas, heard):
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    canvas.clearFocus()
    assert finished(heard).points == ((0.5, 0.5),)


def test_e_changes_to_the_eraser_and_back(canvas, qtbot):
    with qtbot.waitSignal(canvas.eraser_toggled) as told:
        QTest.keyClick(canvas, Qt.Key.Key_E)
    assert told.args == [True]
    assert canvas.eraser
    QTest.keyClick(canvas, Qt.Key.Key_E)
    assert not canvas.eraser


def test_escape_takes_the_begun_stroke_back(canvas, heard):
    QTest.mousePress(canvas, LEFT, pos=at(canvas, 0.25, 0.25))
    QTest.mouseMove(canvas, at(canvas, 0.75, 0.25))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, LEFT, pos=at(canvas, 0.75, 0.25))
    assert [name for name, _ in heard] == ["started", "moved", "moved", "cancelled"]
    assert colour_at(canvas, 0.6, 0.25) == theme.current().paper.name()


def test_showing_the_stroke_in_progress_does_not_end_it_but_another_drawing_does(canvas, heard):
    canvas.show_drawing(Drawing((LINE,)))
    QTest.mousePress(canvas, LEFT, pos=at(canvas, 0.25, 0.25))
    stroke = heard[-1][1]
    assert isinstance(stroke, Stroke)
    canvas.show_drawing(Drawing((LINE, stroke)))
    canvas.show_drawing(Drawing((LINE,)))
    assert canvas.pen_is_down
    canvas.show_drawing(Drawing())
    assert not canvas.pen_is_down
    QTest.mouseRelease(canvas, LEFT, pos=at(canvas, 0.25, 0.25))
    assert heard[-1][0] == "moved"


def test_hiding_the_canvas_lifts_the_pen(canvas, heard):
    QTest.mousePress(canvas, LEFT, pos=at(canvas, 0.25, 0.25))
    canvas.hide()
    QTest.mouseRelease(canvas, LEFT, pos=at(canvas, 0.25, 0.25))
    assert finished(heard).points == ((0.25, 0.25),)


def test_a_finger_draws_and_a_second_one_does_not_disturb(canvas, heard):
    finger = QTest.createTouchDevice()
    QTest.touchEvent(canvas, finger).press(1, at(canvas, 0.25, 0.25), canvas).commit()
    QTest.touchEvent(canvas, finger).move(1, at(canvas, 0.5, 0.25), canvas).press(
        2, at(canvas, 0.9, 0.9), canvas
    ).commit()
    QTest.touchEvent(canvas, finger).release(1, at(canvas, 0.5, 0.5), canvas).release(
        2, at(canvas, 0.9, 0.9), canvas
    ).commit()
    assert finished(heard).points == ((0.25, 0.25), (0.5, 0.25), (0.5, 0.5))


def tablet(canvas: DrawingCanvas, kind: QEvent.Type, x: float, y: float, pressure: float, *, blunt: bool) -> None:
    end = QPointingDevice.PointerType.Eraser if blunt else QPointingDevice.PointerType.Pen
    device = QPointingDevice(
        "tablet", 7, QInputDevice.DeviceType.Stylus, end, QInputDevice.Capability.Pressure, 1, 1, "", parent=canvas
    )
    place, none = QPointF(at(canvas, x, y)), Qt.KeyboardModifier.NoModifier
    event = QTabletEvent(kind, device, place, place, pressure, 0, 0, 0, 0, 0, none, LEFT, LEFT)
    QApplication.sendEvent(canvas, event)


@pytest.mark.parametrize("blunt", [False, True])
def test_a_tablets_pen_draws_wider_when_pressed_harder_and_its_blunt_end_erases(canvas, heard, blunt):
    canvas.show_pen(0.04, eraser=False)
    tablet(canvas, QEvent.Type.TabletPress, 0.25, 0.25, 0.1, blunt=blunt)
    tablet(canvas, QEvent.Type.TabletMove, 0.5, 0.25, 1.0, blunt=blunt)
    tablet(canvas, QEvent.Type.TabletMove, 0.75, 0.25, 0.2, blunt=blunt)
    tablet(canvas, QEvent.Type.TabletRelease, 0.75, 0.25, 0.0, blunt=blunt)
    stroke = finished(heard)
    assert stroke.points == ((0.25, 0.25), (0.5, 0.25), (0.75, 0.25))
    assert stroke.width == pytest.approx(0.06 * (1 + blunt))
    assert stroke.eraser == blunt


def test_presses_beside_the_sheet_draw_nothing(canvas, heard):
    QTest.mouseClick(canvas, LEFT, pos=QPoint(150, 20))
    assert heard == []


def test_a_full_drawing_takes_no_more(canvas, heard, monkeypatch):
    monkeypatch.setattr(drawings, "MAX_STROKES", 1)
    canvas.show_drawing(Drawing((LINE,)))
    drag(canvas, (0.25, 0.25), (0.5, 0.25))
    assert [name for name, _ in heard] == ["filled"]
    canvas.show_drawing(Drawing())
    monkeypatch.setattr(drawings, "MAX_POINTS", 3)
    heard.clear()
    drag(canvas, (0.2, 0.2), (0.4, 0.2), (0.6, 0.2), (0.8, 0.2), (0.8, 0.4))
    assert len(finished(heard).points) == 3


def dropped(canvas: DrawingCanvas, mime: QMimeData) -> bool:
    """Drag over the canvas and drop; return whether it wants to have it."""
    middle, copy, keys = at(canvas, 0.5, 0.5), Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(middle, copy, mime, LEFT, keys)
    enter.ignore()
    QApplication.sendEvent(canvas, enter)
    if enter.isAccepted():
        QApplication.sendEvent(canvas, QDropEvent(QPointF(middle), copy, mime, LEFT, keys))
    return enter.isAccepted()


def test_dropped_images_are_passed_on_and_other_files_left_to_the_window(canvas, heard):
    file, project, pixels = QMimeData(), QMimeData(), QMimeData()
    file.setUrls([QUrl.fromLocalFile("/home/someone/seven.PNG")])
    project.setUrls([QUrl.fromLocalFile("/home/someone/network.safetensors")])
    pixels.setImageData(QImage(4, 4, QImage.Format.Format_RGB32))
    assert [dropped(canvas, mime) for mime in (file, project, pixels)] == [True, False, True]
    assert heard[0] == ("dropped", Path("/home/someone/seven.PNG"))
    assert isinstance(heard[1][1], QImage)
    assert len(heard) == 2


def test_a_change_of_theme_redraws_the_ink(canvas, qapp):
    canvas.show_drawing(Drawing((LINE,)))
    theme.apply(qapp, "dark")
    qapp.processEvents()
    assert colour_at(canvas, 0.3, 0.5) == theme.DARK.ink.name()
    assert colour_at(canvas, 0.3, 0.8) == theme.DARK.paper.name()
    theme.apply(qapp, "light")


def test_a_new_size_redraws_the_ink(canvas):
    canvas.show_drawing(Drawing((LINE,)))
    canvas.resize(506, 306)
    assert canvas.sheet.getRect() == (103, 3, 300, 300)
    assert colour_at(canvas, 0.3, 0.5) == theme.current().ink.name()


def test_an_empty_sheet_invites_to_draw_and_words_go_when_ink_comes(canvas):
    empty = canvas.grab().toImage()
    canvas.show_drawing(Drawing((Stroke(((2.0, 2.0),)),)))  # ink, but outside
    assert canvas.grab().toImage() != empty
    canvas.show_drawing(Drawing())
    assert canvas.grab().toImage() == empty
    canvas.show_note("Test image 1")
    assert canvas.grab().toImage() != empty


def test_what_a_value_sees_is_tinted_and_nothing_else(canvas: DrawingCanvas) -> None:
    plain = canvas.grab().toImage()
    inside, outside = colour_at(canvas, 0.3, 0.2), colour_at(canvas, 0.7, 0.8)
    canvas.show_field([QRectF(0.2, 0.1, 0.25, 0.2)])
    assert colour_at(canvas, 0.3, 0.2) != inside
    assert colour_at(canvas, 0.7, 0.8) == outside
    drag(canvas, (0.25, 0.15), (0.4, 0.25))  # it does not keep anybody from drawing there
    assert canvas.field == QRectF(0.2, 0.1, 0.25, 0.2)
    canvas.show_drawing(Drawing())
    canvas.show_field()
    canvas.leaveEvent(QEvent(QEvent.Type.Leave))
    assert canvas.grab().toImage() == plain
