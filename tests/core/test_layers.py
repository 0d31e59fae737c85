"""Layers as values: kinds, names, summaries, settings that matter, JSON, and what does not pass them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from convscope.core.layers import (
    LAYER_KINDS,
    Activation,
    AveragePool,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool,
    Layer,
    MaxPool,
    MinPool,
    MisfitError,
    Reshape,
    SumPool,
    layer_from_json,
    shape_text,
)
from convscope.core.settings import SettingError, settings_of

KINDS = [
    *("conv2d", "max_pool", "average_pool", "min_pool", "sum_pool", "global_average_pool"),
    *("batch_norm", "dropout", "activation", "flatten", "reshape", "dense"),
]
FUNCTIONS = {
    *("identity", "binary_step", "logistic", "tanh", "arctan", "relu"),
    *("leaky_relu", "prelu", "rrelu", "elu", "softplus", "gelu"),
}


def test_the_palette_offers_every_kind_in_its_order():
    assert list(LAYER_KINDS) == KINDS


@pytest.mark.parametrize("layer", LAYER_KINDS.values(), ids=KINDS)
def test_every_kind_and_setting_is_explained(layer: type[Layer]):
    assert layer.title
    assert layer.group
    assert re.fullmatch(r"[a-z_]+", layer.prefix)
    for text in (layer.help, *(setting.help for setting in settings_of(layer))):
        assert text.endswith((".", "?")), text
    assert all(setting.label for setting in settings_of(layer))


def test_no_two_kinds_share_a_title():
    assert len({layer.title for layer in LAYER_KINDS.values()}) == len(KINDS)


def test_there_are_twelve_activation_functions():
    [function, *_] = settings_of(Activation)
    assert {value for value, _ in function.choices} == FUNCTIONS


@pytest.mark.parametrize(
    ("layer", "summary"),
    [
        (Conv2d(filters=12, padding="same", stride=2), "12 filters 3×3, stride 2, same"),
        (Conv2d(filters=1, kernel_size=(3, 5)), "1 filter 3×5"),
        (Conv2d(padding=(0, 2), dilation=2, bias=False), "16 filters 3×3, padding 0×2, dilation 2, no bias"),
        (MaxPool(), "2×2, stride 2"),
        (AveragePool(kernel_size=3, stride=(2, 1), padding="same"), "3×3, stride 2×1, same"),
        (GlobalAveragePool(), "mean of every map"),
        (BatchNorm(scale=False), "momentum 0.1, no scale"),
        (Dropout(rate=0.4, mode="maps"), "rate 0.4, whole maps"),
        (Activation(), "ReLU"),
        (Activation(function="leaky_relu", slope=0.2), "Leaky ReLU, slope 0.2"),
        (Activation(function="rrelu"), "Randomised leaky ReLU, slope 0.125 to 0.333"),
        (Flatten(), "maps to one vector"),
        (Reshape(target=(8, 4, 2)), "to 4×2×8"),
        (Dense(units=1, bias=False), "1 unit, no bias"),
        (Dense(units=10), "10 units"),
    ],
)
def test_summary_tells_the_settings_that_matter(layer: Layer, summary: str):
    assert layer.summary() == summary


def test_shapes_are_written_height_width_channels():
    assert shape_text((12, 28, 20)) == "28×20×12"
    assert shape_text((10,)) == "10"


def shown(layer: Layer) -> set[str]:
    return {setting.name for setting in settings_of(layer) if setting.shown(layer)}


def test_an_activation_shows_only_the_settings_of_its_function():
    assert shown(Activation(function="relu")) == {"function"}
    assert shown(Activation(function="leaky_relu")) == {"function", "slope"}
    assert shown(Activation(function="prelu")) == {"function", "slope"}
    assert shown(Activation(function="elu")) == {"function", "alpha"}
    assert shown(Activation(function="rrelu")) == {"function", "lower", "upper"}


CHANGED = [
    Conv2d(filters=5, kernel_size=(2, 3), stride=2, padding=(1, 0), dilation=(1, 2), bias=False, name="mine"),
    MaxPool(kernel_size=3, stride=(1, 2), padding="same"),
    AveragePool(padding=1),
    MinPool(kernel_size=4),
    SumPool(stride=1),
    GlobalAveragePool(enabled=False),
    BatchNorm(momentum=0.2, eps=1e-3, scale=False),
    Dropout(rate=0.5, mode="maps"),
    Activation(function="elu", alpha=0.7, enabled=False, trainable=False, name="bent"),
    Flatten(),
    Reshape(target=(2, 7, 14)),
    Dense(units=3, bias=False),
]


@pytest.mark.parametrize("layer", CHANGED, ids=KINDS)
def test_a_layer_comes_back_from_its_json_text(layer: Layer):
    assert layer_from_json(json.loads(json.dumps(layer.to_json()))) == layer
    assert layer_from_json({"kind": layer.kind}) == type(layer)()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ("dense", "must be an object with a kind, not 'dense'"),
        ({}, "no layer of kind None; there are conv2d, max_pool"),
        ({"kind": "conv3d"}, "no layer of kind 'conv3d'"),
        ({"kind": ["dense"]}, "no layer of kind"),
        ({"kind": "dense", "unit": 3}, "Dense has no setting 'unit'; it has bias, units"),
        ({"kind": "flatten", "units": 3}, "Flatten has no setting 'units'; it has none"),
        ({"kind": "dense", "units": "3"}, "Units must be a whole number, not '3'"),
        ({"kind": "dense", "name": 3}, "name is up to 60 letters"),
        ({"kind": "dense", "name": "1st"}, "name is up to 60 letters"),
        ({"kind": "dense", "name": "a.b"}, "name is up to 60 letters"),
        ({"kind": "dense", "name": "a" * 61}, "name is up to 60 letters"),
        ({"kind": "dense", "enabled": 1}, "enabled or not"),
        ({"kind": "dense", "trainable": "no"}, "trainable or not"),
        ({"kind": "conv2d", "padding": "full"}, "Padding must be"),
        ({"kind": "reshape", "target": []}, "Shape must be one or three numbers"),
    ],
)
def test_json_that_is_no_layer_is_refused_with_the_reason(values: Any, reason: str):
    with pytest.raises(SettingError, match=reason):
        layer_from_json(values)


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (
            Conv2d(kernel_size=6),
            (24, 3, 3),
            "A 6×6 kernel does not fit the 3×3 map that reaches it.",
        ),
        (
            Conv2d(kernel_size=6, padding=1),
            (24, 3, 3),
            "A 6×6 kernel does not fit the 3×3 map (5×5 with its padding) that reaches it.",
        ),
        (
            Conv2d(kernel_size=3, dilation=4),
            (1, 8, 20),
            "A 3×3 kernel with dilation 4 spans 9×9 and does not fit the 8×20 map that reaches it.",
        ),
        (MaxPool(), (3, 5, 1), "A 2×2 kernel does not fit the 5×1 map that reaches it."),
        (
            MaxPool(padding=2),
            (1, 9, 9),
            "Padding 2 is more than half of the 2×2 window, so some windows would hold nothing of the map.",
        ),
        (
            Conv2d(),
            (100,),
            "Convolution works on maps (height × width × channels); "
            "a vector of 100 values without rows and columns reaches it.",
        ),
        (Dense(), (8, 4, 2), "A dense layer needs one vector, but maps of 4×2×8 reach it."),
        (
            Reshape(target=(1, 28, 28)),
            (8, 4, 2),
            "28×28×1 holds 784 values, but 64 (4×2×8) reach this layer.",
        ),
        (Reshape(target=(1,)), (200,), "1 holds 1 value, but 200 reach this layer."),
        (
            Activation(function="rrelu", lower=0.5, upper=0.2),
            (4,),
            "The least slope 0.5 is greater than the greatest slope 0.2.",
        ),
    ],
)
def test_what_does_not_pass_is_explained_with_the_arithmetic(layer: Layer, shape: tuple[int, ...], message: str):
    with pytest.raises(MisfitError) as caught:
        layer.output_shape(shape)
    assert str(caught.value) == message
    assert caught.value.suggestions or shape == (100,)


def test_a_dense_layer_suggests_in_words_how_many_values_it_would_get():
    with pytest.raises(MisfitError) as caught:
        Dense().output_shape((1, 1, 4))
    labels = [suggestion.label for suggestion in caught.value.suggestions]
    assert labels == ["Insert a flatten layer (4 values)", "Insert global average pooling (1 value)"]


def test_a_layer_is_checked_when_it_is_changed():
    with pytest.raises(SettingError, match="Filters must be between 1 and 2,048, not 0"):
        Conv2d().changed(filters=0)
