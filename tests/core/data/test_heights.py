"""Ten people: their numbers as a network gets them, and what is left as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convscope.core.data import heights as module
from convscope.core.data.dataset import DataError
from convscope.core.data.heights import heights
from convscope.core.data.sources import load
from convscope.core.loss import SQUARED_ERROR


def test_ten_rows_have_age_weight_and_a_height_in_metres():
    people = heights()
    assert people.train.images.shape == (10, 2, 1, 1)
    assert people.train.labels.shape == (10, 1)
    assert [(one.name, one.unit) for one in people.features] == [("age", "years"), ("weight", "kg")]
    assert people.target is not None
    assert (people.target.name, people.target.unit) == ("height", "m")
    assert (people.image_shape, people.classes, people.loss) == ((2, 1, 1), 1, SQUARED_ERROR)
    assert ((people.train.labels > 0.5) & (people.train.labels < 2.3)).all()


def test_features_are_standardised_and_can_be_read_back():
    people = heights()
    columns = people.train.values[:, :, 0, 0].astype(np.float64)
    np.testing.assert_allclose(columns.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(columns.std(0), 1, atol=1e-6)
    age, weight = people.features
    first = [age.measured(columns[0, 0]), weight.measured(columns[0, 1])]
    assert first == pytest.approx([3, 14], abs=1e-4)
    assert age.standardised(age.mean + age.deviation) == pytest.approx(1)


def test_it_is_one_of_the_sources():
    assert load("heights").id == "heights"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n",
        "age (years),weight (kg),height (m)\n",  # no rows
        "age (years),weight (kg),height (m)\n3,14\n",
        "age (years),weight (kg),height (m)\n3,14,0.96,1,2,3\n",
        "age (years),weight (kg),height (m)\n3,heavy,0.96\n",
        "age (years),weight (kg),height (m)\n3,nan,0.96\n",
        "height (m)\n0.96\n",
        'age (years),weight (kg),height (m)\n3,14,"' + "9" * 140_000 + '"',
    ],
)
def test_a_damaged_file_says_what_to_do(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "heights.csv").write_text(content)
    monkeypatch.setattr(module, "resources", lambda: tmp_path)
    with pytest.raises(DataError, match=r"heights\.csv cannot be used.*Install Convscope again"):
        heights()
