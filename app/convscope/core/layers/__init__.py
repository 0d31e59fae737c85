"""The layers a network is stacked from, each one frozen description: settings, shapes, costs."""

from convscope.core.layers.activations import Activation
from convscope.core.layers.base import Field, Layer, MisfitError, Shape, Suggestion, shape_text
from convscope.core.layers.convolution import Conv2d
from convscope.core.layers.pooling import AveragePool, GlobalAveragePool, MaxPool, MinPool, Pool, SumPool
from convscope.core.layers.regularisation import BatchNorm, Dropout
from convscope.core.layers.shaping import Dense, Flatten, Reshape
from convscope.core.layers.window import Window
from convscope.core.settings import SettingError

LAYER_KINDS: dict[str, type[Layer]] = {
    layer.kind: layer
    for layer in (
        Conv2d,
        MaxPool,
        AveragePool,
        MinPool,
        SumPool,
        GlobalAveragePool,
        BatchNorm,
        Dropout,
        Activation,
        Flatten,
        Reshape,
        Dense,
    )
}


def layer_from_json(values: object) -> Layer:
    """Build the layer that `Layer.to_json` described.

    Raises:
        SettingError: The kind is unknown, or a setting is unknown or out of range.
    """
    if not isinstance(values, dict):
        raise SettingError(f"A layer must be an object with a kind, not {values!r}.")
    settings: dict[str, object] = dict(values)  # pyright: ignore[reportUnknownArgumentType]
    kind = settings.pop("kind", None)
    if not isinstance(kind, str) or kind not in LAYER_KINDS:
        raise SettingError(f"There is no layer of kind {kind!r}; there are {', '.join(LAYER_KINDS)}.")
    return LAYER_KINDS[kind].from_json(settings)


__all__ = [
    "LAYER_KINDS",
    "Activation",
    "AveragePool",
    "BatchNorm",
    "Conv2d",
    "Dense",
    "Dropout",
    "Field",
    "Flatten",
    "GlobalAveragePool",
    "Layer",
    "MaxPool",
    "MinPool",
    "MisfitError",
    "Pool",
    "Reshape",
    "Shape",
    "Suggestion",
    "SumPool",
    "Window",
    "layer_from_json",
    "shape_text",
]
