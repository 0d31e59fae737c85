"""The sentences about augmentation that changes the meaning of images, or nothing."""

from __future__ import annotations

import pytest

from convscope.core.data.sources import CLOTHES, DIGITS
from convscope.core.meaning import doubts
from convscope.core.training_config import TrainingConfig

GREY, COLOUR = (1, 28, 28), (3, 32, 32)


@pytest.mark.parametrize("flip", ["horizontal", "vertical", "both"])
def test_flipped_digits_lose_their_meaning_and_clothes_do_not(flip: str):
    config = TrainingConfig(flip=flip)
    told = doubts(config, DIGITS, GREY)
    assert told.keys() == {"flip"}
    assert " 2, " in told["flip"]
    assert ("3 and 8" if flip == "vertical" else "0, 1 and 8") in told["flip"]
    assert doubts(config, CLOTHES, GREY) == {}


@pytest.mark.parametrize(("rotation", "warned"), [(15, set()), (45, set()), (46, {"rotation"}), (180, {"rotation"})])
def test_a_six_that_is_turned_far_becomes_a_nine(rotation: float, warned: set[str]):
    config = TrainingConfig(rotation=rotation)
    assert doubts(config, DIGITS, GREY).keys() == warned
    assert doubts(config, CLOTHES, GREY) == {}


def test_hue_does_nothing_without_colours():
    assert "no colours" in doubts(TrainingConfig(hue=0.1), CLOTHES, GREY)["hue"]
    assert doubts(TrainingConfig(hue=0.1), CLOTHES, COLOUR) == {}


def test_what_hides_the_image_is_told():
    assert doubts(TrainingConfig(shift=7, noise=0.5), DIGITS, GREY) == {}
    assert doubts(TrainingConfig(shift=8, noise=0.6), DIGITS, GREY).keys() == {"shift", "noise"}
