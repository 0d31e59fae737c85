"""One description per setting: its form, its limits, its help text and its JSON.

A value with settings is a frozen dataclass that inherits `Described`; each field is declared by one of the functions
below and so carries a `Setting`. The form, the check of a file's contents and the documentation all read it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Self, cast

Kind = Literal["text", "switch", "integer", "number", "choice", "size", "padding", "shape"]
Size = int | tuple[int, int]  # one number for both directions, or (height, width)
Padding = Literal["valid", "same"] | Size
_TOO_LARGE = "too large to be stored"


class SettingError(ValueError):
    """A value outside what a setting allows; the text is a sentence for the user."""


def always(_: Any) -> bool:
    """Say that a setting is relevant whatever the others are."""
    return True


@dataclass(frozen=True)
class Setting:
    """What a form, a file check and the documentation need to know of one field.

    Attributes:
        kind: What is entered: "size" is a number or a (height, width) pair, "padding" also "valid" or "same",
            "shape" a tuple of one or three numbers.
        low: Least value allowed, itself included; None where there is none.
        high: Greatest value allowed, itself included; None where there is none.
        step: What one press of an arrow in a form changes.
        choices: (value, label) pairs of a "choice".
        shown: Given the whole value, says whether this setting has any effect on it.
        group: Settings of the same group are shown together; "" for those that always are.
        unit: What a number counts, such as "px"; empty where the label says it.
        zero: What a whole number of 0 means, in a word that can be read and typed instead, such as "all".
    """

    kind: Kind
    label: str
    help: str
    default: Any
    low: float | None = None
    high: float | None = None
    step: float = 1
    choices: tuple[tuple[str, str], ...] = ()
    shown: Callable[[Any], bool] = always
    group: str = ""
    unit: str = ""
    zero: str = ""
    name: str = ""

    def checked(self, value: object) -> Any:
        """Return `value` in its normal form, or raise `SettingError` with the reason."""
        match self.kind:
            case "text":
                return self._text(value)
            case "switch":
                return self._switch(value)
            case "integer":
                return self._integer(value)
            case "number":
                return self._number(value)
            case "choice":
                return self._choice(value)
            case "size":
                return self._size(value)
            case "padding":
                return value if value in ("valid", "same") else self._size(value, ' or "valid" or "same"')
            case "shape":
                return self._shape(value)

    def _text(self, value: object) -> str:
        if not isinstance(value, str):
            raise SettingError(f"{self.label} must be text, not {value!r}.")
        return value

    def _switch(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise SettingError(f"{self.label} must be on or off, not {value!r}.")
        return value

    def _integer(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise SettingError(f"{self.label} must be a whole number, not {value!r}.")
        self._in_range(value)
        return value

    def _number(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # NaN
            raise SettingError(f"{self.label} must be a number, not {value!r:.40}.")
        self._in_range(value)
        if not _is_finite(value):  # typed as 1e999, say, where there is no limit
            raise SettingError(f"{self.label} is {_TOO_LARGE}.")
        return float(value)

    def _choice(self, value: object) -> str:
        allowed = [choice for choice, _ in self.choices]
        if value not in allowed:
            raise SettingError(f"{self.label} must be one of {', '.join(allowed)}, not {value!r}.")
        return cast(str, value)

    def _size(self, value: object, otherwise: str = "") -> Size:
        if isinstance(value, list | tuple):
            sides = cast("list[object] | tuple[object, ...]", value)
            if len(sides) != 2:
                raise SettingError(f"{self.label} must be a number or height × width{otherwise}, not {value!r}.")
            height, width = (self._integer(side) for side in sides)
            return height if height == width else (height, width)
        if isinstance(value, str):
            raise SettingError(f"{self.label} must be a number or height × width{otherwise}, not {value!r}.")
        return self._integer(value)

    def _shape(self, value: object) -> tuple[int, ...]:
        if not isinstance(value, list | tuple):
            raise SettingError(f"{self.label} must be one or three numbers, not {value!r}.")
        sides = cast("list[object] | tuple[object, ...]", value)
        if len(sides) not in (1, 3):
            raise SettingError(f"{self.label} must be one or three numbers, not {value!r}.")
        return tuple(self._integer(side) for side in sides)

    def _in_range(self, value: float) -> None:
        low, high = self.low, self.high
        given = _number_text(value) if _is_finite(value) else f"a number {_TOO_LARGE}"
        if low is not None and high is not None and not low <= value <= high:
            raise SettingError(
                f"{self.label} must be between {_number_text(low)} and {_number_text(high)}, not {given}."
            )
        if low is not None and value < low:
            raise SettingError(f"{self.label} must be at least {_number_text(low)}, not {given}.")
        if high is not None and value > high:
            raise SettingError(f"{self.label} must be at most {_number_text(high)}, not {given}.")


def _number_text(value: float) -> str:
    """Return a whole number in full, unless it would fill the line, and any other with six digits."""
    return f"{value:,}" if isinstance(value, int) and abs(value) < 10**30 else f"{value:,g}"


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # JSON may hold a whole number that is greater than any float
        return False


def _declared(setting: Setting) -> Any:
    return dataclasses.field(default=setting.default, metadata={"setting": setting})


def text(default: str, **details: Any) -> Any:
    """Declare a field that holds a line of text."""
    return _declared(Setting("text", default=default, **details))


def switch(default: bool, **details: Any) -> Any:
    """Declare a field that is on or off."""
    return _declared(Setting("switch", default=default, **details))


def integer(default: int, **details: Any) -> Any:
    """Declare a field that holds a whole number."""
    return _declared(Setting("integer", default=default, **details))


def number(default: float, **details: Any) -> Any:
    """Declare a field that holds a finite real number."""
    return _declared(Setting("number", default=default, **details))


def choice(default: str, choices: Mapping[str, str], **details: Any) -> Any:
    """Declare a field that holds one of the keys of `choices`, shown by its label."""
    return _declared(Setting("choice", default=default, choices=tuple(choices.items()), **details))


def size(default: Size, **details: Any) -> Any:
    """Declare a field that holds a number of pixels, or a (height, width) pair of them."""
    return _declared(Setting("size", default=default, **details))


def padding(default: Padding, **details: Any) -> Any:
    """Declare a field that holds "valid", "same" or a size in pixels."""
    return _declared(Setting("padding", default=default, **details))


def shape(default: tuple[int, ...], **details: Any) -> Any:
    """Declare a field that holds a shape: (units,) or (channels, height, width)."""
    return _declared(Setting("shape", default=default, **details))


@dataclass(frozen=True)
class Described:
    """A frozen value whose fields are settings, checked when it is made.

    Raises:
        SettingError: A field lies outside what its setting allows.
    """

    def __post_init__(self) -> None:
        for setting in settings_of(self):
            object.__setattr__(self, setting.name, setting.checked(getattr(self, setting.name)))

    def to_json(self) -> dict[str, Any]:
        """Return the settings as values that JSON can hold."""
        values = {setting.name: getattr(self, setting.name) for setting in settings_of(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}  # pyright: ignore[reportUnknownArgumentType]

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Build the value from what `to_json` returned; a missing setting takes its default.

        Raises:
            SettingError: A name that is no setting, or a value that its setting does not allow.
        """
        known = {setting.name for setting in settings_of(cls)}
        for name in values:
            if name not in known:
                raise SettingError(f"{cls.__name__} has no setting {name!r}; it has {', '.join(sorted(known))}.")
        return cls(**values)


def settings_of(value: Described | type[Described]) -> tuple[Setting, ...]:
    """Return the settings of a value or of its class, in the order a form shows them."""
    return _settings_of(value if isinstance(value, type) else type(value))


@cache
def _settings_of(kind: type[Described]) -> tuple[Setting, ...]:
    fields = dataclasses.fields(kind)
    return tuple(dataclasses.replace(f.metadata["setting"], name=f.name) for f in fields if "setting" in f.metadata)
