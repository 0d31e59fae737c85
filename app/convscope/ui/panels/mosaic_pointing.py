"""From a place on a mosaic to a value of the network and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convscope.core.mode import Mode
from convscope.core.network import Network
from convscope.core.unit import Unit
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.mosaic_marks import Marks

if TYPE_CHECKING:
    from convscope.ui.session import Session


def unit_of(network: Network, layer: int, place: Place) -> Unit:
    """Return the value of a layer's output that stands at a place of its mosaic."""
    shape = network.shape_at(layer)
    is_vector = shape is not None and len(shape) == 1
    return Unit(layer, (place.tile,) if is_vector else (place.tile, place.row, place.column))


def place_of(unit: Unit) -> Place:
    """Return where a value stands in the mosaic of its layer."""
    row, column = unit.index[1:] if len(unit.index) == 3 else (0, 0)
    return Place(unit.index[0], 0, row, column)


def marks_of(session: Session, layer: int) -> Marks:
    """Return what is pointed at, pinned and switched off in a layer."""
    inspection = session.inspection
    hovered, pinned = (
        place_of(unit) if unit is not None and unit.layer == layer else None
        for unit in (inspection.hovered, inspection.pinned)
    )
    return Marks(hovered, pinned, inspection.regions.get(layer), crossed_of(session, layer))


def see_side(session: Session, side: int) -> None:
    """See the mode whose maps stand on a side, inference or training: its numbers are the ones taken apart."""
    if side < 2:
        session.change_mode(Mode.TRAINING if side else Mode.INFERENCE)


def part_name(network: Network, layer: int) -> str:
    """Return what the parts of a layer's output are called."""
    shape = network.shape_at(layer)
    return "unit" if shape is not None and len(shape) == 1 else "map"


def crossed_of(session: Session, layer: int) -> frozenset[int]:
    """Return the maps of a layer that are switched off."""
    if layer < 0:
        return frozenset()
    name = session.network.layers[layer].name
    return frozenset(channel for owner, channel in session.switched_off if owner == name)
