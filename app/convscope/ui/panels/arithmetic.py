"""How a value was made: the arithmetic of the layer behind it, and its window on the way over the map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from convscope.core.arithmetic import explain
from convscope.core.arithmetic.breakdowns import Breakdown, ConvolutionBreakdown, Whole
from convscope.core.unit import Unit
from convscope.ui.layer_slide import ARROWS, LayerScales, example, layer_name, neighbour, slide_of, source_channel
from convscope.ui.panels.arithmetic_derivatives import ArithmeticDerivatives
from convscope.ui.widgets.breakdown_block import unparted
from convscope.ui.widgets.breakdown_sheet import sheet_of
from convscope.ui.widgets.breakdown_view import BreakdownView
from convscope.ui.widgets.example_offer import ExampleOffer
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.slide import Slide
from convscope.ui.widgets.slide_controls import SlideControls
from convscope.ui.widgets.slide_view import SlideView
from convscope.ui.widgets.tinted_label import TintedLabel
from convscope.ui.widgets.unit_picker import UnitPicker

if TYPE_CHECKING:
    from convscope.ui.session import Session

_HINT = "Click a value of a map or data cube, a pixel the network sees, or a class to see how it was made."
_WAITING = "The value is being computed."
_NARROW = 400  # pixels below which the window slides above the arithmetic, not beside it
_LOWEST = 290  # pixels of height from which it has a place there
_UPRIGHT = 1.2  # height to width from which it does so too


class ArithmeticPanel(QWidget):
    """Takes the pinned value apart.

    Arrow keys move it within its map, Page up and Page down to another map, Space lets the window slide, Escape lets
    go. While the window slides, every position is pinned in turn, so that all other views follow.
    """

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("arithmetic_panel")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._session = session
        self._inspection = session.inspection
        self._stale = True
        self._slide: Slide | None = None
        self._slide_of: tuple[object, int, int, int] | None = None  # trace, layer, output and input map of the slide
        self._room: tuple[object, ...] | None = ()  # what the slide's place was made for
        self._scales = LayerScales()
        self._own: Unit | None = None  # what the sliding window pinned last
        self._walked: Unit | None = None  # what was reached from its neighbour in the same map
        self._order: Whole | None = None  # of the channels, kept on such a walk
        self._filling = False  # the output is shown up to the window only
        self._direction = QComboBox(self)
        self.picker = UnitPicker(parent=self)
        self.pages = ArithmeticDerivatives(session, self)
        self.view = BreakdownView(self)
        self.slide_view = SlideView(self)
        self.controls = SlideControls(self)
        self._result = TintedLabel("text", self)
        self._note = TintedLabel("muted", self)
        self._doubt = TintedLabel("warning", self)
        self._offer = ExampleOffer("arithmetic", "Take the middle value of the selected layer apart", self)
        self._pages = QStackedWidget(self)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._build()
        self._connect()

    def _build(self) -> None:
        self._direction.addItems(["Sees", "Reaches"])
        self._direction.setAccessibleName("What lights up")
        self._direction.setToolTip("Light up what this value sees of earlier layers, or which later values it reaches")
        self._result.make_copyable()
        self._result.setObjectName("arithmetic_result")
        font = self._result.font()
        font.setBold(True)
        self._result.setFont(font)
        self._result.setAccessibleName("Result")
        self._body.setSpacing(6)
        film = QVBoxLayout()
        film.setSpacing(2)
        film.addWidget(self.slide_view, 1)
        film.addWidget(self.controls)
        self._body.addLayout(film)
        self._body.addWidget(self.view, 1)
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(4, 2, 4, 2)
        column.setSpacing(3)
        head = QHBoxLayout()
        self.pages.setExpanding(False)
        head.addWidget(self.pages, 1)
        head.addWidget(self._direction)
        column.addLayout(head)
        column.addWidget(self.picker)
        column.addLayout(self._body, 1)
        for line in (self._result, self._note, self._doubt):
            column.addWidget(line)
        self._pages.addWidget(self._offer)
        self._pages.addWidget(page)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._pages)

    def _connect(self) -> None:
        session, inspection = self._session, self._inspection
        session.trace_changed.connect(self._refresh)
        session.network_changed.connect(self._refresh)
        session.computing_changed.connect(self._refresh)
        inspection.pinned_changed.connect(self._take_pinned)
        inspection.hovered_changed.connect(self._show_hovered)
        inspection.regions_changed.connect(self._show_direction)
        self._direction.activated.connect(lambda index: inspection.show_forwards(index == 1))
        self._offer.wanted.connect(self._show_example)
        self.pages.currentChanged.connect(self._refresh)
        self.picker.index_chosen.connect(self._move_to)
        self.view.value_hovered.connect(inspection.hover)
        self.view.value_chosen.connect(inspection.pin)
        self.view.readout_changed.connect(self._show_note)
        self.slide_view.readout_changed.connect(self._show_note)
        self.slide_view.source_hovered.connect(lambda cell: inspection.hover(self._source_unit(cell)))
        self.slide_view.result_hovered.connect(lambda cell: inspection.hover(self._result_unit(cell)))
        self.slide_view.source_chosen.connect(lambda cell: inspection.pin(self._source_unit(cell)))
        self.slide_view.result_chosen.connect(lambda cell: self._walk(self._result_unit(cell)))
        self.controls.moved.connect(self._slide_by)
        self.controls.restarted.connect(lambda: self._slide_to(0))
        self.controls.playing_changed.connect(self._take_playing)

    def _take_pinned(self) -> None:
        """Follow the pinned value; one that the window did not pin itself ends the film."""
        if self._inspection.pinned != self._own:
            self.controls.stop()
            self._filling, self._own = False, None
        self._refresh()

    def _refresh(self) -> None:
        """Take the pinned value apart, or remember that this was not done."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        unit, waiting = self._inspection.pinned, self._session.waiting
        self._pages.setCurrentIndex(int(unit is not None and not waiting))
        if unit is None or waiting:
            possible = example(self._session.network, self._session.selected) is not None
            self._offer.show_offer(waiting or _HINT, offered=not waiting, possible=possible)
            return
        if self._trace is None:
            if self.view.sheet is None:
                self.view.show_message(_WAITING)
            return  # its trace follows in a moment
        breakdown = explain(self._session.network, self._trace.weights, self._trace, unit)
        self._show_breakdown(breakdown)
        self._show_slide(unit)

    @property
    def _trace(self) -> Any:
        """The trace of the present network; None until it has come."""
        trace = self._session.trace
        return trace if trace is not None and trace.network == self._session.network else None

    def _show_breakdown(self, breakdown: Breakdown) -> None:
        session, unit = self._session, breakdown.unit
        network = session.network
        scale, order = self._scales.of(self._trace, unit.layer - 1), self._kept_order(breakdown)
        made = sheet_of(breakdown, session.class_names, scale=scale, order=order)
        sheet = self.pages.sheet(self._trace, unit) or made
        shape = network.shape_at(unit.layer) or ()
        name, member = layer_name(network, unit.layer), "class" if unit.layer == len(network.layers) else "unit"
        self.picker.show_unit(name, unit.index, shape, number_text(breakdown.computed), member=member)
        self.view.show_sheet(sheet)
        self._result.show_text(unparted(sheet.result))
        self._result.setToolTip(sheet.result)
        self._show_note()
        self._show_direction()

    def _kept_order(self, breakdown: Breakdown) -> Whole | None:
        """Return the order of the channels that a walk over the map keeps; None where they are sorted anew."""
        if not isinstance(breakdown, ConvolutionBreakdown):
            self._order = None
        elif breakdown.unit != self._walked or self._order is None or len(self._order) != len(breakdown.channel_sums):
            self._order = breakdown.order
        else:
            return self._order
        return None

    def _show_slide(self, unit: Unit) -> None:
        channel = source_channel(self._session.network, unit, self._order)
        key = (self._trace, unit.layer, unit.index[0], channel)
        if key != self._slide_of:
            self._slide_of = key
            self._slide = slide_of(self._session.network, self._trace, unit, channel, self._scales)
        slide, position = self._slide, 0
        if slide is not None:
            position = slide.position(*unit.index[1:])
            self.controls.show_count(slide.count)
        self.slide_view.show_slide(slide, position, position + 1 if self._filling else None)
        self._make_room(slide)

    def _make_room(self, slide: Slide | None) -> None:
        """Give a window over other maps its place, or none; the same maps with other values have theirs already."""
        room = None
        if slide is not None:
            room = (slide.source.shape, slide.result.shape, slide.rows.shape, slide.pads, self._order is None)
        if room == self._room:
            return
        self._room = room
        self._arrange()

    def _show_note(self) -> None:
        """Say what is under the pointer, else how exact the result is."""
        sheet = self.view.sheet
        readout = self.view.readout or self.slide_view.readout
        exactness = sheet.exactness if sheet is not None else ""
        doubtful = sheet is not None and not sheet.agrees and not readout
        self._note.setVisible(not doubtful)
        self._doubt.setVisible(doubtful)
        (self._doubt if doubtful else self._note).show_text(readout or exactness)

    def _show_hovered(self) -> None:
        if not self.isVisible():
            return
        unit = self._inspection.hovered
        self.view.show_hovered(unit)
        cell = unit.index[1:] if unit is not None and len(unit.index) == 3 else None
        on_source, on_result = (
            cell is not None and one(cell) == unit for one in (self._source_unit, self._result_unit)
        )
        self.slide_view.show_hovered(cell if on_source else None, cell if on_result else None)

    def _show_direction(self) -> None:
        self._direction.setCurrentIndex(int(self._inspection.forwards))

    def _show_example(self) -> None:
        self._inspection.pin(example(self._session.network, self._session.selected))
        self.view.setFocus()

    def _source_unit(self, cell: tuple[int, ...] | None) -> Unit | None:
        """Return the value of the input map that the slide shows."""
        pinned = self._inspection.pinned
        if cell is None or pinned is None or self._slide_of is None or self._slide is None or self._trace is None:
            return None
        return Unit(pinned.layer - 1, (self._slide_of[3], *cell))

    def _result_unit(self, cell: tuple[int, ...] | None) -> Unit | None:
        """Return the value of the output map that the slide shows."""
        pinned = self._inspection.pinned
        return None if cell is None or pinned is None else Unit(pinned.layer, (pinned.index[0], *cell))

    def _walk(self, unit: Unit | None) -> None:
        """Pin a neighbour, if there is one; within one map the channels and the picture stay in their places."""
        pinned = self._inspection.pinned
        if unit is not None:
            self._walked = unit if pinned is not None and unit.index[0] == pinned.index[0] else None
            self._inspection.pin(unit)

    def _step_to(self, unit: Unit | None) -> None:
        """Go to a neighbour; within the map of a film its output stays open from there on."""
        pinned = self._inspection.pinned
        if unit is None or pinned is None or not self._filling or unit.index[0] != pinned.index[0]:
            self._walk(unit)
        elif self._slide is not None:
            self.controls.stop()
            self._slide_to(self._slide.position(*unit.index[1:]))

    def _move_to(self, index: tuple[int, ...]) -> None:
        pinned = self._inspection.pinned
        if pinned is not None:
            self._inspection.pin(Unit(pinned.layer, index))

    def _slide_by(self, positions: int) -> None:
        pinned = self._inspection.pinned
        if pinned is not None and self._slide is not None:
            self._slide_to(self._slide.position(*pinned.index[1:]) + positions)

    def _slide_to(self, position: int) -> None:
        """Put the window on a position; at the last one the film ends."""
        pinned, slide = self._inspection.pinned, self._slide
        if pinned is None or slide is None:
            return
        if position >= slide.count - 1:
            self.controls.stop()
        self._filling = True
        self._own = Unit(pinned.layer, (pinned.index[0], *slide.place(position)))
        if self._own == pinned:
            self._show_slide(pinned)
        self._walk(self._own)

    def _take_playing(self, playing: bool) -> None:
        """Begin a film that is at its end from the start."""
        pinned = self._inspection.pinned
        if not playing or pinned is None or self._slide is None:
            return
        position = self._slide.position(*pinned.index[1:])
        self._slide_to(0 if position == self._slide.count - 1 else position)

    def _arrange(self) -> None:
        """Put the window beside the arithmetic, or above it where there is more room below each other, or nowhere."""
        width, height = self.width(), self.height()
        above = width < _NARROW or height > _UPRIGHT * width
        has_room = not above or height >= _LOWEST
        for widget in (self.slide_view, self.controls):
            widget.setVisible(self._slide is not None and has_room)
        if not has_room:
            self.controls.stop()
        for line in (self._note, self._doubt):
            line.reserve(2 if width < _NARROW else 1)
        directions = QBoxLayout.Direction
        self._body.setDirection(directions.TopToBottom if above else directions.LeftToRight)
        if above:
            self.slide_view.fit_above(width - 8, height)
        else:
            kernel = 0 if self._order is None or self._slide is None else self._slide.columns.shape[1]
            needed = self.view.widths_for(kernel) if kernel else [0]
            self.slide_view.fit_beside(width, height, needed)

    def minimumSizeHint(self) -> QSize:
        """Return the least useful size, whatever the present arrangement needs, so that it can be left."""
        return QSize(325, 174)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the parts for the new size."""
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        if self._stale:
            self._refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the pinned value, play, or let go."""
        steps = ARROWS.get(Qt.Key(event.key()))
        if steps is not None and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._step_to(neighbour(self._session.network, self._inspection.pinned, steps))
        elif event.key() == Qt.Key.Key_Space and self.controls.isVisible():
            self.controls.toggle()
        elif event.key() == Qt.Key.Key_Home and self.controls.isVisible():
            self.controls.restart()
        elif event.key() == Qt.Key.Key_Escape and self._inspection.pinned is not None:
            self._inspection.pin(None)
        else:
            super().keyPressEvent(event)
