"""Going through the examples of a data set: next, previous, random, of one class or of all."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from convscope.core.data.dataset import Dataset, Examples
from convscope.core.data.drawing import Picture

PARTS = {"test": "Test", "train": "Training"}


@dataclass
class SampleWalk:
    """Remembers where the user is in each part of a data set.

    Attributes:
        part: "test" or "train".
        wanted: The class to go through; None for all.
    """

    dataset: Dataset | None = None
    part: str = "test"
    wanted: int | None = None
    _positions: dict[str, int] = field(default_factory=dict)
    _random: np.random.Generator = field(default_factory=np.random.default_rng)

    def change_dataset(self, dataset: Dataset | None) -> None:
        """Begin at the beginning of other examples; rows of numbers are no pictures."""
        rows_of_numbers = dataset is not None and dataset.target is not None
        self.dataset, self._positions = None if rows_of_numbers else dataset, {}

    def next(self) -> Picture | None:
        """Go on to the next example and return it; after the last comes the first. None when there is none."""
        found = self._found()
        if not len(found):
            return None
        after = found[found > self._positions.get(self.part, -1)]
        return self._gone_to(after[0] if len(after) else found[0])

    def previous(self) -> Picture | None:
        """Go back to the example before and return it; before the first comes the last."""
        found = self._found()
        if not len(found):
            return None
        before = found[found < self._positions.get(self.part, 0)]
        return self._gone_to(before[-1] if len(before) else found[-1])

    def random(self) -> Picture | None:
        """Go to any other example and return it."""
        found = self._found()
        others = found[found != self._positions.get(self.part, -1)]
        choice = others if len(others) else found
        return self._gone_to(self._random.choice(choice)) if len(choice) else None

    @property
    def title(self) -> str:
        """Which example was returned last, in words."""
        examples = self._examples()
        if self.dataset is None or examples is None or self.part not in self._positions:
            return ""
        index = self._positions[self.part]
        name = self.dataset.class_names[int(examples.labels[index])]
        return f"{PARTS[self.part]} image {index + 1:,} of {len(examples):,}: {name}"

    def _examples(self) -> Examples | None:
        if self.dataset is None:
            return None
        return self.dataset.test if self.part == "test" else self.dataset.train

    def _found(self) -> NDArray[np.intp]:
        examples = self._examples()
        if examples is None:
            return np.empty(0, np.intp)
        if self.wanted is None:
            return np.arange(len(examples))
        return np.flatnonzero(examples.labels == self.wanted)

    def _gone_to(self, index: np.intp) -> Picture | None:
        examples = self._examples()
        assert examples is not None
        self._positions[self.part] = int(index)
        image = examples.images[index].copy()  # a view would keep the whole data set in the undo history
        return Picture(image, int(examples.labels[index]), exact=True)
