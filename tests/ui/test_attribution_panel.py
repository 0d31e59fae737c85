"""What mattered: the core's values over the drawing, for the right class, method and layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QComboBox, QSlider

from convscope.core.attribution import grad_cam, input_gradient
from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.layers import Activation, Conv2d, Dense, Flatten, MaxPool
from convscope.core.network import Network
from convscope.core.trace import trace
from convscope.core.unit import INPUT, Unit
from convscope.ui import background, theme
from convscope.ui.document import Document
from convscope.ui.panels.attribution import AttributionPanel
from convscope.ui.session import Session
from convscope.ui.widgets.attribution_mosaic import AttributionMosaic, Overlay
from convscope.ui.widgets.colour_legend import ColourLegend
from convscope.ui.widgets.elided_box import ElidedBox
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.number_text import number_text

NETWORK = Network(
    (1, 28, 28),
    (Conv2d(filters=4, kernel_size=5), Activation(), MaxPool(), Conv2d(filters=6, kernel_size=3), Flatten(), Dense(10)),
)
LINES = tuple(Drawing((Stroke(((0.2, y), (0.8, 1 - y)), 0.1, False),)) for y in (0.2, 0.8))
LONG = 20_000  # milliseconds; a busy machine may take long to load torch


@pytest.fixture
def session(qtbot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    def answer(self: Session) -> None:
        self._trace = trace(self.network, self.weights, self.image, self.switched_off)
        self.trace_changed.emit()

    monkeypatch.setattr(Session, "_ask", answer)
    session = Session(Document(NETWORK))
    session.preview_drawing(LINES[0])
    yield session
    session.close()
    assert background.end_all()


@pytest.fixture
def panel(qtbot, session: Session) -> Iterator[AttributionPanel]:
    widget = AttributionPanel(session, {})
    qtbot.addWidget(widget)
    widget.resize(330, 500)
    widget.show()
    yield widget
    widget.hide()


def box(panel: AttributionPanel, name: str) -> QComboBox:
    return next(found for found in panel.findChildren(QComboBox) if found.accessibleName() == name)


def choose(panel: AttributionPanel, name: str, text: str) -> None:
    found = box(panel, name)
    found.setCurrentIndex(found.findText(text))
    found.activated.emit(found.currentIndex())


def mosaic(panel: AttributionPanel) -> AttributionMosaic:
    found = panel.findChild(AttributionMosaic)
    assert found is not None
    return found


def overlay(panel: AttributionPanel) -> Overlay:
    maps = mosaic(panel).maps
    assert isinstance(maps, Overlay)
    return maps


def shows(panel: AttributionPanel, expected: np.ndarray) -> Callable[[], bool]:
    def check() -> bool:
        maps = mosaic(panel).maps
        return maps is not None and np.allclose(maps.values[0, 0], expected, rtol=1e-4, atol=1e-7)

    return check


def predicted(session: Session) -> int:
    return int(session.trace.probabilities.argmax())


def cam(session: Session, klass: int, layer: int | None = None) -> np.ndarray:
    return grad_cam(session.network, session.weights, session.image, klass, layer, session.switched_off)


def gradient(session: Session, klass: int) -> np.ndarray:
    return input_gradient(session.network, session.weights, session.image, klass, session.switched_off)[0]


def test_grad_cam_of_the_predicted_class_follows_the_pen(qtbot, session: Session, panel: AttributionPanel) -> None:
    for drawing in LINES:
        session.preview_drawing(drawing)
        qtbot.waitUntil(shows(panel, cam(session, predicted(session))), timeout=LONG)
        assert box(panel, "Class").currentText() == f"Predicted: {predicted(session)}"
        image = overlay(panel).image
        assert image is not None
        np.testing.assert_array_equal(image, session.image[0])


def test_a_class_that_was_picked_stays_until_the_prediction_is_picked(
    qtbot, session: Session, panel: AttributionPanel
) -> None:
    other = (predicted(session) + 3) % 10
    choose(panel, "Class", str(other))
    qtbot.waitUntil(shows(panel, cam(session, other)), timeout=LONG)
    session.preview_drawing(LINES[1])
    qtbot.waitUntil(shows(panel, cam(session, other)), timeout=LONG)
    assert f"for {other}" in panel._meaning.text() or "Nothing" in panel._meaning.text()
    choose(panel, "Class", f"Predicted: {predicted(session)}")
    qtbot.waitUntil(shows(panel, cam(session, predicted(session))), timeout=LONG)


def test_the_input_gradient_is_signed_and_has_no_layer(qtbot, session: Session, panel: AttributionPanel) -> None:
    choose(panel, "Method", "Input gradient")
    assert not box(panel, "Layer").isEnabled()
    qtbot.waitUntil(shows(panel, gradient(session, predicted(session))), timeout=LONG)
    scale = overlay(panel).scale
    assert scale is not None
    assert scale.kind == "diverging"
    legend = panel.findChild(ColourLegend)
    assert legend is not None
    assert legend.labels()[0][1] == number_text(float(gradient(session, predicted(session)).min()), 3)
    assert "raises the score" in panel._meaning.text()


def test_grad_cam_looks_at_the_layer_that_was_picked(qtbot, session: Session, panel: AttributionPanel) -> None:
    layers = box(panel, "Layer")
    names = [layer.name for layer in NETWORK.layers[:4]]
    assert [layers.itemText(place) for place in range(layers.count())] == [f"Last: {names[3]}", *names]
    choose(panel, "Layer", names[1])
    qtbot.waitUntil(shows(panel, cam(session, predicted(session), 1)), timeout=LONG)
    session.edit("Remove layer", network=NETWORK.removed(0))  # the layer is another one by number, not by name
    qtbot.waitUntil(lambda: session.trace.network == session.network)
    qtbot.waitUntil(shows(panel, cam(session, predicted(session), 0)), timeout=LONG)
    assert layers.currentText() == names[1]


def test_the_last_layer_can_be_read_in_a_narrow_panel(panel: AttributionPanel, session: Session) -> None:
    names = ("activation_3", "max_pool_2", "batch_norm_3")
    for name in names:
        layers = tuple(layer.changed(name=name) if layer.kind == "max_pool" else layer for layer in NETWORK.layers[:3])
        session.edit("Change layers", network=Network((1, 28, 28), (*layers, *NETWORK.layers[4:])))
        found = box(panel, "Layer")
        assert isinstance(found, ElidedBox)
        QApplication.processEvents()  # the layout
        assert found.shown_text() == f"Last: {name}"


def test_maps_that_are_switched_off_do_not_matter(qtbot, session: Session, panel: AttributionPanel) -> None:
    before = cam(session, predicted(session))
    session.edit("Switch map off", switched_off=frozenset((NETWORK.layers[3].name, k) for k in range(5)))
    qtbot.waitUntil(lambda: session.trace.switched_off == session.switched_off)
    after = cam(session, predicted(session))
    assert not np.allclose(before, after)
    qtbot.waitUntil(shows(panel, after), timeout=LONG)


def test_opacity_leads_from_the_drawing_alone_to_the_colours(qtbot, session: Session, panel: AttributionPanel) -> None:
    choose(panel, "Method", "Input gradient")
    qtbot.waitUntil(shows(panel, gradient(session, predicted(session))), timeout=LONG)
    slider = next(found for found in panel.findChildren(QSlider) if found.accessibleName() == "Opacity")
    strongest = np.unravel_index(np.abs(overlay(panel).values[0, 0]).argmax(), (28, 28))
    seen: list[QColor] = []
    for opacity in (0, 100):
        slider.setValue(opacity)
        mosaic(panel).repaint()
        spot = mosaic(panel).cell_rect(Place(0, 0, int(strongest[0]), int(strongest[1]))).center().toPoint()
        seen.append(mosaic(panel).grab().toImage().pixelColor(spot))
    assert seen[0].hsvSaturationF() < 0.2  # paper or grey ink
    assert seen[1].hsvSaturationF() > 0.5


def test_a_pixel_is_read_pointed_at_and_pinned(qtbot, session: Session, panel: AttributionPanel) -> None:
    qtbot.waitUntil(shows(panel, cam(session, predicted(session))), timeout=LONG)
    view = mosaic(panel)
    view.repaint()
    spot = view.cell_rect(Place(0, 0, 9, 12)).center().toPoint()
    qtbot.mouseMove(view, spot)
    value, ink = number_text(float(overlay(panel).values[0, 0, 9, 12]), 3), session.image[0, 9, 12]
    assert panel._caption.text() == f"Row 9, column 12:  ink {ink:.2f},  Grad-CAM {value}"
    assert session.inspection.hovered == Unit(INPUT, (0, 9, 12))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=spot)
    assert session.inspection.pinned == Unit(INPUT, (0, 9, 12))
    session.inspection.pin(Unit(0, (1, 3, 3)))
    region = view.marks.region
    assert region is not None
    assert np.flatnonzero(region.rows).tolist() == [3, 4, 5, 6, 7]


def test_why_there_is_nothing_to_see(qtbot, session: Session, panel: AttributionPanel) -> None:
    session.edit("Break", network=NETWORK.replaced(5, Dense(7)))
    problem = session.network.report.problem
    assert problem is not None
    assert mosaic(panel).accessibleDescription() == problem.message
    session.edit("Flatten", network=Network((1, 28, 28), (Flatten(), Dense(10))))
    qtbot.waitUntil(lambda: "gives maps" in mosaic(panel).accessibleDescription(), timeout=LONG)
    assert panel._meaning.text() == ""


def test_a_class_can_be_picked_before_the_first_trace(qtbot, session: Session, panel: AttributionPanel) -> None:
    traced, session._trace = session.trace, None
    choose(panel, "Class", "3")
    assert mosaic(panel).accessibleDescription() == "The prediction is being computed."
    session._trace = traced
    session.trace_changed.emit()
    qtbot.waitUntil(shows(panel, cam(session, 3)), timeout=LONG)


def test_a_hidden_panel_computes_nothing(qtbot, session: Session, panel: AttributionPanel) -> None:
    qtbot.waitUntil(shows(panel, cam(session, predicted(session))), timeout=LONG)
    panel.hide()
    session.preview_drawing(LINES[1])
    assert panel._work._latest is None
    panel.show()
    qtbot.waitUntil(shows(panel, cam(session, predicted(session))), timeout=LONG)


def test_colours_cover_the_ink_the_more_the_more_a_pixel_matters() -> None:
    image = np.ones((1, 1, 3), np.float32)
    pixels = Overlay.over(image, np.array([[0.0, 0.5, 1.0]]), signed=False, opacity=1)._pixels[0, 0, 0]
    plain = Overlay.over(image, np.zeros((1, 3)), signed=False, opacity=1)._pixels[0, 0, 0]
    assert pixels[0] == plain[0]
    assert len(set(pixels.tolist())) == 3


def test_the_drawing_takes_the_colours_of_the_theme(qapp: QApplication) -> None:
    overlay = Overlay.over(np.zeros((1, 1, 1), np.float32), np.zeros((1, 1)), signed=True, opacity=1)
    try:
        theme.apply(qapp, "dark")
        assert QColor.fromRgb(int(overlay._pixels[0, 0, 0, 0])) == theme.DARK.paper
    finally:
        theme.apply(qapp, "light")
    assert QColor.fromRgb(int(overlay._pixels[0, 0, 0, 0])) == theme.LIGHT.paper


def test_picture_and_words_stand_beside_each_other_where_it_is_wide(qtbot, panel: AttributionPanel) -> None:
    assert mosaic(panel).mapTo(panel, QPoint()).y() > 100
    panel.resize(700, 300)
    qtbot.waitUntil(lambda: mosaic(panel).mapTo(panel, QPoint()).x() > 150)
    assert mosaic(panel).height() > 250
