"""Costs: the table's figures and texts, and flattening beside global average pooling."""

from __future__ import annotations

import csv
import io

import pytest
import torch
from torch import nn

from convscope.core.costs import as_csv, as_markdown, costs_of, head_comparison
from convscope.core.layers import (
    Activation,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool,
    MaxPool,
)
from convscope.core.network import Network
from convscope.core.presets import preset

NETWORK = Network(
    (3, 32, 32),
    (Conv2d(filters=8, kernel_size=3), BatchNorm(), Activation(), MaxPool(), Flatten(), Dropout(), Dense(units=10)),
)


def test_every_layer_has_a_row_with_its_figures():
    costs = costs_of(NETWORK)
    conv, norm, _, pool, flat, _, dense = costs.rows
    assert (conv.parameters, conv.macs, conv.memory) == (8 * 28, 30 * 30 * 8 * 27, 4 * 8 * 30 * 30)
    assert (conv.output, conv.field, conv.settings) == ("30×30×8", "3×3", "8 filters 3×3")
    assert norm.parameters == 4 * 8  # γ, β and two running averages
    assert (pool.output, pool.field, pool.parameters) == ("15×15×8", "4×4", 0)
    assert (flat.output, flat.field) == ("1800", "all")
    assert dense.parameters == 18_010
    assert costs.total.parameters == sum(row.parameters for row in costs.rows) == NETWORK.report.parameters
    assert costs.total.macs == sum(row.macs for row in costs.rows)
    assert costs.total.memory == sum(row.memory for row in costs.rows)


def test_a_problem_leaves_the_rows_before_it():
    costs = costs_of(NETWORK.removed(4))  # maps reach the dense layer
    assert [row.known for row in costs.rows] == [True] * 5 + [False]
    assert costs.rows[-1].output == ""
    assert costs.total.parameters == 8 * 28 + 4 * 8


def test_a_layer_that_is_off_says_so():
    assert costs_of(NETWORK.toggled(2)).rows[2].settings == "off"


def test_the_csv_reads_back_with_exact_figures():
    rows = list(csv.DictReader(io.StringIO(as_csv(costs_of(NETWORK)), newline="")))
    assert [row["Layer"] for row in rows] == [*(layer.name for layer in NETWORK.layers), "Total"]
    assert int(rows[0]["Multiply-accumulates"]) == 30 * 30 * 8 * 27
    assert int(rows[-1]["Parameters"]) == NETWORK.report.parameters
    assert rows[3]["Settings"] == "2×2, stride 2"  # a comma inside
    assert rows[0]["Receptive field"] == "3×3"


def test_the_markdown_is_a_table_with_aligned_columns():
    lines = as_markdown(costs_of(NETWORK)).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert len(lines) == 2 + len(NETWORK.layers) + 1
    assert all(line.count("|") == 8 for line in lines)
    assert lines[1].count(":") == 3  # the figures are aligned to the right
    assert "194,400" in lines[2]


def test_flattening_is_compared_with_torchs_count_of_pooling_instead():
    vgg = preset("vgg-16").network
    found = head_comparison(vgg)
    assert found is not None
    assert (found.layer, found.dense, found.is_flattened) == ("flatten_1", "dense_1", True)
    with torch.device("meta"):
        flat, pooled = nn.Linear(512 * 7 * 7, 4096), nn.Linear(512, 4096)
    assert found.flattened.parameters == sum(p.numel() for p in flat.parameters()) == 102_764_544
    assert found.pooled.parameters == sum(p.numel() for p in pooled.parameters()) == 2_101_248
    assert found.flattened.whole == vgg.report.parameters
    assert found.pooled.whole == vgg.report.parameters - 102_764_544 + 2_101_248
    assert "25,088 × 4,096 + 4,096 = 102,764,544 parameters, 74 % of the network" in found.text
    assert "512 × 4,096 + 4,096 = 2,101,248 parameters instead, 48.9 times fewer" in found.text


def test_pooling_is_compared_with_flattening_instead():
    pooled = Network((1, 8, 8), (Conv2d(filters=4, padding="same"), GlobalAveragePool(), Dense(units=10, bias=False)))
    found = head_comparison(pooled)
    assert found is not None
    assert not found.is_flattened
    assert (found.pooled.parameters, found.flattened.parameters) == (40, 2560)
    assert "64 times fewer than flattening. Flatten, then dense_1: 256 × 10 = 2,560 parameters instead" in found.text


@pytest.mark.parametrize(
    "layers",
    [
        (Conv2d(), MaxPool()),
        (Conv2d(), GlobalAveragePool()),
        (Flatten(), Flatten()),
        (Dense(units=10), Flatten()),
        (Flatten(enabled=False), Dense(units=10)),
    ],
)
def test_where_no_dense_layer_follows_there_is_nothing_to_compare(layers: tuple[Conv2d, ...]):
    assert head_comparison(Network(layers=layers)) is None


def test_flattening_that_would_be_too_large_is_not_compared():
    for layers in ((), (Conv2d(filters=64),), (Conv2d(filters=128), Conv2d(filters=128), Conv2d(filters=128))):
        network = Network((3, 1024, 1024), (*layers, GlobalAveragePool(), Dense(units=200)), 200)
        assert network.report.problem is None
        assert head_comparison(network) is None


def test_a_problem_behind_the_dense_layer_leaves_the_comparison():
    network = Network((1, 8, 8), (Conv2d(filters=4), Flatten(), Dense(units=10), MaxPool()))
    found = head_comparison(network)
    assert found is not None
    assert (found.flattened.parameters, found.pooled.parameters) == (1450, 50)


def test_what_stands_between_changes_nothing_and_what_is_off_is_passed_over():
    layers = (Conv2d(filters=2), Flatten(), Activation(), Dropout(), Dense(units=5, enabled=False), Dense(units=10))
    found = head_comparison(Network((1, 6, 6), layers))
    assert found is not None
    assert found.dense == "dense_2"
    assert found.flattened.inputs == 2 * 4 * 4
