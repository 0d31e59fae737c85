"""Augmentation: exact where the result can be worked out by hand, within its limits elsewhere."""

from __future__ import annotations

import colorsys
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from convscope.core.augmentation import augmented, flipped, generator_for, moved, recoloured, versions_of
from convscope.core.training_config import TrainingConfig

ALL = TrainingConfig(shift=2, rotation=20, shear=10, stretch=0.2, flip="both", hue=0.2, noise=0.1)


def batch(count: int = 4, channels: int = 1, height: int = 7, width: int = 9) -> Tensor:
    """Return images of random values with a margin of 0, which nothing leaves that moves by no more than 2 pixels."""
    inner = torch.rand(count, channels, height - 4, width - 4, generator=torch.Generator().manual_seed(1))
    return functional.pad(inner, (2, 2, 2, 2))


def moved_by(images: Tensor, **changes: float) -> Tensor:
    """Move all images alike."""
    still = {"across": 0.0, "down": 0.0, "rotation": 0.0, "shear": 0.0, "wider": 1.0, "higher": 1.0}
    return moved(
        images, **{name: torch.full((len(images),), float(value)) for name, value in {**still, **changes}.items()}
    )


def close(ours: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(ours, expected, atol=2e-5, rtol=0)


def test_rows_of_numbers_are_no_images_and_stay_as_they_are():
    rows, random = torch.randn(4, 2, 1, 1), generator_for(0)
    state = random.get_state()
    assert augmented(rows, ALL, random) is rows
    assert torch.equal(random.get_state(), state)


def test_without_a_setting_nothing_changes_and_nothing_is_drawn():
    images, random = batch(), generator_for(0)
    state = random.get_state()
    assert augmented(images, TrainingConfig(), random) is images
    assert torch.equal(random.get_state(), state)
    close(moved_by(images), images)
    assert torch.equal(
        recoloured(batch(channels=3), torch.zeros(4)).round(decimals=5), batch(channels=3).round(decimals=5)
    )


@pytest.mark.parametrize(("across", "down"), [(1, 0), (0, 1), (-2, 1), (2, -2)])
def test_a_shift_by_whole_pixels_is_exact(across: int, down: int):
    images = batch(channels=2)
    close(moved_by(images, across=across, down=down), images.roll((down, across), (2, 3)))


def test_what_leaves_the_frame_is_lost_and_what_comes_in_is_paper():
    images = torch.ones(1, 1, 4, 5)
    gone = moved_by(images, across=2)[0, 0]
    close(gone, torch.tensor([[0.0, 0, 1, 1, 1]]).expand(4, 5))


@pytest.mark.parametrize("quarters", [1, 2, -1])
def test_a_rotation_by_right_angles_is_exact_and_counter_clockwise(quarters: int):
    images = batch(height=8, width=8)
    close(moved_by(images, rotation=90 * quarters), images.rot90(quarters, (2, 3)))


def test_half_a_turn_is_exact_where_images_are_not_square():
    images = batch()
    close(moved_by(images, rotation=180), images.flip(2, 3))


def test_a_sheared_upright_line_leans_to_the_right():
    line = torch.zeros(1, 1, 5, 5)
    line[..., 2] = 1
    close(moved_by(line, shear=45)[0, 0], torch.eye(5).flip(1))


def test_twice_the_width_is_torchs_own_interpolation():
    images = batch(height=8, width=8)
    larger = functional.interpolate(images, (8, 16), mode="bilinear", align_corners=False)
    close(moved_by(images, wider=2.0), larger[..., 4:12])
    higher = functional.interpolate(images, (16, 8), mode="bilinear", align_corners=False)
    close(moved_by(images, higher=2.0), higher[:, :, 4:12])


def test_changes_come_in_the_order_stretch_shear_rotation_shift():
    middle = torch.zeros(1, 1, 21, 21)
    middle[0, 0, 10 - 2, 10 + 4] = 1  # 4 to the right and 2 up
    found = moved_by(middle, wider=0.5, shear=45, rotation=90, across=3, down=-2)[0, 0]
    # stretched: 2 right, 2 up; sheared: 4 right, 2 up; rotated: 2 left, 4 up; shifted: 1 right, 6 up
    row, column = divmod(int(found.argmax()), 21)
    assert (row - 10, column - 10) == (-6, 1)


def test_only_chosen_images_are_flipped():
    images = batch()
    chosen = torch.tensor([True, False, False, True])
    mirrored = flipped(images, chosen, 3)
    assert torch.equal(mirrored[0], images[0].flip(2))
    assert torch.equal(mirrored[1:3], images[1:3])
    assert torch.equal(flipped(images, chosen, 2)[3], images[3].flip(1))


@pytest.mark.parametrize("turn", [0.0, 0.1, 1 / 3, -0.25, 0.5])
def test_hue_is_turned_as_colorsys_does(turn: float):
    images = torch.rand(2, 3, 5, 6, generator=torch.Generator().manual_seed(2))
    images[0, :, 0, 0] = 0.4  # a grey
    images[0, :, 0, 1] = 0.0
    ours = recoloured(images, torch.tensor([turn, -turn]))
    for number, angle in enumerate((turn, -turn)):
        for row, column in np.ndindex(5, 6):
            hue, saturation, value = colorsys.rgb_to_hsv(*images[number, :, row, column].tolist())
            expected = colorsys.hsv_to_rgb((hue + angle) % 1, saturation, value)
            close(ours[number, :, row, column], torch.tensor(expected))


def test_a_third_of_a_turn_makes_red_green():
    red = torch.tensor([0.8, 0.1, 0.1]).reshape(1, 3, 1, 1)
    close(recoloured(red, torch.tensor([1 / 3])).flatten(), torch.tensor([0.1, 0.8, 0.1]))


def test_hue_leaves_grey_images_alone():
    images = batch()
    assert torch.equal(augmented(images, TrainingConfig(hue=0.5), generator_for(0)), images)


def test_noise_has_the_deviation_that_was_asked_for():
    grey = torch.full((50, 1, 20, 20), 0.5)
    noise = augmented(grey, TrainingConfig(noise=0.1), generator_for(0)) - grey
    assert noise.mean().item() == pytest.approx(0, abs=0.002)
    assert noise.std().item() == pytest.approx(0.1, rel=0.02)
    strong = augmented(grey, TrainingConfig(noise=1), generator_for(0))
    assert (strong.min().item(), strong.max().item()) == (0, 1)


def test_shifts_are_whole_pixels_and_all_equally_frequent():
    dot = torch.zeros(4000, 1, 11, 11)
    dot[:, :, 5, 5] = 1
    images = augmented(dot, TrainingConfig(shift=2), generator_for(0))
    assert images.amax((1, 2, 3)).min() > 0.999
    counts = np.bincount(images.flatten(1).argmax(1).numpy(), minlength=121).reshape(11, 11)
    assert counts.sum() == counts[3:8, 3:8].sum() == 4000
    assert counts[3:8, 3:8].min() > 100  # 160 each
    assert counts[3:8, 3:8].max() < 220


def test_angles_and_factors_stay_within_their_limits_and_reach_them():
    bar = torch.zeros(300, 1, 41, 41)
    bar[:, :, 20, 6:35] = 1
    rows = torch.arange(41.0) - 20
    for settings, least, greatest in ((TrainingConfig(rotation=30), -30, 30), (TrainingConfig(rotation=5), -5, 5)):
        images = augmented(bar, settings, generator_for(0))[:, 0]
        right = images[:, :, 30]  # 10 to the right of the middle
        angles = torch.rad2deg(torch.atan(-(right * rows).sum(1) / right.sum(1) / 10))
        assert least - 1 < angles.min() < 0.9 * least
        assert 0.9 * greatest < angles.max() < greatest + 1
    widths = augmented(bar, TrainingConfig(stretch=0.3), generator_for(0))[:, 0].amax(1).sum(1) / 29
    assert 0.6 < widths.min() < 0.75
    assert 1.25 < widths.max() < 1.4


@pytest.mark.parametrize("flip", ["horizontal", "vertical", "both"])
def test_every_other_image_is_flipped_at_random(flip: str):
    corner = torch.zeros(1000, 1, 3, 3)
    corner[:, :, 0, 0] = 1
    images = augmented(corner, TrainingConfig(flip=flip), generator_for(0))[:, 0]
    right = images[:, :, 2].sum().item() / 1000
    bottom = images[:, 2].sum().item() / 1000
    assert right == (pytest.approx(0.5, abs=0.06) if flip != "vertical" else 0)
    assert bottom == (pytest.approx(0.5, abs=0.06) if flip != "horizontal" else 0)


def test_the_same_seed_gives_the_same_numbers_and_each_image_has_its_own():
    images = batch(channels=3)
    first = augmented(images, ALL, generator_for(3))
    assert torch.equal(first, augmented(images, ALL, generator_for(3)))
    assert not torch.allclose(first, augmented(images, ALL, generator_for(4)))
    alike = augmented(images[:1].expand(4, -1, -1, -1), ALL, generator_for(3))
    assert not torch.allclose(alike[0], alike[1])


@pytest.mark.parametrize(
    "config", [ALL, TrainingConfig(noise=0.5), TrainingConfig(flip="both"), TrainingConfig(rotation=9)]
)
def test_images_that_came_in_stay_as_they_are_and_values_stay_in_range(config: TrainingConfig):
    images = batch(channels=3)
    before = images.clone()
    after = augmented(images, config, generator_for(0))
    assert torch.equal(images, before)
    assert after.shape == images.shape
    assert 0 <= after.min() <= after.max() <= 1 + 1e-6
    assert not torch.equal(after, images)


def test_augmentation_and_dropout_of_a_run_draw_other_numbers():
    ours, dropouts = (
        torch.rand(5, generator=random) for random in (generator_for(7), torch.Generator().manual_seed(7))
    )
    assert not torch.equal(ours, dropouts)


@pytest.mark.parametrize("changes", [{"shift": 1}, {"flip": "vertical"}, {"hue": 0.1}, {"noise": 0.1}, {"shear": 3}])
def test_every_setting_switches_augmentation_on(changes: dict[str, Any]):
    assert TrainingConfig(**changes).augments


def test_versions_of_an_image_are_read_only_and_decided_by_the_seed():
    image = batch(1)[0].numpy()
    first = versions_of(image, ALL, 5, 1)
    assert first.shape == (5, 1, 7, 9)
    assert not first.flags.writeable
    np.testing.assert_array_equal(first, versions_of(image, ALL, 5, 1))
    assert not np.array_equal(first, versions_of(image, ALL, 5, 2))
    same = versions_of(image, TrainingConfig(), 2, 0)
    np.testing.assert_array_equal(same, np.stack([image, image]))
    assert not np.shares_memory(same, image)
