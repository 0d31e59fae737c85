"""The slide of the layer that made a value: its input map, its window and its output map."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from convscope.core.arithmetic import explain
from convscope.core.arithmetic.breakdowns import ConvolutionBreakdown, Whole
from convscope.core.network import Network
from convscope.core.unit import INPUT, Unit
from convscope.ui.colour_maps import ColourScale
from convscope.ui.widgets.slide import Slide

ARROWS = {  # maps, rows and columns that a key goes
    Qt.Key.Key_Left: (0, 0, -1),
    Qt.Key.Key_Right: (0, 0, 1),
    Qt.Key.Key_Up: (0, -1, 0),
    Qt.Key.Key_Down: (0, 1, 0),
    Qt.Key.Key_PageUp: (-1, 0, 0),
    Qt.Key.Key_PageDown: (1, 0, 0),
}


def slides(network: Network, unit: Unit) -> bool:
    """Say whether a window slides in the layer that made a value."""
    if not 0 <= unit.layer < len(network.layers) or len(unit.index) != 3:
        return False
    layer = network.layers[unit.layer]
    return layer.enabled and hasattr(layer, "window")


def source_channel(network: Network, unit: Unit, order: Whole | None) -> int:
    """Return which input map is shown: the first of a convolution's order, map 0 without one, a pool's own map."""
    if order is not None:
        return int(order[0])
    return 0 if slides(network, unit) and network.layers[unit.layer].kind == "conv2d" else unit.index[0]


def _most_first(network: Network, trace: Any, unit: Unit) -> Whole | None:
    """Return a convolution's channels, those that add most to the value first; None where nothing adds up."""
    breakdown = explain(network, trace.weights, trace, unit)
    return breakdown.order if isinstance(breakdown, ConvolutionBreakdown) else None


class LayerScales:
    """What the colours of each layer stand for: all its maps share one scale, as in the panels of maps and cubes."""

    def __init__(self) -> None:
        self._trace: Any = None
        self._known: dict[int, ColourScale] = {}

    def of(self, trace: Any, layer: int) -> ColourScale | None:
        """Return the scale of a layer of a trace, −1 for the input; None where there is no such layer."""
        if trace is not self._trace:
            self._trace, self._known = trace, {}
        if layer not in self._known:
            values = trace.values(layer) if layer >= INPUT else None
            if values is None:
                return None
            self._known[layer] = ColourScale.of(values)
        return self._known[layer]


def slide_of(
    network: Network, trace: Any, unit: Unit, channel: int | None = None, scales: LayerScales | None = None
) -> Slide | None:
    """Return the slide of the layer that made a value; None where no window slides or nothing comes out.

    Args:
        network: The traced one.
        trace: Its `Trace`.
        unit: A value of the layer's output.
        channel: The input map; None for the one that adds most to the value.
        scales: Where the scales of the layers' colours are kept from one call to the next.
    """
    if not slides(network, unit):
        return None
    source, result = trace.values(unit.layer - 1), trace.values(unit.layer)
    if source is None or result is None:
        return None
    if channel is None:
        channel = source_channel(network, unit, _most_first(network, trace, unit))
    own = unit.index[0]
    names = (f"{layer_name(network, unit.layer - 1)}, map {channel}", f"{layer_name(network, unit.layer)}, map {own}")
    scales = scales or LayerScales()
    both = scales.of(trace, unit.layer - 1), scales.of(trace, unit.layer)
    assert both[0] is not None
    assert both[1] is not None
    window = getattr(network.layers[unit.layer], "window")  # noqa: B009  # not every layer has one
    return Slide.of(window, source[channel], result[own], scales=(both[0], both[1]), names=names)


def layer_name(network: Network, layer: int) -> str:
    """Return what a layer is called by its number: −1 is the input, the number of layers the probabilities."""
    if layer == INPUT:
        return "Input"
    if layer == len(network.layers):
        return "Probabilities" if network.classifies else "Prediction"
    return network.layers[layer].name


def neighbour(network: Network, unit: Unit | None, steps: tuple[int, int, int]) -> Unit | None:
    """Return the value some maps, rows and columns away, in a vector as many places in all; None beyond the edge."""
    if unit is None:
        return None
    if len(unit.index) == 3:
        index = tuple(place + step for place, step in zip(unit.index, steps, strict=True))
    else:
        index = (unit.index[0] + sum(steps),)
    found = Unit(unit.layer, index)
    return found if found.fits(network.shape_at(unit.layer)) else None


def example(network: Network, selected: int) -> Unit | None:
    """Return the middle value of the selected layer's output, or of the first convolution's, or of the first layer's.

    None where no layer works.
    """
    shown = [index for index in range(len(network.layers)) if network.shape_at(index) is not None]
    convolutions = [index for index in shown if network.layers[index].kind == "conv2d"]
    candidates = [*([selected] if selected in shown else []), *convolutions, *shown]
    if not candidates:
        return None
    shape = network.shape_at(candidates[0])
    assert shape is not None
    return Unit(candidates[0], tuple(side // 2 for side in shape))
