"""Projects: what was saved comes back, and a wrong file is refused with one message that names it."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from convscope.core import project as projects
from convscope.core.data.drawing import Drawing, Picture, Stroke
from convscope.core.history import EpochPoint, History
from convscope.core.layers import BatchNorm, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.project import MAX_FILE, Project, ProjectError, load, save
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import initial_weights

NETWORK = Network((1, 8, 8), (Conv2d(filters=2), BatchNorm(), Flatten(), Dense(units=3)), 3)
WEIGHTS = initial_weights(NETWORK, 1)
HISTORY = History(dataset_id="fashion-mnist").extended(
    ([0.5, 1.0], [2.0, np.inf], [0.25, 0.5]), [EpochPoint(1, 1.5, 0.5, 1.25, 0.75, 0.01, 3.5)]
)
DRAWING = Drawing((Stroke(((0.25, 0.5), (0.75, 1 / 3))),), Picture(np.arange(64, dtype=np.uint8).reshape(1, 8, 8), 2))
PROJECT = Project(NETWORK, WEIGHTS, TrainingConfig(optimizer="sgd", epochs=7), HISTORY, DRAWING, "mnist")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A saved project."""
    save(tmp_path / "some.safetensors", PROJECT)
    return tmp_path / "some.safetensors"


def assert_alike(one: Project, other: Project) -> None:
    """Compare all that a project holds."""
    assert (one.network, one.config, one.drawing) == (other.network, other.config, other.drawing)
    assert one.dataset_id == other.dataset_id
    assert one.history.epochs == other.history.epochs
    assert one.history.dataset_id == other.history.dataset_id
    for here, there in ((one.weights, other.weights), (one.history.to_arrays(), other.history.to_arrays())):
        assert here.keys() == there.keys()
        for name in here:
            np.testing.assert_array_equal(here[name], there[name])


def rewritten(path: Path, *, texts: dict[str, Any] | None = None, tensors: dict[str, Any] | None = None) -> Path:
    """Change metadata and tensors of a project file as another program could; None as a value removes."""
    old = path.read_bytes()
    length = int.from_bytes(old[:8], "little")
    metadata = json.loads(old[8 : 8 + length])["__metadata__"] | (texts or {})
    arrays = safetensors.numpy.load(old) | (tensors or {})
    path.write_bytes(
        safetensors.numpy.save(
            {name: array for name, array in arrays.items() if array is not None},
            {name: text for name, text in metadata.items() if text is not None},
        )
    )
    return path


def reason(path: Path) -> str:
    """Return why a file cannot be opened."""
    with pytest.raises(ProjectError) as caught:
        load(path)
    text = str(caught.value)
    assert text.startswith(f"{path} cannot be opened: ")
    return text.removeprefix(f"{path} cannot be opened: ")


def test_what_was_saved_comes_back(path: Path):
    assert_alike(load(path), PROJECT)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_an_empty_project_comes_back(tmp_path: Path):
    save(tmp_path / "empty", Project())
    assert_alike(load(tmp_path / "empty"), Project())


def test_a_network_with_a_problem_comes_back_with_the_weights_before_it(tmp_path: Path):
    network = Network((1, 8, 8), (Conv2d(filters=2), Conv2d(kernel_size=30, padding="valid"), Dense()), 3)
    assert network.report.problem is not None
    save(tmp_path / "a", Project(network, initial_weights(network, 0)))
    assert load(tmp_path / "a").network == network
    assert set(load(tmp_path / "a").weights) == {"conv_1.weight", "conv_1.bias"}


def test_transposed_weights_come_back_as_they_were(tmp_path: Path):
    turned = np.ascontiguousarray(WEIGHTS["dense_1.weight"].T).T
    assert not turned.flags.c_contiguous
    save(tmp_path / "a", Project(NETWORK, {**WEIGHTS, "dense_1.weight": turned}))
    np.testing.assert_array_equal(load(tmp_path / "a").weights["dense_1.weight"], turned)


def test_opened_weights_cannot_be_written_to(path: Path):
    weights = load(path).weights
    with pytest.raises(ValueError, match="read-only"):
        weights["conv_1.weight"][...] = 0
    with pytest.raises(TypeError):
        weights["conv_1.weight"] = WEIGHTS["conv_1.weight"]  # pyright: ignore[reportIndexIssue]


def test_other_programs_find_the_weights_under_their_names(path: Path):
    assert set(safetensors.numpy.load_file(path)) == set(WEIGHTS) | {
        "history/batch_epochs",
        "history/batch_losses",
        "history/batch_accuracies",
        "history/epochs",
    }


def test_a_data_set_in_a_folder_of_any_name_comes_back(tmp_path: Path):
    name = "Ziffern/\udcff“1”\n"  # Linux allows names that are no UTF-8
    save(tmp_path / "a", Project(dataset_id=name))
    assert load(tmp_path / "a").dataset_id == name


@pytest.mark.parametrize("former", [False, True])
def test_curves_that_tell_of_another_network_still_do(tmp_path: Path, former: bool):
    save(tmp_path / "a", Project(history_is_former=former))
    assert load(tmp_path / "a").history_is_former is former
    assert not load(rewritten(tmp_path / "a", texts={"former_curves": None})).history_is_former  # an older file


def test_curves_of_an_older_file_are_of_the_data_that_it_names(path: Path):
    assert load(rewritten(path, texts={"curves": None})).history.dataset_id == "mnist"


def test_saving_replaces_the_file_as_a_whole(path: Path):
    path.chmod(0o640)
    save(path, Project(dataset_id="generated"))
    assert load(path).dataset_id == "generated"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_disk_that_is_full_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ProjectError, match=r"some\.safetensors cannot be saved: No space left"):
        save(path, Project())
    assert_alike(load(path), PROJECT)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_what_could_not_be_opened_again_is_not_saved(path: Path):
    broken = {**WEIGHTS, "dense_1.bias": np.full(3, np.nan, np.float32)}
    with pytest.raises(ProjectError, match=r"cannot be saved: .*dense_1\.bias.* not finite"):
        save(path, Project(NETWORK, broken))
    with pytest.raises(ProjectError, match=r"cannot be saved: .*missing"):
        save(path, Project(NETWORK))
    with pytest.raises(ProjectError, match=r"cannot be saved: .*data set"):
        save(path, Project(dataset_id="x" * 5000))
    with pytest.raises(ProjectError, match="data set"):
        save(path, Project(history=History(dataset_id="x" * 5000)))
    assert_alike(load(path), PROJECT)


def test_a_drawing_that_is_too_large_is_not_saved(path: Path):
    picture = Picture(np.zeros((3, 3000, 3000), np.uint8))
    with pytest.raises(ProjectError, match=r"cannot be saved: .*smaller picture"):
        save(path, Project(drawing=Drawing(picture=picture)))
    assert_alike(load(path), PROJECT)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    assert "No such file" in reason(tmp_path / "nowhere")
    assert reason(tmp_path)  # a folder


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 7,
        b"\0" * 8,
        b"\0" * 100,
        b"PK\x03\x04 what torch.save writes",
        b"\x89PNG\r\n\x1a\n and more",
        b"\x08\0\0\0\0\0\0\0not JSON",
        b"\x08\0\0\0\0\0\0\0[1, 2,3]",
        b"\x02\0\0\0\0\0\0\0{}",
        b"\x10\x27\0\0\0\0\0\0" + b"[" * 10_000,
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / "other").write_bytes(content)
    assert "Convscope" in reason(tmp_path / "other")


def test_tensors_of_another_program_are_refused(tmp_path: Path):
    safetensors.numpy.save_file(dict(WEIGHTS), tmp_path / "other", {"format": "pt"})
    assert reason(tmp_path / "other") == "it was not written by Convscope."


def test_every_cut_of_a_file_is_refused(path: Path):
    content = path.read_bytes()
    for end in (*range(0, len(content), 97), len(content) - 1):
        path.write_bytes(content[:end])
        assert "damaged" in reason(path)


def test_appended_bytes_are_refused(path: Path):
    path.write_bytes(path.read_bytes() + b"\0")
    assert "damaged" in reason(path)


def test_an_oversized_file_is_refused_unread(tmp_path: Path):
    with (tmp_path / "large").open("wb") as file:
        file.truncate(MAX_FILE + 1)  # takes no space on the disk
    assert f"it has {MAX_FILE + 1:,} bytes" in reason(tmp_path / "large")


def test_an_oversized_header_is_refused_unread(tmp_path: Path):
    with (tmp_path / "large").open("wb") as file:
        file.write((26 * 2**20).to_bytes(8, "little"))
        file.truncate(27 * 2**20)
    assert "its header has 27,262,976 bytes" in reason(tmp_path / "large")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ({"convscope": "2"}, "Install a newer Convscope"),
        ({"convscope": None}, "not written by Convscope"),
        ({"network": None}, "'network' is missing"),
        ({"training": None}, "'training' is missing"),
        ({"drawing": None}, "'drawing' is missing"),
        ({"dataset": None}, "'dataset' is missing"),
        ({"network": "{"}, "its network cannot be read"),
        ({"network": "[" * 100_000}, "its network cannot be read"),
        ({"network": "[]"}, "its network must be"),
        ({"network": '{"layers": 3}'}, "list of layers"),
        ({"network": '{"layers": [{"kind": "lstm"}]}'}, "no layer of kind 'lstm'"),
        ({"network": '{"layers": [{"kind": "conv2d", "filters": -1}]}'}, "Filters"),
        ({"network": '{"layers": [{"kind": "conv2d", "filters": 1' + "0" * 400 + "}]}"}, "its network"),
        ({"network": '{"layers": [], "classes": "many"}'}, "number of classes"),
        ({"network": '{"layers": [], "input_shape": [1, 28]}'}, "input"),
        ({"network": '{"layers": []}'}, "belong to no layer"),
        ({"training": "3"}, "its training must be"),
        ({"training": '{"epochs": 0}'}, "Epochs must be between"),
        ({"training": '{"warmup": 1}'}, "no setting 'warmup'"),
        ({"training": '{"learning_rate": NaN}'}, "Learning rate must be a number"),
        ({"training": '{"learning_rate": 1' + "0" * 400 + "}"}, "its training settings cannot be used"),
        ({"drawing": "null"}, "its drawing must be"),
        ({"drawing": '{"strokes": [{"points": []}]}'}, "A stroke must have"),
        ({"drawing": '{"strokes": [{"points": [[NaN, 0]]}]}'}, "point"),
        ({"dataset": "7"}, "name of its data set"),
        ({"dataset": json.dumps("x" * 5000)}, "name of its data set"),
    ],
)
def test_wrong_metadata_are_refused(path: Path, texts: dict[str, Any], expected: str):
    assert expected in reason(rewritten(path, texts=texts))


@pytest.mark.parametrize(
    ("tensors", "expected"),
    [
        ({"conv_1.weight": None}, "'conv_1.weight' are missing"),
        ({"conv_1.weight": np.zeros((2, 1, 5, 5), np.float32)}, "2×1×5×5"),
        ({"conv_1.weight": np.zeros((2, 1, 3, 3), np.float64)}, "float64"),
        ({"conv_1.weight": np.zeros((2, 1, 3, 3), np.float16)}, "F16"),
        ({"conv_1.weight": np.zeros((2, 1, 3, 3), np.int64)}, "I64"),
        ({"dense_1.bias": np.array([0, np.nan, 0], np.float32)}, "not finite"),
        ({"dense_1.bias": np.array([0, np.inf, 0], np.float32)}, "not finite"),
        ({"dense_1.scale": np.zeros(3, np.float32)}, "more than its layer has"),
        ({"lstm_1.weight": np.zeros(3, np.float32)}, "belong to no layer"),
        ({"history/batch_losses": None}, "its curves"),
        ({"history/batch_losses": np.zeros(3, np.float32)}, "its curves"),
        ({"history/batch_epochs": np.array([1.0, 0.5])}, "in order"),
        ({"history/extra": np.zeros(2, np.float32)}, "its curves"),
    ],
)
def test_wrong_arrays_are_refused(path: Path, tensors: dict[str, Any], expected: str):
    assert expected in reason(rewritten(path, tensors=tensors))


@given(place=st.integers(0, 2**31), value=st.integers(0, 255))
def test_no_damage_of_a_byte_leads_to_another_error(tmp_path_factory: pytest.TempPathFactory, place: int, value: int):
    path = tmp_path_factory.getbasetemp() / "damaged"
    save(path, PROJECT)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = value
    path.write_bytes(content)
    with contextlib.suppress(ProjectError):
        load(path)  # one wrong bit of a weight is a weight too


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just(10**400),
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.text(max_size=5), values, max_size=3),
    max_leaves=5,
)


@given(data=st.data())
def test_no_value_in_a_description_leads_to_another_error(data: st.DataObject):
    texts = {
        "network": NETWORK.to_json(),
        "training": PROJECT.config.to_json(),
        "drawing": DRAWING.to_json(),
        "dataset": "mnist",
    }
    part = data.draw(st.sampled_from(sorted(texts)))
    texts[part] = data.draw(JSON) if part == "dataset" else _with_one_changed(data, texts[part])
    content = safetensors.numpy.save(
        safetensors.numpy.load(projects._encoded(PROJECT)),
        {"convscope": "1", **{name: json.dumps(value) for name, value in texts.items()}},
    )
    with contextlib.suppress(projects._UnfitError):
        projects._decoded(content)


def _with_one_changed(data: st.DataObject, values: Any) -> Any:
    """Return nested values with a random one replaced by something else."""
    if isinstance(values, dict | list) and values and data.draw(st.integers(0, 4)):
        values = values.copy()
        key = data.draw(st.sampled_from(sorted(values) if isinstance(values, dict) else range(len(values))))
        values[key] = _with_one_changed(data, values[key])
        return values
    return data.draw(JSON)
