"""What the user points at: the value under the pointer, and the one that is taken apart, with all it depends on."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from convscope.core.network import Network
from convscope.core.receptive_field import Region, reached_field, receptive_field
from convscope.core.unit import Unit


class Inspection(QObject):
    """One value under the pointer and one that was clicked, the same in every view.

    Signals:
        hovered_changed: The pointer is over another value, or over none.
        pinned_changed: Another value is taken apart, or none.
        regions_changed: What the pinned value sees or reaches is new; also after `pinned_changed`.
    """

    hovered_changed = Signal()
    pinned_changed = Signal()
    regions_changed = Signal()

    def __init__(self, network: Network, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._network = network
        self._hovered: Unit | None = None
        self._pinned: Unit | None = None
        self._pinned_before: Unit | None = None
        self._forwards = False
        self._regions: Mapping[int, Region] | None = None

    @property
    def hovered(self) -> Unit | None:
        """The value under the pointer."""
        return self._hovered

    @property
    def pinned(self) -> Unit | None:
        """The value that is taken apart."""
        return self._pinned

    @property
    def forwards(self) -> bool:
        """Whether the regions show which later values the pinned one reaches, not which earlier ones it sees."""
        return self._forwards

    @property
    def regions(self) -> Mapping[int, Region]:
        """What the pinned value sees or reaches, by layer, itself included; −1 is the input."""
        if self._regions is None:
            field = reached_field if self._forwards else receptive_field
            self._regions = field(self._network, self._pinned) if self._pinned is not None else {}
        return self._regions

    def hover(self, unit: Unit | None) -> None:
        """Point at a value, or at none."""
        unit = self._existing(unit)
        if unit != self._hovered:
            self._hovered = unit
            self.hovered_changed.emit()

    def pin(self, unit: Unit | None) -> None:
        """Take a value apart, or none."""
        unit = self._existing(unit)
        self._pinned_before = self._pinned
        if unit != self._pinned:
            self._pinned = unit
            self._regions = None
            self.pinned_changed.emit()
            self.regions_changed.emit()

    def take_back(self) -> None:
        """Pin what was pinned before the last click."""
        self.pin(self._pinned_before)

    def show_forwards(self, forwards: bool) -> None:
        """Show which later values the pinned one reaches, or which earlier ones it sees."""
        if forwards != self._forwards:
            self._forwards, self._regions = forwards, None
            self.regions_changed.emit()

    def follow(self, network: Network) -> None:
        """Point at the same values of another network, as far as its layers still have them."""
        old, self._network = self._network, network
        hovered, pinned = self._hovered, self._pinned
        self._hovered, self._pinned = (self._existing(_moved(unit, old, network)) for unit in (hovered, pinned))
        if self._hovered != hovered:
            self.hovered_changed.emit()
        self._regions = None
        if self._pinned != pinned:
            self.pinned_changed.emit()
        if pinned is not None:
            self.regions_changed.emit()

    def _existing(self, unit: Unit | None) -> Unit | None:
        if unit is None or not -1 <= unit.layer <= len(self._network.layers):
            return None
        return unit if unit.fits(self._network.shape_at(unit.layer)) else None


def _moved(unit: Unit | None, old: Network, new: Network) -> Unit | None:
    """Return the value in the layer of the same name; None when that has gone."""
    if unit is None or unit.layer < 0:
        return unit
    if unit.layer == len(old.layers):
        return Unit(len(new.layers), unit.index)
    try:
        return Unit(new.index_of(old.layers[unit.layer].name), unit.index)
    except KeyError:
        return None
