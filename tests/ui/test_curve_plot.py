"""The curve plot shows a history's numbers, loses no peak, and keeps what the user looks at."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QContextMenuEvent, QImage
from PySide6.QtWidgets import QApplication, QMenu, QToolButton, QWidget
from pytestqt.qtbot import QtBot

import convscope
from convscope.core.history import EpochPoint, History
from convscope.ui import background, theme
from convscope.ui.widgets import curve_plot
from convscope.ui.widgets.curve_data import (
    ACCURACY,
    LOSS,
    Quantity,
    Series,
    even_ticks,
    log_ticks,
    loss_text,
    readout,
    thinned,
    vertical_range,
)
from convscope.ui.widgets.curve_plot import CurvePlot


def made_history(epochs: int = 3, per_epoch: int = 40) -> History:
    """Return a run whose training loss in epoch e is 1/e, its validation loss 1.5/e."""
    count = epochs * per_epoch
    x = np.arange(1, count + 1) / per_epoch
    points = [EpochPoint(e, 1 / e, 1 - 0.1 / e, 1.5 / e, 1 - 0.2 / e, 0.001, 2.0) for e in range(1, epochs + 1)]
    losses = (2.3 / (1 + x) + 0.1 * np.sin(np.arange(count))).astype(np.float32)
    return History(x, losses, np.linspace(0.1, 0.9, count, dtype=np.float32), tuple(points))


@pytest.fixture
def shown(qtbot: QtBot, qapp: QApplication):
    """Return a function that shows a plot of a quantity with its axes made."""
    theme.apply(qapp, "light")

    def show(quantity: Quantity = LOSS) -> CurvePlot:
        plot = CurvePlot(quantity)
        qtbot.addWidget(plot)
        plot.resize(500, 320)
        plot.show()
        qtbot.waitUntil(lambda: plot.canvas is not None)
        QApplication.processEvents()  # gives the axes their place
        return plot

    return show


def canvas_of(plot: CurvePlot) -> Any:
    """Return the canvas, of which there must be one."""
    assert plot.canvas is not None
    return plot.canvas


def lines(plot: CurvePlot) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    canvas = canvas_of(plot)
    items = {"batches": canvas.batches, "train": canvas.train, "validation": canvas.validation}
    return {name: item.getOriginalDataset() for name, item in items.items()}


def view(plot: CurvePlot) -> list[list[float]]:
    return canvas_of(plot).view.viewRange()


def test_plotted_values_are_the_histories(shown) -> None:
    history = made_history()
    plot = shown()
    plot.show_history(history)
    found = lines(plot)
    np.testing.assert_array_equal(found["train"], ([1, 2, 3], [1, 1 / 2, 1 / 3]))
    np.testing.assert_array_equal(found["validation"], ([1, 2, 3], [1.5, 1.5 / 2, 1.5 / 3]))
    np.testing.assert_array_equal(found["batches"], (history.batch_epochs, history.batch_losses))


def test_accuracy_is_plotted_in_percent_up_to_100(shown) -> None:
    plot = shown(ACCURACY)
    plot.show_history(made_history())
    np.testing.assert_allclose(lines(plot)["train"][1], [90, 95, 100 - 10 / 3])
    assert view(plot)[1][0] == 0
    assert 100 < view(plot)[1][1] < 105
    plot.switch.trigger()
    assert 70 < view(plot)[1][0] < 80  # just below the lowest, 80


def test_a_long_run_is_thinned_but_keeps_its_peaks(shown) -> None:
    count = 20_000
    losses = np.full(count, 0.5, np.float32)
    losses[7777], losses[13131] = 4.25, 0.125
    history = History(np.arange(1, count + 1) / 1000, losses, losses)
    plot = shown()
    plot.show_history(history)
    _, heights = lines(plot)["batches"]
    assert len(heights) < 2_000
    assert heights.max() == 4.25
    assert heights.min() == 0.125


def test_thinning_keeps_every_columns_extremes_and_the_order() -> None:
    generator = np.random.default_rng(3)
    series = Series(np.sort(generator.random(5000)), generator.random(5000))
    found = thinned(series, 0.2, 0.6, 50)
    assert len(found) <= 2 * 53
    assert np.all(np.diff(found.x) >= 0)
    assert found.x[0] < 0.2  # lines run on to the edges
    assert found.x[-1] > 0.6
    for left in np.linspace(0.2, 0.6, 50, endpoint=False):
        inside = series.y[(series.x >= left) & (series.x < left + 0.008)]
        assert inside.max() in found.y
        assert inside.min() in found.y


def test_a_short_series_is_left_alone() -> None:
    series = Series(np.arange(5.0), np.arange(5.0))
    assert thinned(series, 0, 10, 100) is series


def test_log_scale_shows_logarithms_and_back(shown, qtbot: QtBot) -> None:
    plot = shown()
    plot.show_history(made_history())
    button = plot.findChild(QToolButton)
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    np.testing.assert_allclose(lines(plot)["train"][1], np.log10([1, 1 / 2, 1 / 3]))
    low, high = view(plot)[1]
    assert low < np.log10(1 / 3) < np.log10(2.3) < high < 1
    plot.switch.trigger()
    np.testing.assert_allclose(lines(plot)["train"][1], [1, 1 / 2, 1 / 3])
    assert view(plot)[1][0] == 0


def test_a_loss_of_zero_has_a_place_on_the_log_scale(shown) -> None:
    plot = shown()
    plot.switch.trigger()
    plot.show_history(History(np.array([0.5, 1.0]), np.array([1, 0], np.float32), np.zeros(2, np.float32)))
    np.testing.assert_allclose(lines(plot)["batches"][1], [0, -6])


def test_values_that_are_not_finite_are_left_out(shown) -> None:
    losses = np.array([2, np.inf, 1, np.nan], np.float32)
    plot = shown()
    plot.show_history(History(np.arange(1.0, 5.0) / 4, losses, np.zeros(4, np.float32)))
    np.testing.assert_array_equal(lines(plot)["batches"], ([0.25, 0.75], [2, 1]))
    assert np.isfinite(view(plot)).all()


def test_without_a_history_it_invites_to_train(shown) -> None:
    plot = shown()
    assert plot.invitation.isVisible()
    assert plot.invitation.text() == "Press Train to see the loss fall"
    plot.show_history(made_history(1))
    assert not plot.invitation.isVisible()
    plot.show_history(History())
    assert plot.invitation.isVisible()
    assert all(x is None for x, _ in lines(plot).values())


def test_a_history_shown_before_the_axes_exist_is_drawn_with_them(qtbot: QtBot) -> None:
    plot = CurvePlot(LOSS)
    qtbot.addWidget(plot)
    plot.show_history(made_history())
    assert plot.canvas is None
    plot.make_canvas()
    assert len(lines(plot)["train"][0]) == 3


def test_last_values_are_read_in_the_legend(shown) -> None:
    plot = shown()
    assert [key.value.text() for key in plot.keys.values()] == ["–", "–"]
    plot.show_history(made_history())
    assert [key.value.text() for key in plot.keys.values()] == ["0.333", "0.500"]
    assert "training 0.333, validation 0.500" in plot.accessibleDescription()
    plot.show_history(History())
    assert [key.value.text() for key in plot.keys.values()] == ["–", "–"]


def test_the_axis_grows_with_the_run(shown) -> None:
    plot = shown()
    for epochs, right in ((1, 1), (2, 2), (3, 3)):
        plot.show_history(made_history(epochs))
        assert view(plot)[0] == pytest.approx([0, right * 1.02])
    one_batch = History(np.array([1 / 938]), np.ones(1, np.float32), np.ones(1, np.float32))
    plot.show_history(one_batch)
    assert view(plot)[0][1] < 0.02  # a single batch can be seen


def test_a_zoom_stays_while_training_goes_on_until_a_double_click(shown, qtbot: QtBot) -> None:
    plot = shown()
    plot.show_history(made_history(2))
    box = canvas_of(plot).view
    box.setRange(xRange=(0.5, 1.0), yRange=(0.5, 1), padding=0)
    box.sigRangeChangedManually.emit(box.state["mouseEnabled"])
    zoomed = view(plot)
    plot.show_history(made_history(3))
    assert view(plot) == zoomed
    viewport = canvas_of(plot).viewport()
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=viewport.rect().center())
    assert view(plot)[0] == pytest.approx([0, 3.06])


def test_zooming_out_ends_at_the_whole_run(shown) -> None:
    plot = shown()
    plot.show_history(made_history(2))
    canvas_of(plot).view.scaleBy((100, 100))
    assert view(plot)[0] == pytest.approx([0, 2.04])


def test_zooming_in_shows_every_batch_again(shown) -> None:
    count = 20_000
    history = History(np.arange(1, count + 1) / 1000, np.ones(count, np.float32), np.ones(count, np.float32))
    plot = shown()
    plot.show_history(history)
    canvas_of(plot).view.setRange(xRange=(5, 5.2), padding=0)
    x, _ = lines(plot)["batches"]
    assert np.all(np.isin(history.batch_epochs[(history.batch_epochs > 5) & (history.batch_epochs < 5.2)], x))


def test_pointing_reads_the_nearest_epochs_values(shown, qtbot: QtBot) -> None:
    plot = shown()
    plot.show_history(made_history())
    box = canvas_of(plot).view
    where = canvas_of(plot).mapFromScene(box.mapViewToScene(QPointF(2.2, 0.5)))
    qtbot.mouseMove(canvas_of(plot).viewport(), QPoint(1, 1))
    qtbot.mouseMove(canvas_of(plot).viewport(), where)
    label = canvas_of(plot).readout
    qtbot.waitUntil(label.isVisible)
    assert "Epoch 2" in label.text()
    assert "Training <b>0.500</b>" in label.text()
    assert "Validation <b>0.750</b>" in label.text()
    assert canvas_of(plot).rect().contains(label.geometry())
    canvas_of(plot).hide_readout()
    assert not label.isVisible()


def test_before_the_first_epoch_ends_batches_are_read() -> None:
    history = made_history(1)
    curves = LOSS.curves(History(history.batch_epochs, history.batch_losses, history.batch_accuracies))
    found = readout(curves, 0.26)
    assert found is not None
    assert found.title == "Batch 10"
    assert found.values == (("Training", pytest.approx(float(history.batch_losses[9]))),)
    assert readout(LOSS.curves(History()), 0.5) is None


def test_another_theme_recolours_the_lines(shown, qapp: QApplication) -> None:
    plot = shown()
    plot.show_history(made_history())
    assert canvas_of(plot).train.opts["pen"].color() == theme.LIGHT.train
    assert _has_colour(plot, theme.LIGHT.train)
    theme.apply(qapp, "dark")
    assert canvas_of(plot).train.opts["pen"].color() == theme.DARK.train
    assert canvas_of(plot).validation.opts["pen"].color() == theme.DARK.validation
    assert canvas_of(plot).backgroundBrush().color() == theme.DARK.base
    assert _has_colour(plot, theme.DARK.train)
    theme.apply(qapp, "light")


def _has_colour(plot: CurvePlot, colour: QColor) -> bool:
    picture = canvas_of(plot).grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(picture.constBits(), np.uint32) & 0xFFFFFF
    return bool((pixels == colour.rgb() & 0xFFFFFF).sum() > 100)


def test_text_and_lines_are_large_enough(shown) -> None:
    plot = shown()
    axis = canvas_of(plot).getPlotItem().getAxis("left")
    assert axis.style["tickFont"].pointSizeF() >= 11
    assert canvas_of(plot).train.opts["pen"].widthF() >= 2.5
    assert axis.labelText == "Loss"
    assert canvas_of(plot).getPlotItem().getAxis("bottom").labelText == "Epoch"


@pytest.mark.qt_log_ignore("does not support grabbing the keyboard")  # offscreen, which has none
def test_a_right_click_offers_what_is_useful(shown, qtbot: QtBot) -> None:
    plot = shown()
    plot.show_history(made_history())
    viewport = canvas_of(plot).viewport()
    place = viewport.rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, viewport.mapToGlobal(place))
    offered: list[str] = []

    def look() -> None:
        menu = QApplication.activePopupWidget()
        if isinstance(menu, QMenu):
            offered.extend(action.text() for action in menu.actions())
            menu.close()

    QTimer.singleShot(0, look)  # the menu waits for an answer in a loop of its own
    QApplication.sendEvent(viewport, event)
    assert offered == ["View all", "Log scale", "Copy picture"]


def test_the_picture_can_be_copied(shown) -> None:
    plot = shown()
    plot.show_history(made_history())
    next(action for action in plot.actions() if action.text() == "Copy picture").trigger()
    assert QApplication.clipboard().pixmap().deviceIndependentSize().toSize() == plot.size()


def test_hiding_gives_up_making_the_axes_and_showing_makes_them(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    released = Event()

    def held() -> Generator[None, None, None]:
        released.wait(10)
        yield from ()

    monkeypatch.setattr(curve_plot, "_load_canvas", held)
    plot = CurvePlot(LOSS)
    qtbot.addWidget(plot)
    plot.show()
    qtbot.waitUntil(lambda: bool(background.alive()))
    plot.hide()
    released.set()
    qtbot.waitUntil(lambda: not background.alive())
    assert plot.canvas is None
    plot.show()
    qtbot.waitUntil(lambda: plot.canvas is not None)


def test_hiding_ends_the_preparation_for_the_axes(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = list[None]()
    monkeypatch.setattr(curve_plot, "make_some_types", lambda: turns.append(None))  # never done
    plot = CurvePlot(LOSS)
    qtbot.addWidget(plot)
    plot.show()
    qtbot.waitUntil(lambda: len(turns) > 2)
    assert not background.alive()
    plot.hide()
    seen = len(turns)
    qtbot.wait(20)
    assert len(turns) == seen


def test_a_failure_to_load_is_said_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        raise ImportError("pyqtgraph is missing")

    monkeypatch.setattr(curve_plot, "_load_canvas", broken)
    plot = CurvePlot(LOSS)
    qtbot.addWidget(plot)
    plot.show()
    qtbot.waitUntil(lambda: "pyqtgraph is missing" in plot.invitation.text())
    plot.grab()
    qtbot.waitUntil(lambda: not background.alive())


def test_the_window_need_not_wait_for_pyqtgraph() -> None:
    program = "import sys; import convscope.ui.panels.curves; print('pyqtgraph' in sys.modules)"
    app_folder = Path(convscope.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", program], cwd=app_folder, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (-2.0, 0.5, 12, [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]),
        (-2.0, 0.5, 4, [0.01, 0.1, 1]),
        (-0.7, -0.5, 9, [0.2, 0.25, 0.3]),
    ],
)
def test_log_ticks_are_round(low: float, high: float, most: int, expected: list[float]) -> None:
    assert log_ticks(low, high, most) == pytest.approx(expected)


def test_even_ticks_are_round_and_few() -> None:
    assert even_ticks(0, 2.42, 6) == [0, 0.5, 1, 1.5, 2]
    assert even_ticks(97.3, 100.1, 8) == [97.5, 98, 98.5, 99, 99.5, 100]
    assert even_ticks(-0.33, 0.41, 2) == [-0.2, 0.4]
    assert even_ticks(0.33, 1.32, 2) == [0.5, 1]
    assert even_ticks(-0.33, 0.41, 1) == [0]
    assert even_ticks(1, 1, 5) == []
    assert even_ticks(0, float("nan"), 5) == []


@given(low=st.floats(-1e6, 1e6), length=st.floats(1e-3, 1e6), most=st.integers(2, 12))
def test_an_axis_has_at_least_two_ticks_and_not_too_many(low: float, length: float, most: int) -> None:
    ticks = even_ticks(low, low + length, most)
    assert 2 <= len(ticks) <= most + 1
    assert ticks == sorted(set(ticks))
    assert all(low - 1e-9 <= tick <= low + length + 1e-9 for tick in ticks)


def test_values_are_written_with_three_figures() -> None:
    written = [loss_text(value) for value in (2.306, 0.01234, 12.3, 123.4, 54321, 4e-5, 0)]
    assert written == ["2.31", "0.0123", "12.3", "123", "54,321", "4·10⁻⁵", "0"]


def test_ranges_of_nothing_are_ordinary() -> None:
    nothing = LOSS.curves(History())
    assert vertical_range(LOSS, nothing, switched=False) == (0, 1)
    assert vertical_range(ACCURACY, ACCURACY.curves(History()), switched=True)[0] == 0


def perfect(batch_loss: float = 0.00123) -> History:
    """Return a run whose first batches were all classified correctly."""
    x = np.arange(1, 31) / 600
    return History(x, np.full(30, batch_loss, np.float32), np.ones(30, np.float32))


def inked(widget: QWidget) -> tuple[int, int]:
    """Return in which columns of a widget anything is painted, the first and the last."""
    picture = widget.grab().toImage()
    rows, columns, ground = range(picture.height()), range(picture.width()), picture.pixel(picture.width() - 1, 0)
    painted = [x for x in columns if any(picture.pixel(x, y) != ground for y in rows)]
    return painted[0], painted[-1]


@pytest.mark.parametrize("width", [259, 300, 500])  # 259 in a window of 1280 × 800
@pytest.mark.parametrize("quantity", [LOSS, ACCURACY])
@pytest.mark.parametrize("history", [perfect(), perfect(1.23e-5), made_history()])
def test_readings_are_whole_and_apart_also_in_another_theme(
    shown, qapp: QApplication, width: int, quantity: Quantity, history: History
) -> None:
    plot = shown(quantity)
    plot.resize(width, 320)
    plot.show_history(history)
    theme.apply(qapp, "dark")
    QApplication.processEvents()
    values = [key.value for key in plot.keys.values()]
    lefts = [value.mapTo(plot, QPoint(0, 0)).x() for value in values]
    inks = [inked(value) for value in values]
    button = plot.findChild(QToolButton)
    assert lefts[0] + inks[0][1] + 10 <= lefts[1] + inks[1][0]
    assert lefts[1] + inks[1][1] < button.x()
    for value, ink in zip(values, inks, strict=True):
        value.setFixedWidth(400)
        assert inked(value) == ink  # with more room nothing more is seen


def test_the_figures_of_both_curves_are_alike_and_smaller_in_a_narrow_plot(shown) -> None:
    plot = shown(ACCURACY)
    plot.setMinimumWidth(1)  # a panel may give it less than it asks for
    heights = []
    for width in (500, 215):
        plot.resize(width, 320)
        heights.append([key.value.height() for key in plot.keys.values()])
    assert [len(set(both)) for both in heights] == [1, 1]
    assert heights[0] > heights[1]


def test_of_a_few_batches_it_says_no_more_than_they_tell(shown) -> None:
    plot = shown(ACCURACY)
    plot.show_history(perfect())
    assert plot.keys["train"].value.text() == "≈ 100.0 %"
