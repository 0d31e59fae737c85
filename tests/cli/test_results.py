"""`convscope results`: runs that are kept, a table that says what was promised, and going on where it was cut short."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from convscope.__main__ import main
from convscope.cli.outcomes import Outcome, as_markdown, read_outcomes, write_outcomes
from convscope.cli.promises import PROMISES
from convscope.core.history import EpochPoint
from convscope.core.presets import presets


def outcome(
    preset: str, accuracy: float, *, seed: int = 0, gap: float = 0.1, by_epoch: Sequence[float] = ()
) -> Outcome:
    courses = [*by_epoch, accuracy]
    points = tuple(
        EpochPoint(n, 0.2, 0.9, 0.2 + gap, validation, learning_rate=0.1, seconds=2.0)
        for n, validation in enumerate(courses, 1)
    )
    return Outcome(preset, seed, {}, points, 0.3, accuracy, {"torch": "2"}, 1)


def kept(*outcomes: Outcome) -> bool | None:
    """Say whether the first of some outcomes kept its promise."""
    return PROMISES[outcomes[0].preset].is_kept(outcomes[0], outcomes)


@pytest.mark.parametrize(
    ("preset", "percent"),
    [
        *(("softmax", 90), ("relu-deep", 97), ("relu-decay", 98), ("cnn", 98.9), ("cnn-pool-dropout", 99)),
        *(("minho", 98.5), ("lenet-5", 98.5)),
    ],
)
def test_a_promised_accuracy_is_kept_from_there_on(preset: str, percent: float):
    assert kept(outcome(preset, percent / 100)) is True
    assert kept(outcome(preset, percent / 100 - 0.0001)) is False


def test_deep_sigmoids_are_compared_with_one_layer_of_the_same_seed():
    sigmoid = outcome("sigmoid-deep", 0.4, seed=1)
    assert kept(sigmoid) is None
    assert kept(sigmoid, outcome("softmax", 0.7, seed=0), outcome("softmax", 0.9, seed=1)) is True
    assert kept(sigmoid, outcome("softmax", 0.7, seed=1)) is False


def test_dropout_is_to_close_the_gap_not_to_read_better():
    dropout = outcome("relu-dropout", 0.97, gap=0.03)
    assert kept(dropout, outcome("relu-decay", 0.98, gap=0.07)) is True
    assert kept(dropout, outcome("relu-decay", 0.98, gap=0.02)) is False


def test_batch_norm_is_compared_with_the_cnn_after_as_many_epochs():
    cnn = outcome("cnn", 0.991, by_epoch=[0.98])
    assert kept(outcome("cnn-batchnorm", 0.994, by_epoch=[0.98, 0.992, 0.993]), cnn) is True
    assert kept(outcome("cnn-batchnorm", 0.994, by_epoch=[0.98, 0.990, 0.993]), cnn) is False
    assert kept(outcome("cnn-batchnorm", 0.992, by_epoch=[0.98, 0.992, 0.992]), cnn) is False


def test_every_preset_that_is_trained_has_a_promise_in_teaching_order():
    shown = {"alexnet", "vgg-16"}
    assert [preset.name for preset in presets() if preset.name not in shown] == list(PROMISES)


def test_the_table_has_a_row_for_each_preset_with_all_its_seeds():
    table = as_markdown([outcome("softmax", 0.9123), outcome("softmax", 0.8951, seed=4)], PROMISES).splitlines()
    assert table[2] == "| `softmax` | 0, 4 | 1 | 2 | 91.23, 89.51 % | +0.100, +0.100 | at least 90 % | 1 of 2 |"
    assert table[3] == ""


def test_what_was_written_is_read_again_and_says_what_was_promised(tmp_path: Path):
    path = tmp_path / "results.json"
    runs = (outcome("softmax", 0.91), outcome("sigmoid-deep", 0.2))
    write_outcomes(path, runs, PROMISES)
    assert read_outcomes(path) == runs
    written = json.loads(path.read_text("utf-8"))["runs"]
    assert [(run["promise"], run["kept"]) for run in written] == [
        ("at least 90 %", True),
        ("still far below `softmax` (less than half)", True),
    ]


@pytest.fixture
def digits(digits_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the variable name a folder of 600 + 200 generated digits."""
    monkeypatch.setenv("CONVSCOPE_MNIST", str(digits_folder))
    return digits_folder


def results(out: Path) -> list[dict[str, Any]]:
    return json.loads((out / "results.json").read_text("utf-8"))["runs"]


def test_three_neurons_learn_their_own_data_as_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["results", "--only", "height-mlp", "--out", str(tmp_path)]) == 0  # and need no MNIST
    runs = results(tmp_path)
    assert [run["kept"] for run in runs] == [True, True, True]
    assert [run["test_accuracy"] for run in runs] == [None, None, None]
    assert "| loss 0." in (tmp_path / "results.md").read_text("utf-8")
    again = read_outcomes(tmp_path / "results.json")[0]
    assert kept(again) is True
    losses = [dataclasses.replace(point, train_loss=point.train_loss * 1.01) for point in again.points]
    assert kept(dataclasses.replace(again, points=tuple(losses))) is False


def test_presets_are_trained_with_their_own_settings(digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["results", "--only", "softmax", "sigmoid-deep", "--seeds", "3", "--out", str(tmp_path)]) == 0
    softmax, sigmoid = results(tmp_path)
    wanted = next(preset for preset in presets() if preset.name == "softmax")
    assert softmax["settings"]["training"] == dataclasses.replace(wanted.training, seed=3).to_json()
    assert [len(softmax["points"]), sigmoid["seed"]] == [wanted.training.epochs, 3]
    assert 0 < softmax["test_accuracy"] == softmax["points"][-1]["validation_accuracy"]
    table = (tmp_path / "results.md").read_text("utf-8")
    assert "| `softmax` | 3 | " in table
    assert table.strip() in capsys.readouterr().out


def test_only_what_is_missing_is_trained(digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    command = ["results", "--only", "softmax", "--out", str(tmp_path), "--seeds"]
    assert main([*command, "0"]) == 0
    first = results(tmp_path)
    capsys.readouterr()
    assert main([*command, "0", "1"]) == 0
    assert "softmax, seed 1 (1 of 1)" in capsys.readouterr().out
    assert results(tmp_path)[0] == first[0]
    assert main([*command, "0", "--again"]) == 0
    assert "softmax, seed 0 (1 of 1)" in capsys.readouterr().out
    assert [run["seed"] for run in results(tmp_path)] == [0]


def test_a_run_with_other_settings_than_the_presets_is_done_anew(digits: Path, tmp_path: Path):
    path = tmp_path / "results.json"
    old = dataclasses.replace(outcome("softmax", 0.5), settings={"training": {}, "network": {}})
    write_outcomes(path, [old], PROMISES)
    assert main(["results", "--only", "softmax", "--seeds", "0", "--out", str(tmp_path)]) == 0
    assert [len(run["points"]) for run in results(tmp_path)] == [5]


def test_ctrl_c_keeps_the_runs_that_ended(digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from convscope.cli import running

    real = running.trained

    def trained(network: Any, config: Any, dataset: Any) -> Any:
        if config.seed == 1:
            raise KeyboardInterrupt
        return real(network, config, dataset)

    monkeypatch.setattr(running, "trained", trained)
    assert main(["results", "--only", "softmax", "--out", str(tmp_path)]) == 130
    assert [run["seed"] for run in results(tmp_path)] == [0]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--only", "alexnet"], "invalid choice: 'alexnet'"),
        (["--seeds", "-1"], "a seed is a whole number from 0 on, not -1"),
        (["--seeds", "x"], "a seed is a whole number from 0 on, not x"),
    ],
)
def test_wrong_arguments_are_named(arguments: list[str], reason: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["results", *arguments])
    assert reason in capsys.readouterr().err


def test_without_mnist_it_says_where_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.delenv("CONVSCOPE_MNIST", raising=False)
    assert main(["results", "--out", str(tmp_path)]) == 2
    line = capsys.readouterr().err
    assert "MNIST is not on this computer yet. Type --download to fetch it (12 MB), or let CONVSCOPE_MNIST" in line


def test_a_folder_without_mnist_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("CONVSCOPE_MNIST", str(tmp_path))
    assert main(["results", "--out", str(tmp_path / "out")]) == 2
    assert str(tmp_path) in capsys.readouterr().err


def test_a_foreign_file_is_not_overwritten(digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "results.json").write_text("[]", "utf-8")
    assert main(["results", "--only", "softmax", "--out", str(tmp_path)]) == 2
    assert "holds no results that can be read" in capsys.readouterr().err
    assert (tmp_path / "results.json").read_text("utf-8") == "[]"
