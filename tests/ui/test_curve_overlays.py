"""Former runs lie behind the present one, are named, and cost next to nothing while that goes on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from convscope.core.history import EpochPoint, History
from convscope.core.runs import COLOURS
from convscope.ui import theme
from convscope.ui.widgets.curve_data import ACCURACY, LOSS, Overlay, OverlayCurves, Quantity, readout, spanned
from convscope.ui.widgets.curve_overlays import MARKERS, nearest_overlay
from convscope.ui.widgets.curve_plot import CurvePlot


def history(epochs: int, loss: float = 1.0, accuracy: float = 0.9) -> History:
    """Return a run without batches; its validation loss in epoch e is loss/e, its training loss half of that."""
    return History(
        epochs=tuple(
            EpochPoint(e, loss / e / 2, accuracy, loss / e, accuracy, 0.001, 1.0) for e in range(1, epochs + 1)
        )
    )


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
    assert plot.canvas is not None
    return plot.canvas


def painted(plot: CurvePlot, colour: QColor) -> int:
    """Return how many pixels of the plot have exactly this colour."""
    image = canvas_of(plot).grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return int((pixels & 0xFFFFFF == colour.rgb() & 0xFFFFFF).sum())


def point_at(plot: CurvePlot, epoch: float, value: float) -> str:
    """Point at a place of the plot; return what is read there."""
    canvas = canvas_of(plot)
    place = canvas.mapFromScene(canvas.view.mapViewToScene(QPointF(epoch, value)))
    QTest.mouseMove(canvas.viewport(), QPoint(place.x(), place.y()))
    label = canvas.findChild(QLabel, "readout")
    assert label is not None
    return label.text() if label.isVisible() else ""


def test_a_former_run_is_drawn_in_its_colour_until_it_is_taken_away(shown) -> None:
    plot = shown()
    plot.show_history(history(4))
    colour = theme.current().runs[2]
    assert painted(plot, colour) == 0
    plot.show_overlays((Overlay(7, "Sevenths", 2, history(4, 2.0)),))
    assert painted(plot, colour) > 100
    plot.show_overlays(())
    assert painted(plot, colour) == 0


def begun(losses: list[float], epochs: int = 0) -> History:
    """Return a run whose batches had these losses until it ended."""
    batches = np.array(losses)
    x = np.linspace(0, max(0.6, epochs), len(batches) + 1)[1:]
    return History(x, batches.astype(np.float32), np.full(len(batches), 0.5, np.float32), history(epochs, 3.0).epochs)


@pytest.mark.parametrize("losses", [[2.5] * 9, [2.5]])
@pytest.mark.parametrize("epochs", [0, 1])
def test_a_run_that_ended_before_its_epochs_make_a_line_is_seen_by_its_batches(
    shown, losses: list[float], epochs: int
) -> None:
    plot, colour = shown(), theme.current().runs[2]
    plot.show_overlays((Overlay(7, "Sevenths", 2, history(epochs, 3.0)),))
    without = painted(plot, colour)
    plot.show_overlays((Overlay(7, "Sevenths", 2, begun(losses, epochs)),))
    assert painted(plot, colour) > without + 5
    (_, right), (_, high) = canvas_of(plot).view.viewRange()
    assert right >= 0.6
    assert high > 2.5
    assert point_at(plot, 0.3, 1) == "" or epochs


def test_batches_of_a_run_are_averaged_and_no_longer_needed_when_epochs_make_a_line() -> None:
    overlay = Overlay(1, "Noisy", 0, begun([1.0, 3.0] * 300))
    line = OverlayCurves(overlay, LOSS.curves(overlay.history)).begun
    assert len(line) < 50
    np.testing.assert_allclose(line.y, 2.0)
    assert line.x[-1] == overlay.history.batch_epochs[-1]
    assert len(OverlayCurves(overlay, LOSS.curves(begun([1.0, 3.0] * 300, 2))).begun) == 0


def test_without_a_present_run_former_ones_are_seen_instead_of_the_invitation(shown) -> None:
    plot = shown()
    assert plot.invitation.isVisible()
    plot.show_overlays((Overlay(7, "Sevenths", 2, history(4, 2.0)),))
    assert not plot.invitation.isVisible()
    assert canvas_of(plot).view.viewRange()[0][1] == pytest.approx(4, rel=0.03)
    plot.show_overlays(())
    assert plot.invitation.isVisible()


def test_the_axes_reach_as_far_as_all_runs(shown) -> None:
    plot = shown()
    plot.show_history(history(3, 1.0))
    plot.show_overlays((Overlay(1, "Long", 0, history(10, 0.5)), Overlay(2, "High", 1, history(2, 4.0))))
    (left, right), (low, high) = canvas_of(plot).view.viewRange()
    assert (left, low) == (0, 0)
    assert right == pytest.approx(10, rel=0.03)
    assert high == pytest.approx(4, rel=0.06)
    plot.show_overlays(())
    assert canvas_of(plot).view.viewRange()[0][1] == pytest.approx(3, rel=0.03)


def test_what_the_user_zoomed_to_stays_when_a_run_is_laid_over(shown) -> None:
    plot = shown()
    plot.show_history(history(10))
    view = canvas_of(plot).view
    view.scaleBy((0.5, 0.5))
    view.sigRangeChangedManually.emit([True, True])
    before = view.viewRange()
    plot.show_overlays((Overlay(1, "Same", 0, history(10)),))
    assert view.viewRange() == before


def test_the_picture_of_former_runs_is_kept_while_the_present_one_grows(shown, monkeypatch: pytest.MonkeyPatch) -> None:
    plot = shown()
    plot.show_overlays((Overlay(1, "Long", 0, history(10, 3.0)),))
    overlays = canvas_of(plot).overlays
    canvas_of(plot).grab()
    pictures: list[object] = []
    made = overlays._made_picture
    monkeypatch.setattr(overlays, "_made_picture", lambda *args: pictures.append(args) or made(*args))
    for epochs in range(1, 6):
        plot.show_history(history(epochs, 2.0))
        canvas_of(plot).grab()
    assert pictures == []
    plot.switch.trigger()
    canvas_of(plot).grab()
    assert len(pictures) == 1


def test_another_theme_paints_former_runs_anew(shown, qapp: QApplication) -> None:
    plot = shown()
    plot.show_overlays((Overlay(1, "Long", 0, history(10, 3.0)),))
    assert painted(plot, theme.LIGHT.runs[0]) > 100
    theme.apply(qapp, "dark")
    assert painted(plot, theme.LIGHT.runs[0]) == 0
    assert painted(plot, theme.DARK.runs[0]) > 100


def test_pointing_names_the_runs_and_begins_with_the_one_that_is_nearest(shown) -> None:
    plot = shown()
    plot.show_history(history(4, 1.0))
    plot.show_overlays((Overlay(1, "One & only", 0, history(4, 2.0)), Overlay(2, "Two", 1, history(4, 3.0))))
    text = point_at(plot, 2, 1.5)
    assert "Epoch 2" in text
    assert text.index("Validation <b>0.500</b>") < text.index("<u>Two</u> <b>1.50</b>")
    assert text.index("<u>Two</u>") < text.index("One &amp; only <b>1.00</b>")
    assert "<u>" not in point_at(plot, 3, 2.0)


def test_a_run_with_more_epochs_is_read_where_the_present_one_has_none(shown) -> None:
    plot = shown(ACCURACY)
    plot.show_history(history(2))
    plot.show_overlays((Overlay(1, "Long", 0, history(9, accuracy=0.5)),))
    text = point_at(plot, 8, 20)
    assert "Epoch 8" in text
    assert "Long <b>50.00 %</b>" in text
    assert "Validation" not in text


def test_the_legend_names_runs_in_two_lines_and_counts_the_rest(shown) -> None:
    plot = shown()
    assert not plot.legend.isVisible()
    overlays = tuple(Overlay(n, f"Run number {n}", n % 6, history(2)) for n in range(1, 13))
    plot.show_overlays(overlays[:2])
    assert plot.legend.isVisible()
    assert plot.legend.texts() == ["Run number 1", "Run number 2"]
    plot.show_overlays(overlays)
    texts = plot.legend.texts()
    assert texts[-1] == f"+ {12 - (len(texts) - 1)} more"
    assert 2 <= len(texts) - 1 < 12
    plot.resize(1500, 320)
    QApplication.processEvents()
    assert len(plot.legend.texts()) == 12


def test_spans_and_readouts_without_former_runs_are_those_of_the_present_one() -> None:
    curves = LOSS.curves(history(3))
    assert spanned(curves, ()) is curves
    found = readout(curves, 1.9)
    assert found is not None
    assert (found.x, found.overlays) == (2.0, ())
    empty = OverlayCurves(Overlay(1, "Empty", 0, History()), LOSS.curves(History()))
    found = readout(curves, 1.9, (empty,))
    assert found is not None
    assert found.overlays == ()


def test_the_nearest_run_is_found_within_reach() -> None:
    values = [(1, 10.0), (2, 20.0)]
    assert nearest_overlay(values, lambda value: value, 18, 5) == 2
    assert nearest_overlay(values, lambda value: value, 40, 5) == 0
    assert nearest_overlay([], lambda value: value, 40, 5) == 0


def test_colours_of_runs_can_be_seen_and_each_has_a_marker() -> None:
    for shown_theme in (theme.LIGHT, theme.DARK):
        assert len(shown_theme.runs) == len(MARKERS) == COLOURS
        assert min(theme.contrast(colour, shown_theme.base) for colour in shown_theme.runs) >= 3.5
        assert len({colour.name() for colour in (*shown_theme.runs, shown_theme.train, shown_theme.validation)}) == 8


def test_a_low_plot_names_runs_in_one_line_and_reads_values_in_two(shown) -> None:
    plot = shown()
    plot.show_history(history(4, 1.0))
    plot.show_overlays(tuple(Overlay(n, f"Run number {n}", n % 6, history(4, n)) for n in range(1, 13)))
    high = plot.legend.height()
    plot.resize(500, 150)
    QApplication.processEvents()
    assert plot.legend.height() < high
    assert plot.legend.texts()[-1].endswith("more")
    text = point_at(plot, 2, 5)
    assert text.count("<br>") == 1
    assert "<u>Run number 10</u>" in text
