"""Presets: those that ship are whole and right, and a broken file is refused with its name and the reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from convscope import paths
from convscope.core.presets import PresetError, preset, presets, read_preset, usable_presets
from convscope.core.training_config import TrainingConfig

NAMES = [
    *("softmax", "sigmoid-deep", "relu-deep", "relu-decay", "relu-dropout"),
    *("cnn", "cnn-pool-dropout", "cnn-batchnorm", "minho", "lenet-5"),
]
BY_HAND = ["height-mlp"]
LARGE = ["alexnet", "vgg-16"]  # shown, not trained

# Counted by hand from the layers: weights + biases, and for batch norm γ, β and two running averages.
SIZES = {
    "softmax": 784 * 10 + 10,
    "sigmoid-deep": 784 * 200 + 200 + 200 * 60 + 60 + 60 * 10 + 10,
    "relu-deep": 784 * 200 + 200 + 200 * 60 + 60 + 60 * 10 + 10,
    "relu-decay": 784 * 200 + 200 + 200 * 60 + 60 + 60 * 10 + 10,
    "relu-dropout": 784 * 200 + 200 + 200 * 60 + 60 + 60 * 10 + 10,
    "cnn": 12 * 10 + 24 * (12 * 36 + 1) + 32 * (24 * 36 + 1) + 200 * (3 * 3 * 32 + 1) + 10 * 201,
    "cnn-pool-dropout": 12 * 10 + 24 * (12 * 36 + 1) + 128 * (4 * 4 * 24 + 1) + 10 * 129,
    "cnn-batchnorm": 12 * 9 + 24 * 12 * 36 + 32 * 24 * 36 + 200 * 3 * 3 * 32 + 10 * 201 + 4 * (12 + 24 + 32 + 200),
    "minho": 4 * 26 + 12 * (4 * 25 + 1) + 10 * (4 * 4 * 12 + 1),
    "lenet-5": 6 * 26 + 16 * (6 * 25 + 1) + 120 * 401 + 84 * 121 + 10 * 85,
    "height-mlp": 2 * 3 + 3,
    "alexnet": 96 * (3 * 121 + 1) + 256 * (96 * 25 + 1) + 384 * (256 * 9 + 1) + 384 * (384 * 9 + 1)
    + 256 * (384 * 9 + 1) + 4096 * (256 * 36 + 1) + 4096 * 4097 + 1000 * 4097,
    "vgg-16": 138_357_544,  # as its authors' table says, 138 million
}  # fmt: skip


def test_the_lectures_networks_come_in_teaching_order():
    assert [found.name for found in presets()] == NAMES + BY_HAND + LARGE


@pytest.mark.parametrize("name", NAMES + BY_HAND + LARGE)
def test_a_preset_works_as_it_is(name: str):
    found = preset(name)
    assert found.network.report.problem is None
    assert found.network.report.parameters == SIZES[name]


@pytest.mark.parametrize("name", NAMES + BY_HAND + LARGE)
def test_a_preset_says_what_it_shows(name: str):
    found = preset(name)
    assert found.title
    assert found.title != name
    assert found.description.endswith(".")


def torch_features(*rows: int | str) -> list[nn.Module]:
    """Return VGG's convolutions from a row of its table: numbers of filters, and "M" for a max pooling."""
    layers: list[nn.Module] = []
    channels = 3
    for row in rows:
        if isinstance(row, str):
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(channels, row, 3, padding=1), nn.ReLU()]
            channels = row
    return layers


def torch_head(inputs: int) -> list[nn.Module]:
    """Return the three dense layers that both networks end with."""
    first, second = [nn.Linear(inputs, 4096), nn.ReLU()], [nn.Linear(4096, 4096), nn.ReLU()]
    return [nn.Flatten(), *first, *second, nn.Linear(4096, 1000)]


def torch_alexnet() -> list[nn.Module]:
    """Return the lecture's AlexNet as its slide lists it."""
    wide = [nn.Conv2d(3, 96, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2), nn.Conv2d(96, 256, 5, padding=2), nn.ReLU()]
    deep = [nn.MaxPool2d(3, 2), nn.Conv2d(256, 384, 3, padding=1), nn.ReLU(), nn.Conv2d(384, 384, 3, padding=1)]
    last = [nn.ReLU(), nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2)]
    return [*wide, *deep, *last, *torch_head(256 * 6 * 6)]


def torch_vgg() -> list[nn.Module]:
    """Return configuration D of the table in Simonyan and Zisserman (2014)."""
    rows = (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M")
    return [*torch_features(*rows), *torch_head(512 * 7 * 7)]


@pytest.mark.parametrize(("name", "build"), [("alexnet", torch_alexnet), ("vgg-16", torch_vgg)])
def test_large_networks_have_torchs_shapes_and_counts(name: str, build: Callable[[], list[nn.Module]]):
    with torch.device("meta"):  # shapes alone: no half gigabyte for a test
        oracle = nn.Sequential(*build())
        with FlopCounterMode(display=False) as counter:
            logits = oracle(torch.empty(1, 3, 224, 224))
    report = preset(name).network.report
    assert sum(parameter.numel() for parameter in oracle.parameters()) == report.parameters
    assert counter.get_total_flops() == 2 * report.macs
    assert report.rows[-1].output_shape == tuple(logits.shape[1:]) == (1000,)
    x = torch.empty(1, 3, 224, 224, device="meta")
    shapes = [tuple((x := layer(x)).shape[1:]) for layer in oracle]
    ours = [row.output_shape for row in report.rows if row.layer.kind != "dropout"]
    assert ours == shapes


@pytest.mark.parametrize("name", LARGE)
def test_large_networks_leave_half_of_the_units_out_before_two_dense_layers(name: str):
    layers = preset(name).network.layers
    assert [getattr(layer, "rate", None) for layer in layers if layer.kind == "dropout"] == [0.5, 0.5]


def test_batch_norm_comes_between_a_layer_without_bias_and_its_relu():
    layers = preset("cnn-batchnorm").network.layers
    places = [index for index, layer in enumerate(layers) if layer.kind == "batch_norm"]
    assert len(places) == 4
    for index in places:
        assert not getattr(layers[index - 1], "bias", True)
        assert getattr(layers[index + 1], "function", "") == "relu"


def test_the_training_settings_are_the_files_own():
    training = preset("cnn-batchnorm").training
    assert (training.optimizer, training.schedule, training.batch_size) == ("adam", "exponential", 100)
    assert training.rate_in(2) == pytest.approx(0.0036)
    assert preset("sigmoid-deep").training.optimizer == "sgd"


def test_the_three_deep_relus_differ_in_what_their_lessons_are_about_alone():
    plain, decay, dropout = (preset(name) for name in ("relu-deep", "relu-decay", "relu-dropout"))
    assert decay.network == plain.network
    assert [decay.training.rate_in(epoch) for epoch in (0, 2)] == pytest.approx([0.01, 0.0036])
    assert dropout.training == decay.training
    kept = [layer for layer in dropout.network.layers if layer.kind != "dropout"]
    assert tuple(kept) == plain.network.layers
    assert [getattr(layer, "rate", None) for layer in dropout.network.layers if layer.kind == "dropout"] == [0.2, 0.2]


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(PresetError, match=r'no preset "lenet"\. Choose softmax, .*, height-mlp, alexnet, vgg-16\.'):
        preset("lenet")


def written(folder: Path, name: str = "own", **changes: Any) -> Path:
    """Write a small preset; a change to None leaves an entry out."""
    values = {"format": 1, "name": name, "network": {"layers": [{"kind": "flatten"}, {"kind": "dense"}]}} | changes
    path = folder / f"{name}.json"
    path.write_text(json.dumps({key: value for key, value in values.items() if value is not None}), "utf-8")
    return path


def test_what_a_lecturer_leaves_out_takes_its_default(tmp_path: Path):
    own = read_preset(written(tmp_path))
    assert (own.title, own.description, own.training) == ("own", "", TrainingConfig())
    assert own.network.input_shape == (1, 28, 28)
    assert [layer.name for layer in own.network.layers] == ["flatten_1", "dense_1"]


def test_a_changed_copy_of_a_shipped_file_is_read(tmp_path: Path):
    values = json.loads((paths.resources() / "presets" / "minho.json").read_text("utf-8"))
    values["network"]["layers"][0]["filters"] = 8
    path = tmp_path / "wide.json"
    path.write_text(json.dumps(values), "utf-8")
    assert read_preset(path).network.report.rows[0].output_shape == (8, 24, 24)


def test_a_bare_network_is_a_preset_named_after_its_file(tmp_path: Path):
    path = tmp_path / "bare.json"
    path.write_text(json.dumps(preset("lenet-5").network.to_json()), "utf-8")
    assert read_preset(path).network == preset("lenet-5").network
    assert read_preset(path).title == "bare"


def test_a_network_with_a_problem_can_be_opened_and_mended(tmp_path: Path):
    own = read_preset(written(tmp_path, network={"layers": [{"kind": "dense"}]}))
    assert own.network.report.problem is not None


def test_files_of_a_folder_come_in_order_and_those_without_one_last(tmp_path: Path):
    for name, order in (("a", None), ("b", 3), ("c", 1.5), ("d", 10**400)):  # the last is beyond any float
        written(tmp_path, name, order=order)
    assert [found.name for found in presets(tmp_path)] == ["c", "b", "d", "a"]


def test_one_broken_file_leaves_the_others_usable(tmp_path: Path):
    for name in ("a", "b", "c"):
        written(tmp_path, name)
    (tmp_path / "a.json").write_text("{", "utf-8")
    (tmp_path / "d.json").write_text((tmp_path / "c.json").read_text("utf-8"), "utf-8")
    usable, errors = usable_presets(tmp_path)
    assert [found.name for found in usable] == ["b", "c"]
    assert ["a.json" in str(errors[0]), 'have the name "c"' in str(errors[1])] == [True, True]


def test_two_files_of_one_name_are_refused(tmp_path: Path):
    written(tmp_path, "a")
    written(tmp_path, "b").write_text((tmp_path / "a.json").read_text("utf-8"), "utf-8")
    with pytest.raises(PresetError, match='have the name "a"'):
        presets(tmp_path)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": 2}, "format is 2"),
        ({"format": None}, "format is None"),
        ({"name": None}, "has no name"),
        ({"title": 3}, "title must be text"),
        ({"network": None}, "has no network"),
        ({"network": []}, "must be an object with layers"),
        ({"network": {"layers": [{"kind": "conv3d"}]}}, "no layer of kind 'conv3d'"),
        ({"network": {"layers": [{"kind": "conv2d", "filters": 0}]}}, "Filters must be between 1 and 2,048, not 0"),
        ({"network": {"layers": [{"kind": "conv2d", "filter": 4}]}}, "no setting 'filter'"),
        ({"training": {"epochs": 0}}, "Epochs must be between"),
        ({"training": {"learningrate": 1}}, "no setting 'learningrate'"),
        ({"training": 5}, "training must be an object"),
        ({"order": "first"}, "order must be a number"),
        ({"order": float("nan")}, "order must be a number"),
        ({"speed": 1}, "has no speed"),
    ],
)
def test_a_wrong_entry_is_named_with_its_file(tmp_path: Path, changes: dict[str, Any], reason: str):
    path = written(tmp_path, **changes)
    with pytest.raises(PresetError, match=reason) as caught:
        read_preset(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "not written in JSON"),
        (b"\xff\xfe\x00", "not written in JSON"),
        (b"[" * 100_000, "not written in JSON"),
        (b"[1]", "must be an object"),
        (b" " * (2**20 + 1), "larger than"),
    ],
)
def test_a_file_that_is_no_preset_is_refused_by_name(tmp_path: Path, content: bytes, reason: str):
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with pytest.raises(PresetError, match=reason) as caught:
        presets(tmp_path)
    assert "broken.json" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(PresetError, match=r"nowhere\.json cannot be read: No such file"):
        read_preset(tmp_path / "nowhere.json")
