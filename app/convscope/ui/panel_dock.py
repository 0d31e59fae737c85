"""The docks of the panels, each of which is made when it is first needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from convscope.ui.widgets.wheel import WheelGuard

TITLES = {  # by object name, in the order of the View menu; "stack_panel" is `StackPanel` in `panels.stack`
    "stack_panel": "Layers",
    "cubes_panel": "Data cubes",
    "maps_panel": "Feature maps",
    "histogram_panel": "Histograms",
    "kernels_panel": "Kernels",
    "arithmetic_panel": "Arithmetic",
    "batchnorm_panel": "Batch norm",
    "curves_panel": "Curves",
    "step_panel": "One step",
    "gradients_panel": "Gradient flow",
    "runs_panel": "Runs",
    "time_panel": "Time machine",
    "diagnosis_panel": "Reading the curves",
    "drawing_panel": "Drawing",
    "attribution_panel": "What mattered",
    "training_panel": "Training",
    "dropout_panel": "Dropout",
    "costs_panel": "Costs",
    "matrix_panel": "As a matrix",
}

PAUSE = 50  # milliseconds between two panels that nobody waits for

PanelClass = Callable[..., QWidget]


def panel_class(name: str) -> PanelClass:
    """Return the class of the panel of that object name; its module is imported no earlier than this."""
    module = name.removesuffix("_panel")
    return getattr(import_module(f"convscope.ui.panels.{module}"), f"{module.capitalize()}Panel")


class PanelDock(QDockWidget):
    """The place of one panel, which is made when it is first seen or asked for.

    Importing and making all of them takes longer than everything else that a window needs before it can be shown.
    """

    def __init__(self, name: str, make: Callable[[str], QWidget], window: QMainWindow) -> None:
        """Make the dock of the panel of that object name, which `make` will return."""
        super().__init__(TITLES[name], window)
        self.name = name
        self._make = make
        self._panel: QWidget | None = None
        self._is_seen = False
        self.setObjectName(f"{name}_dock")
        # While docks are arranged each of them comes to the front for a moment.
        self._settling = QTimer(self, singleShot=True, interval=0)
        self._settling.timeout.connect(self._make_if_seen)
        self.visibilityChanged.connect(self._show_panel)
        self.show_action = self._made_action()

    @property
    def is_made(self) -> bool:
        """Whether the panel is there."""
        return self._panel is not None

    @property
    def panel(self) -> QWidget:
        """The panel."""
        if self._panel is None:
            self._panel = panel = self._make(self.name)
            WheelGuard(panel)
            panel.setAccessibleName(self.windowTitle())
            panel.setAutoFillBackground(True)  # else dock and window are painted below it, with every picture in it
            policy = panel.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            panel.setSizePolicy(policy)
            self.setWidget(panel)
            panel.setVisible(self._is_seen)
        return self._panel

    def show_in_front(self) -> None:
        """Show the panel, wherever it is; the focus stays."""
        self.show()
        self.raise_()

    def bring_to_front(self) -> None:
        """Show the panel, wherever it is, and give it the focus."""
        self.show_in_front()
        self._entry().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _entry(self) -> QWidget:
        """Return the part of the panel that had the focus last, else the first that can have it, else the panel."""
        last = self.panel.focusWidget()
        if last is not None and _takes_tab(last):
            return last
        return next(filter(_takes_tab, self.panel.findChildren(QWidget)), self.panel)

    def _made_action(self) -> QAction:
        """Return what shows the panel or, where it is in front already, hides it.

        Qt's own action takes a panel behind another one for shown, and would hide what nobody sees.
        """
        action = QAction(self.windowTitle(), self, checkable=True)
        action.setObjectName(f"action_show_{self.name}")
        action.setToolTip(f"Show or hide the panel “{self.windowTitle()}”.")
        action.setStatusTip(action.toolTip())
        self.toggleViewAction().toggled.connect(action.setChecked)
        action.setChecked(self.toggleViewAction().isChecked())
        action.triggered.connect(self._switch)
        return action

    def _switch(self) -> None:
        if self._is_seen:
            self.close()
        else:
            self.bring_to_front()
        self.show_action.setChecked(not self.isHidden())  # the click has turned it over

    def make_if_in_front(self) -> None:
        """Make the panel if it will be seen when the window is shown, where a dock behind another one lies beside."""
        if not self.isHidden() and self.geometry().right() >= 0:
            _ = self.panel

    def _show_panel(self, seen: bool) -> None:
        # A dock behind another one only lies beside the screen: its panel would be redrawn for nobody.
        self._is_seen = seen
        if self._panel is not None:
            self._panel.setVisible(seen)
        elif seen:
            self._settling.start()

    def _make_if_seen(self) -> None:
        if self._is_seen:
            _ = self.panel


class PanelMaker(QObject):
    """Makes the panels that nobody has seen yet, one at a time, while the user looks at the others."""

    def __init__(self, docks: Mapping[str, PanelDock], parent: QObject) -> None:
        super().__init__(parent)
        self._left = list(docks.values())
        self._timer = QTimer(self, interval=PAUSE)
        self._timer.timeout.connect(self._make_another)

    def start(self) -> None:
        """Begin."""
        self._timer.start()

    def stop(self) -> None:
        """Make no more."""
        self._timer.stop()

    def _make_another(self) -> None:
        self._left = [dock for dock in self._left if not dock.is_made]
        if self._left:
            _ = self._left.pop(0).panel  # taken out before: one that cannot be made is not tried again and again
        else:
            self._timer.stop()


def _takes_tab(widget: QWidget) -> bool:
    return widget.isVisible() and widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def make_docks(window: QMainWindow, make: Callable[[str], QWidget]) -> dict[str, PanelDock]:
    """Return a dock for every panel, by the panel's object name, which `make` is given."""
    return {name: PanelDock(name, make, window) for name in TITLES}
