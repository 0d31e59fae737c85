"""What is said below a row of data cubes."""

from __future__ import annotations

from collections.abc import Sequence

from convscope.core.unit import Unit
from convscope.ui.widgets.cube_data import CubeItem
from convscope.ui.widgets.cube_geometry import Cut
from convscope.ui.widgets.cube_values import CubeValues
from convscope.ui.widgets.number_text import number_text


def value_text(unit: Unit, item: CubeItem, values: CubeValues, class_names: Sequence[str]) -> str:
    """Return where a value lies, and what it is if that is known."""
    if item.is_classes:
        place = f"class {class_names[unit.index[0]]}"
    elif len(unit.index) == 1:
        place = f"unit {unit.index[0]}"
    else:
        place = "map {}, row {}, column {}".format(*unit.index)
    value = values.value(unit.layer, unit.index)
    return f"{item.name}, {place}" + ("" if value is None else f":  {number_text(value)}")


def item_text(item: CubeItem, cut: Cut) -> str:
    """Return what a cube is, and where it is cut open."""
    if item.problem:
        return f"{item.name} cannot work."
    words = [f"{item.name}:  {item.shape_text}"]
    words += [item.operations[-1]] if item.operations else []
    if item.shape is not None and len(item.shape) == 3:
        words += [f"from map {cut.channel} on"] if cut.channel else []
        words += [f"from row {cut.row} on"] if cut.row else []
        words += [f"up to column {cut.column}"] if cut.column not in (-1, item.shape[2] - 1) else []
    return ", ".join(words)
