"""How far a long piece of work has come, and running it to its end."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Progress:
    """A step of long work; the generator that yields it is cancelled by closing it.

    Attributes:
        text: What is being done, as the user reads it.
        done: How much of `total` is done (bytes or images).
        total: How much there is to do; 0 while that is not known.
    """

    text: str
    done: int
    total: int


def finished(work: Generator[Any, None, T]) -> T:
    """Run a generator to its end and return its value."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
