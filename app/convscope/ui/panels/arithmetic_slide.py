"""The slide of the layer that made a value: its input map, its window and its output map."""

from __future__ import annotations

from typing import Any

import numpy as np

from convscope.core.network import Network
from convscope.core.unit import INPUT, Unit
from convscope.ui.colour_maps import ColourScale
from convscope.ui.widgets.slide import Slide


def slides(network: Network, unit: Unit) -> bool:
    """Say whether a window slides in the layer that made a value."""
    if not 0 <= unit.layer < len(network.layers) or len(unit.index) != 3:
        return False
    layer = network.layers[unit.layer]
    return layer.enabled and hasattr(layer, "window")


def source_channel(network: Network, trace: Any, unit: Unit) -> int:
    """Return which input map is shown: the one that a filter weighs most, the value's own where maps stay apart."""
    layer = network.layers[unit.layer]
    if layer.kind != "conv2d":
        return unit.index[0]
    weights = trace.weights[f"{layer.name}.weight"][unit.index[0]]
    return int(np.argmax(np.abs(weights).sum(axis=(1, 2))))


def slide_of(network: Network, trace: Any, unit: Unit) -> Slide | None:
    """Return the slide of the layer that made a value; None where no window slides or nothing comes out.

    Args:
        network: The traced one.
        trace: Its `Trace`.
        unit: A value of the layer's output.
    """
    if not slides(network, unit):
        return None
    source, result = trace.values(unit.layer - 1), trace.values(unit.layer)
    if source is None or result is None:
        return None
    channel, own = source_channel(network, trace, unit), unit.index[0]
    names = (f"{layer_name(network, unit.layer - 1)}, map {channel}", f"{layer_name(network, unit.layer)}, map {own}")
    scales = (ColourScale.of(source[channel]), ColourScale.of(result[own]))
    window = getattr(network.layers[unit.layer], "window")  # noqa: B009  # not every layer has one
    return Slide.of(window, source[channel], result[own], scales=scales, names=names)


def layer_name(network: Network, layer: int) -> str:
    """Return what a layer is called by its number: −1 is the input, the number of layers the probabilities."""
    if layer == INPUT:
        return "Input"
    return "Probabilities" if layer == len(network.layers) else network.layers[layer].name


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
