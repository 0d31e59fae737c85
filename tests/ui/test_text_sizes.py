"""Texts are as large as Qt says, also those whose size is taken from another text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF

from convscope.ui.widgets import text_sizes
from convscope.ui.widgets.text_sizes import WRAPPED, TextSizes

NUMBERS = st.floats(-1e4, 1e4, allow_nan=False)


@pytest.fixture(scope="module")
def metrics(qapp) -> QFontMetricsF:
    return QFontMetricsF(QFont())


@pytest.fixture(scope="module")
def sizes(metrics: QFontMetricsF) -> TextSizes:
    return TextSizes(metrics)


def sentence(one: float, other: float) -> str:
    return f"{one:.4g} (512 channels) − {other:.2e} (bias) = {one - other:.4g}: the smaller ones add nothing here"


@given(one=NUMBERS, other=NUMBERS)
def test_a_line_is_as_wide_as_qt_says(metrics: QFontMetricsF, sizes: TextSizes, one: float, other: float) -> None:
    text = sentence(one, other)
    assert sizes.width(text) == pytest.approx(metrics.horizontalAdvance(text), abs=0.5)


@given(one=NUMBERS, other=NUMBERS, width=st.sampled_from([90.0, 160.0, 333.0]))
def test_a_wrapped_text_is_as_high_as_qt_says(
    metrics: QFontMetricsF, sizes: TextSizes, one: float, other: float, width: float
) -> None:
    text = sentence(one, other)
    box = metrics.boundingRect(QRectF(0, 0, width, 1000), WRAPPED, text)
    assert sizes.wrapped_height(text, width) == pytest.approx(box.height(), abs=0.5)


class Asked:
    """Metrics of a font, that count what they are asked for."""

    def __init__(self, wide: str) -> None:
        self.texts = list[str]()
        self._wide = wide

    def horizontalAdvance(self, text: str) -> float:
        self.texts.append(text)
        return len(text) + 0.5 * text.count(self._wide)


@pytest.mark.parametrize(("wide", "first"), [("x", 6.5), ("1", 7.0), ("11", 6.5)])
def test_texts_share_a_size_only_where_all_digits_are_of_one_width(wide: str, first: float) -> None:
    asked, alike = Asked(wide), wide == "x"
    sizes = TextSizes(asked)  # type: ignore[arg-type]
    assert [sizes.width(text) for text in ("x = 11", "x = 27", "x = 11")] == [first, first if alike else 6, first]
    assert [text for text in asked.texts if "x" in text] == (["x = 11"] if alike else ["x = 11", "x = 27"])


def test_what_is_kept_is_bounded(metrics: QFontMetricsF, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_sizes, "_MOST", 3)
    sizes = TextSizes(metrics)
    for number in range(20):
        sizes.width("x" * number)
        sizes.wrapped_height("x" * number, 50)
    assert len(sizes._known) <= 3
