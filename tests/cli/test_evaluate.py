"""`convscope evaluate`: loss and accuracy of a saved network, and why it cannot be measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from convscope.__main__ import main
from convscope.core import project
from convscope.core.data.idx import read_idx_folder
from convscope.core.layers import Dense, Flatten
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.weights import initial_weights


@pytest.fixture(scope="module")
def trained(data_folder: Path, network_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the project of a network trained for an epoch."""
    path = tmp_path_factory.mktemp("trained") / "small.safetensors"
    command = ["train", "--network", str(network_file), "--data", str(data_folder), "--epochs", "1"]
    assert main([*command, "--save", str(path)]) == 0
    return path


def test_result_is_what_torch_computes_from_the_saved_weights(
    trained: Path, data_folder: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["evaluate", str(trained), "--data", str(data_folder), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)

    weights = {name: torch.tensor(array) for name, array in project.load(trained).weights.items()}
    examples = read_idx_folder(data_folder).test
    x = functional.conv2d(
        torch.tensor(examples.images) / 255, weights["conv_1.weight"], weights["conv_1.bias"], padding=1
    )
    x = functional.max_pool2d(x.relu(), 2).flatten(1)
    logits = functional.linear(x, weights["dense_1.weight"], weights["dense_1.bias"])
    labels = torch.tensor(examples.labels)
    assert result["loss"] == pytest.approx(functional.cross_entropy(logits, labels).item(), rel=1e-5)
    assert result["accuracy"] == pytest.approx((logits.argmax(1) == labels).float().mean().item())
    assert result["images"] == 80


def test_without_data_it_is_measured_on_what_it_was_trained_for(
    trained: Path, data_folder: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["evaluate", str(trained)]) == 0
    line = capsys.readouterr().out
    assert line.startswith(f"{data_folder.name}, 80 test images: loss ")
    assert line.rstrip().endswith("%")


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run the command, which must end with status 2, and return the one line it writes on stderr."""
    assert main(["evaluate", *arguments]) == 2
    written = capsys.readouterr()
    assert written.out == ""
    [line] = written.err.splitlines()
    return line


def test_a_file_that_is_no_project_is_named(network_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert "small.json cannot be opened" in refused([str(network_file)], capsys)
    assert "nowhere cannot be opened: No such file" in refused([str(tmp_path / "nowhere")], capsys)


def test_other_images_are_refused_with_both_sizes(
    data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    network = Network((1, 6, 6), (Flatten(), Dense(units=10)))
    path = tmp_path / "six.safetensors"
    project.save(path, project.Project(network, initial_weights(network, 0)))
    line = refused([str(path), "--data", str(data_folder)], capsys)
    assert "takes images of 6×6×1" in line
    assert "are 8×8×1" in line


def test_too_few_classes_are_refused(data_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    network = Network((1, 8, 8), (Flatten(), Dense(units=3)), classes=3)
    path = tmp_path / "three.safetensors"
    project.save(path, project.Project(network, initial_weights(network, 0)))
    line = refused([str(path), "--data", str(data_folder)], capsys)
    assert "knows 3 classes" in line
    assert "has 4" in line


def test_a_large_network_saved_without_its_weights_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "vgg.safetensors"
    project.save(path, project.Project(preset("vgg-16").network))
    assert "vgg.safetensors holds no weights" in refused([str(path)], capsys)


def test_a_network_that_does_not_work_is_refused_with_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "broken.safetensors"
    project.save(path, project.Project(Network((1, 8, 8), (Dense(units=10),)), {}))
    assert "A dense layer needs one vector, but maps of 8×8×1 reach it." in refused([str(path)], capsys)


def test_weights_that_are_not_finite_never_reach_the_result(trained: Path, capsys: pytest.CaptureFixture[str]):
    content = bytearray(trained.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    place = start + json.loads(content[8:start])["dense_1.weight"]["data_offsets"][0]
    content[place : place + 4] = np.float32(np.nan).tobytes()
    damaged = trained.with_name("damaged.safetensors")
    damaged.write_bytes(content)
    line = refused([str(damaged)], capsys)
    assert "damaged.safetensors cannot be opened" in line
    assert "'dense_1.weight' hold values that are not finite" in line
