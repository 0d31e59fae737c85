"""Networks that are too large to be drawn, traced and trained in passing: which they are, and what they need."""

from __future__ import annotations

import sys
from pathlib import Path

from convscope.core.layers import shape_text
from convscope.core.loss import CROSS_ENTROPY
from convscope.core.network import Network
from convscope.core.report import BYTES
from convscope.core.weights import DRAWN_AT_ONCE, NO_WEIGHTS, Weights, missing_bytes

TRACED_LIVE = 10**9  # multiply-accumulates; 20 to 50 ms on one core, so that an answer still follows the pen
_MEGABYTE, _GIGABYTE = 10**6, 10**9


def is_large(network: Network) -> bool:
    """Say whether the weights take more than `DRAWN_AT_ONCE`.

    Such a network is there to be looked at: it keeps its input and its classes whatever data are loaded, its weights
    are drawn when the user asks, and random ones are not saved.
    """
    if BYTES * network.report.parameters > DRAWN_AT_ONCE:
        return True
    # The report counts only the weights of layers that are on.
    return not network.report.all_enabled and missing_bytes(network, NO_WEIGHTS) > DRAWN_AT_ONCE


def is_traced_live(network: Network) -> bool:
    """Say whether a forward pass is so short that it may follow every movement of the pen."""
    return not is_large(network) and network.report.macs <= TRACED_LIVE


def adapted(network: Network, image_shape: tuple[int, int, int], classes: int, loss: str = CROSS_ENTROPY) -> Network:
    """Return the network for the images and classes of some data; a large one stays as it is."""
    return network if is_large(network) else network.for_data(image_shape, classes, loss)


def data_misfit(network: Network, image_shape: tuple[int, int, int], classes: int, loss: str = CROSS_ENTROPY) -> str:
    """Return why the network cannot be trained on some data and what to do; empty where it can."""
    if loss != network.loss:
        kinds = ("classes", "numbers") if loss == CROSS_ENTROPY else ("numbers", "classes")
        return (
            f"The examples of the data set have {kinds[0]}, but the network predicts {kinds[1]}. "
            "Choose other data, or another network."
        )
    if image_shape != network.input_shape:
        shapes = shape_text(image_shape), shape_text(network.input_shape)
        return (
            f"The images of the data set are {shapes[0]}, but the network takes {shapes[1]}. "
            "Choose data with such images, or a network for these."
        )
    if classes > network.classes:
        return (
            f"The data set has {classes:,} classes, but the network only {network.classes:,}. "
            "Choose data with fewer classes, or a network with more."
        )
    return ""


def memory_text(network: Network, weights: Weights) -> str:
    """Return the end of a sentence: how much memory a forward pass needs, and how much is free if that is known."""
    missing = missing_bytes(network, weights)
    what = f"{bytes_text(missing)} for its weights and " if missing else ""
    free = free_memory()
    rest = "" if free is None else f"; {bytes_text(free)} {'is' if free < 2 * _GIGABYTE else 'are'} free"
    return f"needs {what}{bytes_text(network.report.memory)} for the maps of one picture{rest}."


def needed_memory(network: Network, weights: Weights) -> int:
    """Return how many bytes drawing the missing weights and a forward pass take."""
    return missing_bytes(network, weights) + network.report.memory


def bytes_text(size: int) -> str:
    """Return a number of bytes as people say it: 553 MB, 1.2 GB, 4.1 kB."""
    for unit, name in ((_GIGABYTE, "GB"), (_MEGABYTE, "MB"), (1000, "kB")):
        if size >= 0.9995 * unit:
            return f"{size / unit:.3g} {name}" if size < 999.5 * unit else f"{size / unit:,.0f} {name}"
    return f"{size} bytes"


def free_memory() -> int | None:
    """Return how many bytes programs can still get without swapping; None where the system does not tell."""
    if sys.platform == "win32":
        return _free_on_windows()
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:  # macOS has no such file
        return None
    sizes = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return 1024 * int(sizes[0]) if sizes else None


def _free_on_windows() -> int | None:
    """Ask GlobalMemoryStatusEx; its structure is of 64 bytes, with the free physical memory in the third field."""
    import ctypes
    import struct

    answer = ctypes.create_string_buffer(struct.pack("<II7Q", 64, 0, *[0] * 7), 64)
    if sys.platform != "win32" or not ctypes.windll.kernel32.GlobalMemoryStatusEx(answer):
        return None
    return int(struct.unpack("<II7Q", answer.raw)[3])
