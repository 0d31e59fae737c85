"""What a measurement tells: figures, what they must reach, and whether they did."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

MARK = "figures: "  # begins the line in which a measurement's process hands its figures over


@dataclass(frozen=True)
class Figure:
    """One measured value.

    Attributes:
        what: What was measured.
        value: The figure; None where it could not be measured, which `note` explains.
        unit: Its unit; empty for a ratio.
        at_most: What it must not exceed.
        at_least: What it must reach.
        note: More about it, one line.
        details: Further figures for the JSON file.
    """

    what: str
    value: float | None
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""
    details: dict[str, float] = field(default_factory=dict)

    @property
    def target(self) -> str:
        """What must be reached, in words."""
        if self.at_most is not None:
            return f"≤ {_text(self.at_most, self.unit)}"
        return f"≥ {_text(self.at_least, self.unit)}" if self.at_least is not None else "reported"

    @property
    def measured(self) -> str:
        """The value with its unit."""
        return "–" if self.value is None else _text(self.value, self.unit)

    @property
    def verdict(self) -> str:
        """Whether it was reached."""
        if self.value is None:
            return "skipped"
        if self.at_most is None and self.at_least is None:
            return ""
        high = self.at_most is not None and self.value > self.at_most
        low = self.at_least is not None and self.value < self.at_least
        return "missed" if high or low else "ok"


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least `percent` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * percent // 100) - 1)]


def run(measure: Callable[[bool], Sequence[Figure]]) -> None:
    """Measure in this process, as the command line says, and print the figures for who started it."""
    parser = argparse.ArgumentParser(description=measure.__doc__)
    parser.add_argument("--quick", action="store_true", help="measure for a shorter time")
    figures = measure(parser.parse_args().quick)
    print(MARK + json.dumps([asdict(figure) for figure in figures]), flush=True)


def _text(value: float | None, unit: str) -> str:
    number = f"{value:.0%}" if unit == "%" else f"{value:.3g}" if value and abs(value) < 100 else f"{value:,.0f}"
    return f"{number} {unit}".strip() if unit != "%" else number
