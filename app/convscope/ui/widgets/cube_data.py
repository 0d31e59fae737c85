"""What a row of data cubes shows, computed from the network: one item per layer, the image first, the classes last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from convscope.core.layers import Layer, Shape, Window, shape_text
from convscope.core.layers.window import pair, size_text
from convscope.core.network import Network

INPUT = -1

_SHORT_FUNCTIONS = {
    "identity": "identity", "binary_step": "step", "logistic": "sigmoid", "tanh": "tanh", "arctan": "arctan",
    "relu": "ReLU", "leaky_relu": "leaky ReLU", "prelu": "PReLU", "rrelu": "RReLU", "elu": "ELU",
    "softplus": "softplus", "gelu": "GELU",
}  # fmt: skip
_POOLS = {"max_pool": "max", "average_pool": "average", "min_pool": "min", "sum_pool": "sum"}


@dataclass(frozen=True)
class CubeItem:
    """One step of the row.

    Attributes:
        layer: Position of the layer, −1 for the image, the number of layers for the probabilities.
        name: What it is called.
        shape: What comes out; None where the layer cannot work.
        operations: What leads to it, from the shortest to the fullest wording; none for the image.
        joined: It has the shape of the one before, so it stands close to that.
        is_classes: It holds the probabilities of the classes.
        problem: Why it cannot work; empty when it can.
    """

    layer: int
    name: str
    shape: Shape | None
    operations: tuple[str, ...] = ()
    joined: bool = False
    is_classes: bool = False
    problem: str = ""

    @property
    def shape_text(self) -> str:
        """The shape as lectures write it; empty where the layer cannot work."""
        return "" if self.shape is None else shape_text(self.shape)


def cube_items(network: Network) -> tuple[CubeItem, ...]:
    """Return the image, every layer that works, and the classes; or in their place the first layer that cannot work."""
    items = [CubeItem(INPUT, "Input", network.input_shape)]
    problem = network.report.problem
    for index, row in enumerate(network.report.rows):
        operations = operation_texts(row.layer)
        if row.output_shape is None or (problem is not None and problem.index == index):
            return (*items, CubeItem(index, row.layer.name, None, operations, problem=_sentence(network)))
        joined = row.output_shape == items[-1].shape
        items.append(CubeItem(index, row.layer.name, row.output_shape, operations, joined))
    end = len(network.layers)
    if problem is not None:
        return (*items, CubeItem(end, "Classes", None, ("softmax",), problem=problem.message))
    if not network.classifies:
        return (*items, CubeItem(end, "Prediction", (network.classes,), ("=", "as it is"), joined=True))
    return (*items, CubeItem(end, "Classes", (network.classes,), ("softmax",), is_classes=True))


def operation_texts(layer: Layer) -> tuple[str, ...]:
    """Return what a layer does, as it is written between cubes: from the shortest to the fullest wording."""
    if not layer.enabled:
        return "off", f"{layer.title.lower()} off"
    values: Any = layer
    match layer.kind:
        case "conv2d":
            return _windowed("conv", size_text(values.kernel_size), values.window)
        case "max_pool" | "average_pool" | "min_pool" | "sum_pool":
            size = values.kernel_size
            height, width = pair(size)
            return (
                *_windowed("pool", str(height) if height == width else size_text(size), values.window, height)[:2],
                *_windowed(f"{_POOLS[layer.kind]} pool", size_text(size), values.window, height)[1:],
            )
        case "global_average_pool":
            return "mean", "global mean", "global average"
        case "batch_norm":
            return "BN", "batch norm"
        case "activation":
            return (_SHORT_FUNCTIONS[values.function],)
        case "dropout":
            return "drop", f"dropout {values.rate:g}"
        case "dense":
            return "dense", f"dense {values.units:,}"
        case _:
            return (layer.kind,)


def _windowed(word: str, size: str, window: Window, usual_stride: int = 1) -> tuple[str, ...]:
    """Return wordings that tell more and more of a window; what is usual is left out, and what shapes tell ("same")."""
    texts = [word, f"{word} {size}"]
    padding = 0 if isinstance(window.padding, str) else window.padding
    settings = (("stride", window.stride, usual_stride), ("padding", padding, 0), ("dilation", window.dilation, 1))
    for name, value, usual in settings:
        height, width = pair(value)
        if (height, width) != (usual, usual):
            texts.append(f"{texts[-1]}, {name} {height if height == width else f'{height}×{width}'}")
    return tuple(texts)


def _sentence(network: Network) -> str:
    problem = network.report.problem
    return problem.message if problem is not None else ""
