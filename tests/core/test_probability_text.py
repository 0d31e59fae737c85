"""Probabilities in words: neither sure nor impossible is what is not."""

from __future__ import annotations

import numpy as np
import pytest

from convscope.core.probability_text import WIDEST, probability_text


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0, "0.0 %"),
        (1e-9, "0.0 %"),
        (0.0001, "<0.1 %"),
        (0.00049, "<0.1 %"),
        (0.0005, "0.1 %"),
        (0.004, "0.4 %"),
        (0.5, "50.0 %"),
        (0.9989, "99.9 %"),
        (0.9996, ">99.9 %"),
        (0.99999, ">99.9 %"),
        (1, "100.0 %"),
        (np.float32(0.25), "25.0 %"),
    ],
)
def test_doubt_is_not_rounded_away(probability: float, text: str):
    assert probability_text(probability) == text
    assert len(text) <= len(WIDEST)
