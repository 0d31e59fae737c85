"""How long the row of data cubes keeps the window's thread: under the pen, and while it is turned and zoomed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter, thread_time

import numpy as np
from PySide6.QtWidgets import QApplication
from result import Figure, percentile, run

from convscope.core.layers import Activation, Conv2d, Dense, Dropout, Flatten, MaxPool
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.ui.application import make_application
from convscope.ui.widgets.cube_data import cube_items
from convscope.ui.widgets.cube_values import CubeValues
from convscope.ui.widgets.cube_view import CubeView

SIZE = 1100, 330  # of the view in a window on a large screen
FRAMES = 30.0  # a second


def measure(quick: bool = False) -> Sequence[Figure]:
    """Draw a small network anew as for a moving pen; turn and zoom a deep one with values and without."""
    application = make_application("light")
    turns = 20 if quick else 100
    small = [_pen(preset("cnn-batchnorm").network, turns)]
    deep = vgg_16()
    arrays = synthetic(deep)
    figures = [
        _moving(deep, values, f"{len(deep.layers)} layers, {what}", turns)
        for what, values in (("shapes only", {}), ("with values", arrays))
    ]
    application.processEvents()
    return [*small, *(figure for pair in figures for figure in pair)]


def vgg_16() -> Network:
    """Return VGG-16 (Simonyan and Zisserman, 2015) with every activation as a layer: 224×224×3 to 1000 classes."""
    layers = list[Conv2d | Activation | MaxPool | Flatten | Dense | Dropout]()
    for filters, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            layers += [Conv2d(filters=filters, padding="same"), Activation()]
        layers.append(MaxPool())
    for _ in range(2):
        layers += [Dense(units=4096), Activation(), Dropout(rate=0.5)]
    return Network((3, 224, 224), (*layers[:31], Flatten(), *layers[31:], Dense(units=1000)), 1000)


def synthetic(network: Network) -> dict[int, np.ndarray]:
    """Return values of the right shapes for every layer."""
    generator = np.random.default_rng(1)
    arrays: dict[int, np.ndarray] = {}
    for layer in range(-1, len(network.layers) + 1):
        shape = network.shape_at(layer)
        assert shape is not None
        arrays[layer] = np.maximum(generator.standard_normal(shape, np.float32), 0)
    arrays[len(network.layers)] /= arrays[len(network.layers)].sum()
    return arrays


def _pen(network: Network, times: int) -> Figure:
    """Measure new values from their arrival to their being drawn."""
    view = _shown(network)
    sets = [synthetic(network) for _ in range(2)]
    work = list[float]()
    for number in range(times):
        used = thread_time()
        view.show_values(CubeValues(sets[number % 2]))
        view.viewport().repaint()
        work.append(1000 * (thread_time() - used))
    view.close()
    note = f"{len(view.scene.items)} cubes, p95 {percentile(work, 95):.1f} ms"
    return Figure("new values → cubes drawn, cnn-batchnorm, p50", percentile(work, 50), "ms", at_most=3, note=note)


def _moving(network: Network, arrays: dict[int, np.ndarray], what: str, times: int) -> tuple[Figure, Figure]:
    """Measure the frames a second while the mouse turns the cubes and while the wheel zooms."""
    view = _shown(network)
    view.show_values(CubeValues(arrays))
    view.viewport().repaint()

    def turn(number: int) -> None:
        view.show_angle(view.scene.angle.turned(0.01 * (-1) ** (number // 30), 0.005 * (-1) ** (number // 20)))

    def zoom(number: int) -> None:
        view.zoom(1.08 if number % 40 < 20 else 1 / 1.08, 400.0)

    figures = (_frames(view, turn, f"cubes turned, {what}", times), _frames(view, zoom, f"cubes zoomed, {what}", times))
    view.close()
    return figures


def _frames(view: CubeView, move: Callable[[int], None], what: str, times: int) -> Figure:
    durations = list[float]()
    for number in range(times):
        start = perf_counter()
        move(number)
        view.viewport().repaint()
        durations.append(perf_counter() - start)
    slowest = 1000 * percentile(durations, 95)
    mean = len(durations) / sum(durations)
    return Figure(f"{what}", mean, "/s", at_least=FRAMES, note=f"{times} frames, p95 {slowest:.1f} ms")


def _shown(network: Network) -> CubeView:
    view = CubeView()
    view.resize(*SIZE)
    view.show()
    view.show_items(cube_items(network), [str(number) for number in range(network.classes)])
    QApplication.processEvents()
    return view


if __name__ == "__main__":
    run(measure)
