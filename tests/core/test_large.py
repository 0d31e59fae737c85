"""Large networks: which they are, what they need, and one forward pass in steps."""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from convscope.core import large, large_pass
from convscope.core.data.progress import Progress, finished
from convscope.core.large import (
    adapted,
    bytes_text,
    data_misfit,
    free_memory,
    is_large,
    is_traced_live,
    memory_text,
    needed_memory,
)
from convscope.core.large_pass import LargePassError, passing
from convscope.core.layers import BatchNorm, Conv2d, Dense, Flatten, GlobalAveragePool
from convscope.core.network import Network
from convscope.core.presets import preset, presets
from convscope.core.trace import Trace, trace
from convscope.core.weights import initial_weights, missing_bytes

WIDE = Network((1, 8, 8), (Conv2d(filters=4), BatchNorm(), Flatten(), Dense(units=9_000), Dense(units=2_000)), 2_000)
IMAGE = np.random.default_rng(0).random((1, 8, 8), np.float32)


def test_the_lectures_large_networks_alone_are_large():
    assert [found.name for found in presets() if is_large(found.network)] == ["alexnet", "vgg-16"]
    assert is_large(WIDE)


def test_a_pass_that_takes_long_does_not_follow_the_pen():
    assert is_traced_live(preset("cnn-batchnorm").network)
    assert not is_traced_live(WIDE)
    busy = Network((3, 224, 224), (Conv2d(filters=64), Conv2d(filters=64), GlobalAveragePool(), Dense(units=10)))
    assert not is_large(busy)
    assert not is_traced_live(busy)


def test_the_weights_of_layers_that_are_off_count():
    off = WIDE.replaced(4, WIDE.layers[4].changed(enabled=False))
    assert 4 * off.report.parameters < 2**24
    assert is_large(off)


def test_data_change_no_large_network():
    assert adapted(WIDE, (1, 28, 28), 10) is WIDE
    assert adapted(preset("cnn").network, (3, 32, 32), 100) == preset("cnn").network.for_data((3, 32, 32), 100)


def test_data_that_do_not_fit_are_refused_with_both_shapes_and_a_way_out():
    vgg = preset("vgg-16").network
    assert "28×28×1, but the network takes 224×224×3. Choose" in data_misfit(vgg, (1, 28, 28), 10)
    assert data_misfit(vgg, (3, 224, 224), 1000) == ""
    assert data_misfit(vgg, (3, 224, 224), 7) == ""  # classes that no image has cost nothing
    assert "1,001 classes, but the network only 1,000. Choose" in data_misfit(vgg, (3, 224, 224), 1001)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (4_096, "4.1 kB"), (553_430_176, "553 MB"), (999_700_000, "1 GB"),
     (1_234_000_000, "1.23 GB"), (22_100_000_000, "22.1 GB"), (1_500_000_000_000, "1,500 GB")],
)  # fmt: skip
def test_sizes_are_said_as_people_say_them(size: int, text: str):
    assert bytes_text(size) == text


def test_the_memory_is_told_before_it_is_taken(monkeypatch: pytest.MonkeyPatch):
    vgg = preset("vgg-16").network
    monkeypatch.setattr(large, "free_memory", lambda: 1_200_000_000)
    text = "needs 553 MB for its weights and {} for the maps of one picture; 1.2 GB is free."
    assert memory_text(vgg, {}) == text.format("115 MB")
    assert needed_memory(vgg, {}) == 4 * 138_357_544 + vgg.report.memory
    monkeypatch.setattr(large, "free_memory", lambda: None)
    weights = initial_weights(WIDE, 0)
    assert memory_text(WIDE, weights).endswith(" for the maps of one picture.")
    assert "weights" not in memory_text(WIDE, weights)
    assert needed_memory(WIDE, weights) == WIDE.report.memory


@pytest.mark.skipif(sys.platform != "linux", reason="the system's own figure to compare with is Linux's")
def test_the_free_memory_is_between_nothing_and_all():
    lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    whole = 1024 * int(next(line.split()[1] for line in lines if line.startswith("MemTotal:")))
    free = free_memory()
    assert free is not None
    assert whole / 1000 < free < whole


def test_where_the_system_does_not_tell_nothing_is_said(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", refuse)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert free_memory() is None


def test_windows_tells_it_in_the_third_field(monkeypatch: pytest.MonkeyPatch):
    def answer(buffer: ctypes.Array[ctypes.c_char]) -> int:
        assert int.from_bytes(buffer.raw[:4], sys.byteorder) == ctypes.sizeof(buffer) == 64
        buffer[16:24] = (5_000_000_000).to_bytes(8, sys.byteorder)
        return 1

    monkeypatch.setattr(sys, "platform", "win32")
    kernel = type("Kernel", (), {"GlobalMemoryStatusEx": staticmethod(answer)})
    monkeypatch.setattr(ctypes, "windll", type("Windll", (), {"kernel32": kernel}), raising=False)
    assert free_memory() == 5_000_000_000


def steps_of(network: Network) -> tuple[list[Progress], Trace]:
    steps = list[Progress]()
    work = passing(network, {}, IMAGE, seed=3)
    while True:
        try:
            steps.append(next(work))
        except StopIteration as end:
            return steps, end.value


def test_the_pass_gives_the_numbers_of_an_ordinary_trace():
    found = finished(passing(WIDE, {}, IMAGE, seed=3))
    expected = trace(WIDE, initial_weights(WIDE, 3), IMAGE)
    for one, other in zip(found.outputs, expected.outputs, strict=True):
        assert one is not None
        assert other is not None
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    assert found.probabilities is not None
    assert expected.probabilities is not None
    np.testing.assert_allclose(found.probabilities, expected.probabilities, rtol=1e-5)
    assert missing_bytes(WIDE, found.weights) == 0


def test_what_is_switched_off_is_zero():
    off = frozenset({("conv_1", 1)})
    found = finished(passing(WIDE, {}, IMAGE, off, seed=3))
    assert found.outputs[0] is not None
    assert [bool(channel.any()) for channel in found.outputs[0]] == [True, False, True, True]
    assert found.switched_off == off


def test_the_steps_name_what_is_done_and_reach_the_total():
    steps, _ = steps_of(WIDE)
    assert steps[0].text == "Drawing the weights of conv_1"
    assert [step.text for step in steps[-5:]] == [f"Computing {layer.name}" for layer in WIDE.layers]
    assert all(step.text.startswith("Drawing") for step in steps[:-5])
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert {step.total for step in steps} == {steps[-1].total}
    assert 0.9 * steps[-1].total < steps[-1].done <= steps[-1].total


def test_weights_that_are_there_are_used_where_they_lie():
    weights = dict(initial_weights(WIDE, 3))
    address = weights["dense_1.weight"].ctypes.data
    lent = list[int]()
    look = torch.nn.modules.module.register_module_forward_pre_hook(
        lambda module, _: lent.extend(parameter.data_ptr() for parameter in module.parameters())
    )
    with look:
        found = finished(passing(WIDE, weights, IMAGE, seed=3))
    assert address in lent
    assert found.weights["dense_1.weight"] is weights["dense_1.weight"]
    assert not weights["dense_1.weight"].flags.writeable


def test_nobody_can_write_to_what_the_trace_shows():
    found = finished(passing(WIDE, {}, IMAGE, seed=3))
    for array in (*found.outputs, found.probabilities, *found.weights.values()):
        assert array is not None
        assert not array.flags.writeable


def test_before_a_problem_the_layers_work():
    broken = WIDE.inserted(2, Dense(units=5))
    _, found = steps_of(broken)
    assert found.outputs[1] is not None
    assert found.outputs[2:] == (None,) * 4
    assert found.probabilities is None


@pytest.mark.parametrize("error", [MemoryError("Unable to allocate 392. MiB"), RuntimeError("can't allocate memory")])
def test_memory_that_does_not_suffice_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch, error: Exception):
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(large_pass, "build_module", refuse)
    with pytest.raises(LargePassError, match="Close other programs"):
        finished(passing(WIDE, {}, IMAGE, seed=3))


def test_other_errors_are_not_taken_for_a_lack_of_memory(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("shapes differ")

    monkeypatch.setattr(large_pass, "build_module", refuse)
    with pytest.raises(RuntimeError, match="shapes differ"):
        finished(passing(WIDE, {}, IMAGE, seed=3))
