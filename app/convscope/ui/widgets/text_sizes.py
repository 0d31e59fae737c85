"""How much room texts take, measured once for all that differ in their digits alone."""

from __future__ import annotations

from functools import cached_property
from math import isclose
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF

WRAPPED = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop) | int(Qt.TextFlag.TextWordWrap)

_DIGITS = "0123456789"
_PAIRS = "".join(one + other for one in _DIGITS for other in _DIGITS)
_TO_ZEROS = str.maketrans(_DIGITS, "0" * len(_DIGITS))
_MOST = 4000  # sizes that are kept
_HIGHEST = 10_000.0  # pixels


class TextSizes:
    """Sizes of the texts in one font, in logical pixels.

    To measure a sentence takes as long as to paint it, and those that follow the pen change nothing but their numbers.
    In nearly all fonts the digits are of one width; in others each text is measured for itself.
    """

    def __init__(self, metrics: QFontMetricsF) -> None:
        self.metrics = metrics
        self._known: dict[Any, float] = {}

    def width(self, text: str) -> float:
        """Return how far a line reaches."""
        key = self._key(text)
        width = self._known.get(key)
        return self._kept(key, self.metrics.horizontalAdvance(text)) if width is None else width

    def wrapped_height(self, text: str, width: float) -> float:
        """Return how high a text is that wraps at a width."""
        key = self._key(text), width
        height = self._known.get(key)
        if height is None:
            room = QRectF(0, 0, max(width, 1), _HIGHEST)
            height = self._kept(key, self.metrics.boundingRect(room, WRAPPED, text).height())
        return height

    @cached_property
    def _alike(self) -> bool:
        """Whether all digits are of one width, whichever stand beside each other."""
        width = self.metrics.horizontalAdvance
        single = width(_DIGITS[0])
        return all(width(digit) == single for digit in _DIGITS) and isclose(width(_PAIRS), len(_PAIRS) * single)

    def _key(self, text: str) -> str:
        return text.translate(_TO_ZEROS) if self._alike else text

    def _kept(self, key: Any, size: float) -> float:
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = size
        return size
