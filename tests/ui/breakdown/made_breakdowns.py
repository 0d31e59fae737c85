"""Breakdowns made by hand, and the mouse over the view that shows one."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convscope.core.arithmetic.breakdowns import ConvolutionBreakdown, DenseBreakdown
from convscope.core.unit import Unit
from convscope.ui.widgets.breakdown_view import BreakdownView

LEFT = Qt.MouseButton.LeftButton


def convolution(channels: int = 3, at: tuple[int, int] = (4, 4), kernel: int = 3) -> ConvolutionBreakdown:
    """Return a value whose channels contribute the more the higher their number; the window hangs over row 0 − 1."""
    random = np.random.default_rng(channels)
    rows, columns = np.arange(kernel) + at[0] - 1, np.arange(kernel) + at[1] - 1
    inside = np.outer((rows >= 0) & (rows < 9), (columns >= 0) & (columns < 9))
    patches = np.where(inside, random.random((channels, kernel, kernel)) + 0.1, 0)
    kernels = (random.random((channels, kernel, kernel)) + 0.1) * (np.arange(channels) + 1)[:, None, None]
    products = patches * kernels
    sums = products.sum(axis=(1, 2))
    value = float(sums.sum()) + 0.5
    return ConvolutionBreakdown(
        unit=Unit(2, (7, *at)),
        computed=value,
        value=value,
        bound=1e-6,
        rows=rows,
        columns=columns,
        inside=inside,
        map_shape=(9, 9),
        patches=patches,
        kernels=kernels,
        products=products,
        channel_sums=sums,
        bias=0.5,
    )


def dense(count: int = 40) -> DenseBreakdown:
    inputs, weights = np.ones(count), np.linspace(-1, 1.2, count)
    value = float(weights.sum())
    return DenseBreakdown(
        unit=Unit(5, (3,)),
        computed=value,
        value=value,
        bound=1e-6,
        inputs=inputs,
        weights=weights,
        products=inputs * weights,
        bias=None,
        maps_shape=(count // 4, 2, 2) if count % 4 == 0 else None,
    )


def spot(view: BreakdownView, text: str) -> QPoint:
    """Return where something lies that says `text`."""
    for y in range(0, view.viewport().height(), 4):
        for x in range(0, view.viewport().width(), 4):
            found = view.spot_at(QPointF(x, y))
            if found is not None and text in found.text:
                return QPoint(x, y)
    raise AssertionError(f"Nothing says {text!r}")


def move(view: BreakdownView, place: QPoint) -> None:
    QTest.mouseMove(view.viewport(), QPoint(1, 1))
    QTest.mouseMove(view.viewport(), place)


def click(qtbot: QtBot, view: BreakdownView, place: QPoint) -> None:
    qtbot.mouseClick(view.viewport(), LEFT, pos=place)
