"""A network as a value: what goes in, the layers in their order, and how many classes come out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, Self, cast

from convscope.core.layers import Layer, Shape, layer_from_json, shape_text
from convscope.core.loss import CROSS_ENTROPY, LOSSES
from convscope.core.report import Problem, Remedy, Report, reported
from convscope.core.settings import SettingError

MOST_LAYERS = 200


@dataclass(frozen=True)
class Network:
    """Layers between an image and the scores (logits) of its classes; softmax follows them and is never a layer.

    With the squared error in place of the cross-entropy nothing follows them: what comes out is the prediction.

    Attributes:
        input_shape: Shape of one image; N numbers are N maps of one pixel.  # (C, H, W)
        layers: From the image on; every one has a name of its own.
        classes: How many logits, or predicted values, must come out.
        loss: One of `LOSSES`.

    Raises:
        SettingError: Two layers share a name, or a side of the input is not between 1 and 1024.
    """

    input_shape: tuple[int, int, int] = (1, 28, 28)
    layers: tuple[Layer, ...] = ()
    classes: int = 10
    loss: str = CROSS_ENTROPY

    def __post_init__(self) -> None:
        _check_input(self.input_shape, self.classes)
        if not isinstance(self.loss, str) or self.loss not in LOSSES:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise SettingError(f"The loss must be {' or '.join(LOSSES)}, not {self.loss!r:.40}.")
        if len(self.layers) > MOST_LAYERS:
            raise SettingError(f"A network has at most {MOST_LAYERS} layers, not {len(self.layers)}.")
        object.__setattr__(self, "layers", _all_named(self.layers))

    def __repr__(self) -> str:
        """Draw the network as a table."""
        lines = [
            f"Network {shape_text(self.input_shape)} → {self.classes} {'classes' if self.classifies else 'numbers'}"
        ]
        for row in self.report.rows:
            shape = shape_text(row.output_shape) if row.output_shape else "–"
            lines.append(f"  {row.layer.name:<20} {row.layer.summary():<36} {shape:>12} {row.trainable:>10,}")
        if self.report.problem is not None:
            lines.append(f"  ! {self.report.problem.message}")
        return "\n".join(lines)

    @property
    def classifies(self) -> bool:
        """Whether the last values are scores of classes, with a softmax behind them; else they are the prediction."""
        return self.loss == CROSS_ENTROPY

    @cached_property
    def report(self) -> Report:
        """Shapes and costs of every layer, and what keeps the network from working."""
        report = reported(self.input_shape, self.layers, self.classes)
        if report.failure is None:
            return report
        index = report.failure.index
        name = self.layers[index].name if index < len(self.layers) else ""
        problem = Problem(index, str(report.failure.misfit), self._remedies(report), name)
        return dataclasses.replace(report, problem=problem)

    def shape_at(self, layer: int) -> Shape | None:
        """Return the shape of a layer's output, of the input for −1, of the probabilities for the number of layers.

        None where nothing comes out: from the network's first problem on.
        """
        if layer < 0:
            return self.input_shape
        if layer == len(self.layers):
            return (self.classes,) if self.report.problem is None else None
        return self.report.rows[layer].output_shape

    def inserted(self, index: int, layer: Layer) -> Self:
        """Return the network with `layer` before the one at `index`; it gets a name if it has none that is free."""
        taken = {other.name for other in self.layers}
        if layer.name in taken:
            layer = layer.changed(name="")
        return self._with([*self.layers[:index], layer, *self.layers[index:]])

    def removed(self, index: int) -> Self:
        """Return the network without the layer at `index`."""
        return self._with([*self.layers[:index], *self.layers[index + 1 :]])

    def replaced(self, index: int, layer: Layer) -> Self:
        """Return the network with `layer` in the place of the one at `index`, under the name of that one."""
        layer = layer.changed(name=self.layers[index].name)
        return self._with([*self.layers[:index], layer, *self.layers[index + 1 :]])

    def moved(self, start: int, end: int) -> Self:
        """Return the network with the layer at `start` at position `end` instead."""
        layers = list(self.layers)
        layers.insert(end, layers.pop(start))
        return self._with(layers)

    def duplicated(self, index: int) -> Self:
        """Return the network with a copy of the layer at `index` behind it."""
        return self.inserted(index + 1, self.layers[index])

    def toggled(self, index: int) -> Self:
        """Return the network with the layer at `index` switched off, or on again."""
        layer = self.layers[index]
        return self.replaced(index, layer.changed(enabled=not layer.enabled))

    def for_data(self, image_shape: tuple[int, int, int], classes: int, loss: str = CROSS_ENTROPY) -> Self:
        """Return the network for other images and classes; a last dense layer gets as many units as classes."""
        layers = list(self.layers)
        if layers and layers[-1].kind == "dense" and classes != self.classes:
            layers[-1] = layers[-1].changed(units=classes)
        return dataclasses.replace(self, input_shape=image_shape, classes=classes, layers=tuple(layers), loss=loss)

    def carries_on(self, other: Network) -> bool:
        """Say whether a run of `other` can go on as one of this network: only settings differ that layers call live."""
        if [type(layer) for layer in self.layers] != [type(layer) for layer in other.layers]:
            return False
        followed = tuple(
            old.changed(**{name: getattr(new, name) for name in old.live})
            for old, new in zip(other.layers, self.layers, strict=True)
        )
        return dataclasses.replace(other, layers=followed) == self

    def index_of(self, name: str) -> int:
        """Return the position of the layer called `name`; raises KeyError when there is none."""
        for index, layer in enumerate(self.layers):
            if layer.name == name:
                return index
        raise KeyError(name)

    def to_json(self) -> dict[str, Any]:
        """Return the network as values that JSON can hold."""
        layers = [layer.to_json() for layer in self.layers]
        values = {"input_shape": list(self.input_shape), "classes": self.classes, "layers": layers}
        return values if self.classifies else values | {"loss": self.loss}  # older versions know no other loss

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Build the network that `to_json` described.

        Raises:
            SettingError: Something is missing, unknown or out of range.
        """
        if not isinstance(values, dict):
            raise SettingError(f"A network must be an object with layers, not {values!r}.")
        settings = cast(dict[str, Any], values)
        if unknown := settings.keys() - {"input_shape", "classes", "layers", "loss"}:
            raise SettingError(f"A network has no {', '.join(sorted(unknown))}.")
        if not isinstance(settings.get("layers"), list):
            raise SettingError("A network needs a list of layers.")
        input_shape = settings.get("input_shape", cls.input_shape)
        if not isinstance(input_shape, list | tuple):
            raise SettingError(f"The input must be three whole numbers, not {input_shape!r}.")
        layers = tuple(layer_from_json(layer) for layer in settings["layers"][: MOST_LAYERS + 1])
        return cls(
            cast(tuple[int, int, int], tuple(cast(list[int], input_shape))),
            layers,
            settings.get("classes", cls.classes),
            settings.get("loss", cls.loss),
        )

    def _with(self, layers: Iterable[Layer]) -> Self:
        return dataclasses.replace(self, layers=tuple(layers))

    def _remedies(self, report: Report) -> tuple[Remedy, ...]:
        """Return the changes that let the network work at least one layer further."""
        failure = report.failure
        assert failure is not None
        layers, index = self.layers, failure.index
        candidates = [
            Remedy(s.label, self._with([*layers[: index - s.replaces_last], *s.layers, *layers[index + 1 :]]))
            for s in failure.misfit.suggestions
        ]
        flattening = _flattening(report)
        if index < len(layers) and flattening is not None and len(report.rows[index].input_shape or ()) == 1:
            candidates.append(Remedy(f"Remove {layers[flattening].name}", self.removed(flattening)))
        if index < len(layers):
            candidates.append(Remedy(f"Remove {layers[index].name}", self.removed(index)))
        return tuple(remedy for remedy in candidates if _advances(self, index, remedy.network))


def _advances(before: Network, index: int, after: Network) -> bool:
    """Say whether fewer layers wait behind the first failure than before."""
    failure = reported(after.input_shape, after.layers, after.classes).failure
    return failure is None or len(after.layers) - failure.index < len(before.layers) - index


def _flattening(report: Report) -> int | None:
    """Return the last layer before the failure that turned maps into a vector."""
    for index in range(len(report.rows) - 1, -1, -1):
        row = report.rows[index]
        if row.input_shape and row.output_shape and len(row.input_shape) == 3 and len(row.output_shape) == 1:
            return index
    return None


def _all_named(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Give each layer without a name the first free one of its kind."""
    taken = {layer.name for layer in layers if layer.name}
    if len(taken) != sum(bool(layer.name) for layer in layers):
        raise SettingError("Two layers of a network have the same name.")
    named: list[Layer] = []
    for layer in layers:
        if not layer.name:
            number = next(n for n in range(1, len(layers) + 2) if f"{layer.prefix}_{n}" not in taken)
            layer = layer.changed(name=f"{layer.prefix}_{number}")
            taken.add(layer.name)
        named.append(layer)
    return tuple(named)


def _check_input(input_shape: Shape, classes: object) -> None:
    def whole(value: object, most: int) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most

    if len(input_shape) != 3 or not all(whole(side, 1024) for side in input_shape) or prod(input_shape) > 2**22:
        raise SettingError(
            f"The input must be channels, height and width between 1 and 1024 and hold at most {2**22:,} values, "
            f"not {input_shape!r}."
        )
    if not whole(classes, 16_384):
        raise SettingError(f"The number of classes must be between 1 and 16,384, not {classes!r}.")
