"""The checks of `convscope selfcheck`, in the order in which a user would do these things."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import shiboken6
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from convscope.cli.selfcheck_bench import Bench, Check, CheckError, live
from convscope.core.history import History
from convscope.core.layers import Conv2d
from convscope.ui import background
from convscope.ui.run_state import RunState
from convscope.ui.widgets.curve_plot import CurvePlot
from convscope.ui.widgets.drawing_canvas import DrawingCanvas
from convscope.ui.widgets.prediction_bars import PredictionBars

TORCH_SECONDS = 60.0  # for loading torch, from a slow disk for the first time
DIGIT = "7"
CORNERS = ((0.27, 0.22), (0.74, 0.22), (0.46, 0.82))  # of the 7, in units of the sheet's side
MOVES = 14  # of the mouse along each line of the 7
BATCHES = 12  # trained at least: more than an epoch of the small data set, so that a validation lies between


def open_window(bench: Bench) -> str:
    """Open the window and wait until it is painted."""
    bench.open()
    bench.wait(lambda: bench.window.isVisible(), "The window did not appear")
    for name in ("stack_panel", "maps_panel", "curves_panel", "drawing_panel"):
        bench.part(QWidget, name)
    return f"The window is open, {bench.window.width()}×{bench.window.height()}"


def load_torch(bench: Bench) -> str:
    """Wait for the first trace and for what can train."""
    session = bench.window.session
    bench.wait(lambda: session.trace and session.threads, "PyTorch did not compute anything", TORCH_SECONDS)
    return f"PyTorch computes, on {session.threads} thread{'s' * (session.threads != 1)}"


def load_data(bench: Bench) -> str:
    """Wait for the small data set."""
    session = bench.window.session
    bench.wait(lambda: session.dataset is not None, "The images were not loaded")
    assert session.dataset is not None
    return f"A folder of {len(session.dataset.train)} + {len(session.dataset.test)} images is loaded"


def draw(bench: Bench) -> str:
    """Draw a digit with the mouse, and see its maps."""
    session, canvas = bench.window.session, bench.part(DrawingCanvas, "drawing_canvas")
    session.select(0)
    bench.wait(lambda: session.selected == 0, "No layer was selected")
    before = bench.pixels("maps_panel")
    _stroke(bench, canvas)
    if len(session.drawing.strokes) != 1:
        raise CheckError(f"The mouse left {len(session.drawing.strokes)} strokes instead of 1.")
    if not session.image.any():
        raise CheckError("The network sees no ink.")
    bench.wait(lambda: bench.pixels("maps_panel") != before, "The feature maps did not change")
    return f"A {DIGIT} is drawn with the mouse, and the feature maps follow"


def _stroke(bench: Bench, canvas: DrawingCanvas) -> None:
    """Tell the window of a moving mouse as the window system does; a prediction must appear before its release."""
    window: QWindow = bench.window.windowHandle()
    sheet = canvas.sheet
    bars = bench.part(PredictionBars, "prediction_bars")

    def at(x: float, y: float) -> QPoint:
        place = QPointF(sheet.left() + x * sheet.width(), sheet.top() + y * sheet.height()).toPoint()
        return canvas.mapTo(bench.window, place)

    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mouseMove(window, at(*CORNERS[0]))
    QTest.mousePress(window, button, none, at(*CORNERS[0]))
    for (x0, y0), (x1, y1) in pairwise(CORNERS):
        for part in (step / MOVES for step in range(1, MOVES + 1)):
            QTest.mouseMove(window, at(x0 + part * (x1 - x0), y0 + part * (y1 - y0)))
            live()
    try:
        bench.wait(lambda: any(bar.wins for bar in bars.bars), "No prediction was shown while the pen was down")
    finally:
        QTest.mouseRelease(window, button, none, at(*CORNERS[-1]))


def classify(bench: Bench) -> str:
    """Read the prediction from the bars."""
    bars = bench.part(PredictionBars, "prediction_bars")
    bench.wait(lambda: any(bar.wins for bar in bars.bars), "No prediction was shown")
    session = bench.window.session
    bench.wait(lambda: np.array_equal(session.trace.image, session.image), "The finished drawing was not classified")
    trace = session.trace
    names, best = session.class_names, int(trace.probabilities.argmax())
    if names[best] != DIGIT or not any(bar.wins and bar.name == DIGIT for bar in bars.bars):
        raise CheckError(f"It is taken for {names[best]} ({trace.probabilities[best]:.1%}) instead of {DIGIT}.")
    return f"The drawing is classified as {DIGIT} ({trace.probabilities[best] * 100:.1f} %)"


def train(bench: Bench) -> str:
    """Train one batch, then more, and pause."""
    session = bench.window.session
    maps, loss, accuracy = (bench.pixels(name) for name in ("maps_panel", "loss_plot", "accuracy_plot"))
    bench.trigger("action_step_batch")
    bench.wait(lambda: session.run_state is RunState.PAUSED, "One batch was not trained")
    if len(session.history) != 1:
        raise CheckError(f"A step of one batch trained {len(session.history)}.")
    bench.trigger("action_train")
    bench.wait(lambda: len(session.history) >= BATCHES, f"{BATCHES} batches were not trained")
    bench.trigger("action_pause")
    bench.wait(lambda: session.run_state is not RunState.RUNNING, "Training did not pause")
    bench.wait(lambda: bench.pixels("maps_panel") != maps, "The feature maps did not change")
    for name, before in (("loss_plot", loss), ("accuracy_plot", accuracy)):
        plot = bench.part(CurvePlot, name)
        bench.wait(lambda plot=plot: _points(plot), f"The {name} shows no batches")
        bench.wait(lambda name=name, before=before: bench.pixels(name) != before, f"The {name} did not change")
    losses = session.history.batch_losses
    if not np.isfinite(losses).all():
        raise CheckError("The loss is not finite.")
    return f"{len(losses)} batches are trained, and curves and feature maps change"


def _points(plot: CurvePlot) -> int:
    xs = plot.canvas.batches.getData()[0] if plot.canvas is not None else None
    return 0 if xs is None else len(xs)


def take_picture(bench: Bench) -> str:
    """Write the picture of the window that was asked for."""
    picture = bench.window.grab()
    if bench.screenshot is None:
        return f"The window is painted, {picture.width()}×{picture.height()} pixels"
    if not picture.save(str(bench.screenshot), "PNG"):  # type: ignore[call-overload]
        raise CheckError(f"{bench.screenshot} could not be written.")
    return f"The picture of the window is in {bench.screenshot}"


def edit(bench: Bench) -> str:
    """Change a layer, see the shapes follow, and undo it."""
    session = bench.window.session
    network, weights = session.network, session.weights
    layer = network.layers[0]
    if not isinstance(layer, Conv2d):
        raise CheckError(f"The first layer is no convolution, but {layer.title}.")
    filters = layer.filters + 1
    changed = network.replaced(0, replace(layer, filters=filters))
    session.edit("Change filters", network=changed)
    shape = session.network.report.rows[0].output_shape
    if shape is None or shape[0] != filters:
        raise CheckError(f"{filters} filters make the shape {shape}.")
    bench.wait(lambda: session.trace.network == changed, "The changed network computed nothing")
    bench.trigger("action_undo")
    if session.network != network or any(not np.array_equal(session.weights[key], weights[key]) for key in weights):
        raise CheckError("Undo did not bring network and weights back.")
    bench.wait(lambda: session.trace.network == network, "The network computed nothing after Undo")
    return f"{layer.name} gets {filters} filters, and Undo brings the network and its weights back"


def save_and_open(bench: Bench) -> str:
    """Save the project, clear everything, and open it again."""
    window, session = bench.window, bench.window.session
    path = bench.folder / "project.safetensors"
    saved = session.project()
    window.files.path = path  # Save asks for no name when there is one
    bench.trigger("action_save")
    if not path.exists() or session.modified:
        raise CheckError("The project was not saved.")
    bench.trigger("action_clear_drawing")
    session.reset_weights()
    session.note_saved()  # or it would ask
    window.files.open(path)
    opened = session.project()
    if (opened.network, opened.config, opened.drawing) != (saved.network, saved.config, saved.drawing):
        raise CheckError("Network, settings or drawing are not those that were saved.")
    if any(not np.array_equal(opened.weights[key], saved.weights[key]) for key in saved.weights):
        raise CheckError("The weights are not those that were saved.")
    if not _same_curves(opened.history, saved.history):
        raise CheckError("The curves are not those that were saved.")
    return f"The project is saved ({path.stat().st_size / 1000:.0f} kB) and opened again, the same in every part"


def _same_curves(one: History, other: History) -> bool:
    return np.array_equal(one.batch_losses, other.batch_losses) and one.epochs == other.epochs


def close(bench: Bench) -> str:
    """Close the window while it trains; no thread may be left."""
    session = bench.window.session
    bench.trigger("action_train")
    bench.wait(lambda: session.run_state is RunState.RUNNING and len(session.history), "Training did not begin again")
    threads = background.alive()
    bench.close()
    left = [thread for thread in threads if shiboken6.isValid(thread) and not thread.isFinished()]  # type: ignore[attr-defined]
    if left or background.alive():
        raise CheckError(f"{len(left) or len(background.alive())} of {len(threads)} threads go on.")
    return f"The window closes while it trains, and its {len(threads)} threads end"


def find_nothing(bench: Bench) -> str:
    """Look at what went wrong beside the checks."""
    if bench.failures:
        raise CheckError(" / ".join(dict.fromkeys(bench.failures)))
    return "Nothing unexpected happened"


ALL = (
    Check("Opening the window", open_window),
    Check("Loading PyTorch", load_torch),
    Check("Loading images", load_data),
    Check("Drawing", draw),
    Check("Classifying the drawing", classify),
    Check("Training", train),
    Check("Painting the window", take_picture),
    Check("Editing and undoing", edit),
    Check("Saving and opening", save_and_open),
    Check("Closing", close),
    Check("Unexpected errors", find_nothing),
)
