"""What a value sees of every earlier layer, and which values of every later layer it reaches.

Followed layer by layer, as Araujo et al. (Distill 2019) do, but with every place on the way instead of the size alone:
so stride, padding and dilation leave out exactly what the layer leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from convscope.core.layers import Shape, Window
from convscope.core.layers.window import Along
from convscope.core.network import Network
from convscope.core.stretches import stretches
from convscope.core.unit import Unit

Flags = NDArray[np.bool_]
Runs = list[tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Region:
    """Some values of a layer's output: those in one of the channels, rows and columns that are set.

    Attributes:
        channels: # (C,), or (N,) of a vector
        rows: # (H,), or (1,) of a vector
        columns: # (W,), or (1,) of a vector
    """

    channels: Flags
    rows: Flags
    columns: Flags

    @classmethod
    def of(cls, unit: Unit, shape: Shape) -> Region:
        """Return the region that is one value of an output of that shape."""
        index = unit.index if len(unit.index) == 3 else (*unit.index, 0, 0)
        flags = [np.arange(side) == place for side, place in zip(_sides(shape), index, strict=True)]
        return cls(flags[0], flags[1], flags[2])

    @classmethod
    def whole(cls, shape: Shape) -> Region:
        """Return the region of all values of an output of that shape."""
        return cls(*(np.ones(side, np.bool_) for side in _sides(shape)))

    @classmethod
    def none(cls, shape: Shape) -> Region:
        """Return the region of no value of an output of that shape."""
        return cls(*(np.zeros(side, np.bool_) for side in _sides(shape)))

    @cached_property
    def runs(self) -> tuple[Runs, Runs, Runs]:
        """First and last + 1 of each run of channels, rows and columns that are set."""
        return stretches(self.channels), stretches(self.rows), stretches(self.columns)

    @property
    def empty(self) -> bool:
        """Whether no value is in it: what a value sees may lie in the padding alone."""
        return not all(self.runs)

    @property
    def box(self) -> tuple[slice, slice, slice]:
        """The least box around it, as slices of channels, rows and columns; empty slices where it is empty."""
        channels, rows, columns = self.runs
        return _around(channels), _around(rows), _around(columns)

    def mask(self, shape: Shape) -> Flags:
        """Return which values of an output of that shape are in it."""
        return (self.channels[:, None, None] & self.rows[:, None] & self.columns).reshape(shape)

    def __contains__(self, index: tuple[int, ...]) -> bool:
        channel, row, column = index if len(index) == 3 else (*index, 0, 0)
        return bool(self.channels[channel] and self.rows[row] and self.columns[column])


def receptive_field(network: Network, unit: Unit) -> dict[int, Region]:
    """Return what a value sees, by layer, from itself back to the input (−1).

    Where a layer is flattened or reshaped behind a window, the least box of channels, rows and columns is returned.

    Raises:
        ValueError: The network has no such value.
    """
    region = Region.of(unit, _checked(network, unit))
    regions = {unit.layer: region}
    for layer in range(unit.layer, -1, -1):
        region = _through(network, layer, region, forwards=False)
        regions[layer - 1] = region
    return regions


def reached_field(network: Network, unit: Unit) -> dict[int, Region]:
    """Return which values a value reaches, by layer, from itself on to the last that works, or the probabilities.

    Raises:
        ValueError: The network has no such value.
    """
    region = Region.of(unit, _checked(network, unit))
    regions = {unit.layer: region}
    for layer in range(unit.layer + 1, len(network.layers) + 1):
        if network.shape_at(layer) is None:
            break
        region = _through(network, layer, region, forwards=True)
        regions[layer] = region
    return regions


def _checked(network: Network, unit: Unit) -> Shape:
    shape = network.shape_at(unit.layer)
    if shape is None or not unit.fits(shape):
        raise ValueError(f"The network has no value {unit.index} in layer {unit.layer}.")
    return shape


def _through(network: Network, layer: int, region: Region, *, forwards: bool) -> Region:
    """Return which values of a layer's output see a region of its input, or which of its input a region sees."""
    before, behind = network.shape_at(layer - 1), network.shape_at(layer)
    assert before is not None
    assert behind is not None
    start, end = (before, behind) if forwards else (behind, before)
    if region.empty:  # a dense layer or a mean would make all values of it
        return Region.none(end)
    window = _window(network, layer)
    if window is not None:
        alongs, sides = window.along((before[1], before[2])), end[1:]
        if forwards:
            flags = region.rows, region.columns
            rows, columns = (_seeing(*each) for each in zip(flags, sides, alongs, strict=True))
        else:
            rows, columns = (_seen(*each) for each in zip(region.runs[1:], sides, alongs, strict=True))
        channels = np.ones(end[0], np.bool_) if network.layers[layer].kind == "conv2d" else region.channels
        return Region(channels, rows, columns)
    match _kind(network, layer):
        case "softmax" | "dense":
            return Region.whole(end)
        case "global_average_pool":
            _, rows, columns = _sides(end)
            return Region(region.channels, np.ones(rows, np.bool_), np.ones(columns, np.bool_))
        case "flatten" | "reshape":
            return _rearranged(region, start, end)
        case _:
            return region


def _kind(network: Network, layer: int) -> str:
    if layer == len(network.layers):
        return "softmax" if network.classifies else "passed"
    return network.layers[layer].kind if network.layers[layer].enabled else "passed"


def _window(network: Network, layer: int) -> Window | None:
    """Return the window that slides in a layer; None where none does."""
    if layer == len(network.layers) or not network.layers[layer].enabled:
        return None
    return getattr(network.layers[layer], "window", None)


def touched(places: NDArray[np.int_], along: Along) -> NDArray[np.int_]:
    """Return which inputs the kernel touches at some places along one direction; those outside lie in the padding.

    Returns:
        # (places, kernel)
    """
    return places[:, None] * along.stride - along.before + np.arange(along.kernel) * along.dilation


def _seen(runs: Runs, side: int, along: Along) -> Flags:
    seen = np.zeros(side, np.bool_)
    for first, end in runs:
        if along.dilation == 1 and along.stride <= along.kernel:  # nearly always: no gap within or between the windows
            seen[max(along.at(first).start, 0) : max(along.at(end - 1).stop, 0)] = True
        else:
            inputs = touched(np.arange(first, end), along).ravel()
            seen[inputs[(inputs >= 0) & (inputs < side)]] = True
    return seen


def _seeing(flags: Flags, count: int, along: Along) -> Flags:
    inputs = touched(np.arange(count), along)
    inside = (inputs >= 0) & (inputs < len(flags))
    return np.logical_or.reduce(inside & flags[np.clip(inputs, 0, len(flags) - 1)], axis=1)


def _rearranged(region: Region, shape: Shape, other: Shape) -> Region:
    """Return the least box that holds a region after the values were put into another shape."""
    channels, rows, columns = np.nonzero(region.mask(shape).reshape(_sides(other)))
    sides = _sides(other)
    return Region(_flagged(channels, sides[0]), _flagged(rows, sides[1]), _flagged(columns, sides[2]))


def _flagged(places: NDArray[np.int_], side: int) -> Flags:
    flags = np.zeros(side, np.bool_)
    flags[places] = True
    return flags


def _sides(shape: Shape) -> tuple[int, int, int]:
    return (shape[0], shape[1], shape[2]) if len(shape) == 3 else (shape[0], 1, 1)


def _around(runs: Runs) -> slice:
    return slice(runs[0][0], runs[-1][1]) if runs else slice(0, 0)
