"""`convscope train`: the numbers of the core, files whole or not at all, one sentence for what is wrong."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convscope.__main__ import main
from convscope.core import project
from convscope.core.data.idx import read_idx_folder
from convscope.core.presets import read_preset
from convscope.core.training import train
from convscope.core.weights import initial_weights

APP = Path(__file__).parents[2] / "app"


def test_numbers_are_those_of_the_core(data_folder: Path, network_file: Path, tmp_path: Path):
    saved, report = tmp_path / "small.safetensors", tmp_path / "small.json"
    arguments = ["--network", str(network_file), "--data", str(data_folder), "--seed", "3", "--epochs", "2"]
    assert main(["train", *arguments, "--save", str(saved), "--json", str(report)]) == 0

    preset = read_preset(network_file)
    config = dataclasses.replace(preset.training, seed=3, epochs=2)
    training, validation = read_idx_folder(data_folder).split(0, 0, held_out="test", seed=3)
    snapshots = list(train(preset.network, initial_weights(preset.network, 3), config, training, validation, pace=0))
    points = [point for snapshot in snapshots for point in snapshot.points]

    opened = project.load(saved)
    assert opened.network == preset.network
    assert opened.config == config
    assert opened.dataset_id == opened.history.dataset_id == str(data_folder)
    assert opened.weights.keys() == snapshots[-1].weights.keys()
    for key, array in snapshots[-1].weights.items():
        np.testing.assert_array_equal(opened.weights[key], array, err_msg=key)
    losses = np.concatenate([snapshot.batch_losses for snapshot in snapshots])
    np.testing.assert_array_equal(opened.history.batch_losses, losses)
    measured = json.loads(report.read_text("utf-8"))
    assert [epoch["validation_loss"] for epoch in measured["epochs"]] == [point.validation_loss for point in points]
    assert measured["test"]["accuracy"] == points[-1].validation_accuracy
    assert measured["test"]["loss"] == pytest.approx(points[-1].validation_loss, abs=1e-9)


def test_report_says_what_was_trained_how_and_by_which_versions(data_folder: Path, network_file: Path, tmp_path: Path):
    import torch

    path = tmp_path / "report.json"
    options = ["--epochs", "1", "--optimizer", "momentum", "--learning-rate", "0.05", "--batch-size", "20"]
    sizes = ["--train-size", "100", "--validation-size", "30"]
    command = ["train", "--network", str(network_file), "--data", str(data_folder), *options, *sizes]
    assert main([*command, "--json", str(path)]) == 0
    report = json.loads(path.read_text("utf-8"))
    wanted = {"optimizer": "momentum", "learning_rate": 0.05, "batch_size": 20, "train_size": 100}
    assert {name: report["training"][name] for name in wanted} == wanted
    assert report["steps"] == 5
    assert report["test"]["images"] == 80
    assert report["examples_per_second"] > 0
    assert report["versions"]["torch"] == torch.__version__
    assert report["network"] == read_preset(network_file).network.to_json()


def test_every_kind_of_setting_can_be_given(data_folder: Path, network_file: Path, tmp_path: Path):
    path = tmp_path / "report.json"
    options = [
        "--epochs",
        "1",
        "--weight-decay",
        "0.001",
        "--patience",
        "3",
        "--no-keep-best",
        "--initialisation",
        "he",
    ]
    changes = ["--shift", "1", "--rotation", "10.5", "--flip", "both", "--noise", "0.1"]
    command = ["train", "--network", str(network_file), "--data", str(data_folder), *options, *changes]
    assert main([*command, "--json", str(path)]) == 0
    wanted = {"weight_decay": 0.001, "patience": 3, "keep_best": False, "initialisation": "he", "shift": 1}
    wanted |= {"rotation": 10.5, "flip": "both", "noise": 0.1, "hue": 0.0}
    training = json.loads(path.read_text("utf-8"))["training"]
    assert {name: training[name] for name in wanted} == wanted


def test_first_weights_are_drawn_as_the_settings_say(data_folder: Path, network_file: Path, tmp_path: Path):
    saved = tmp_path / "zeros.safetensors"
    options = ["--epochs", "1", "--initialisation", "zeros", "--save", str(saved)]
    assert main(["train", "--network", str(network_file), "--data", str(data_folder), *options]) == 0
    weights = project.load(saved).weights
    assert not weights["conv_1.weight"].any()  # with zeros behind it no gradient ever comes back
    assert weights["dense_1.bias"].any()


def test_a_run_that_no_longer_gets_better_says_so(
    data_folder: Path, network_file: Path, capsys: pytest.CaptureFixture[str]
):
    options = ["--epochs", "30", "--patience", "2", "--optimizer", "sgd", "--learning-rate", "1e-8"]
    assert main(["train", "--network", str(network_file), "--data", str(data_folder), *options]) == 0
    *epochs, note, _ = capsys.readouterr().out.splitlines()
    assert len(epochs) < 30
    assert note.startswith(f"Stopped after epoch {len(epochs)}: the validation loss has not fallen for 2 epochs; the ")


def test_the_network_learns_and_each_epoch_has_its_line(
    data_folder: Path, network_file: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["train", "--network", str(network_file), "--data", str(data_folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["epoch 1/4", "epoch 2/4", "epoch 3/4", "epoch 4/4", "test"]
    assert float(lines[-1].split("accuracy ")[1].split("%")[0]) > 90


def test_a_preset_takes_the_images_and_classes_of_the_data(data_folder: Path, tmp_path: Path):
    path = tmp_path / "softmax.safetensors"
    command = ["train", "--preset", "softmax", "--data", str(data_folder), "--epochs", "1", "--save", str(path)]
    assert main(command) == 0
    assert project.load(path).weights["dense_1.weight"].shape == (4, 64)


def test_a_saved_projects_network_is_trained_anew(data_folder: Path, network_file: Path, tmp_path: Path):
    first, second = tmp_path / "first.safetensors", tmp_path / "second.safetensors"
    common = ["--data", str(data_folder), "--epochs", "1"]
    assert main(["train", "--network", str(network_file), *common, "--save", str(first)]) == 0
    assert main(["train", "--network", str(first), *common, "--save", str(second)]) == 0
    again, once = (project.load(path).weights["dense_1.weight"] for path in (second, first))
    np.testing.assert_array_equal(again, once)


def test_a_project_names_its_data_so_that_it_can_be_opened_from_elsewhere(
    data_folder: Path, network_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(data_folder.parent)
    path = tmp_path / "small.safetensors"
    command = ["train", "--network", str(network_file), "--data", data_folder.name, "--epochs", "1"]
    assert main([*command, "--save", str(path)]) == 0
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", str(path)]) == 0


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_progress_bar_and_a_log_file_does_not(
    data_folder: Path, network_file: Path, monkeypatch: pytest.MonkeyPatch
):
    command = ["train", "--network", str(network_file), "--data", str(data_folder)]
    terminal, log = Terminal(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(command) == 0
    assert "100%" in terminal.getvalue()
    assert "960/960" in terminal.getvalue()
    monkeypatch.setattr(sys, "stderr", log)
    assert main(command) == 0
    assert log.getvalue() == ""


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run the command; return its status and the one line it writes on stderr."""
    try:
        status = main(["train", *arguments])
    except SystemExit as end:  # argparse leaves that way
        status = end.code if isinstance(end.code, int) else -1
    written = capsys.readouterr()
    assert written.out == ""
    [line] = written.err.splitlines()
    assert line.startswith("convscope train: ")
    assert line.endswith(".")
    return status, line


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "one of the arguments --preset --network is required"),
        (["--preset", "cnn", "--network", "x"], "not allowed with argument"),
        (["--preset", "lenet"], 'no preset "lenet"'),
        (["--network", "nowhere.json"], "No such file"),
        (["--preset", "cnn", "--epochs", "0"], "Epochs must be between 1 and 10,000, not 0"),
        (["--preset", "cnn", "--epochs", "-3"], "Epochs must be between 1 and 10,000, not -3"),
        (
            ["--preset", "cnn", "--seed", "99999999999999999999"],
            "Seed must be between 0 and 2,147,483,647, not 99,999,999,999,999,999,999",
        ),
        (["--preset", "cnn", "--epochs", "many"], "invalid int value: 'many'"),
        (["--preset", "cnn", "--learning-rate", "nan"], "Learning rate must be a number"),
        (["--preset", "cnn", "--optimizer", "newton"], "invalid choice: 'newton'"),
        (["--preset", "cnn", "--speed", "9"], "unrecognized arguments: --speed 9"),
        (["--preset", "cnn", "--epoch", "3"], "unrecognized arguments: --epoch 3"),
        (["--preset", "cnn", "--data", "cifar"], 'no data set and no folder "cifar"'),
        (["--preset", "cnn", "--save", "/nowhere/at/all.safetensors"], "cannot be written: No such file"),
        (["--preset", "cnn", "--save", "."], "it is a folder"),
        (["--preset", "cnn", "--save", "one", "--json", "./one"], "cannot hold two files"),
    ],
)
def test_a_wrong_argument_is_one_sentence_and_status_2(
    arguments: list[str],
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.chdir(tmp_path)
    status, line = refused(arguments, capsys)
    assert status == 2
    assert reason in line
    assert list(tmp_path.iterdir()) == []


def test_data_that_are_not_here_are_answered_with_the_ways_to_get_them(capsys: pytest.CaptureFixture[str]):
    status, line = refused(["--preset", "softmax", "--data", "mnist"], capsys)
    assert status == 2
    assert "not on this computer" in line
    assert "--download" in line
    assert "--data generated" in line


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--device", "abacus"], "no device 'abacus' here; there is cpu"),
        (["--train-size", "500"], "cannot give 500 to train on. Choose"),
    ],
)
def test_what_the_run_refuses_has_status_2(
    arguments: list[str], reason: str, data_folder: Path, network_file: Path, capsys: pytest.CaptureFixture[str]
):
    status, line = refused(["--network", str(network_file), "--data", str(data_folder), *arguments], capsys)
    assert status == 2
    assert reason in line


def test_a_network_that_does_not_fit_the_images_says_where(data_folder: Path, capsys: pytest.CaptureFixture[str]):
    status, line = refused(["--preset", "minho", "--data", str(data_folder)], capsys)
    assert status == 2
    assert "A 5×5 kernel does not fit the 2×2 map" in line


def test_a_large_network_keeps_its_input_and_says_what_images_it_takes(
    data_folder: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["train", "--preset", "vgg-16", "--data", str(data_folder)]) == 2
    assert "8×8×1, but the network takes 224×224×3. Choose data" in capsys.readouterr().err


@pytest.mark.parametrize("setting", [["--noise", "0.5"], ["--flip", "both"]])
def test_rows_of_numbers_are_not_augmented(setting: list[str], capsys: pytest.CaptureFixture[str]):
    status, line = refused(["--preset", "height-mlp", *setting], capsys)
    assert status == 2
    assert "Augmentation changes images, but these examples are rows of numbers." in line


def test_a_file_that_is_neither_json_nor_a_project_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    status, line = refused(["--network", str(path)], capsys)
    assert status == 2
    assert "picture.png" in line


def test_damaged_data_end_with_status_1(
    data_folder: Path, network_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    for path in data_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01\0\0\0\xf0too short")
    status, line = refused(["--network", str(network_file), "--data", str(tmp_path)], capsys)
    assert status == 1
    assert "train-labels-idx1-ubyte ends after" in line


def test_a_run_that_diverges_ends_with_status_1_and_saves_nothing(
    data_folder: Path, network_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    values = json.loads(network_file.read_text("utf-8"))
    values["network"]["layers"][-1:] = [
        {"kind": "dense", "units": 64},
        {"kind": "dense"},
        {"kind": "dense", "units": 4},
    ]
    deep, saved = tmp_path / "deep.json", tmp_path / "deep.safetensors"
    deep.write_text(json.dumps(values), "utf-8")
    command = ["--network", str(deep), "--data", str(data_folder), "--optimizer", "sgd", "--learning-rate", "100"]
    status, line = refused([*command, "--save", str(saved)], capsys)
    assert status == 1
    assert "try a learning rate of 10 instead of 100" in line
    assert list(tmp_path.iterdir()) == [deep]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_ctrl_c_ends_with_status_130_and_leaves_no_file(data_folder: Path, network_file: Path, tmp_path: Path):
    # A shell that started the tests in the background has SIGINT ignored, which a child inherits.
    start = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    start += "; from convscope.__main__ import main; sys.exit(main())"
    command: list[Any] = [sys.executable, "-c", start, "train", "--network", network_file, "--data", data_folder]
    command += ["--epochs", "10000", "--save", tmp_path / "a.safetensors", "--json", tmp_path / "a.json"]
    with subprocess.Popen(
        command, cwd=APP, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("epoch 1/10000")
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert errors == "\nconvscope train: stopped.\n"
    assert list(tmp_path.iterdir()) == []


def test_numbers_are_learned_from_the_presets_own_data_and_have_no_accuracy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    saved, report = tmp_path / "hand.safetensors", tmp_path / "hand.json"
    options = ["--epochs", "2", "--save", str(saved), "--json", str(report)]
    assert main(["train", "--preset", "height-mlp", *options]) == 0
    first, _, test, _ = capsys.readouterr().out.splitlines()
    assert first.startswith("epoch 1/2: training loss ")
    assert "accuracy" not in first
    assert test.startswith("test: mean squared error 0.")
    assert test.endswith(" on 10 rows")
    assert json.loads(report.read_text("utf-8"))["test"]["accuracy"] is None
    assert main(["evaluate", str(saved)]) == 0
    assert capsys.readouterr().out == test.replace("test", "Ten people, 10 test rows").replace(" on 10 rows", "") + "\n"


def test_a_network_for_digits_is_not_measured_on_numbers(
    data_folder: Path, network_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    saved = tmp_path / "small.safetensors"
    options = ["--data", str(data_folder), "--epochs", "1", "--save", str(saved)]
    assert main(["train", "--network", str(network_file), *options]) == 0
    assert main(["evaluate", str(saved), "--data", "heights"]) == 2
    assert "but those of Ten people are 1×1×2" in capsys.readouterr().err
