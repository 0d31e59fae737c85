"""Settings as the text a user types: how a value is written, read back, and stepped by an arrow."""

from __future__ import annotations

import math
import re
from typing import Any

from convscope.core.settings import Described, Setting, SettingError, settings_of

WIDE = 1e4  # from this ratio of the limits on, a number is stepped 1, 2, 5, 10 instead of by a fixed amount
_WHOLE = re.compile(r"[+-]?\d+|[+-]?\d{1,3}(?:[ ,]\d{3})+")
_BETWEEN = re.compile(r"\s*[×x*]\s*|\s+", re.IGNORECASE)


def text_of(setting: Setting, value: Any) -> str:
    """Return how `value` is written in a field; shapes are height × width × channels."""
    match setting.kind:
        case "number":
            return _number_text(value)
        case "integer" if setting.zero and value == 0:
            return setting.zero
        case "size" | "padding" if isinstance(value, tuple):
            return "×".join(str(side) for side in value)
        case "shape":
            return "×".join(str(side) for side in (*value[1:], value[0]))
        case _:
            return str(value)


def changed_text(value: Described, group: str) -> str:
    """Return which settings of a group differ from their defaults, in one line; empty where none does."""
    parts: list[str] = []
    for setting in settings_of(value):
        chosen = getattr(value, setting.name)
        if setting.group == group and setting.shown(value) and chosen != setting.default:
            parts.append(f"{setting.label.lower()}{_chosen_text(setting, chosen)}")
    return ", ".join(parts)


def value_of(setting: Setting, text: str) -> Any:
    """Return the value written as `text`.

    Raises:
        SettingError: It cannot be read, or lies outside what the setting allows.
    """
    text = text.strip()
    if setting.kind != "text":
        text = text.replace("−", "-")
    if not text and setting.kind != "text":
        raise SettingError(f"{setting.label} needs a value.")
    match setting.kind:
        case "text":
            return setting.checked(text)
        case "number":
            return setting.checked(_read_number(text))
        case "integer" if setting.zero and text.lower() == setting.zero:
            return setting.checked(0)
        case "padding" if text.lower() in ("valid", "same"):
            return text.lower()
        case "size" | "padding":
            sides = _read_sides(text)
            return setting.checked(text if sides is None else sides[0] if len(sides) == 1 else sides)
        case "shape":
            sides = _read_sides(text)
            return setting.checked(text if sides is None else (*sides[-1:], *sides[:-1]))
        case _:
            whole = _read_whole(text)
            return setting.checked(text if whole is None else whole)


def stepped(setting: Setting, value: Any, steps: int) -> Any:
    """Return `value` moved by some presses of an arrow, kept within the limits."""
    match setting.kind:
        case "number":
            return setting.checked(_inside(setting, _stepped_number(setting, value, steps)))
        case "size" if isinstance(value, tuple):
            return setting.checked(tuple(int(_inside(setting, side + steps)) for side in value))
        case "integer":
            return setting.checked(int(_inside(setting, value + steps * int(setting.step))))
        case "size":
            return setting.checked(int(_inside(setting, value + steps)))
        case _:
            return value


def _chosen_text(setting: Setting, value: Any) -> str:
    match setting.kind:
        case "choice":
            return f": {dict(setting.choices)[value]}"
        case "switch":
            return f": {'on' if value else 'off'}"
        case _:
            return f" {text_of(setting, value)}{setting.unit if setting.unit == '°' else f' {setting.unit}'}".rstrip()


def _number_text(value: float) -> str:
    """Write 1e-05 as 1e-5, 100.0 as 100, and a number below 0 with the minus sign that all other numbers have."""
    mantissa, _, exponent = f"{value:.6g}".partition("e")
    mantissa = mantissa.replace("-", "−")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def _read_number(text: str) -> float | str:
    point = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text  # 0,5 in much of Europe
    try:
        return float(point)
    except ValueError:
        return text


def _read_whole(text: str) -> int | None:
    return int(re.sub(r"[ ,]", "", text)) if _WHOLE.fullmatch(text) else None


def _read_sides(text: str) -> tuple[int, ...] | None:
    sides = [_read_whole(side) for side in _BETWEEN.split(text)]
    return None if None in sides else tuple(side for side in sides if side is not None)


def _inside(setting: Setting, value: float) -> float:
    low = -math.inf if setting.low is None else setting.low
    high = math.inf if setting.high is None else setting.high
    return min(max(value, low), high)


def _stepped_number(setting: Setting, value: float, steps: int) -> float:
    if _is_rate(setting) and value > 0:
        return _on_ladder(value, steps)
    place = value / setting.step
    whole = math.floor(place + 1e-6) if steps > 0 else math.ceil(place - 1e-6)  # the first step reaches the grid
    return round((whole + steps) * setting.step, 12)


def _is_rate(setting: Setting) -> bool:
    """Say whether a number is one of orders of magnitude, such as a learning rate."""
    low, high = setting.low or 0, setting.high or 0
    return 0 < low * WIDE <= high and setting.default <= setting.step


def _on_ladder(value: float, steps: int) -> float:
    """Return the number that many rungs of … 0.5, 1, 2, 5, 10 … above or below `value`."""
    rungs = (1.0, 2.0, 5.0)
    decade = math.floor(math.log10(value) + 1e-9)
    mantissa = value / 10.0**decade
    below = sum(rung <= mantissa * (1 + 1e-9) for rung in rungs) - 1
    between = mantissa > rungs[below] * (1 + 1e-6)
    rung = below + steps + (1 if between and steps < 0 else 0)
    return float(f"{rungs[rung % 3]}e{decade + rung // 3}")
