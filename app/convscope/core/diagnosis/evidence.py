"""Which kind of curve the measures speak for after one epoch, without regard to what was said before.

The thresholds were set on runs of the presets with few and many images, and with rates from too low to far too high.
Each is the change that a lecturer would point at in a plot, or the multiple of the noise below which it may be chance.
"""

from __future__ import annotations

from enum import Enum, auto

import numpy as np

from convscope.core.diagnosis.kinds import Kind
from convscope.core.diagnosis.measures import JUMP_WINDOW, LOOK_BACK, Measures, Numbers, latest_steps, taken_back

LEAST_EPOCHS = 2  # one epoch has no direction
SIGNIFICANT = 3.0  # standard errors: noise alone does as much in 3 of 1,000 cases
PLAIN = 2.0  # standard errors, where several epochs must agree anyway

HIGH_LOSS = 0.25  # of chance: with ten classes a loss of 0.58, about 80 % right; who rests there has not fitted
LOW_LOSS = 0.05  # of chance: 0.115 with ten classes, about 97 % right; a fall from there on is no underfit any more
FALLING = 0.03  # of the loss per epoch: ten epochs of it take a quarter off
RESTING = 0.015  # of the loss per epoch; between the two a curve goes on doing what it was said to do
LEAVING_CHANCE = 0.007  # of chance per epoch: slower than that, even ten epochs hardly leave the start

ZIGZAG = 0.03  # of the loss per epoch: training means of whole epochs, which a sound run only lets fall
VALIDATION_ZIGZAG = 0.05  # of the loss per epoch; validation may shake a little while training is calm
SHAKEN_FROM = 0.1  # of chance: below that a shake is small in the plot, whatever part of the loss it is
LEAST_RISES = 2  # one rise is an accident
CALMER = 0.5  # of these limits, below which curves that were erratic no longer are
BLOWN_UP = 1.5  # of chance: worse than knowing nothing, which only steps that are too large do

RISE = 0.05  # of the lowest validation loss: visible in the plot
LEAST_DIFFERENCE = 0.01  # of chance: 0.023 with ten classes, well below one image in a hundred
LEARNED_ON = 0.9  # of the training loss at the turn: overfitting is that training gets better while validation does not
GAP = 1.3  # validation over training loss
GAP_DIFFERENCE = 0.02  # of chance: about one image in a hundred more wrong
WIDE_GAP = 2.0  # validation over training loss, from which on nobody would say that a network fits too little
LEAST_FOR_TURN = 4  # epochs: down, the turn, and two that confirm it
GOING_ON = 0.05  # of the training loss per epoch, by which it falls away from a validation loss that rests
LEAST_AT_REST = 3  # epochs
FEW_PER_CLASS = 1000  # training images: MNIST has 6,000, and networks on a tenth of that show the gap
EASIER = 0.08  # of the training loss
EASIER_EPOCHS = 3  # in a row
UNCERTAIN = 0.04  # standard error of the accuracy: 56 images at 90 %, so that ±8 points mean nothing
SHAKING = 0.5  # of that standard error: from there on the accuracy is seen to jump
JUMPS = 2.5  # standard errors of a difference between epochs that few images can explain


class Trend(Enum):
    """What a loss does now."""

    FALLING = auto()
    RESTING = auto()


def judged(measures: Measures, present: Kind) -> Kind | None:
    """Return what the curves show after their last epoch; None where nothing fits.

    Args:
        measures: Of all epochs until then.
        present: What was said before. A curve that was falling must rest more plainly to be called resting than one
            that was not, and the other way round.
    """
    if len(measures) < LEAST_EPOCHS:
        return None
    rules = (
        (Kind.ERRATIC, is_shaken(measures, present)),
        (Kind.FLAT, is_flat(measures, present)),
        (Kind.OVERFIT, has_turned(measures)),
        (Kind.VALIDATION_TOO_SMALL, is_uncertain(measures, present)),
        (Kind.ERRATIC, is_validation_shaken(measures, present)),
        (Kind.VALIDATION_EASIER, easier_since(measures) is not None),
        (Kind.LEARNING, is_learning(measures, present)),
    )
    return next((kind for kind, holds in rules if holds), None) or _at_rest(measures, present)


def is_shaken(m: Measures, present: Kind) -> bool:
    """Say whether the training loss jumps up and down, or is worse than that of a network that knows nothing."""
    if m.train[-1] > BLOWN_UP * m.chance or is_thrown_back(m):
        return True
    return _zigzags(m.train, ZIGZAG, m.train_error / SIGNIFICANT, m, present)


def has_blown_up(m: Measures) -> bool:
    """Say whether the training loss was once far above that of guessing."""
    return bool((m.train > BLOWN_UP * m.chance).any())


def is_thrown_back(m: Measures) -> bool:
    """Say whether the training loss was far above that of guessing lately, and is not below that since."""
    return has_blown_up(m.lately(LOOK_BACK + 1)) and bool(m.train[-1] > (1 - LEAST_DIFFERENCE) * m.chance)


def is_validation_shaken(m: Measures, present: Kind) -> bool:
    """Say whether the validation loss jumps by more than the number of its images explains."""
    steps = latest_steps(m.accuracy)
    explained = JUMPS * np.sqrt(2) * m.accuracy_error
    jumps = steps.size > 0 and float(np.abs(steps).max()) > explained
    return jumps and _zigzags(m.validation, VALIDATION_ZIGZAG, m.validation_error / SIGNIFICANT, m, present)


def is_flat(m: Measures, present: Kind) -> bool:
    """Say whether the training loss rests at a height at which little is learned."""
    level, fall = float(m.train[-1]), m.fall(m.train)
    if level > (1 - LEAST_DIFFERENCE) * m.chance:  # not off the start: no part of the loss is learned yet
        slow = LEAVING_CHANCE * m.chance * (2 if present is Kind.FLAT else 1)
        return fall < slow
    return level > HIGH_LOSS * m.chance and trend(m.train, m, present is Kind.FLAT) is Trend.RESTING


def is_learning(m: Measures, present: Kind) -> bool:
    """Say whether validation still gets better at a pace that is worth waiting for."""
    was_resting = present not in (Kind.TOO_EARLY, Kind.LEARNING, Kind.FLAT)
    if trend(m.validation, m, was_resting) is Trend.RESTING:
        return False
    return m.validation[-1] > LOW_LOSS * m.chance or m.fall(m.validation) > LEAST_DIFFERENCE * m.chance


def trend(losses: Numbers, m: Measures, was_resting: bool) -> Trend:
    """Return whether a loss falls by a part of itself that is worth an epoch."""
    part = FALLING if was_resting else RESTING
    return Trend.FALLING if m.fall(losses) > part * float(losses[-1]) else Trend.RESTING


def lowest(m: Measures) -> int:
    """Return the epoch, from 1, in which the validation loss was lowest."""
    return int(np.argmin(m.validation)) + 1


def has_turned(m: Measures) -> bool:
    """Say whether the validation loss rises again, while the training loss has gone on falling."""
    turn = lowest(m)
    if len(m) < LEAST_FOR_TURN or len(m) - turn < 2:
        return False
    # With its neighbours, because noise has a lowest epoch, too.
    bottom = float(np.median(m.validation[max(0, turn - 2) : turn + 1]))
    now = float(np.median(m.validation[turn:][-3:]))
    least = max(RISE * bottom, LEAST_DIFFERENCE * m.chance, SIGNIFICANT * m.validation_jitter)
    if m.accuracy_error > UNCERTAIN:  # many images, the same in every epoch, add little to a difference between two
        least = max(least, SIGNIFICANT * m.validation_error)
    return now - bottom > least and bool(m.train[-1] < LEARNED_ON * m.train[turn - 1])


def is_uncertain(m: Measures, present: Kind) -> bool:
    """Say whether validation has so few images that its curve cannot be read."""
    if m.accuracy_error < UNCERTAIN or len(m) < LEAST_FOR_TURN:
        return False
    steps = latest_steps(m.accuracy)
    against = float(-steps[steps < 0].sum()) / max(1, steps.size)
    return against > SHAKING * m.accuracy_error / 2 or not is_learning(m, present)


def easier_since(m: Measures) -> int | None:
    """Return the first epoch, from 1, of those at the end in which validation is better than training; None if few."""
    # sizes that are not known leave no error, so the part of the loss alone decides
    least = np.maximum(EASIER * m.train_end, PLAIN * m.validation_error)
    below = m.train_end - m.validation > least
    since = len(m) - int(np.argmin(below[::-1])) if not below.all() else 0
    return since + 1 if len(m) - since >= EASIER_EPOCHS else None


def gap_since(m: Measures) -> int | None:
    """Return the epoch, from 1, from which on validation stays above training; None where it does not."""
    difference = m.validation - m.train_end
    least = max(GAP_DIFFERENCE * m.chance, PLAIN * m.validation_error)
    open_ = (m.validation > GAP * m.train_end) & (difference > GAP_DIFFERENCE * m.chance)
    if not open_[-1] or difference[-1] <= least:
        return None
    return len(m) - int(np.argmin(open_[::-1])) + 1 if not open_.all() else 1


def is_wide_apart(m: Measures) -> bool:
    """Say whether validation is so far above training that the network does not fit its images too little."""
    return gap_since(m) is not None and bool(m.validation[-1] > WIDE_GAP * m.train_end[-1])


def _at_rest(m: Measures, present: Kind) -> Kind | None:
    """Return what curves show whose validation has stopped falling without a turn."""
    since = gap_since(m)
    if len(m) < LEAST_AT_REST:
        return None
    if since is None:
        return Kind.GOOD if m.validation[-1] < HIGH_LOSS * m.chance else None
    if len(m) < LEAST_FOR_TURN:
        return None
    few = 0 < m.sizes.training < FEW_PER_CLASS * round(np.exp(m.chance))
    # Where training goes on falling alone, it learns its images by heart; where it has come to rest, a gap stays.
    goes_on = float(m.train[-3] - m.train[-1]) / 2 > GOING_ON * m.train[-1]
    if goes_on or not few or present is Kind.OVERFIT:
        return Kind.OVERFIT
    return Kind.TRAINING_TOO_SMALL if len(m) - since >= LEAST_AT_REST else None


def _zigzags(losses: Numbers, part: float, least: float, m: Measures, present: Kind) -> bool:
    level = max(float(np.mean(losses[1:][-JUMP_WINDOW:])), SHAKEN_FROM * m.chance)
    limit = max(part * level, least) * (CALMER if present is Kind.ERRATIC else 1.0)
    steps = latest_steps(losses)
    return int((steps > limit).sum()) >= LEAST_RISES and taken_back(steps) > limit
