"""Numbers as people read them: as many digits as what is read needs to come out."""

from __future__ import annotations

import pytest

from convscope.core.number_text import digits_of_terms, number_text


@pytest.mark.parametrize(
    ("first", "second", "digits"), [(1.0087268, 0.96, 7), (2.5, 0.96, 6), (0.96, 0.96, 4), (1.0, 0.997002999, 8)]
)
def test_terms_show_the_digits_that_their_difference_needs(first: float, second: float, digits: int) -> None:
    assert digits_of_terms(first - second, first, second) == digits
    shown = float(number_text(first, digits)) - float(number_text(second, digits))
    assert number_text(shown) == number_text(first - second)


def test_what_cannot_be_told_is_written_as_any_number() -> None:
    assert digits_of_terms(float("nan"), 1.0, 2.0) == digits_of_terms(float("inf"), 1.0) == 4
    assert digits_of_terms(1e-9, 1.0, 1.0 - 1e-9) == 9  # more say nothing in single precision
    assert digits_of_terms(3.0, 1.0, 2.0, digits=2) == 3


def test_zero_has_no_sign() -> None:
    assert number_text(0 * -0.2449) == number_text(0.0) == "0"
    assert number_text(-1e-9) == "−1·10⁻⁹"
