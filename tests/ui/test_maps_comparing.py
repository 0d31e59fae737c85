"""The feature maps as something to touch: values pointed at and pinned, maps held, compared and switched off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QMenu, QSlider, QToolButton, QWidget

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.trace import trace
from convscope.core.unit import Unit
from convscope.ui.document import Document
from convscope.ui.panels.maps import MapsPanel
from convscope.ui.session import Session
from convscope.ui.widgets.colour_legend import ColourLegend
from convscope.ui.widgets.mosaic import Mosaic
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.number_text import number_text

NETWORK = Network((1, 8, 8), (Conv2d(filters=3, kernel_size=3), Activation(), Flatten(), Dense(units=10)))
CONV, RELU = NETWORK.layers[0].name, NETWORK.layers[1].name
LINES = tuple(Drawing((Stroke(((0.2, y), (0.8, 1 - y)), 0.15, False),)) for y in (0.2, 0.5, 0.8))


@pytest.fixture
def session(qtbot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    def answer(self: Session) -> None:
        self._trace = trace(self.network, self.weights, self.image, self.switched_off)
        self.trace_changed.emit()

    monkeypatch.setattr(Session, "_ask", answer)
    session = Session(Document(network=NETWORK))
    session.preview_drawing(LINES[0])
    session.select(0)
    yield session
    session.close()


@pytest.fixture
def panel(qtbot, session: Session) -> MapsPanel:
    widget = MapsPanel(session, {})
    qtbot.addWidget(widget)
    widget.resize(700, 400)
    widget.show()
    return widget


def named(panel: QWidget, kind: Any, name: str) -> Any:
    return next(child for child in panel.findChildren(kind) if child.accessibleName() == name)


def shown(view: Mosaic) -> np.ndarray:
    assert view.maps is not None
    values = view.maps.values
    return values.ravel() if view.maps.is_vector else values[:, 0]


def labels(panel: QWidget) -> list[str]:
    legend = next(legend for legend in panel.findChildren(ColourLegend) if legend.isVisible())
    return [text for _, text in legend.labels()]


def mosaic(panel: MapsPanel) -> Mosaic:
    return painted(named(panel, Mosaic, "Feature maps"))


def painted(mosaic: Mosaic) -> Mosaic:
    mosaic.repaint()
    return mosaic


def side(panel: MapsPanel, title: str) -> Mosaic:
    return painted(named(panel, Mosaic, f"Feature maps: {title}"))


def spot(mosaic: Mosaic, place: Place) -> QPoint:
    return mosaic.cell_rect(place).center().toPoint()


def button(panel: MapsPanel, name: str) -> QToolButton:
    return named(panel, QToolButton, name)


def press(qtbot, panel: MapsPanel, name: str) -> None:
    qtbot.mouseClick(button(panel, name), Qt.MouseButton.LeftButton)


def banner(panel: MapsPanel) -> str:
    label = panel.findChild(QLabel, "maps_banner")
    assert label is not None
    return label.text() if label.isVisible() else ""


def value_text(session: Session, layer: int, at: tuple[int, ...]) -> str:
    return number_text(float(session.trace.outputs[layer][at]))


# Pointing


def test_hovering_points_at_a_value_for_every_view(qtbot, session: Session, panel: MapsPanel) -> None:
    qtbot.mouseMove(mosaic(panel), spot(mosaic(panel), Place(2, 0, 4, 1)))
    assert session.inspection.hovered == Unit(0, (2, 4, 1))
    QApplication.sendEvent(mosaic(panel), QEvent(QEvent.Type.Leave))
    assert session.inspection.hovered is None
    session.select(3)
    qtbot.mouseMove(mosaic(panel), spot(mosaic(panel), Place(7, 0, 0, 0)))
    assert session.inspection.hovered == Unit(3, (7,))


def test_a_click_pins_for_every_view_and_escape_lets_go(qtbot, session: Session, panel: MapsPanel) -> None:
    session.select(1)
    qtbot.mouseClick(mosaic(panel), Qt.MouseButton.LeftButton, pos=spot(mosaic(panel), Place(1, 0, 3, 3)))
    assert session.inspection.pinned == Unit(1, (1, 3, 3))
    assert mosaic(panel).selected == 1
    assert mosaic(panel).marks.pinned == Place(1, 0, 3, 3)
    qtbot.keyClick(mosaic(panel), Qt.Key.Key_Escape)
    assert session.inspection.pinned is None


def test_what_other_views_point_at_is_shown_and_read(session: Session, panel: MapsPanel) -> None:
    session.inspection.hover(Unit(0, (1, 2, 3)))
    assert mosaic(panel).marks.hovered == Place(1, 0, 2, 3)
    assert panel._view.caption().startswith("Map 1, row 2, column 3:")
    session.inspection.hover(Unit(1, (1, 2, 3)))  # another layer than the one shown
    assert mosaic(panel).marks.hovered is None
    session.inspection.hover(None)
    session.inspection.pin(Unit(0, (2, 5, 5)))
    assert panel._view.caption() == f"Pinned: Map 2, row 5, column 5:  {value_text(session, 0, (2, 5, 5))}"


def test_the_region_of_the_pinned_value_is_shown_in_every_layer(session: Session, panel: MapsPanel) -> None:
    session.inspection.pin(Unit(1, (2, 4, 4)))
    region = mosaic(panel).marks.region
    assert region is not None
    assert [np.flatnonzero(flags).tolist() for flags in (region.channels, region.rows, region.columns)] == [
        [2],
        [4],
        [4],
    ]
    session.select(-1)
    region = mosaic(panel).marks.region
    assert region is not None
    assert np.flatnonzero(region.rows).tolist() == [4, 5, 6]  # what a 3×3 kernel sees
    session.select(3)
    assert mosaic(panel).marks.region is None
    session.inspection.show_forwards(True)
    assert mosaic(panel).marks.region is not None


def test_rows_of_all_layers_can_be_pointed_at_too(qtbot, session: Session, panel: MapsPanel) -> None:
    box = named(panel, QComboBox, "Layer")
    box.setCurrentIndex(box.findText("All layers"))
    box.activated.emit(box.currentIndex())
    QApplication.processEvents()  # the rows take their places
    row = painted(named(panel, Mosaic, f"Feature maps of {RELU}"))
    qtbot.mouseMove(row, spot(row, Place(1, 0, 3, 2)))
    assert session.inspection.hovered == Unit(1, (1, 3, 2))
    assert panel._rows.caption().startswith(f"{RELU}:  Map 1, row 3, column 2:")
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=spot(row, Place(1, 0, 3, 2)))
    assert session.inspection.pinned == Unit(1, (1, 3, 2))
    first = named(panel, Mosaic, f"Feature maps of {CONV}")
    assert first.marks.region is not None
    assert session.selected == 0


def test_a_panel_that_was_hidden_shows_what_was_pinned_meanwhile(session: Session, panel: MapsPanel) -> None:
    panel.hide()
    session.inspection.pin(Unit(0, (0, 1, 1)))
    panel.show()
    assert mosaic(panel).marks.pinned == Place(0, 0, 1, 1)


# Keys


@pytest.mark.parametrize(
    ("back", "on", "modifier"),
    [
        (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier),
    ],
)
def test_keys_step_through_the_layers(qtbot, session: Session, panel: MapsPanel, back, on, modifier) -> None:
    session.select(-1)
    selected: list[int] = []
    for key in (on, on, on, on, on, back):
        qtbot.keyClick(mosaic(panel), key, modifier)
        selected.append(session.selected)
    assert selected == [0, 1, 2, 3, 3, 2]


def test_contrast_by_key_and_slider_is_told_by_the_legend(qtbot, session: Session, panel: MapsPanel) -> None:
    session.select(1)
    greatest = float(session.trace.outputs[1].max())
    plain = ["0", number_text(greatest, 3)]
    assert labels(panel) == plain
    qtbot.keyClick(mosaic(panel), Qt.Key.Key_Plus)
    assert labels(panel) == ["0", f"≥ {number_text(greatest / 2, 3)}"]
    named(panel, QSlider, "Contrast").setValue(4)
    assert labels(panel) == ["0", f"≥ {number_text(greatest / 4, 3)}"]
    qtbot.keyClick(mosaic(panel), Qt.Key.Key_Minus)
    qtbot.keyClick(mosaic(panel), Qt.Key.Key_Minus)
    assert labels(panel) == plain


# Hold and compare


def test_held_maps_stay_while_the_drawing_changes(qtbot, session: Session, panel: MapsPanel) -> None:
    held = session.trace
    press(qtbot, panel, "Hold")
    assert "Held" in banner(panel)
    session.preview_drawing(LINES[1])
    np.testing.assert_array_equal(shown(mosaic(panel)), held.outputs[0])
    session.select(3)  # all layers are held, not only the one that was seen
    np.testing.assert_array_equal(shown(mosaic(panel)), held.outputs[3])
    session.select(-1)
    np.testing.assert_array_equal(shown(mosaic(panel)), held.image)
    qtbot.keyClick(mosaic(panel), Qt.Key.Key_H)
    np.testing.assert_array_equal(shown(mosaic(panel)), session.image)
    assert not np.array_equal(session.image, held.image)
    assert banner(panel) == ""


def test_there_is_nothing_to_hold_before_the_first_trace(session: Session, panel: MapsPanel) -> None:
    session._trace = None
    session.network_changed.emit()
    assert not button(panel, "Hold").isEnabled()
    assert not button(panel, "Compare").isEnabled()


def test_another_network_ends_hold_and_comparison(qtbot, session: Session, panel: MapsPanel) -> None:
    press(qtbot, panel, "Compare")
    press(qtbot, panel, "Hold")
    session.edit("Change filters", network=NETWORK.replaced(0, Conv2d(filters=2, kernel_size=3)))
    qtbot.waitUntil(lambda: mosaic(panel).maps is not None)
    np.testing.assert_array_equal(shown(mosaic(panel)), session.trace.outputs[0])
    assert not button(panel, "Hold").isChecked()
    assert banner(panel) == ""


def test_two_drawings_are_compared_in_the_same_colours(qtbot, session: Session, panel: MapsPanel) -> None:
    kept = session.trace
    press(qtbot, panel, "Compare")
    for drawing in LINES[1:]:
        session.preview_drawing(drawing)
        a, b = side(panel, "A, kept"), side(panel, "B, now")
        np.testing.assert_array_equal(shown(a), kept.outputs[0])
        np.testing.assert_array_equal(shown(b), session.trace.outputs[0])
        assert a.maps is not None
        assert b.maps is not None
        assert a.maps.scale == b.maps.scale
        both = np.concatenate([kept.outputs[0], session.trace.outputs[0]])
        assert labels(panel) == [number_text(float(both.min()), 3), "0", number_text(float(both.max()), 3)]
    press(qtbot, panel, "Compare")
    np.testing.assert_array_equal(shown(mosaic(panel)), session.trace.outputs[0])
    assert not side(panel, "A, kept").isVisible()


def test_a_comparison_reads_both_values_and_their_difference(qtbot, session: Session, panel: MapsPanel) -> None:
    kept, at = session.trace.outputs[0], (2, 3, 4)
    press(qtbot, panel, "Compare")
    session.preview_drawing(LINES[1])
    present = session.trace.outputs[0]
    b = side(panel, "B, now")
    qtbot.mouseMove(b, spot(b, Place(2, 0, 3, 4)))
    numbers = [number_text(float(value)) for value in (kept[at], present[at], present[at] - kept[at])]
    expected = "Map 2, row 3, column 4:  A {},  B {},  B − A {}".format(*numbers)
    assert panel._comparison.caption() == expected
    assert side(panel, "A, kept").marks.hovered == Place(2, 0, 3, 4)
    assert not side(panel, "B − A").isVisible()
    box = panel.findChild(QCheckBox)
    assert box is not None
    box.click()
    difference = side(panel, "B − A")
    assert difference.isVisible()
    np.testing.assert_array_equal(shown(difference), present - kept)
    assert difference.maps is not None
    assert difference.maps.scale is not None
    assert difference.maps.scale.kind == "diverging"


def test_both_sides_of_a_comparison_can_be_held(qtbot, session: Session, panel: MapsPanel) -> None:
    press(qtbot, panel, "Compare")
    session.preview_drawing(LINES[1])
    second = session.trace.outputs[0]
    press(qtbot, panel, "Hold")
    session.preview_drawing(LINES[2])
    np.testing.assert_array_equal(shown(side(panel, "B, now")), second)


def test_a_map_is_enlarged_on_both_sides(qtbot, session: Session, panel: MapsPanel) -> None:
    press(qtbot, panel, "Compare")
    a, b = side(panel, "A, kept"), side(panel, "B, now")
    qtbot.mouseDClick(a, Qt.MouseButton.LeftButton, pos=spot(a, Place(1, 0, 2, 2)))
    assert (b.zoomed, b.selected) == (True, 1)
    qtbot.keyClick(b, Qt.Key.Key_Right)
    assert (a.zoomed, a.selected) == (True, 2)
    qtbot.keyClick(a, Qt.Key.Key_Escape)
    assert not b.zoomed


def test_a_comparison_begins_and_ends_with_the_map_that_is_chosen(qtbot, panel: MapsPanel) -> None:
    qtbot.keyClick(mosaic(panel), Qt.Key.Key_End)
    qtbot.keyClick(mosaic(panel), Qt.Key.Key_Return)
    qtbot.keyClick(mosaic(panel), Qt.Key.Key_C)
    for title in ("A, kept", "B, now"):
        assert (side(panel, title).selected, side(panel, title).zoomed) == (2, True)
    qtbot.keyClick(side(panel, "B, now"), Qt.Key.Key_Left)
    qtbot.keyClick(side(panel, "B, now"), Qt.Key.Key_Escape)
    press(qtbot, panel, "Compare")
    assert (mosaic(panel).selected, mosaic(panel).zoomed) == (1, False)


def test_the_button_tells_of_the_map_that_is_chosen_in_a_comparison(qtbot, session: Session, panel: MapsPanel) -> None:
    press(qtbot, panel, "Compare")
    for key, off in ((Qt.Key.Key_X, True), (Qt.Key.Key_End, False), (Qt.Key.Key_X, True), (Qt.Key.Key_Home, True)):
        qtbot.keyClick(side(panel, "A, kept"), key)
        assert button(panel, "Switch map off").isChecked() == off
    assert session.switched_off == {(CONV, 0), (CONV, 2)}


def test_a_map_switched_off_later_is_crossed_only_in_the_present_maps(
    qtbot, session: Session, panel: MapsPanel
) -> None:
    press(qtbot, panel, "Compare")
    qtbot.keyClick(side(panel, "B, now"), Qt.Key.Key_X)
    assert side(panel, "B, now").marks.crossed == {0}
    assert side(panel, "A, kept").marks.crossed == frozenset()
    qtbot.waitUntil(lambda: session.trace.switched_off == session.switched_off)
    press(qtbot, panel, "Compare")
    press(qtbot, panel, "Compare")  # A is the present one now, in which the map is off
    assert side(panel, "A, kept").marks.crossed == {0}


# Switching off


def test_a_map_is_switched_off_and_on_again_by_key(qtbot, session: Session, panel: MapsPanel) -> None:
    qtbot.keyClick(mosaic(panel), Qt.Key.Key_End)
    qtbot.keyClick(mosaic(panel), Qt.Key.Key_X)
    assert session.switched_off == {(CONV, 2)}
    assert mosaic(panel).marks.crossed == {2}
    assert button(panel, "Switch map off").isChecked()
    qtbot.keyClick(mosaic(panel), Qt.Key.Key_Home)
    assert not button(panel, "Switch map off").isChecked()
    press(qtbot, panel, "Switch map off")
    assert session.switched_off == {(CONV, 2), (CONV, 0)}
    qtbot.keyClick(mosaic(panel), Qt.Key.Key_X)
    assert session.switched_off == {(CONV, 2)}
    session.undo_stack.undo()
    assert mosaic(panel).marks.crossed == {0, 2}


def test_the_map_in_which_a_value_was_pinned_elsewhere_is_switched_off(
    qtbot, session: Session, panel: MapsPanel
) -> None:
    session.edit("Switch map off", switched_off=frozenset({(CONV, 1)}))
    session.inspection.pin(Unit(session.selected, (1, 0, 0)))
    assert button(panel, "Switch map off").isChecked()
    session.inspection.pin(Unit(session.selected, (2, 0, 0)))
    assert not button(panel, "Switch map off").isChecked()
    press(qtbot, panel, "Switch map off")
    assert session.switched_off == {(CONV, 1), (CONV, 2)}


def test_the_input_and_layers_that_do_not_work_have_nothing_to_switch_off(session, panel: MapsPanel) -> None:
    assert button(panel, "Switch map off").isEnabled()
    session.select(-1)
    assert not button(panel, "Switch map off").isEnabled()
    session.select(0)
    session.edit("Change kernel", network=NETWORK.replaced(0, Conv2d(filters=3, kernel_size=9)))
    assert not button(panel, "Switch map off").isEnabled()


def test_the_menu_of_a_map_switches_that_map(session: Session, panel: MapsPanel, monkeypatch) -> None:
    monkeypatch.setattr(QMenu, "popup", lambda *_: None)  # offscreen no menu can take the keyboard
    mosaic(panel).menu_wanted.emit(1, QPoint(5, 5))
    menu_entry(panel, "Switch map 1 off").trigger()
    assert session.switched_off == {(CONV, 1)}
    mosaic(panel).menu_wanted.emit(1, QPoint(5, 5))
    assert menu_entry(panel, "Switch map 1 on").isEnabled()
    menu_entry(panel, "Switch all maps on").trigger()
    assert session.switched_off == frozenset()


def menu_entry(panel: MapsPanel, text: str) -> Any:
    (menu,) = (menu for menu in panel.findChildren(QMenu) if any(action.text() == text for action in menu.actions()))
    return next(action for action in menu.actions() if action.text() == text)
