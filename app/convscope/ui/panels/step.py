"""One step: a batch goes through the network and back in four stages, each with its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from convscope.core.training_step import Stage, StepDetails
from convscope.ui.icons import icon
from convscope.ui.panels.shown_layer import has_numbers, shown_layer
from convscope.ui.panels.step_source import Place, StepTable, step_table
from convscope.ui.panels.step_text import sentence
from convscope.ui.widgets.kernel_places import Spot
from convscope.ui.widgets.kernel_table_view import KernelTableView
from convscope.ui.widgets.layer_picker import LayerPicker
from convscope.ui.widgets.step_batch import Batch, BatchCards
from convscope.ui.widgets.step_kernels import StepKernels
from convscope.ui.widgets.step_rows import BatchRows
from convscope.ui.widgets.step_stages import StageBar
from convscope.ui.widgets.step_update import UpdateSheet
from convscope.ui.widgets.tinted_label import TintedLabel

if TYPE_CHECKING:
    from convscope.ui.session import Session

_PAGES = ("Images", "Gradients", "Weight")
_NAMED = 540  # pixels of width from which the buttons are named
_NONE = -1


class Arrangement(Enum):
    """How the three pages stand: one at a time, in two columns, or in three."""

    STACKED = 1
    TWO = 2
    THREE = 3


class StepPanel(QWidget):
    """Shows the session's training step in slow motion, and has it go on."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        """Make the panel of `session`; it uses the actions `step_stage` and `train`."""
        super().__init__(parent)
        self.setObjectName("step_panel")
        self._session = session
        self._chosen: Place | None = None  # the weight that the user clicked
        self._stage: Stage | None = None
        self._table: StepTable | None = None
        self._arrangement: Arrangement | None = None
        self.stages = StageBar(self)
        self.next_button = self._button("step_next", actions["action_step_stage"], "Next stage")
        self.run_button = self._button("step_run_on", actions["action_train"], "Run on")
        self.sentence = TintedLabel("muted", self)
        self.sentence.setObjectName("step_sentence")
        self.cards = BatchCards(self)
        self.rows = BatchRows(self)
        self.kernels = StepKernels(self)
        self.update_sheet = UpdateSheet(self)
        self._image = TintedLabel("muted", self)
        self._picker = LayerPicker(self)
        self._largest = QToolButton(self)
        self._choosers = [self._chooser(number, text) for number, text in enumerate(_PAGES)]
        self._group = QButtonGroup(self)
        self._view = KernelTableView(self, self.kernels)
        self._pages = [self._cards_page(), self._kernels_page(), self.update_sheet]
        self._lay_out()
        self._follow()

    def _cards_page(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.cards, 1)
        column.addWidget(self.rows, 1)
        self.rows.hide()
        column.addWidget(self._image)
        return page

    def _kernels_page(self) -> QWidget:
        page = QWidget(self)
        self._largest.setObjectName("step_largest")
        self._largest.setText("Largest ∇")
        self._largest.setAccessibleName("Weight with the largest gradient")
        self._largest.setToolTip("Choose the weight of this layer whose gradient is largest")
        head = QHBoxLayout()
        head.addWidget(self._picker)
        head.addStretch(1)
        head.addWidget(self._largest)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self._view, 1)
        return page

    def _lay_out(self) -> None:
        for number, button in enumerate(self._choosers):
            self._group.addButton(button, number)
        self._choosers[0].setChecked(True)
        head = QHBoxLayout()
        head.setSpacing(6)
        for widget in (self.stages, self.next_button, self.run_button):
            head.addWidget(widget, 1 if widget is self.stages else 0)
        below = QHBoxLayout()
        below.setSpacing(2)
        below.addWidget(self.sentence, 1)
        for button in self._choosers:
            below.addWidget(button)
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 4)
        column.setSpacing(4)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        column.addLayout(head)
        column.addLayout(below)
        column.addLayout(self._grid, 1)
        self._arrange()

    def _follow(self) -> None:
        session = self._session
        self._group.idClicked.connect(lambda _: self._show_pages())
        self._picker.chosen.connect(session.select)
        self._largest.clicked.connect(self._forget_choice)
        self.kernels.weight_chosen.connect(self._choose)
        self.cards.caption_changed.connect(lambda: self._image.show_text(self.cards.caption()))
        for signal in (
            session.step_watch.step_changed,
            session.selection_changed,
            session.network_changed,
            session.dataset_changed,
            session.run_state_changed,
        ):
            signal.connect(self._refresh)

    def _refresh(self) -> None:
        """Show the present stage; a hidden panel does so when it is shown."""
        if not self.isVisible():
            return
        details = self._session.step_watch.details
        stage = details.stage if details is not None else None
        self.stages.show_stage(stage)
        self.sentence.show_text(sentence(details, self._session.run_state))
        self._show_batch(details)
        if stage is not self._stage:
            self._stage = stage
            page = {Stage.BACKWARD: 1, Stage.UPDATE: 2}.get(stage, 0) if stage is not None else 0
            self._choosers[page].setChecked(True)
            self._show_pages()
        self._show_layer()

    def _show_batch(self, details: StepDetails | None) -> None:
        """Show the batch as images, or as rows where the network gets numbers and predicts one."""
        dataset = self._session.dataset
        features, target = ((), None) if dataset is None else (dataset.features, dataset.target)
        in_rows = details is not None and target is not None and details.images[0].size == len(features)
        if in_rows and details is not None and target is not None:
            self.rows.show_rows(details, features, target)
        self.cards.show_kind("rows" if features else "images")
        self.cards.show_batch(None if details is None else Batch(details, self._session.class_names))
        for widget, shown in ((self.cards, not in_rows), (self._image, not in_rows), (self.rows, in_rows)):
            widget.setVisible(shown)
        self._choosers[0].setText("Rows" if features else _PAGES[0])
        self._choosers[0].setAccessibleName(self._choosers[0].text())

    def _show_layer(self) -> None:
        """Show the weights of the selected layer with their gradients, and the update of one of them."""
        network, details = self._session.network, self._session.step_watch.details
        entries = [(i, layer.name) for i, layer in enumerate(network.layers) if has_numbers(layer)]
        index = shown_layer(network, min(self._session.selected, len(network.layers) - 1))
        self._picker.show_entries(entries, _NONE if index is None else index)
        self._table = None if index is None or details is None else step_table(network, index, details)
        if self._table is None:
            self._view.show_message("Weights and gradients come with a step: press Next stage.")
            self.update_sheet.show_message("The update of one weight comes with a step: press Next stage.")
            self.kernels.show_chosen(None, lambda _: "")
            return
        self._view.show_kernels(self._table.values)
        self._show_weight(self._table)

    def _show_weight(self, table: StepTable) -> None:
        if self._chosen is not None and table.spot(self._chosen) is None:
            self._chosen = None  # it belongs to another layer
        place = self._chosen or table.largest()
        worked = None if place is None else table.details.worked(*place)
        self._largest.setEnabled(self._chosen is not None)
        spot = None if place is None else table.spot(place)
        if spot is not None and spot != self.kernels.chosen:
            self.kernels.select(spot.filter, spot.channel)  # which brings it into sight
        self.kernels.show_chosen(spot, table.described)
        if place is not None and worked is not None:
            self.update_sheet.show_update(table.name(place), worked)
        elif table.details.has(Stage.BACKWARD):
            self.update_sheet.show_message(f"No gradient reaches {table.layer.name}, so the update leaves it as it is.")
        else:
            self.update_sheet.show_message("A weight is changed by its gradient, which comes with the backward pass.")

    def _choose(self, spot: Spot) -> None:
        if self._table is None:
            return
        self._chosen = self._table.place(spot)
        self._show_weight(self._table)
        if self._table.details.has(Stage.BACKWARD):
            self._choosers[2].setChecked(True)
            self._show_pages()

    def _forget_choice(self) -> None:
        self._chosen = None
        self._show_layer()

    def _arrange(self) -> None:
        """Let the pages stand beside each other where there is room."""
        wide, high = self.width(), self.height()
        named = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if wide >= _NAMED else Qt.ToolButtonStyle.ToolButtonIconOnly
        for button in (self.next_button, self.run_button):
            button.setToolButtonStyle(named)
        arrangement = Arrangement.STACKED
        if wide >= 1000:
            arrangement = Arrangement.THREE
        elif wide >= 620 and high >= 480:
            arrangement = Arrangement.TWO
        if arrangement is self._arrangement:
            return
        self._arrangement = arrangement
        places = {
            Arrangement.STACKED: ((0, 0, 1, 1), (0, 0, 1, 1), (0, 0, 1, 1)),
            Arrangement.TWO: ((0, 0, 2, 1), (0, 1, 1, 1), (1, 1, 1, 1)),
            Arrangement.THREE: ((0, 0, 1, 1), (0, 1, 1, 1), (0, 2, 1, 1)),
        }[arrangement]
        for page, place in zip(self._pages, places, strict=True):
            self._grid.removeWidget(page)
            self._grid.addWidget(page, *place)
        for number in range(3):
            self._grid.setColumnStretch(number, 1 if number < arrangement.value else 0)
        self._grid.setRowStretch(0, 1)
        self._grid.setRowStretch(1, 1 if arrangement is Arrangement.TWO else 0)
        self._show_pages()

    def _show_pages(self) -> None:
        stacked = self._arrangement is Arrangement.STACKED
        wanted = [not stacked or number == self._group.checkedId() for number in range(3)]
        for page, shown in sorted(zip(self._pages, wanted, strict=True), key=lambda pair: pair[1]):
            page.setVisible(shown)  # those that go first: all of them together would make the window wider
        for button in self._choosers:
            button.setVisible(stacked)

    def _chooser(self, number: int, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"step_page_{number}")
        button.setText(text)
        button.setAccessibleName(text)
        button.setCheckable(True)
        button.setAutoExclusive(True)
        return button

    def _button(self, name: str, action: QAction, text: str) -> QToolButton:
        """Return a button that triggers an action under a name that suits the panel."""
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setAccessibleName(text)
        button.setIcon(icon("step-stage" if name == "step_next" else "train"))
        button.setIconSize(QSize(18, 18))
        button.setToolTip(action.toolTip())
        button.clicked.connect(action.trigger)
        button.setEnabled(action.isEnabled())
        action.enabledChanged.connect(button.setEnabled)
        return button

    def minimumSizeHint(self) -> QSize:
        """Return the size of the stages above some images."""
        return QSize(340, 150)

    def sizeHint(self) -> QSize:
        """Return a size at which images and gradients are seen."""
        return QSize(900, 420)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the pages as there is room."""
        super().resizeEvent(event)
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        self._refresh()
