"""Where the parts of the drawing panel go: always so that the sheet is as large as it can be."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize

MARGIN, GAP = 6, 6
LEAST_SHEET = 160
_INPUT_SHARE = 0.38  # of the width, for what the network sees where the bars stand beside it
_LARGEST_INPUT = 300
_WIDE_GAIN = 1.25  # the wide arrangement leaves more empty, so it must be worth it
_BARS_BESIDE = 1.15  # times the bars' least height: what they take below everything else


@dataclass(frozen=True)
class Sizes:
    """What the parts ask for.

    Attributes:
        tools: Of the rows of buttons; their width is the least.
        least_input: Of the network's input.
        least_bars: One line for each bar.
        bars: With the winner in large above them.
    """

    tools: QSize
    least_input: QSize
    least_bars: QSize
    bars: QSize


@dataclass(frozen=True)
class Places:
    """Where each part goes."""

    sheet: QRect
    tools: QRect
    network_input: QRect
    bars: QRect


def arranged(panel: QSize, sizes: Sizes) -> Places:
    """Return the arrangement with the largest sheet.

    Low: sheet, tools, and below them input and bars side by side. Middle: sheet and input side by side, tools, bars.
    Wide: sheet and tools on the left, input and bars on the right.
    """
    inside = QRect(MARGIN, MARGIN, panel.width() - 2 * MARGIN, panel.height() - 2 * MARGIN)
    low, middle, wide = _stacked(inside, sizes), _beside(inside, sizes), _wide(inside, sizes)
    best = max((low, middle), key=_side)
    return wide if _side(wide) > _WIDE_GAIN * _side(best) else best


def least_size(sizes: Sizes) -> QSize:
    """Return the least size of the panel: all parts at their least, input and bars side by side."""
    height = LEAST_SHEET + sizes.tools.height() + sizes.least_bars.height() + 2 * GAP
    width = max(sizes.tools.width(), sizes.least_input.width() + GAP + sizes.least_bars.width())
    return QSize(width + 2 * MARGIN, height + 2 * MARGIN)


def _side(places: Places) -> int:
    return min(places.sheet.width(), places.sheet.height())


def _stacked(inside: QRect, sizes: Sizes) -> Places:
    free = inside.height() - sizes.tools.height() - 2 * GAP
    side = min(inside.width(), free - sizes.bars.height())
    if side < LEAST_SHEET:  # the winner in large gives way before the sheet becomes too small
        side = min(LEAST_SHEET, free - sizes.least_bars.height())
    sheet = QRect(inside.left(), inside.top(), inside.width(), max(side, 1))
    tools = QRect(inside.left(), sheet.bottom() + 1 + GAP, inside.width(), sizes.tools.height())
    low = QRect(inside.left(), tools.bottom() + 1 + GAP, inside.width(), free - side)
    share = min(max(round(_INPUT_SHARE * low.width()), sizes.least_input.width()), _LARGEST_INPUT)
    return Places(sheet, tools, *_columns(low, share))


def _beside(inside: QRect, sizes: Sizes) -> Places:
    bars = round(_BARS_BESIDE * sizes.least_bars.height())
    side = min(
        inside.height() - sizes.tools.height() - 2 * GAP - bars,
        inside.width() - GAP - sizes.least_input.width(),
    )
    sheet, right = _columns(QRect(inside.left(), inside.top(), inside.width(), max(side, 1)), max(side, 1))
    tools = QRect(inside.left(), sheet.bottom() + 1 + GAP, inside.width(), sizes.tools.height())
    top = tools.bottom() + 1 + GAP
    return Places(sheet, tools, right, QRect(inside.left(), top, inside.width(), inside.bottom() + 1 - top))


def _wide(inside: QRect, sizes: Sizes) -> Places:
    least_right = max(sizes.bars.width(), sizes.least_input.width())
    if inside.height() < sizes.least_input.height() + GAP + sizes.least_bars.height():
        least_right = sizes.least_input.width() + GAP + sizes.bars.width()
    side = min(inside.height() - sizes.tools.height() - GAP, inside.width() - GAP - least_right)
    left, right = _columns(inside, max(side, sizes.tools.width()))
    sheet = QRect(left.left(), left.top(), left.width(), max(left.height() - sizes.tools.height() - GAP, 1))
    if sheet.width() > inside.width() - GAP - least_right:
        sheet.setHeight(1)  # the tools do not fit on the left: not this way
    tools = QRect(left.left(), sheet.bottom() + 1 + GAP, left.width(), sizes.tools.height())
    if right.height() < sizes.least_input.height() + GAP + sizes.bars.height():
        return Places(sheet, tools, *_columns(right, min(round(_INPUT_SHARE * right.width()), _LARGEST_INPUT)))
    high = min(right.height() - GAP - sizes.bars.height(), right.height() // 2, right.width())
    top = QRect(right.left(), right.top(), right.width(), high)
    return Places(sheet, tools, top, right.adjusted(0, high + GAP, 0, 0))


def _columns(area: QRect, left_width: int) -> tuple[QRect, QRect]:
    left = QRect(area.left(), area.top(), left_width, area.height())
    return left, area.adjusted(left_width + GAP, 0, 0, 0)
