"""Networks as values: editing, names, totals, other data, JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, MaxPool
from convscope.core.network import Network
from convscope.core.settings import SettingError

PLAIN = Network(layers=(Conv2d(filters=4), MaxPool(), Flatten(), Dense(units=10)))


def names(network: Network) -> list[str]:
    return [layer.name for layer in network.layers]


def test_layers_without_a_name_get_the_first_free_one_of_their_kind():
    network = Network(layers=(Conv2d(), Conv2d(name="conv_1"), Conv2d(), Flatten(name="conv_3"), Dense()))
    assert names(network) == ["conv_2", "conv_1", "conv_4", "conv_3", "dense_1"]


def test_two_layers_of_one_name_are_refused():
    with pytest.raises(SettingError, match="same name"):
        Network(layers=(Conv2d(name="a"), Conv2d(name="a")))


def test_an_inserted_layer_leaves_the_others_their_names():
    network = PLAIN.inserted(1, Conv2d())
    assert names(network) == ["conv_1", "conv_2", "max_pool_1", "flatten_1", "dense_1"]
    assert names(PLAIN) == ["conv_1", "max_pool_1", "flatten_1", "dense_1"]


def test_an_inserted_layer_keeps_a_name_that_is_free():
    assert names(PLAIN.inserted(0, Dropout(name="mine")))[0] == "mine"


def test_a_removed_layers_name_is_free_again():
    assert names(PLAIN.removed(0).inserted(0, Conv2d())) == names(PLAIN)


def test_a_replacement_takes_the_name_of_what_it_replaces():
    network = PLAIN.replaced(0, Conv2d(filters=7, name="other"))
    assert names(network) == names(PLAIN)
    assert network.report.rows[0].output_shape == (7, 26, 26)


@pytest.mark.parametrize(("start", "end", "order"), [(0, 2, "BCAD"), (2, 0, "CABD"), (3, 3, "ABCD"), (0, 3, "BCDA")])
def test_a_moved_layer_stands_at_its_new_place(start: int, end: int, order: str):
    network = Network(layers=tuple(Dropout(name=name) for name in "ABCD"))
    assert "".join(names(network.moved(start, end))) == order


def test_a_duplicate_stands_behind_with_a_name_of_its_own():
    network = PLAIN.duplicated(0)
    assert names(network) == ["conv_1", "conv_2", "max_pool_1", "flatten_1", "dense_1"]
    assert network.layers[1].changed(name="conv_1") == network.layers[0]


def test_a_layer_that_is_off_costs_nothing_and_passes_its_input_on():
    network = PLAIN.toggled(0)
    row = network.report.rows[0]
    assert (row.input_shape, row.output_shape) == ((1, 28, 28), (1, 28, 28))
    assert (row.trainable, row.macs, row.memory) == (0, 0, 0)
    assert network.toggled(0) == PLAIN


def test_a_layer_that_could_not_work_is_no_problem_while_it_is_off():
    network = PLAIN.replaced(0, Conv2d(kernel_size=40))
    assert network.report.problem is not None
    assert network.toggled(0).report.problem is None


def test_a_frozen_layer_s_values_are_kept_but_not_trained():
    network = Network(layers=(Conv2d(filters=4), BatchNorm(), Flatten(), Dense(units=10)))
    frozen = network
    for index in (0, 1):
        frozen = frozen.replaced(index, frozen.layers[index].changed(trainable=False))
    assert [(row.trainable, row.frozen) for row in frozen.report.rows[:2]] == [(0, 4 * 9 + 4), (0, 4 * 4)]
    assert frozen.report.parameters == network.report.parameters
    assert frozen.report.trainable == network.report.trainable - 4 * 9 - 4 - 4 * 2


def test_totals_are_counted_over_all_layers():
    report = Network(layers=(Conv2d(filters=4, bias=False), BatchNorm(), Flatten(), Dense(units=10))).report
    values = 4 * 26 * 26
    assert report.trainable == 4 * 9 + 4 * 2 + values * 10 + 10
    assert report.parameters == report.trainable + 4 * 2
    assert report.macs == values * 9 + values * 10
    assert report.memory == 4 * (3 * values + 10)


def test_other_data_change_the_input_and_the_last_dense_layer():
    network = PLAIN.for_data((3, 32, 32), 100)
    assert (network.input_shape, network.classes) == ((3, 32, 32), 100)
    assert network.report.problem is None
    assert network.report.rows[-1].output_shape == (100,)
    assert names(network) == names(PLAIN)


def test_data_of_as_many_classes_leave_the_layers_as_they_are():
    assert PLAIN.for_data((1, 28, 28), 10) == PLAIN


def test_a_layer_is_found_by_its_name():
    assert PLAIN.index_of("flatten_1") == 2
    with pytest.raises(KeyError):
        PLAIN.index_of("conv_9")


def test_the_network_is_drawn_as_a_table():
    lines = repr(PLAIN).splitlines()
    assert lines[0] == "Network 28×28×1 → 10 classes"
    assert lines[1].split() == ["conv_1", "4", "filters", "3×3", "26×26×4", "40"]
    assert repr(PLAIN.removed(2)).splitlines()[-1].startswith("  ! A dense layer needs one vector")


def test_equal_networks_are_equal_and_hash_alike():
    again = Network.from_json(json.loads(json.dumps(PLAIN.to_json())))
    assert again == PLAIN
    assert hash(again) == hash(PLAIN)
    assert again != PLAIN.toggled(0)


def test_json_may_leave_out_all_but_the_layers():
    assert Network.from_json({"layers": []}) == Network()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], "must be an object with layers"),
        ({}, "needs a list of layers"),
        ({"layers": {}}, "needs a list of layers"),
        ({"layers": [], "classses": 3}, "has no classses"),
        ({"layers": [], "classes": 0}, "classes must be between"),
        ({"layers": [], "classes": True}, "classes must be between"),
        ({"layers": [], "classes": 2.0}, "classes must be between"),
        ({"layers": [], "input_shape": [28, 28]}, "channels, height and width"),
        ({"layers": [], "input_shape": [1, 0, 28]}, "between 1 and 1024"),
        ({"layers": [], "input_shape": [1, 28, 2000]}, "between 1 and 1024"),
        ({"layers": [], "input_shape": [1024, 1024, 1024]}, "at most 4,194,304 values"),
        ({"layers": [], "input_shape": [1, "28", 28]}, "channels, height and width"),
        ({"layers": [], "input_shape": [1, [28], 28]}, "channels, height and width"),
        ({"layers": [], "input_shape": 28}, "three whole numbers"),
        ({"layers": [{"kind": "dense"}, 5]}, "must be an object with a kind, not 5"),
        ({"layers": [{"kind": "flatten", "name": "a"}, {"kind": "dense", "name": "a"}]}, "same name"),
        ({"layers": [{"kind": "flatten"}] * 201}, "at most 200 layers"),
        ({"layers": [{"kind": "flatten"}] * 100_000}, "at most 200 layers"),
    ],
)
def test_json_that_is_no_network_is_refused_with_the_reason(values: Any, reason: str):
    with pytest.raises(SettingError, match=reason):
        Network.from_json(values)


def test_a_run_goes_on_only_where_live_settings_alone_differ():
    network = Network(layers=(Conv2d(2), BatchNorm(), Activation(), Flatten(), Dropout(0.2), Dense(10)))
    changes: list[tuple[int, dict[str, Any]]] = [(4, {"rate": 0.5}), (4, {"mode": "maps"}), (1, {"momentum": 0.5})]
    for place, change in changes:
        assert network.replaced(place, network.layers[place].changed(**change)).carries_on(network)
    assert network.carries_on(network)
    fixed: list[tuple[int, dict[str, Any]]] = [(0, {"filters": 3}), (1, {"eps": 0.1}), (4, {"enabled": False})]
    for place, change in fixed:
        assert not network.replaced(place, network.layers[place].changed(**change)).carries_on(network)
    for other in (network.removed(4), network.removed(5), network.inserted(6, Dropout()), network.moved(4, 2)):
        assert not other.carries_on(network)
        assert not network.carries_on(other)
