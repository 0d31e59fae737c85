"""Augmentation: training images that are changed at random in every batch, so that a network never sees one twice."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from convscope.core.data.number_rows import takes_numbers
from convscope.core.training_config import TrainingConfig

_OWN_NUMBERS = 2**31  # added to the seed, above all seeds: else dropout would draw the very same numbers


def generator_for(seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """Return the generator from which a run of this seed draws its augmentation."""
    return torch.Generator(device).manual_seed(seed + _OWN_NUMBERS)


def augmented(images: Tensor, config: TrainingConfig, random: torch.Generator) -> Tensor:
    """Return a batch with each image flipped, moved, recoloured and made noisy, in this order, by its own numbers.

    All numbers are uniform within what `config` allows, but for the noise, which is normal. Rows of numbers, which are
    no images, stay as they are.

    Args:
        images: Values 0 to 1; never changed.  # (N, C, H, W)
        config: How far each change goes; what is 0 changes nothing.
        random: Draws the numbers, on the device of the images.
    """
    if not config.augments or takes_numbers((images.shape[1], images.shape[2], images.shape[3])):
        return images

    def drawn(bound: float) -> Tensor:
        return (2 * torch.rand(len(images), generator=random, device=images.device) - 1) * bound

    for direction, axis in (("horizontal", 3), ("vertical", 2)):
        if config.flip in (direction, "both"):
            images = flipped(images, drawn(1) < 0, axis)
    if config.moves:
        shift = config.shift
        across, down = (drawn(shift + 0.5).round().clamp(-shift, shift) for _ in range(2))  # each whole pixel alike
        rotation, shear = drawn(config.rotation), drawn(config.shear)
        wider, higher = 1 + drawn(config.stretch), 1 + drawn(config.stretch)
        images = moved(images, across, down, rotation, shear, wider, higher)
    if config.hue and images.shape[1] == 3:
        images = recoloured(images, drawn(config.hue))
    if config.noise:
        noise = torch.empty(images.shape, device=images.device).normal_(0, config.noise, generator=random)
        images = noise.add_(images).clamp_(0, 1)
    return images


def flipped(images: Tensor, chosen: Tensor, axis: int) -> Tensor:
    """Return the images with those that are `chosen` mirrored: axis 3 swaps left and right, 2 top and bottom.

    Args:
        images: # (N, C, H, W)
        chosen: Which images to mirror.  # (N,), bool
        axis: 2 or 3.
    """
    return torch.where(chosen[:, None, None, None], images.flip(axis), images)


def moved(
    images: Tensor, across: Tensor, down: Tensor, rotation: Tensor, shear: Tensor, wider: Tensor, higher: Tensor
) -> Tensor:
    """Return the images stretched, sheared, rotated about their middle and shifted, in this order, in one sampling.

    Values between pixels are bilinear; what comes in from outside is 0, the paper of a drawing.

    Args:
        images: # (N, C, H, W)
        across: Pixels to the right.  # (N,), as all that follow
        down: Pixels down.
        rotation: Degrees counter-clockwise.
        shear: Degrees by which an upright line leans to the right.
        wider: Factor of the width.
        higher: Factor of the height.
    """
    height, width = images.shape[2:]
    angle, slant = torch.deg2rad(rotation), torch.deg2rad(shear).tan()
    cos, sin = angle.cos(), angle.sin()
    # The sampling asks where each pixel comes from, so each step is undone, the last first. Rows are x and y of the
    # source, columns x and y of the result, counted in pixels from the middle, y downwards:
    # [[1/wider, 0], [0, 1/higher]] · [[1, slant], [0, 1]] · [[cos, -sin], [sin, cos]]
    matrix = torch.stack(
        [(cos + slant * sin) / wider, (slant * cos - sin) / wider, sin / higher, cos / higher], dim=1
    ).reshape(-1, 2, 2)
    offset = -matrix @ torch.stack([across, down], dim=1)[:, :, None]
    # torch counts from -1 to 1 along each side.
    half = images.new_tensor([width / 2, height / 2])
    theta = torch.cat([matrix * half / half[:, None], offset / half[:, None]], dim=2)
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def recoloured(images: Tensor, turns: Tensor) -> Tensor:
    """Return colour images with every hue moved along the circle of colours; brightness and greys stay.

    Hue, saturation and value as in the HSV model (Smith 1978), which `colorsys` has too.

    Args:
        images: Red, green and blue, 0 to 1.  # (N, 3, H, W)
        turns: Parts of the circle, -0.5 to 0.5: a third makes red green.  # (N,)
    """
    value, chroma = images.amax(1), images.amax(1) - images.amin(1)
    red, green, blue = images.unbind(1)
    safe = chroma.clamp_min(1e-12)
    sixth = torch.where(
        value == red,
        (green - blue) / safe,
        torch.where(value == green, 2 + (blue - red) / safe, 4 + (red - green) / safe),
    )
    sixth = sixth + 6 * turns[:, None, None]
    places = ((sixth + corner) % 6 for corner in (5, 3, 1))
    return torch.stack([value - chroma * torch.minimum(k, 4 - k).clamp(0, 1) for k in places], dim=1)


def versions_of(image: NDArray[np.float32], config: TrainingConfig, count: int, seed: int) -> NDArray[np.float32]:
    """Return an image as training may show it to the network.

    Args:
        image: Values 0 to 1; never changed.  # (C, H, W)
        config: How it is augmented.
        count: How many versions.
        seed: Decides them.

    Returns:
        The versions, read-only.  # (count, C, H, W)
    """
    batch = torch.tensor(image).expand(count, *image.shape)
    versions = augmented(batch, config, generator_for(seed)).numpy().copy()
    versions.flags.writeable = False
    return versions
