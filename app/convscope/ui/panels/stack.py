"""The panel of the layers: the network as a stack of cards that are added, edited, moved and removed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from convscope.core.layers import LAYER_KINDS
from convscope.core.network import Network
from convscope.core.report import LayerReport, Problem
from convscope.core.settings import SettingError, settings_of
from convscope.ui.icons import icon
from convscope.ui.widgets.card_data import cards_of, totals_of
from convscope.ui.widgets.layer_list import LayerList
from convscope.ui.widgets.layer_palette import LayerPalette
from convscope.ui.widgets.totals_bar import TotalsBar

if TYPE_CHECKING:
    from convscope.ui.session import Session

TOOLS = (
    "action_toggle_layer",
    "action_freeze_layer",
    "action_move_layer_up",
    "action_move_layer_down",
    "action_duplicate_layer",
    "action_remove_layer",
)


class StackPanel(QWidget):
    """Shows the session's network and edits it, each change one step that can be undone."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        """Make the panel of `session`; the `actions` on layers do their work here."""
        super().__init__(parent)
        self.setObjectName("stack_panel")
        self._session = session
        self._actions = actions
        self._is_stale = True
        self._selected_name = ""  # of the layer shown as selected; empty for the input
        self.list = LayerList([actions[name] for name in TOOLS], self)
        self.palette_popup = LayerPalette(self)
        self.totals = TotalsBar(self)
        self.add_button = self._made_add_button()
        self.problem_button = self._made_problem_button()
        self._lay_out()
        self._connect()
        self._refresh()

    def _made_add_button(self) -> QToolButton:
        action = self._actions["action_add_layer"]
        button = QToolButton(self)
        button.setObjectName("add_layer_button")
        button.setText("Add layer")
        button.setAccessibleName("Add layer")
        button.setIcon(icon("add"))
        button.setIconSize(QSize(18, 18))
        button.setToolTip(action.toolTip())
        button.setStatusTip(action.statusTip())
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.clicked.connect(action.trigger)
        return button

    def _made_problem_button(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("show_problem_button")
        button.setText("Show problem")
        button.setAccessibleName("Show problem")
        button.setIcon(icon("warning", "warning"))
        button.setIconSize(QSize(18, 18))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.clicked.connect(self._show_problem)
        button.hide()
        return button

    def _lay_out(self) -> None:
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 5, 8, 0)
        bar.addWidget(self.add_button)
        bar.addStretch()
        bar.addWidget(self.problem_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.totals)

    def _connect(self) -> None:
        session, stack = self._session, self.list
        session.network_changed.connect(self._follow_network)
        session.selection_changed.connect(self._refresh)
        stack.layer_selected.connect(session.select)
        stack.layer_moved.connect(self._move)
        stack.layer_removed.connect(self._remove)
        stack.layer_duplicated.connect(self._duplicate)
        stack.layer_toggled.connect(self._toggle)
        stack.layer_wanted.connect(self._open_palette)
        stack.kind_dropped.connect(self._insert)
        stack.setting_changed.connect(self._change)
        stack.remedy_chosen.connect(self._apply_remedy)
        self.palette_popup.closed.connect(self._cool_down)
        self.palette_popup.kind_chosen.connect(lambda kind: self._insert(kind, session.selected + 1))
        self._on_trigger("action_add_layer", self._open_palette)
        self._on_trigger("action_toggle_layer", lambda: self._toggle(session.selected))
        self._on_trigger("action_freeze_layer", lambda: self._freeze(session.selected))
        self._on_trigger("action_duplicate_layer", lambda: self._duplicate(session.selected))
        self._on_trigger("action_remove_layer", lambda: self._remove(session.selected))
        self._on_trigger("action_move_layer_up", lambda: self._move(session.selected, session.selected - 1))
        self._on_trigger("action_move_layer_down", lambda: self._move(session.selected, session.selected + 1))

    def _on_trigger(self, name: str, handler: Callable[[], None]) -> None:
        self._actions[name].triggered.connect(lambda _=False: handler())

    def _refresh(self) -> None:
        """Show the network and the selection as they are now."""
        self._show(min(self._session.selected, len(self._session.network.layers) - 1))

    def _follow_network(self) -> None:
        """Show another network; where the selected layer is in it, the session says only after this."""
        names = [layer.name for layer in self._session.network.layers]
        if self._selected_name in names:
            self._show(names.index(self._selected_name))
        else:
            self._refresh()
        if self.isVisible():
            # Paint what changed at once: shapes and costs must not wait for maps, kernels and curves to be worked out.
            QApplication.sendEvent(self.window(), QEvent(QEvent.Type.UpdateRequest))

    def _show(self, selected: int) -> None:
        """Show the network with this layer selected; the actions, which are in menus, do not wait for the panel."""
        network = self._session.network
        layer = network.layers[selected] if selected >= 0 else None
        self._selected_name = layer.name if layer else ""
        self._allow(selected)
        self._is_stale = not self.isVisible()
        if not self._is_stale:
            self.list.show_stack(cards_of(network), selected, layer)
            self.totals.show_totals(totals_of(network.report))
            self._announce(network.report.problem)

    def _announce(self, problem: Problem | None) -> None:
        """Show or hide the way to a problem, whose card may lie outside what is shown of the list."""
        self.problem_button.setVisible(problem is not None)
        self.problem_button.setToolTip(problem.message if problem else "")
        self.problem_button.setStatusTip(problem.message if problem else "")

    def _show_problem(self) -> None:
        problem = self._session.network.report.problem
        if problem is not None:
            self._session.select(problem.index)
            self.list.show_card(problem.index)

    def _allow(self, selected: int) -> None:
        """Enable the actions that make sense for the selected layer."""
        layers = self._session.network.layers
        for name in TOOLS:
            self._actions[name].setEnabled(selected >= 0)
        freeze, row = self._actions["action_freeze_layer"], self._session.network.report.rows[max(selected, 0) :][:1]
        freeze.setEnabled(selected >= 0 and can_freeze(row[0]))
        freeze.setChecked(selected >= 0 and not layers[selected].trainable)
        self._actions["action_move_layer_up"].setEnabled(selected > 0)
        self._actions["action_move_layer_down"].setEnabled(0 <= selected < len(layers) - 1)

    def _change(self, index: int, name: str, value: Any) -> None:
        layer = self._session.network.layers[index]
        label = next(setting.label for setting in settings_of(layer) if setting.name == name)
        try:
            changed = self._session.network.replaced(index, layer.changed(**{name: value}))
        except SettingError as error:  # two settings that do not go together
            self._session.message_shown.emit(str(error))
            self._refresh()
            return
        self._session.edit(f"Change {_in_sentence(label)} of {layer.name}", network=changed)

    def _insert(self, kind: str, index: int) -> None:
        network = self._session.network.inserted(index, LAYER_KINDS[kind]())
        self._edit(f"Add {network.layers[index].name}", network, index)

    def _duplicate(self, index: int) -> None:
        self._edit(f"Duplicate {self._name(index)}", self._session.network.duplicated(index), index + 1)

    def _move(self, start: int, end: int) -> None:
        direction = "up" if end < start else "down"
        self._edit(f"Move {self._name(start)} {direction}", self._session.network.moved(start, end), end)

    def _remove(self, index: int) -> None:
        self._session.edit(f"Remove {self._name(index)}", network=self._session.network.removed(index))

    def _toggle(self, index: int) -> None:
        verb = "off" if self._session.network.layers[index].enabled else "on"
        self._session.edit(f"Switch {verb} {self._name(index)}", network=self._session.network.toggled(index))

    def _freeze(self, index: int) -> None:
        """Freeze a layer, or let it train again."""
        network, layer = self._session.network, self._session.network.layers[index]
        verb = "Freeze" if layer.trainable else "Unfreeze"
        changed = network.replaced(index, layer.changed(trainable=not layer.trainable))
        self._session.edit(f"{verb} {layer.name}", network=changed)

    def _apply_remedy(self, number: int) -> None:
        problem = self._session.network.report.problem
        if problem is not None and number < len(problem.remedies):
            remedy = problem.remedies[number]
            self._session.edit(remedy.label, network=remedy.network)

    def _edit(self, text: str, network: Network, selected: int) -> None:
        """Change the network, and select the layer that the change is about."""
        self._session.edit(text, network=network)
        self._session.select(selected)

    def _name(self, index: int) -> str:
        return self._session.network.layers[index].name

    def _open_palette(self) -> None:
        place = QRect(self.add_button.mapToGlobal(self.add_button.rect().topLeft()), self.add_button.size())
        self.palette_popup.open_beside(place)

    def _cool_down(self) -> None:
        """Take the hovered look off the button, which is not told that the pointer left while the palette was open."""
        self.add_button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
        self.add_button.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what has changed while the panel was hidden."""
        super().showEvent(event)
        if self._is_stale:
            self._refresh()

    def sizeHint(self) -> QSize:
        """Return a size in which an ordinary network is seen at a glance."""
        return QSize(340, 720)


def can_freeze(row: LayerReport) -> bool:
    """Say whether a layer has, or may once have, weights that training would change, or is frozen already."""
    return not row.layer.trainable or row.input_shape is None or bool(row.layer.parameter_shapes(row.input_shape))


def _in_sentence(label: str) -> str:
    """Return a setting's label as it stands inside a sentence."""
    return label[:1].lower() + label[1:]
