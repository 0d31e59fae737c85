"""What every test gets: no display, one thread, and folders of its own."""

from __future__ import annotations

import os

# Read when Qt and OpenMP are loaded, so set before anything else is imported.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LC_ALL"] = "C.UTF-8"  # numbers are written the same on every machine, and Qt has no locale to warn of
os.environ["OMP_WAIT_POLICY"] = "passive"
os.environ["OMP_NUM_THREADS"] = "1"  # torch takes it over; two threads on a busy machine are slower than one

from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile(
    "ordinary", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)  # how long an example takes depends on who else uses the machine
hypothesis.settings.register_profile("ci", hypothesis.settings.get_profile("ordinary"), derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "ordinary")


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test empty cache, preferences and log folders, so that none reads or writes the user's."""
    home = tmp_path_factory.mktemp("home")
    for kind in ("cache", "config", "log"):
        monkeypatch.setenv(f"CONVSCOPE_{kind.upper()}", str(home / kind))


@pytest.fixture(scope="session")
def mnist_folder() -> Path:
    """Return the folder of MNIST's four IDX files."""
    named = os.environ.get("CONVSCOPE_MNIST")
    if not named:
        pytest.skip("CONVSCOPE_MNIST names no folder with MNIST's four IDX files")
    folder = Path(named).resolve()
    assert folder.is_dir(), f"CONVSCOPE_MNIST names {folder}, which is no folder"
    return folder


@pytest.fixture(scope="session")
def digits_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of IDX files with 600 + 200 generated digits: enough to train on for a moment."""
    from convscope.core.data.handwriting import generated

    folder = tmp_path_factory.mktemp("digits")
    dataset = generated(seed=1, train_size=600, test_size=200)
    for part, examples in (("train", dataset.train), ("t10k", dataset.test)):
        count = len(examples).to_bytes(4, "big")
        sides = (28).to_bytes(4, "big") * 2
        images = b"\0\0\x08\x03" + count + sides + examples.images.tobytes()
        (folder / f"{part}-images-idx3-ubyte").write_bytes(images)
        labels = b"\0\0\x08\x01" + count + examples.labels.astype("uint8").tobytes()
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(labels)
    return folder
