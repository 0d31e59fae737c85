"""What is shown of the derivatives of a loss: one part for each layer, from the loss back to the input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from convscope.core.layers import Layer
from convscope.core.layers.activations import FUNCTIONS
from convscope.core.network import Network
from convscope.core.number_text import digits_of_terms, number_text
from convscope.core.unit import INPUT, Unit
from convscope.ui.widgets.breakdown_block import Block, Step, StepsBlock, TextBlock
from convscope.ui.widgets.breakdown_sheet import Sheet
from convscope.ui.widgets.derivatives_block import DerivativeLine, DerivativesBlock

if TYPE_CHECKING:  # it loads torch, for which the window does not wait
    from convscope.core.derivatives import Derivatives, LayerSlopes, Slopes

_MOST = 8  # lines of one kind; of more, the greatest
_ALL_WEIGHTS = 12  # of a layer: as many are shown for all its units, else those of the pinned unit alone
_TERMS = 3  # of a sum


def derivatives_sheet(found: Derivatives, network: Network, pinned: Unit, class_names: Sequence[str] = ()) -> Sheet:
    """Return what is shown of the derivatives, with the pinned value's in bold.

    Args:
        found: Of the traced example.
        network: Whose loss it is.
        pinned: The value that is taken apart.
        class_names: What the classes are called.
    """
    blocks: list[Block] = [*_loss_blocks(found, network, class_names)]
    for layer in found.layers:
        blocks += _layer_blocks(layer, network, pinned)
    if found.stopped_at:
        text = f"{found.stopped_at} is where the writing out ends: it is neither a dense layer nor an activation."
        blocks.append(TextBlock(text, muted=True))
    return Sheet("Derivatives", tuple(blocks), _result(found, network, pinned), _exactness(found), found.agree)


def slope_of(found: Derivatives, network: Network, unit: Unit) -> float | None:
    """Return ∂L/∂value for a value of the network; None where the chain does not come to it."""
    place = np.ravel_multi_index(unit.index, network.shape_at(unit.layer) or unit.index)
    if unit.layer == len(network.layers):
        return None if network.classifies else float(found.to_outputs.values[place])
    for layer in found.layers:
        if layer.place == unit.layer:
            return float(layer.to_y.values[place])
        if layer.place == unit.layer + 1:
            return float(layer.to_x.values[place])
    return None


def _loss_blocks(found: Derivatives, network: Network, names: Sequence[str]) -> list[Block]:
    last = len(network.layers) - 1
    if found.probabilities is None:
        return [TextBlock("The loss: L = (ŷ − y)², the square of the error"), *_squared(found, last)]
    right = int(found.target)
    name = names[right] if right < len(names) else str(right)
    share = float(found.probabilities[right])
    steps = StepsBlock((Step("L", f"−ln {number_text(share, digits_of_terms(found.loss, 1.0))} = {_n(found.loss)}"),))
    lines = []
    for k in _greatest(found.to_outputs.values):
        less = " − 1" if k == right else ""
        rule = f"∂L/∂z[{k}] = p[{k}]{less}"
        slope, p = float(found.to_outputs.values[k]), float(found.probabilities[k])
        digits = digits_of_terms(slope, p, 1.0) if less else 4
        numbers = f"{number_text(p, digits)}{less} = {_n(slope)}"
        lines.append(_line(rule, numbers, found.to_outputs, k, Unit(last, (k,))))
    text = f"The loss: L = −ln p[{right}], the class is {name}; p is the softmax of the scores z"
    return [TextBlock(text), steps, DerivativesBlock(lines), *_more(found.to_outputs.values)]


def _squared(found: Derivatives, last: int) -> list[Block]:
    pairs = list(zip(found.outputs.tolist(), found.target.tolist(), strict=True))
    summed = " + ".join(f"({_less(output, target)})²" for output, target in pairs[:_TERMS])
    dots = " + …" if len(pairs) > _TERMS else ""
    lines = []
    for k in _greatest(found.to_outputs.values):
        place = f"[{k}]" if len(pairs) > 1 else ""
        numbers = f"2 · ({_less(*pairs[k])}) = {_n(float(found.to_outputs.values[k]))}"
        rule = f"∂L/∂ŷ{place} = 2 · (ŷ{place} − y{place})"
        lines.append(_line(rule, numbers, found.to_outputs, k, Unit(last, (k,))))
    steps = StepsBlock((Step("L", f"{summed}{dots} = {_n(found.loss)}"),))
    return [steps, DerivativesBlock(lines), *_more(found.to_outputs.values)]


def _less(output: float, target: float) -> str:
    """Return a difference, written so that what is read comes to it."""
    digits = digits_of_terms(output - target, output, target)
    sign, size = ("+", -target) if target < 0 else ("−", target)
    return f"{number_text(output, digits)} {sign} {number_text(size, digits)}"


def _layer_blocks(layer: LayerSlopes, network: Network, pinned: Unit) -> list[Block]:
    described = network.layers[layer.place]
    if layer.kind == "passed":
        return [TextBlock(f"{described.name}: {_passing(described)}: y = x, so ∂L/∂x = ∂L/∂y", muted=True)]
    if layer.kind == "activation":
        title = f"{described.name}: y = f(x), f is {FUNCTIONS[getattr(described, 'function', '')]}"
        return [TextBlock(title), DerivativesBlock(_activation_lines(layer, network, pinned)), *_more(layer.x)]
    blocks: list[Block] = [TextBlock(f"{described.name}: y = w · x + b")]
    for unit in _units(layer, pinned):
        blocks += [DerivativesBlock(_weight_lines(layer, unit, pinned)), *_more(layer.x, " weights")]
    if layer.to_weights is not None and len(_units(layer, pinned)) < len(layer.y):
        blocks.append(TextBlock("Pin another unit of this layer to see the derivatives of its weights.", muted=True))
    return [*blocks, DerivativesBlock(_input_lines(layer, network, pinned)), *_more(layer.x)]


def _units(layer: LayerSlopes, pinned: Unit) -> list[int]:
    """Return the units of a dense layer whose weights are shown."""
    count = len(layer.y)
    if count * (len(layer.x) + 1) <= _ALL_WEIGHTS:
        return list(range(count))
    return [pinned.index[0]] if pinned.layer == layer.place else [int(np.abs(layer.to_y.values).argmax())]


def _weight_lines(layer: LayerSlopes, unit: int, pinned: Unit) -> list[DerivativeLine]:
    assert layer.to_weights is not None
    slope, own = float(layer.to_y.values[unit]), Unit(layer.place, (unit,))
    lines = []
    for j in _greatest(layer.to_weights.values[unit]):
        value = float(layer.to_weights.values[unit, j])
        numbers = f"{_n(slope)} · {_signed(float(layer.x[j]))} = {_n(value)}"
        rule = f"∂L/∂w[{unit},{j}] = ∂L/∂y[{unit}] · x[{j}]"
        lines.append(_line(rule, numbers, layer.to_weights, (unit, j), own, strong=own == pinned))
    if layer.to_bias is not None:
        rule = f"∂L/∂b[{unit}] = ∂L/∂y[{unit}]"
        lines.append(_line(rule, f"= {_n(slope)}", layer.to_bias, unit, own, strong=own == pinned))
    return lines


def _input_lines(layer: LayerSlopes, network: Network, pinned: Unit) -> list[DerivativeLine]:
    assert layer.weights is not None
    lines = []
    for j in _greatest(layer.to_x.values):
        order = np.argsort(-np.abs(layer.weights[:, j] * layer.to_y.values), kind="stable")[:_TERMS]
        products = (layer.weights[:, j] * layer.to_y.values).tolist()
        digits = digits_of_terms(float(layer.to_x.values[j]), *products) if len(products) > 1 else 4
        factors = [(float(layer.weights[i, j]), float(layer.to_y.values[i])) for i in sorted(order)]
        terms = [f"{_signed(weight, digits)} · {_signed(slope, digits)}" for weight, slope in factors]
        dots = " + …" if len(layer.y) > _TERMS else ""
        rule = f"∂L/∂x[{j}] = " + (f"w[0,{j}] · ∂L/∂y[0]" if len(layer.y) == 1 else f"Σ w[i,{j}] · ∂L/∂y[i]")
        numbers = f"{' + '.join(terms)}{dots} = {_n(float(layer.to_x.values[j]))}"
        unit = _unit_before(layer, network, j)
        lines.append(_line(rule, numbers, layer.to_x, j, unit, strong=unit == pinned))
    return lines


def _activation_lines(layer: LayerSlopes, network: Network, pinned: Unit) -> list[DerivativeLine]:
    assert layer.factors is not None
    lines = []
    for i in _greatest(layer.to_x.values):
        rule = f"∂L/∂x[{i}] = ∂L/∂y[{i}] · f′(x[{i}])"
        factor = _signed(float(layer.factors[i]))
        numbers = f"{_n(float(layer.to_y.values[i]))} · {factor} = {_n(float(layer.to_x.values[i]))}"
        unit = _unit_before(layer, network, i)
        lines.append(_line(rule, numbers, layer.to_x, i, unit, strong=unit == pinned))
    return lines


def _unit_before(layer: LayerSlopes, network: Network, place: int) -> Unit:
    """Return the value that reached a layer, by its place in the vector."""
    before = layer.place - 1
    shape = network.input_shape if before == INPUT else (network.shape_at(before) or (len(layer.x),))
    return Unit(before, tuple(int(side) for side in np.unravel_index(place, shape)))


def _line(
    rule: str, numbers: str, slopes: Slopes, at: int | tuple[int, int], unit: Unit, *, strong: bool = False
) -> DerivativeLine:
    computed, residual = float(slopes.computed[at]), float(slopes.residuals[at])
    agrees = abs(residual) <= float(slopes.bounds[at])
    return DerivativeLine(rule, numbers, f"autograd {_n(computed)}, {_off(residual)}", agrees, unit, strong)


def _greatest(values: Iterable[float]) -> list[int]:
    """Return the places of the greatest magnitudes, in their own order; all where they are few."""
    magnitudes = np.abs(np.asarray(values, np.float64))
    return sorted(np.argsort(-magnitudes, kind="stable")[:_MOST].tolist())


def _more(values: Sequence[float] | np.ndarray, kind: str = "") -> list[Block]:
    left = len(values) - _MOST
    return [TextBlock(f"… and {left:,} more{kind}, none with a larger derivative.", muted=True)] if left > 0 else []


def _result(found: Derivatives, network: Network, pinned: Unit) -> str:
    slope = slope_of(found, network, pinned)
    if slope is None:
        return f"L = {_n(found.loss)}"
    name = network.layers[pinned.layer].name if 0 <= pinned.layer < len(network.layers) else "input"
    name = "ŷ" if pinned.layer == len(network.layers) else name
    return f"L = {_n(found.loss)}, ∂L/∂{name}[{','.join(map(str, pinned.index))}] = {_n(slope)}"


def _exactness(found: Derivatives) -> str:
    loss = f"PyTorch in single precision: L = {number_text(found.computed, 7)}, {_off(found.computed - found.loss)}"
    if found.agree:
        return f"{loss}; every derivative agrees with autograd up to rounding."
    return f"{loss}; a derivative differs by more than rounding explains."


def _off(residual: float) -> str:
    return "exactly" if residual == 0 else f"off by {number_text(residual, 2)}"


def _passing(layer: Layer) -> str:
    if not layer.enabled:
        return "switched off"
    return "dropout passes everything in inference" if layer.kind == "dropout" else f"{layer.kind} rearranges"


def _n(value: float) -> str:
    return number_text(value)


def _signed(value: float, digits: int = 4) -> str:
    """Return a factor, in brackets where it is negative."""
    text = number_text(value, digits)
    return f"({text})" if value < 0 else text
