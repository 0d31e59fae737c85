"""Training in the open window against a bare PyTorch loop: examples per second, in turns, in one process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from time import perf_counter

import torch
from result import Figure, run
from stage import LAPTOP, Stage, open_stage
from torch import Tensor, nn

from convscope.core import layers as described
from convscope.core.layers.window import pair
from convscope.core.network import Network
from convscope.core.unit import Unit
from convscope.ui.panel_dock import TITLES

NEEDED = {"cnn-batchnorm": 0.85, "cnn": 0.85, "relu-deep": 0.70}
COURSE = {"diagnosis_panel", "gradients_panel", "time_panel", "runs_panel", "step_panel", "dropout_panel"}
INSIDE = frozenset(TITLES) - COURSE - {"batchnorm_panel"}
SPREAD = {  # panels, and what must be reached with all of them visible
    "every panel that looks inside visible": (INSIDE, 0.80),
    "every panel visible": (frozenset(TITLES), 0.75),
}


def measure(quick: bool = False) -> Sequence[Figure]:
    """Measure each preset in turns of window and bare loop."""
    rounds, seconds = (4, 1.5) if quick else (10, 2.0)
    with open_stage(LAPTOP) as stage:
        stage.draw()
        figures = [_compared(stage, name, needed, rounds, seconds) for name, needed in NEEDED.items()]
        for which, (panels, needed) in SPREAD.items():
            stage.spread(panels)
            figures.append(_compared(stage, "cnn-batchnorm", needed, rounds, seconds, f", {which}"))
        return figures


def _compared(stage: Stage, name: str, needed: float, rounds: int, seconds: float, which: str = "") -> Figure:
    stage.choose(name)
    if which:
        stage.session.inspection.pin(Unit(0, (0, 12, 12)))  # something to take apart
    stage.draw()
    speed = WindowSpeed(stage)
    bare = bare_loop(stage)
    stage.train()
    stage.play(0.5)
    window_speeds, bare_speeds = list[float](), list[float]()
    for _ in range(rounds):
        stage.pause()
        stage.play(0.2)
        bare_speeds.append(_bare_speed(bare, seconds))
        stage.train()
        stage.play(0.2)
        window_speeds.append(speed.over(seconds))
    stage.trigger("stop")
    ratios = [window / alone for window, alone in zip(window_speeds, bare_speeds, strict=True)]
    figures = {"window": median(window_speeds), "bare": median(bare_speeds), "least": min(ratios), "most": max(ratios)}
    note = (
        f"{figures['window']:,.0f} of {figures['bare']:,.0f} examples/s, {min(ratios):.2f} to {max(ratios):.2f}; "
        f"threads: {torch.get_num_threads()}"
    )
    return Figure(f"training in the window, {name}{which}", median(ratios), at_least=needed, note=note, details=figures)


class WindowSpeed:
    """Counts what the window trains, by the clock on the wall, without the validation at the end of an epoch."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._last: tuple[float, int, int] | None = None
        self._seconds, self._batches = 0.0, 0
        stage.session.progress_changed.connect(self._count)

    def over(self, seconds: float) -> float:
        """Return the examples per second of so many seconds of training, from one report to another."""
        self._last, self._seconds, self._batches = None, 0.0, 0
        self._stage.wait(lambda: self._seconds >= seconds)
        return self._batches * self._stage.config.batch_size / self._seconds

    def _count(self) -> None:
        progress = self._stage.session.progress
        if progress is None:
            return
        now = (perf_counter(), progress.epoch, progress.step)
        if self._last is not None and self._last[1] == now[1] and progress.step < progress.steps:
            self._seconds += now[0] - self._last[0]
            self._batches += now[2] - self._last[2]
        self._last = now


def bare_loop(stage: Stage) -> Iterator[int]:
    """Train the stage's network with nothing but PyTorch, one batch at a time; yields the batch's size."""
    dataset, config = stage.session.dataset, stage.config
    assert dataset is not None
    module = nn.Sequential(*bare_layers(stage.session.network)).train()
    images, labels = torch.tensor(dataset.train.images) / 255, torch.tensor(dataset.train.labels)
    optimizer = torch.optim.Adam(module.parameters(), lr=config.learning_rate)
    while True:
        for chosen in torch.randperm(len(labels)).split(config.batch_size):
            optimizer.zero_grad()
            _loss(module, images[chosen], labels[chosen]).backward()  # pyright: ignore[reportUnknownMemberType]
            optimizer.step()
            yield len(chosen)


def _loss(module: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    return nn.functional.cross_entropy(module(images), labels)


def bare_layers(network: Network) -> Iterator[nn.Module]:
    """Yield torch's own layers for a network of the lectures."""
    for row in network.report.rows:
        layer, shape = row.layer, row.input_shape
        assert shape is not None
        match layer:
            case described.Conv2d():
                (top, bottom), (left, right) = layer.window.pads((shape[1], shape[2]))
                assert (top, left) == (bottom, right)
                sides = pair(layer.kernel_size), pair(layer.stride), (top, left), pair(layer.dilation)
                yield nn.Conv2d(shape[0], layer.filters, *sides, bias=layer.bias)
            case described.BatchNorm():
                yield (nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d)(shape[0], layer.eps, layer.momentum)
            case described.Activation(function="relu"):
                yield nn.ReLU()
            case described.Flatten():
                yield nn.Flatten()
            case described.Dense():
                yield nn.Linear(shape[0], layer.units, bias=layer.bias)
            case described.Dropout():
                yield nn.Dropout(layer.rate)
            case _:
                raise ValueError(f"The bare loop knows no {layer.kind}")


def _bare_speed(batches: Iterator[int], seconds: float) -> float:
    start, done = perf_counter(), 0
    while (passed := perf_counter() - start) < seconds:
        done += next(batches)
    return done / passed


if __name__ == "__main__":
    run(measure)
