"""Shapes and costs along a stack of layers, and the first place where they do not work out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod
from typing import TYPE_CHECKING

from convscope.core.layers import Dense, Field, Flatten, Layer, MisfitError, Shape, Suggestion, shape_text

if TYPE_CHECKING:
    from convscope.core.network import Network

BYTES = 4  # of a float32
MOST_BYTES = 2 * 1024**3  # what the weights of a network, or one image's maps, may take


@dataclass(frozen=True)
class LayerReport:
    """One layer with what reaches it, what leaves it and what it costs.

    Attributes:
        input_shape: None behind the first failure.
        output_shape: None from the first failure on.
        trainable: Parameters that training changes.
        frozen: Values that are kept but not trained: running averages, and all values of a frozen layer.
        macs: Multiply-accumulate operations for one image.
        memory: Bytes of the output of one image.
        receptive_field: Height and width of what one output value sees of the image, padding included.
    """

    layer: Layer
    input_shape: Shape | None = None
    output_shape: Shape | None = None
    trainable: int = 0
    frozen: int = 0
    macs: int = 0
    memory: int = 0
    receptive_field: tuple[int, int] | None = None


@dataclass(frozen=True)
class Failure:
    """The first layer that does not work; `index` is the number of layers when the output is wrong."""

    index: int
    misfit: MisfitError


@dataclass(frozen=True)
class Remedy:
    """A change that helps, and what it is called."""

    label: str
    network: Network


@dataclass(frozen=True)
class Problem:
    """Why a network cannot work, and what can be done.

    Attributes:
        index: The layer; the number of layers when it is the output that does not suit the classes.
        message: A sentence with the arithmetic.
        remedies: Each makes the network work at least one layer further.
        layer: The layer's name; empty for the output.
    """

    index: int
    message: str
    remedies: tuple[Remedy, ...] = ()
    layer: str = ""

    @property
    def located(self) -> str:
        """The message for where the layer is not seen beside it."""
        return f"{self.layer}: {self.message}" if self.layer else self.message


@dataclass(frozen=True)
class Report:
    """Every layer's shapes and costs, with the first failure, if any."""

    rows: tuple[LayerReport, ...]
    failure: Failure | None = None
    problem: Problem | None = None

    @cached_property
    def trainable(self) -> int:
        """Parameters that training changes."""
        return sum(row.trainable for row in self.rows)

    @cached_property
    def parameters(self) -> int:
        """All values a layer keeps, running averages included."""
        return sum(row.trainable + row.frozen for row in self.rows)

    @cached_property
    def all_enabled(self) -> bool:
        """Whether no layer is switched off."""
        return all(row.layer.enabled for row in self.rows)

    @cached_property
    def macs(self) -> int:
        """Multiply-accumulate operations for one image."""
        return sum(row.macs for row in self.rows)

    @cached_property
    def memory(self) -> int:
        """Bytes of all outputs for one image."""
        return sum(row.memory for row in self.rows)


def reported(input_shape: Shape, layers: tuple[Layer, ...], classes: int) -> Report:
    """Follow the shape of one image through the layers as far as it goes."""
    rows: list[LayerReport] = []
    failure: Failure | None = None
    weights, maps = 0, 0  # bytes
    shape = input_shape
    field = Field((1, 1), (1, 1), (input_shape[1], input_shape[2]))
    for index, layer in enumerate(layers):
        if failure is not None:
            rows.append(LayerReport(layer))
            continue
        try:
            row, field = _row(layer, shape, field)
            weights, maps = weights + BYTES * (row.trainable + row.frozen), maps + row.memory
            _check_size(weights, maps)
        except MisfitError as misfit:
            failure = Failure(index, misfit)
            rows.append(LayerReport(layer, shape))
            continue
        rows.append(row)
        shape = row.output_shape or shape
    if failure is None and shape != (classes,):
        failure = Failure(len(layers), _head_misfit(shape, classes, layers))
    return Report(tuple(rows), failure)


def smallest_batch(network: Network) -> int:
    """Return how many examples a training batch needs: two where batch norm has one value per channel and example."""
    lone = (
        row.layer.kind == "batch_norm"
        and row.layer.enabled
        and row.layer.trainable  # a frozen one uses its running averages
        and row.input_shape
        and prod(row.input_shape[1:]) == 1
        for row in network.report.rows
    )
    return 2 if any(lone) else 1


def batch_misfit(network: Network, batch_size: int) -> str:
    """Return why a network cannot be trained in batches of so many examples and what to do; empty where it can."""
    if batch_size >= smallest_batch(network):
        return ""
    return (
        "Batch normalisation takes mean and variance over the batch, and behind a dense layer a batch of 1 has only "
        "one value per channel. Use a batch size of at least 2."
    )


@lru_cache(maxsize=1024)  # an edit changes few layers of a deep network, and all are shown anew
def _row(layer: Layer, shape: Shape, field: Field) -> tuple[LayerReport, Field]:
    if not layer.enabled:
        return LayerReport(layer, shape, shape, memory=0, receptive_field=field.size), field
    output = layer.output_shape(shape)
    field = layer.field(field, shape)
    parameters = sum(prod(sides) for sides in layer.parameter_shapes(shape).values())
    averages = sum(prod(sides) for sides in layer.buffer_shapes(shape).values())
    row = LayerReport(
        layer,
        shape,
        output,
        trainable=parameters if layer.trainable else 0,
        frozen=averages if layer.trainable else averages + parameters,
        macs=layer.macs(shape),
        memory=prod(output) * BYTES,
        receptive_field=field.size,
    )
    return row, field


def _check_size(weights: int, maps: int) -> None:
    """Raise the `MisfitError` of a layer with which a network takes more bytes than an ordinary computer can hold."""
    for what, size in (("weights", weights), ("maps of one image", maps)):
        if size > MOST_BYTES:
            raise MisfitError(
                f"With this layer the {what} would take {size / 1024**3:.1f} GiB; "
                f"at most {MOST_BYTES / 1024**3:.0f} GiB is allowed. Make the layer smaller, or pool before it."
            )


def _head_misfit(shape: Shape, classes: int, layers: tuple[Layer, ...]) -> MisfitError:
    """Describe an output that is not one value per class."""
    head = Suggestion(f"Add a dense layer of {classes}", (Dense(classes),))
    if len(shape) == 3:
        label = f"Add a flatten and a dense layer of {classes}"
        return MisfitError(
            f"The last layer gives maps of {shape_text(shape)}; the {classes} classes need a vector of {classes}.",
            [Suggestion(label, (Flatten(), Dense(classes)))],
        )
    message = f"The last layer gives {shape[0]:,} values; the {classes} classes need {classes}."
    if layers and isinstance(layers[-1], Dense) and layers[-1].enabled:
        label = f"Give {layers[-1].name} {classes} units"
        return MisfitError(message, [Suggestion(label, (layers[-1].changed(units=classes),), replaces_last=True), head])
    return MisfitError(message, [head])
