"""Inputs that are a few numbers and no image: the row of a table of examples as what lies on the canvas."""

from __future__ import annotations

from typing import Any

from convscope.core.data.dataset import Dataset, Examples


def row_of(examples: Examples, row: int) -> dict[str, Any]:
    """Return the fields of the drawing that are the numbers of an example and the one to predict from them."""
    numbers = tuple(float(value) for value in examples.images[row].ravel())
    return {"numbers": numbers, "target": float(examples.labels[row].item())}


def takes_numbers(shape: tuple[int, int, int]) -> bool:
    """Say whether an input of this shape is no image but a few numbers."""
    return shape[1:] == (1, 1)


def unit_of(dataset: Dataset | None, shape: tuple[int, int, int]) -> str:
    """Return what numbers predicted from an input of this shape are measured in; empty where that is not known."""
    if dataset is None or dataset.target is None or dataset.image_shape != shape:
        return ""
    return dataset.target.unit
