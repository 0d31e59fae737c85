"""What mattered: which places of the drawing speak for a class, laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QGridLayout, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from convscope.core.large import is_traced_live
from convscope.core.probability_text import probability_text
from convscope.core.receptive_field import Region
from convscope.core.unit import INPUT, Unit
from convscope.ui.panels.attribution_work import Answer, Attributing, Method, Question
from convscope.ui.panels.mosaic_pointing import marks_of
from convscope.ui.widgets.attribution_mosaic import AttributionMosaic, Overlay
from convscope.ui.widgets.colour_legend import ColourLegend
from convscope.ui.widgets.elided_box import ElidedBox
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.mosaic_marks import Marks
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.tinted_label import TintedLabel

if TYPE_CHECKING:
    from convscope.ui.session import Session

_METHODS: tuple[tuple[Method, str, str], ...] = (
    ("grad_cam", "Grad-CAM", "Where a layer's maps see something that speaks for the class"),
    ("input_gradient", "Input gradient", "How the class's score changes when a pixel gets more ink"),
)
_SIDE_BY_SIDE = 1.2  # width over height from which picture and words stand beside each other
_MEANING = {
    "grad_cam": "The stronger the colour, the more {layer} sees there that speaks for {name}.",
    "input_gradient": "Orange: more ink there raises the score of {name}. Blue: it lowers it.",
}


_listed: WeakKeyDictionary[QComboBox, list[tuple[str, object]]] = WeakKeyDictionary()  # what `_fill` put there


class AttributionPanel(QWidget):
    """Shows Grad-CAM or the input gradient of a class over the drawing, live under the pen."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("attribution_panel")
        self._session = session
        self._chosen: int | None = None  # the class that the user picked; None follows the prediction
        self._layer_name = ""  # of the layer that the user picked; empty for the last one
        self._answer: Answer | None = None
        self._work = Attributing(self)
        self._class = ElidedBox("For which class places speak", self)
        self._method = ElidedBox("How what matters is found", self)
        self._layer = ElidedBox("Whose maps Grad-CAM looks at: the last ones, or those of a layer", self)
        self._opacity = QSlider(Qt.Orientation.Horizontal, self)
        self._mosaic = AttributionMosaic(self)
        self._meaning = TintedLabel("muted", self)
        self._caption = TintedLabel("text", self)
        self._legend = ColourLegend(self)
        self._build()
        self._follow()

    def _build(self) -> None:
        for key, text, tip in _METHODS:
            self._method.addItem(text, key)
            self._method.setItemData(self._method.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        for box, name in ((self._class, "Class"), (self._method, "Method"), (self._layer, "Layer")):
            box.setAccessibleName(name)
            box.setMinimumContentsLength(11)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMaxVisibleItems(20)
        self._opacity.setRange(0, 100)
        self._opacity.setValue(75)
        self._opacity.setMinimumWidth(60)
        self._opacity.setAccessibleName("Opacity")
        self._opacity.setToolTip("How much the colours cover the drawing")
        opacity = QHBoxLayout()
        opacity.addWidget(QLabel("Opacity", self))
        opacity.addWidget(self._opacity, 1)
        head = QGridLayout()
        head.addWidget(self._method, 0, 0)
        head.addWidget(self._class, 0, 1)
        head.addWidget(self._layer, 1, 0)
        head.addLayout(opacity, 1, 1)
        for column in range(2):
            head.setColumnStretch(column, 1)
        words = QWidget(self)
        side = QVBoxLayout(words)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(4)
        side.addLayout(head)
        for text in (self._caption, self._meaning):
            side.addWidget(text)
        side.addWidget(self._legend, alignment=Qt.AlignmentFlag.AlignRight)
        self._parts = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._parts.setContentsMargins(6, 4, 6, 4)
        self._parts.setSizeConstraint(QBoxLayout.SizeConstraint.SetNoConstraint)
        self._parts.addWidget(words, alignment=Qt.AlignmentFlag.AlignTop)
        self._parts.addWidget(self._mosaic, 1)

    def _follow(self) -> None:
        session = self._session
        self._class.activated.connect(self._choose_class)
        self._method.activated.connect(self._ask)
        self._layer.activated.connect(self._choose_layer)
        self._opacity.valueChanged.connect(self._show_answer)
        self._work.answered.connect(self._take)
        self._work.failed.connect(lambda error: self._mosaic.show_message(f"This could not be computed: {error}"))
        self._mosaic.place_hovered.connect(self._hover)
        self._mosaic.place_pinned.connect(lambda place: session.inspection.pin(self._unit(place)))
        self._mosaic.pin_withdrawn.connect(session.inspection.take_back)
        self._mosaic.caption_changed.connect(self._describe)
        session.inspection.hovered_changed.connect(self._show_marks)
        session.inspection.regions_changed.connect(self._show_marks)
        for signal in (session.trace_changed, session.network_changed, session.dataset_changed):
            signal.connect(self._refresh)

    def _choose_class(self, place: int) -> None:
        self._chosen = None if place == 0 else place - 1
        self._refresh()

    def _choose_layer(self, place: int) -> None:
        self._layer_name = self._layer.itemData(place) or ""
        self._ask()

    @property
    def _trace(self) -> Any:
        """The trace of the present network in inference, as the gradients are; None until it has come."""
        trace = self._session.inference_trace
        return trace if trace is not None and trace.network == self._session.network else None

    @property
    def _predicted(self) -> int | None:
        trace = self._trace
        if trace is None or trace.logits is None:
            return None
        return int(trace.logits.argmax()) if trace.probabilities is not None else 0

    @property
    def _klass(self) -> int | None:
        if self._chosen is not None and self._chosen < self._session.network.classes:
            return self._chosen
        return self._predicted

    def _name(self, klass: int) -> str:
        names = self._session.class_names
        return names[klass] if klass < len(names) else str(klass)

    def _refresh(self) -> None:
        """List what can be chosen, and ask anew."""
        if not self.isVisible():
            return
        self._list_classes()
        self._list_layers()
        self._ask()

    def _list_classes(self) -> None:
        predicted, network = self._predicted, self._session.network
        first = "Predicted class" if predicted is None else f"Predicted: {self._name(predicted)}"
        _fill(self._class, [(first, None), *((self._name(klass), klass) for klass in range(network.classes))])
        chosen = self._chosen if self._chosen is not None and self._chosen < network.classes else None
        self._class.setCurrentIndex(0 if chosen is None else chosen + 1)

    def _list_layers(self) -> None:
        layers = self._maps_layers()
        first = f"Last: {layers[-1]}" if layers else "No maps"
        _fill(self._layer, [(first, ""), *((name, name) for name in layers)])
        self._layer.setCurrentIndex(max(0, self._layer.findData(self._layer_name)) if self._layer_name else 0)

    def _maps_layers(self) -> list[str]:
        rows = self._session.network.report.rows
        return [row.layer.name for row in rows if len(row.output_shape or ()) == 3]

    def _ask(self) -> None:
        """Ask for what is set, or say why there is nothing to ask."""
        method = cast(Method, self._method.currentData())
        self._layer.setEnabled(method == "grad_cam")
        session, klass, trace = self._session, self._klass, self._trace
        obstacle = self._obstacle()
        if obstacle or klass is None or trace is None:
            self._answer = None
            self._mosaic.show_message(obstacle or "The prediction is being computed.")
            self._describe()
            return
        network = session.network
        layer = network.index_of(self._layer_name) if self._layer_name in self._maps_layers() else None
        parts = (network, session.shown_weights, trace.image, klass, method, layer, session.switched_off)
        self._work.ask(Question(*parts))

    def _obstacle(self) -> str:
        """Return why nothing can be computed now; empty where it can."""
        network = self._session.network
        if network.report.problem is not None:
            return network.report.problem.located
        if self._session.waiting:
            return self._session.waiting
        return "" if is_traced_live(network) else "This network is too large for this to be computed while you draw."

    def _take(self, answer: Answer) -> None:
        if answer.question.network != self._session.network:
            return
        self._answer = answer
        if answer.values is None:
            self._mosaic.show_message(answer.problem)
            self._describe()
        else:
            self._show_answer()

    def _show_answer(self) -> None:
        answer = self._answer
        if answer is None or answer.values is None or not self.isVisible():
            return
        question = answer.question
        signed = question.method == "input_gradient"
        opacity = self._opacity.value() / 100
        overlay = Overlay.over(question.image, answer.values, signed=signed, opacity=opacity)
        self._mosaic.show_method(self._method.itemText(self._method.findData(question.method)))
        self._mosaic.show_maps(overlay)
        self._show_marks()

    def _show_marks(self) -> None:
        """Show what is pointed at and pinned of the input, all its channels in one."""
        if not self.isVisible():
            return
        marks = marks_of(self._session, INPUT)
        hovered, pinned = (
            None if place is None else Place(0, 0, place.row, place.column) for place in (marks.hovered, marks.pinned)
        )
        region = marks.region
        if region is not None:
            region = Region(np.array([bool(region.channels.any())]), region.rows, region.columns)
        self._mosaic.show_marks(Marks(hovered, pinned, region))
        self._describe()

    def _hover(self, place: Place | None) -> None:
        self._session.inspection.hover(None if place is None else self._unit(place))

    def _unit(self, place: Place) -> Unit:
        return Unit(INPUT, (0, place.row, place.column))

    def _describe(self) -> None:
        shown = self._mosaic.maps
        self._legend.show_scale(None if shown is None else shown.scale)
        answer = self._answer
        if shown is None or answer is None:
            self._caption.show_text("")
            self._meaning.show_text("")
            return
        self._caption.show_text(self._mosaic.caption() or self._score_text(answer.question))
        self._meaning.show_text(self._meaning_text(answer))

    def _score_text(self, question: Question) -> str:
        """Return how sure the network is of the class."""
        trace = self._session.inference_trace
        if trace is None or trace.logits is None or question.klass >= len(trace.logits):
            return ""
        if trace.probabilities is None:
            return f"{self._name(question.klass)}: {number_text(float(trace.logits[question.klass]), 3)}"
        score, probability = float(trace.logits[question.klass]), float(trace.probabilities[question.klass])
        return (
            f"{self._name(question.klass)}: score {number_text(score, 3)}, probability {probability_text(probability)}"
        )

    def _meaning_text(self, answer: Answer) -> str:
        question, layers = answer.question, self._maps_layers()
        if answer.values is not None and not answer.values.any():
            return f"Nothing here speaks for {self._name(question.klass)}: all values are 0."
        picked = question.network.layers[question.layer].name if question.layer is not None else ""
        layer = picked or (layers[-1] if layers else "")
        return _MEANING[question.method].format(layer=layer, name=self._name(question.klass))

    def minimumSizeHint(self) -> QSize:
        """Return the size at which the drawing can still be seen."""
        return QSize(240, 260)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the words beside the picture where that leaves it larger."""
        super().resizeEvent(event)
        wide = self.width() > _SIDE_BY_SIDE * self.height()
        self._parts.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def hideEvent(self, event: QHideEvent) -> None:
        """Compute nothing that nobody sees."""
        super().hideEvent(event)
        self._work.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        self._refresh()


def _fill(box: QComboBox, entries: list[tuple[str, object]]) -> None:
    """List entries, but touch nothing that stays: an open list would close under the pointer."""
    listed = _listed.get(box, [])
    _listed[box] = entries
    while box.count() > len(entries):
        box.removeItem(box.count() - 1)
    for place, (text, data) in enumerate(entries):
        if place == box.count():
            box.addItem(text, data)
        elif place >= len(listed) or listed[place] != (text, data):  # asking Qt for a thousand takes 80 ms
            box.setItemText(place, text)
            box.setItemData(place, data)
