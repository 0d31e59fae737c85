"""Settings: what each kind accepts, how it says no, and the values made of them."""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convscope.core.settings import (
    Described,
    Setting,
    SettingError,
    choice,
    integer,
    number,
    padding,
    settings_of,
    shape,
    size,
    switch,
    text,
)


@dataclass(frozen=True)
class Sample(Described):
    """One setting of every kind."""

    name: str = text("a", label="Name", help="A name.")
    on: bool = switch(True, label="On", help="Whether.")
    count: int = integer(3, label="Count", help="How many.", low=1, high=2000)
    rate: float = number(0.5, label="Rate", help="How much.", low=0, high=1, step=0.1)
    kind: str = choice("x", {"x": "The x", "y": "The y"}, label="Kind", help="Which.")
    sides: Any = size(3, label="Sides", help="How large.", low=1, high=64)
    margin: Any = padding("valid", label="Margin", help="How wide.", low=0, high=8)
    target: tuple[int, ...] = shape((1, 2, 3), label="Target", help="What shape.", low=1, high=99)

    note: str = "not a setting"


ACCEPTED = [
    ("name", "b", "b"),
    ("on", False, False),
    ("count", 1, 1),
    ("count", 2000, 2000),
    ("rate", 0, 0.0),
    ("rate", 1.0, 1.0),
    ("kind", "y", "y"),
    ("sides", 5, 5),
    ("sides", (2, 3), (2, 3)),
    ("sides", [4, 4], 4),
    ("margin", "same", "same"),
    ("margin", 0, 0),
    ("margin", [1, 2], (1, 2)),
    ("target", [7], (7,)),
    ("target", (3, 2, 1), (3, 2, 1)),
]


@pytest.mark.parametrize(("name", "value", "normal"), ACCEPTED)
def test_an_allowed_value_is_kept_in_its_normal_form(name: str, value: Any, normal: Any):
    kept = getattr(Sample(**{name: value}), name)
    assert kept == normal
    assert type(kept) is type(normal)


REFUSED = [
    ("name", 1, "Name must be text, not 1."),
    ("on", 1, "On must be on or off, not 1."),
    ("on", "yes", "On must be on or off, not 'yes'."),
    ("count", 0, "Count must be between 1 and 2,000, not 0."),
    ("count", 2001, "Count must be between 1 and 2,000, not 2,001."),
    ("count", 2.0, "Count must be a whole number, not 2.0."),
    ("count", True, "Count must be a whole number, not True."),
    ("count", None, "Count must be a whole number, not None."),
    ("rate", -0.1, "Rate must be between 0 and 1, not -0.1."),
    ("rate", math.nan, "Rate must be a number, not nan."),
    ("rate", math.inf, "Rate must be between 0 and 1, not a number too large to be stored."),
    ("rate", "0.5", "Rate must be a number, not '0.5'."),
    ("rate", True, "Rate must be a number, not True."),
    ("kind", "z", "Kind must be one of x, y, not 'z'."),
    ("kind", ["x"], "Kind must be one of x, y, not ['x']."),
    ("sides", 0, "Sides must be between 1 and 64, not 0."),
    ("sides", (1, 65), "Sides must be between 1 and 64, not 65."),
    ("sides", (1, 2, 3), "Sides must be a number or height × width, not (1, 2, 3)."),
    ("sides", "same", "Sides must be a number or height × width, not 'same'."),
    ("sides", (1.5, 2), "Sides must be a whole number, not 1.5."),
    ("margin", "full", 'Margin must be a number or height × width or "valid" or "same", not \'full\'.'),
    ("margin", 9, "Margin must be between 0 and 8, not 9."),
    ("target", (1, 2), "Target must be one or three numbers, not (1, 2)."),
    ("target", 5, "Target must be one or three numbers, not 5."),
    ("target", [0], "Target must be between 1 and 99, not 0."),
]


@pytest.mark.parametrize(("name", "value", "sentence"), REFUSED)
def test_another_value_is_refused_with_one_sentence(name: str, value: Any, sentence: str):
    with pytest.raises(SettingError) as caught:
        Sample(**{name: value})
    assert str(caught.value) == sentence


@pytest.mark.parametrize("name", ["count", "rate", "sides", "target"])
def test_a_number_beyond_all_floats_is_refused_as_any_other(name: str):
    value: Any = [10**400] if name == "target" else 10**400
    with pytest.raises(SettingError, match=r"must be .* not .+\.$"):
        Sample(**{name: value})


def test_limits_may_be_open_on_one_side():
    least, most = Setting("integer", "Least", "", 0, low=2), Setting("integer", "Most", "", 0, high=2)
    assert least.checked(10**9) == 10**9
    assert most.checked(-(10**9)) == -(10**9)
    with pytest.raises(SettingError, match=r"^Least must be at least 2, not 1\.$"):
        least.checked(1)
    with pytest.raises(SettingError, match=r"^Most must be at most 2, not 3\.$"):
        most.checked(3)


@pytest.mark.parametrize("value", [math.inf, -math.inf, 10**400])
def test_without_limits_a_number_must_still_be_one_that_can_be_stored(value: float):
    free = Setting("number", "Free", "", 0.0)
    assert free.checked(-1e308) == -1e308
    with pytest.raises(SettingError, match=r"^Free is too large to be stored\.$"):
        free.checked(value)


def test_settings_come_in_order_with_their_names():
    names = ["name", "on", "count", "rate", "kind", "sides", "margin", "target"]
    assert [setting.name for setting in settings_of(Sample)] == names
    assert settings_of(Sample()) == settings_of(Sample)
    assert settings_of(Sample)[4].choices == (("x", "The x"), ("y", "The y"))


def test_a_changed_copy_is_checked_too():
    with pytest.raises(SettingError, match="Count"):
        dataclasses.replace(Sample(), count=0)


@given(
    st.builds(
        Sample,
        name=st.text(),
        on=st.booleans(),
        count=st.integers(1, 2000),
        rate=st.floats(0, 1),
        kind=st.sampled_from(["x", "y"]),
        sides=st.integers(1, 64) | st.tuples(st.integers(1, 64), st.integers(1, 64)),
        margin=st.sampled_from(["valid", "same"]) | st.integers(0, 8),
        target=st.tuples(st.integers(1, 99)) | st.tuples(*[st.integers(1, 99)] * 3),
    )
)
def test_a_value_comes_back_from_its_json_text(value: Sample):
    assert Sample.from_json(json.loads(json.dumps(value.to_json()))) == value


def test_a_missing_setting_takes_its_default_and_an_unknown_one_is_named():
    assert Sample.from_json({"count": 7}) == Sample(count=7)
    with pytest.raises(SettingError, match="Sample has no setting 'counts'; it has count, kind, margin"):
        Sample.from_json({"counts": 7})
    with pytest.raises(SettingError, match="no setting 'note'"):
        Sample.from_json({"note": "x"})
