"""Runs of set flags along one direction."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from convscope.core.stretches import stretches


@given(
    flags=st.lists(st.booleans(), max_size=12)
    | st.tuples(*3 * [st.integers(0, 5)]).map(
        lambda lengths: [False] * lengths[0] + [True] * lengths[1] + [False] * lengths[2]
    )
)
def test_stretches_are_what_is_set_and_have_gaps_between_them(flags: list[bool]) -> None:
    found = stretches(np.array(flags, np.bool_))
    assert [place for first, last in found for place in range(first, last)] == np.flatnonzero(flags).tolist()
    assert all(first < last for first, last in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))
