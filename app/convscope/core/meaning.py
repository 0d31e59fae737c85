"""Where augmentation changes what an image means, or does nothing at all."""

from __future__ import annotations

from collections.abc import Sequence

from convscope.core.training_config import TrainingConfig

_DIGITS = tuple("0123456789")
_FLIPPED_DIGITS = {
    "horizontal": "A mirrored 2, 3, 4, 5, 6, 7 or 9 is no digit any more; only 0, 1 and 8 keep their meaning.",
    "vertical": "Upside down, a 2, 4, 5, 6, 7 or 9 is no digit any more; only 0, 1, 3 and 8 keep their meaning.",
    "both": "A flipped 2, 3, 4, 5, 6, 7 or 9 is no such digit any more; only 0, 1 and 8 keep their meaning.",
}
_TURNED = 45  # degrees; from about 90 on, a 6 and a 9 can no longer be told apart
_FAR = 0.25  # of a side; MNIST leaves a margin of 4 pixels in 28
_LOUD = 0.5


def doubts(config: TrainingConfig, class_names: Sequence[str], shape: tuple[int, int, int]) -> dict[str, str]:
    """Return a sentence for each setting of the augmentation that is likely to do harm or nothing.

    Args:
        config: How training images are augmented.
        class_names: What the images show.
        shape: Of an image: (channels, height, width).
    """
    found: dict[str, str] = {}
    digits = tuple(class_names) == _DIGITS
    if digits and config.flip in _FLIPPED_DIGITS:
        found["flip"] = _FLIPPED_DIGITS[config.flip]
    if digits and config.rotation > _TURNED:
        found["rotation"] = f"Turned by more than about {_TURNED}°, a 6 and a 9 become alike, and a 1 becomes a dash."
    if config.shift > _FAR * min(shape[1:]):
        found["shift"] = "Moved so far, much of what an image shows leaves it."
    if config.hue and shape[0] != 3:
        found["hue"] = "These images have no colours, so hue changes nothing."
    if config.noise > _LOUD:
        found["noise"] = "So much noise hides what an image shows."
    return found
