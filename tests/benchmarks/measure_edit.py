"""From a change of a layer to all shapes and costs on the screen, in a network of 30 layers."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter, thread_time

from result import Figure, percentile, run
from stage import LAPTOP, Painted, open_stage

from convscope.core import layers as described
from convscope.core.network import Network
from convscope.ui.panels.stack import StackPanel

LAYERS = 30


def measure(quick: bool = False) -> Sequence[Figure]:
    """Change the first convolution of a deep network to and fro; every cost below it changes."""
    edits = 30 if quick else 100
    delays, busy = list[float](), list[float]()
    with open_stage(LAPTOP) as stage:
        stage.session.edit("Deep network", network=deep_network())
        stage.session.select(0)
        panel = stage.window.panel("stack_panel")
        assert isinstance(panel, StackPanel)
        stage.draw()
        stage.play(0.5)
        painted = Painted([panel.list.card(0), panel.totals], panel)
        for number in range(edits):
            painted.forget()
            start, used = perf_counter(), thread_time()
            panel.list.setting_changed.emit(0, "filters", 13 + number % 2)
            stage.wait(lambda: painted.complete)
            delays.append(1000 * (painted.last - start))
            busy.append(1000 * (thread_time() - used))
            stage.play(0.05)
    figures = {"p50": percentile(delays, 50), "max": max(delays), "processor": percentile(busy, 50)}
    note = (
        f"{edits} changes, p50 {figures['p50']:.1f}, max {figures['max']:.1f} ms; "
        f"the window's thread works {figures['processor']:.1f} ms"
    )
    what = f"layer edited → shapes and costs shown, {LAYERS} layers, p95"
    return [Figure(what, percentile(delays, 95), "ms", at_most=10, note=note, details=figures)]


def deep_network() -> Network:
    """Return 9 rounds of convolution, normalisation and ReLU, and what makes them classes."""
    rounds = [described.Conv2d(filters=12), described.BatchNorm(), described.Activation()] * 9
    layers = [*rounds, described.Flatten(), described.Dropout(), described.Dense(units=10)]
    network = Network()
    for index, layer in enumerate(layers):
        network = network.inserted(index, layer)
    assert len(network.layers) == LAYERS
    assert network.report.problem is None
    return network


if __name__ == "__main__":
    run(measure)
