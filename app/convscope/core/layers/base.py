"""What every layer has: a name, a switch, an output shape, parameters and costs."""

from __future__ import annotations

import dataclasses
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar, Self

from convscope.core.settings import Described, SettingError, settings_of

Shape = tuple[int, ...]  # (C, H, W) of maps, or (N,) of a vector
_NAME = re.compile(r"([A-Za-z][A-Za-z0-9_]{0,59})?")  # empty until the network gives one


@dataclass(frozen=True)
class Suggestion:
    """Layers to put in the place of one that does not fit, and what doing so is called.

    Attributes:
        replaces_last: The layers take the place of the network's last layer, where its output is what does not fit.
    """

    label: str
    layers: tuple[Layer, ...]
    replaces_last: bool = False


class MisfitError(ValueError):
    """What reaches a layer cannot pass it.

    Attributes:
        suggestions: Replacements to try; nobody has checked yet that they help.
    """

    def __init__(self, message: str, suggestions: Sequence[Suggestion] = ()) -> None:
        super().__init__(message)
        self.suggestions = tuple(suggestions)


@dataclass(frozen=True)
class Field:
    """What one unit sees of the input image, per direction (height, width).

    Attributes:
        size: Pixels of the input, padding included, that reach one unit.
        jump: Pixels of the input between two neighbouring units.
        count: Units along each direction.
    """

    size: tuple[int, int]
    jump: tuple[int, int]
    count: tuple[int, int]

    def merged(self) -> Field:
        """Return the field of a unit that sees all units of this layer."""
        height, width = (
            size + (count - 1) * jump for size, jump, count in zip(self.size, self.jump, self.count, strict=True)
        )
        return Field((height, width), (0, 0), (1, 1))


@dataclass(frozen=True, kw_only=True)
class Layer(Described, ABC):
    """One layer of a network, as a value.

    Attributes:
        name: Unique within its network; the identity under which weights are kept.
        enabled: Off lets the data pass unchanged and keeps the weights.
        trainable: Off freezes the layer: training leaves its arrays as they are. The word is Keras's, and as there a
            frozen batch normalisation uses its running averages in training too.
    """

    kind: ClassVar[str]
    title: ClassVar[str]
    group: ClassVar[str]
    help: ClassVar[str]
    prefix: ClassVar[str]  # names are this and a number
    live: ClassVar[frozenset[str]] = frozenset()  # settings that training can take over while it goes on

    name: str = ""
    enabled: bool = True
    trainable: bool = True

    def __post_init__(self) -> None:
        _check_own(self.name, enabled=self.enabled, trainable=self.trainable)
        super().__post_init__()

    def summary(self) -> str:
        """Return the settings that matter, in a few words."""
        return ""

    @abstractmethod
    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape that leaves the layer when `shape` reaches it, switched on.

        Raises:
            MisfitError: The layer cannot work on `shape`.
        """

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return the arrays that training changes, when `shape` reaches the layer."""
        return {}

    def buffer_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return the arrays that are kept but not trained, such as running averages."""
        return {}

    def macs(self, shape: Shape) -> int:
        """Return the multiply-accumulate operations for one image; additions of a bias do not count."""
        return 0

    def field(self, field: Field, shape: Shape) -> Field:
        """Return what a unit of the output sees, when a unit of the input sees `field`."""
        return field

    def to_json(self) -> dict[str, Any]:
        """Return kind, name, switches that are off and settings as values that JSON can hold."""
        switches = {"enabled": self.enabled, "trainable": self.trainable}
        off = {name: False for name, on in switches.items() if not on}
        return {"kind": self.kind, "name": self.name} | off | super().to_json()

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Build the layer from settings, name and switches; what is missing takes its default."""
        own = {"name", "enabled", "trainable"}
        settings = {name: value for name, value in values.items() if name not in own}
        known = {setting.name for setting in settings_of(cls)}
        for name in settings:
            if name not in known:
                raise SettingError(f"{cls.title} has no setting {name!r}; it has {', '.join(sorted(known)) or 'none'}.")
        return cls(**values)

    def changed(self, **settings: Any) -> Self:
        """Return a copy with other settings."""
        return dataclasses.replace(self, **settings)


def _check_own(name: object, **switches: object) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise SettingError(f"A layer's name is up to 60 letters, digits and underscores, not {name!r}.")
    for switch, value in switches.items():
        if not isinstance(value, bool):
            raise SettingError(f"A layer is {switch} or not, true or false, not {value!r}.")


def shape_text(shape: Shape) -> str:
    """Return a shape as the lectures write it: height × width × channels, or the length of a vector."""
    if len(shape) == 3:
        channels, height, width = shape
        return f"{height}×{width}×{channels}"
    return "×".join(str(side) for side in shape)


def needs_maps(layer: Layer, shape: Shape) -> tuple[int, int, int]:
    """Return `shape` as (C, H, W), or raise the `MisfitError` of a layer that a vector reaches."""
    if len(shape) == 3:
        return shape[0], shape[1], shape[2]
    side = round(prod(shape) ** 0.5)
    suggestions: list[Suggestion] = []
    if side * side == prod(shape) and side > 1:
        from convscope.core.layers.shaping import Reshape

        label = f"Insert a reshape to {side}×{side}×1"
        suggestions.append(Suggestion(label, (Reshape(target=(1, side, side)), layer)))
    raise MisfitError(
        f"{layer.title} works on maps (height × width × channels); "
        f"a vector of {prod(shape):,} values without rows and columns reaches it.",
        suggestions,
    )
