"""The panels of a window by name: which one has the focus, and what its pictures are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from convscope.ui.panel_dock import PanelDock
from convscope.ui.session import Session
from convscope.ui.widgets.curve_plot import CurvePlot

OF_ONE_LAYER = ("maps_panel", "kernels_panel", "histogram_panel", "matrix_panel")  # they show the selected one
USUAL = "maps_panel"


class Panels(QObject):
    """Knows the docks of a window, and which of their panels had the focus last."""

    def __init__(self, docks: Mapping[str, PanelDock], session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._docks = docks
        self._session = session
        self._order = sorted(docks, key=lambda name: name == USUAL)  # the last one had the focus last
        cast(QApplication, QApplication.instance()).focusChanged.connect(self._note)

    @property
    def focused(self) -> str:
        """The panel that has the focus, or had it last of those that are seen."""
        seen = [name for name in self._order if not _is_behind(self._docks[name])]
        return (seen or self._order)[-1]

    @property
    def titles(self) -> dict[str, str]:
        """What the panels are called, by their object names."""
        return {name: dock.windowTitle() for name, dock in self._docks.items()}

    def shown(self, name: str) -> QWidget:
        """Return a panel, after it was brought to the front and has everything that it shows."""
        dock = self._docks[name]
        if _is_behind(dock):
            dock.show()
            dock.raise_()
        panel = dock.panel
        for plot in panel.findChildren(CurvePlot):
            plot.make_canvas()
        return panel

    def words(self, name: str) -> list[str]:
        """Return what the file of a panel's picture is called by: its title, and the layer that it shows."""
        session = self._session
        words = [self.titles[name]]
        if name in OF_ONE_LAYER:
            layers = session.network.layers
            words.append(layers[session.selected].name if 0 <= session.selected < len(layers) else "input")
        return words

    def _note(self, _: QWidget | None, now: QWidget | None) -> None:
        if now is None:
            return
        for name, dock in self._docks.items():
            if dock.isAncestorOf(now):
                self._order.remove(name)
                self._order.append(name)
                return


def _is_behind(dock: PanelDock) -> bool:
    return dock.isHidden() or dock.visibleRegion().isEmpty()
