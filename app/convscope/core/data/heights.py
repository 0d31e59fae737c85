"""Ten people, their ages, weights and heights: so few that every derivative can be written out."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from convscope.core.data.dataset import DataError, Dataset, Examples, Quantity
from convscope.paths import resources

ID = "heights"
TITLE = "Ten people"


def heights() -> Dataset:
    """Return the ten rows: age and weight, standardised, and the height in metres, which is to be predicted from them.

    The same rows serve to learn and to test: ten are too few to keep any aside.

    Raises:
        DataError: The file is missing or damaged.
    """
    path = resources() / "data" / "heights.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            names, *rows = csv.reader(file)
        table = np.array(rows, np.float64)  # (people, 3)
        if len(names) < 2 or table.shape != (len(rows), len(names)) or not np.isfinite(table).all():
            raise ValueError("it needs a heading, and below it rows of as many numbers")
        *features, target = (_quantity(name) for name in names)
    except (OSError, ValueError, csv.Error) as error:
        raise DataError(f"{path} cannot be used: {error}. Install Convscope again.") from error
    prepared = tuple(_prepared(feature, table[:, place]) for place, feature in enumerate(features))
    columns = [[one.standardised(value) for value in table[:, place]] for place, one in enumerate(prepared)]
    images = np.array(columns, np.float32).T.reshape(len(table), len(prepared), 1, 1)
    people = Examples(images, table[:, -1:].astype(np.float32))
    return Dataset(ID, TITLE, people, people, (target.name.capitalize(),), prepared, target)


def _quantity(heading: str) -> Quantity:
    """Return what a column's heading names, as in "age (years)"."""
    name, _, unit = heading.partition(" (")
    return Quantity(name, unit.removesuffix(")"))


def _prepared(quantity: Quantity, values: NDArray[np.float64]) -> Quantity:
    return replace(quantity, mean=float(values.mean()), deviation=float(values.std()))
