"""What each layer of a network costs, as a table to show and to copy, and what flattening costs beside pooling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from convscope.core import table_text
from convscope.core.layers import Dense, Flatten, GlobalAveragePool, shape_text
from convscope.core.network import Network
from convscope.core.report import LayerReport

_BETWEEN = ("activation", "batch_norm", "dropout")  # may stand between flattening and the dense layer
_HEADINGS = ("Layer", "Settings", "Output", "Parameters", "Multiply-accumulates", "Memory in bytes", "Receptive field")


@dataclass(frozen=True)
class Cost:
    """One layer's row.

    Attributes:
        name: The layer's.
        settings: Those that matter, in a few words.
        output: Shape of what it puts out, as text; empty from the first problem on.
        parameters: Values it keeps, running averages included.
        macs: Multiply-accumulates for one image.
        memory: Bytes of its output for one image.
        field: Height×width of what one output value sees of the image; "all" for a vector, empty for no output.
    """

    name: str
    settings: str = ""
    output: str = ""
    parameters: int = 0
    macs: int = 0
    memory: int = 0
    field: str = ""

    @property
    def known(self) -> bool:
        """Whether something comes out of the layer."""
        return bool(self.output)


@dataclass(frozen=True)
class Costs:
    """The rows of all layers and their sums."""

    rows: tuple[Cost, ...]
    total: Cost


@dataclass(frozen=True)
class Head:
    """The first dense layer behind maps that became a vector.

    Attributes:
        inputs: Values that reach each unit.
        units: How many units it has.
        bias: Whether each has a bias.
        parameters: What the layer keeps.
        whole: Parameters of the whole network with it.
    """

    inputs: int
    units: int
    bias: bool
    parameters: int
    whole: int

    @property
    def sum_text(self) -> str:
        """How the number of parameters comes about."""
        biases = f" + {self.units:,}" if self.bias else ""
        return f"{self.inputs:,} × {self.units:,}{biases} = {self.parameters:,}"


@dataclass(frozen=True)
class HeadComparison:
    """The same network with maps flattened and with their means taken, before its first dense layer.

    Attributes:
        layer: Name of the layer that makes a vector of the maps.
        dense: Name of the dense layer behind it.
        is_flattened: Whether the network itself flattens.
    """

    layer: str
    dense: str
    is_flattened: bool
    flattened: Head
    pooled: Head

    @property
    def text(self) -> str:
        """Return the comparison in two sentences, and how large the difference is."""
        flat, pooled = self.flattened, self.pooled
        first = f"Flatten, then {self.dense}: {flat.sum_text} parameters"
        second = f"Global average pooling, then {self.dense}: {pooled.sum_text} parameters"
        share = f", {100 * flat.parameters / flat.whole:.0f} % of the network"
        fewer = f", {flat.parameters / pooled.parameters:.3g} times fewer"
        if self.is_flattened:
            return f"{first}{share}. {second} instead{fewer}; the network then has {pooled.whole:,} in all."
        return f"{second}{fewer} than flattening. {first} instead; the network then has {flat.whole:,} in all."


def costs_of(network: Network) -> Costs:
    """Return what the layers cost; those from the first problem on have a row without figures."""
    report = network.report
    total = Cost("Total", parameters=report.parameters, macs=report.macs, memory=report.memory)
    return Costs(tuple(_row(row) for row in report.rows), total)


def head_comparison(network: Network) -> HeadComparison | None:
    """Return what flattening costs beside global average pooling.

    None where no dense layer follows one of them, or where the other way would be too large to work.
    """
    rows = network.report.rows
    for index, row in enumerate(rows):
        if row.layer.kind not in ("flatten", "global_average_pool") or not row.layer.enabled:
            continue
        dense = _dense_behind(rows, index)
        if dense is None or row.input_shape is None or len(row.input_shape) != 3:
            continue
        flattened, pooled = (_head(network, index, dense, layer) for layer in (Flatten(), GlobalAveragePool()))
        if flattened is None or pooled is None:
            return None
        names = row.layer.name, rows[dense].layer.name
        return HeadComparison(*names, row.layer.kind == "flatten", flattened, pooled)
    return None


def as_csv(costs: Costs) -> str:
    """Return the table with exact figures, comma-separated for any spreadsheet."""
    return table_text.as_csv(_HEADINGS, _table(costs))


def as_markdown(costs: Costs) -> str:
    """Return the table with exact figures in Markdown, the columns aligned."""
    return table_text.as_markdown(_HEADINGS, _table(costs), range(3, 6))


def _row(row: LayerReport) -> Cost:
    layer, shape = row.layer, row.output_shape
    settings = layer.summary() if layer.enabled else "off"
    if shape is None:
        return Cost(layer.name, settings)
    field = "all" if len(shape) == 1 else "×".join(map(str, row.receptive_field or ()))
    return Cost(layer.name, settings, shape_text(shape), row.trainable + row.frozen, row.macs, row.memory, field)


def _dense_behind(rows: Sequence[LayerReport], index: int) -> int | None:
    for behind in range(index + 1, len(rows)):
        layer = rows[behind].layer
        if layer.kind == "dense" and layer.enabled and rows[behind].output_shape is not None:
            return behind
        if layer.enabled and layer.kind not in _BETWEEN:
            return None
    return None


def _head(network: Network, index: int, dense: int, vector_maker: Flatten | GlobalAveragePool) -> Head | None:
    """Return the dense layer's figures with another layer before it, worked out by the network itself.

    None where the network does not get as far with that layer as it does now.
    """
    changed = network.replaced(index, vector_maker)
    failures = [report.failure and report.failure.index for report in (network.report, changed.report)]
    if failures[0] != failures[1]:
        return None
    row = changed.report.rows[dense]
    layer = row.layer
    assert isinstance(layer, Dense)
    assert row.input_shape is not None
    parameters = row.trainable + row.frozen
    return Head(row.input_shape[0], layer.units, layer.bias, parameters, changed.report.parameters)


def _table(costs: Costs) -> list[list[str | int]]:
    return [_cells(row) for row in (*costs.rows, costs.total)]


def _cells(row: Cost) -> list[str | int]:
    return [row.name, row.settings, row.output, row.parameters, row.macs, row.memory, row.field]
