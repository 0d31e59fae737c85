"""What torch may use of this computer: threads and devices."""

from __future__ import annotations

import os

import torch


def use_threads(count: int | None = None) -> int:
    """Let torch compute on `count` threads, by default all cores but one, and return how many.

    The window keeps the remaining core: with as many threads as cores, its drawing and torch slowed each other down
    many times over. The command line uses as many, so that it gets the same numbers.
    """
    count = count or max(1, _cores() - 1)
    torch.set_num_threads(count)
    return count


def devices() -> tuple[tuple[str, str], ...]:
    """Return what can train a network, as (name for torch, title for the user); the processor comes first."""
    found = [("cpu", "Processor (CPU)")]
    if torch.cuda.is_available():
        found += [(f"cuda:{n}", torch.cuda.get_device_name(n)) for n in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append(("mps", "Apple graphics (MPS)"))
    return tuple(found)


def warm_up() -> None:
    """Import what the first optimiser would, a second's work, so that the first training step does not wait for it."""
    torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):  # containers and job schedulers allow fewer than there are
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
