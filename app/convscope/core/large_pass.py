"""One forward pass of a large network, in steps that can be shown and cancelled."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import torch
from numpy.typing import NDArray

from convscope.core.data.progress import Progress
from convscope.core.initialisation import PYTORCH
from convscope.core.module import build_module
from convscope.core.network import Network
from convscope.core.trace import Trace
from convscope.core.unit import SwitchedOff
from convscope.core.weights import Weights, drawing_missing, missing_bytes

Array = NDArray[np.float32]
_MACS_PER_BYTE = 12  # multiply-accumulates done while one byte of weights is drawn; for the progress alone


class LargePassError(Exception):
    """A forward pass that cannot be finished; the text says why and what to do."""


def passing(
    network: Network,
    weights: Weights,
    image: Array,
    switched_off: SwitchedOff = frozenset(),
    *,
    seed: int,
    initialisation: str = PYTORCH,
) -> Generator[Progress, None, Trace]:
    """Draw the weights that are missing and send one image through the network.

    Neither weights nor outputs are ever copied: torch computes with the arrays where they lie, and the trace shows
    the memory torch computed in. That is safe because nobody writes to either: the arrays are read-only, the module
    only evaluates, and no layer works in place.

    Args:
        network: May have a problem; the layers before it work.
        weights: What is there already; never changed.
        image: Values 0 to 1 of the network's input shape.  # (C, H, W)
        switched_off: Maps and units to hold at zero, as in `Tracer.trace`.
        seed: Decides the weights that are drawn, as in `initial_weights`.
        initialisation: How they are drawn, too.

    Yields:
        How far it is, after each megabyte of weights and before each layer.

    Raises:
        LargePassError: The memory does not suffice.
    """
    try:
        return (yield from _passing(network, weights, image, switched_off, (seed, initialisation)))
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, MemoryError) or "alloc" in str(error):  # torch has no type of its own for it
            raise LargePassError(
                "The memory does not suffice for this network. Close other programs, or make its layers smaller."
            ) from error
        raise


def _passing(
    network: Network, weights: Weights, image: Array, switched_off: SwitchedOff, drawn: tuple[int, str]
) -> Generator[Progress, None, Trace]:
    done = missing_bytes(network, weights)
    weights = yield from drawing_missing(network, weights, *drawn, more=network.report.macs // _MACS_PER_BYTE)
    total = done + network.report.macs // _MACS_PER_BYTE
    module = build_module(network, weights=weights).eval()
    outputs: list[Array] = []
    steps = module.steps(torch.tensor(image)[None], switched_off)
    for row in network.report.rows[: len(module.names)]:
        yield Progress(f"Computing {row.layer.name}", done, total)
        with torch.inference_mode():  # not around a yield, or the thread's other work would be in it
            outputs.append(_shown(next(steps)))
        done += row.macs // _MACS_PER_BYTE
    logits = outputs[-1] if module.complete and outputs else None
    probabilities = None
    if logits is not None and network.classifies:
        probabilities = _shown(torch.softmax(torch.tensor(logits), 0)[None])
    missing = (None,) * (len(network.layers) - len(outputs))
    return Trace(network, image, (*outputs, *missing), logits, probabilities, weights, switched_off)


def _shown(batch: torch.Tensor) -> Array:
    array: Array = batch[0].numpy()  # in the memory of the tensor, which lives as long as the array does
    array.flags.writeable = False
    return array
