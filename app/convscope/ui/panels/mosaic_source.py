"""Which values mosaics show and in which colours: the live answer to the drawing, or one that was kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from convscope.core.network import Network
from convscope.core.unit import INPUT
from convscope.ui.colour_maps import ColourScale, finite_range
from convscope.ui.widgets.mosaic_maps import Maps

if TYPE_CHECKING:
    from convscope.ui.session import Session

Array = NDArray[np.float32]
ScaleOf = Literal["layer", "map", "network"]


@dataclass(frozen=True, eq=False)
class Source:
    """An image and what the layers of a network make of it.

    Attributes:
        outputs: One per layer; empty where they have not been computed for this network.
        masks: The factors of dropout by the names of its layers, in a step of training.
    """

    network: Network
    image: Array
    outputs: tuple[Array | None, ...]
    masks: Mapping[str, Array] = field(default_factory=dict)

    @classmethod
    def live(cls, session: Session) -> Self:
        """Return what the session shows now; the image may be newer than the outputs."""
        trace, network = session.trace, session.network
        if trace is None or trace.network != network:
            return cls(network, session.image, ())
        return cls(network, session.image, trace.outputs, trace.masks)

    @classmethod
    def kept(cls, trace: Any) -> Self:
        """Return what a trace holds."""
        return cls(trace.network, trace.image, trace.outputs, trace.masks)

    def values(self, layer: int) -> Array | None:
        """Return the image or what a layer puts out; None where there is nothing."""
        if layer == INPUT:
            return self.image
        return self.outputs[layer] if layer < len(self.outputs) else None

    def dropped(self, layer: int) -> NDArray[np.bool_] | None:
        """Return which values of a layer dropout set to zero; None where it drops nothing.  # as the values."""
        values = self.values(layer)
        mask = None if layer == INPUT else self.masks.get(self.network.layers[layer].name)
        return None if mask is None or values is None else np.broadcast_to(mask == 0, values.shape)

    def all_values(self) -> list[Array]:
        """Return the image and every output there is."""
        return [self.image, *(output for output in self.outputs if output is not None)]


@dataclass(frozen=True)
class Look:
    """How values become colours.

    Attributes:
        scale: What shares one scale: the values of a map, of a layer or of the network.
        gain: See `ColourScale.boosted`.
    """

    scale: ScaleOf = "layer"
    gain: float = 1.0

    def maps(self, source: Source, layer: int) -> Maps | None:
        """Return the maps of a layer; None where it has none."""
        values = source.values(layer)
        return None if values is None else self._shown(values, None, source.all_values(), source.dropped(layer))

    def compared(self, one: Source, other: Source, layer: int) -> tuple[Maps, Maps, Maps] | None:
        """Return the maps of a layer for two images in the same colours, and by how much the other's are greater."""
        a, b = one.values(layer), other.values(layer)
        if a is None or b is None or a.shape != b.shape:
            return None
        everything = [*one.all_values(), *other.all_values()]
        difference = b - a
        scale = None if self.scale == "map" else ColourScale.signed(difference)
        return (
            self._shown(a, b, everything, one.dropped(layer)),
            self._shown(b, a, everything, other.dropped(layer)),
            Maps.of(difference, scale, signed=True, gain=self.gain),
        )

    def _shown(
        self, values: Array, beside: Array | None, everything: list[Array], dropped: NDArray[np.bool_] | None
    ) -> Maps:
        arrays = [values] if beside is None else [values, beside]
        match self.scale:
            case "map":
                return Maps.of(values, gain=self.gain, beside=beside, dropped=dropped)
            case "network":
                return Maps.of(values, _common_scale(arrays, everything), gain=self.gain, dropped=dropped)
            case _:
                return Maps.of(values, _common_scale(arrays, arrays), gain=self.gain, dropped=dropped)


def missing_text(session: Session, layer: int) -> str:
    """Return why a layer has no maps to be shown, in one sentence."""
    network = session.network
    problem = network.report.problem
    if problem is None or problem.index > layer:
        return session.waiting or "The maps are being computed."
    if problem.index == layer:
        return problem.located
    return f"Nothing reaches this layer: {network.layers[problem.index].name} before it cannot work."


def _common_scale(shown: list[Array], everything: list[Array]) -> ColourScale:
    """Return a scale that holds everything; without negative values, what is shown keeps the map for activations."""
    ranges = [finite_range(one) for one in everything]
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    signed = any(finite_range(one)[0] < 0 for one in shown)
    return ColourScale(min(low, 0.0) if signed else 0.0, max(high, 0.0), "diverging" if signed else "sequential")
