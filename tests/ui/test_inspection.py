"""What the user points at, through changes of the network."""

from __future__ import annotations

import pytest

from convscope.core.layers import Conv2d, Dense, Flatten, MaxPool
from convscope.core.network import Network
from convscope.core.unit import Unit
from convscope.ui.inspection import Inspection

NETWORK = Network((1, 6, 6), (Conv2d(filters=2), Flatten(), Dense(units=10)))


@pytest.fixture
def inspection() -> Inspection:
    return Inspection(NETWORK)


@pytest.fixture
def told(inspection: Inspection) -> list[str]:
    told: list[str] = []
    for name in ("hovered_changed", "pinned_changed", "regions_changed"):
        getattr(inspection, name).connect(lambda name=name: told.append(name))
    return told


def test_a_pinned_value_has_its_receptive_field(inspection: Inspection, told: list[str]) -> None:
    inspection.pin(Unit(0, (1, 2, 3)))
    assert inspection.regions[-1].box == (slice(0, 1), slice(2, 5), slice(3, 6))
    assert told == ["pinned_changed", "regions_changed"]
    inspection.pin(Unit(0, (1, 2, 3)))
    assert len(told) == 2
    inspection.pin(None)
    assert inspection.regions == {}


def test_on_request_it_has_what_it_reaches(inspection: Inspection, told: list[str]) -> None:
    inspection.pin(Unit(-1, (0, 0, 0)))
    told.clear()
    inspection.show_forwards(True)
    assert told == ["regions_changed"]
    assert inspection.regions[0].box == (slice(0, 2), slice(0, 1), slice(0, 1))
    assert inspection.regions[3].mask((10,)).all()


@pytest.mark.parametrize("before", [None, Unit(0, (1, 2, 3)), Unit(3, (7,))])
def test_a_pin_that_is_taken_back_leaves_what_was_pinned_before(inspection: Inspection, before: Unit | None) -> None:
    inspection.pin(before)
    inspection.pin(Unit(3, (7,)))  # also where this is pinned already
    inspection.take_back()
    assert inspection.pinned == before


def test_a_value_that_is_not_there_is_none(inspection: Inspection, told: list[str]) -> None:
    for unit in (Unit(0, (2, 0, 0)), Unit(0, (0,)), Unit(9, (0,)), Unit(-2, (0, 0, 0)), None):
        inspection.hover(unit)
        inspection.pin(unit)
    assert told == []


def test_it_follows_its_layer_by_name(inspection: Inspection, told: list[str]) -> None:
    inspection.pin(Unit(0, (1, 2, 3)))
    inspection.hover(Unit(3, (7,)))
    told.clear()
    inspection.follow(NETWORK.inserted(0, MaxPool(kernel_size=1, stride=1)))
    assert inspection.pinned == Unit(1, (1, 2, 3))
    assert inspection.hovered == Unit(4, (7,))
    assert set(told) == {"hovered_changed", "pinned_changed", "regions_changed"}


def test_it_lets_go_of_what_is_no_longer_there(inspection: Inspection, told: list[str]) -> None:
    inspection.pin(Unit(0, (1, 2, 3)))
    told.clear()
    inspection.follow(NETWORK.replaced(0, Conv2d(filters=1)))
    assert inspection.pinned is None
    assert told == ["pinned_changed", "regions_changed"]


def test_the_same_value_of_another_kernel_sees_something_else(inspection: Inspection, told: list[str]) -> None:
    inspection.pin(Unit(0, (1, 2, 3)))
    told.clear()
    inspection.follow(NETWORK.replaced(0, Conv2d(filters=2, kernel_size=2)))
    assert told == ["regions_changed"]
    assert inspection.regions[-1].box == (slice(0, 1), slice(2, 4), slice(3, 5))
