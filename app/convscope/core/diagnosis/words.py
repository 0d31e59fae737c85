"""What is said of each kind of curve: a sentence, the figures that led to it, and the place in the plot."""

from __future__ import annotations

import math

import numpy as np

from convscope.core.diagnosis import evidence
from convscope.core.diagnosis.kinds import Figure, Finding, Kind, Place
from convscope.core.diagnosis.measures import JUMP_WINDOW, LOOK_BACK, Measures, Numbers, latest_steps
from convscope.core.history import History
from convscope.core.network import Network
from convscope.core.number_text import loss_text
from convscope.core.training_config import TrainingConfig


def described(kind: Kind, measures: Measures, network: Network, config: TrainingConfig) -> Finding:
    """Describe what the curves show after the last of the epochs that spoke for it."""
    match kind:
        case Kind.LEARNING:
            return _learning(measures)
        case Kind.FLAT:
            return _flat(measures)
        case Kind.OVERFIT:
            return _overfit(measures)
        case Kind.GOOD:
            return _good(measures)
        case Kind.TRAINING_TOO_SMALL:
            return _training_too_small(measures)
        case Kind.VALIDATION_TOO_SMALL:
            return _validation_too_small(measures)
        case Kind.VALIDATION_EASIER:
            return _easier(measures, network, config)
        case Kind.ERRATIC:
            return _erratic(measures)
        case _:
            return too_early(len(measures))


def too_early(epochs: int) -> Finding:
    """Say how many epochs there are to judge by."""
    if not epochs:
        sentence = "No epoch is finished yet. Press Train: three or four epochs will tell something."
        return Finding(Kind.TOO_EARLY, sentence)
    sentence = "A few epochs more will show where the curves are heading: one or two points make no curve."
    return Finding(Kind.TOO_EARLY, sentence, (Figure("Finished epochs", str(epochs)),))


def of_numbers(epochs: int) -> Finding:
    """Say why the curves of a network that predicts numbers are not judged."""
    if not epochs:
        return too_early(0)
    sentence = (
        "The figures by which curves are judged compare the loss with that of guessing a class. This network predicts "
        "a number, so look for yourself: does the loss still fall, and does validation stay near training?"
    )
    return Finding(Kind.NUMBERS, sentence, (Figure("Finished epochs", str(epochs)),))


def not_finite(history: History) -> Finding:
    """Say when the loss stopped being a number."""
    broken = np.flatnonzero(~np.isfinite(history.batch_losses))
    good = int(broken[0]) if broken.size else len(history)  # batches before
    at = float(history.batch_epochs[good - 1]) if good else 0.0
    figures = [Figure("No number any more", f"from batch {good + 1:,} on")]
    if good:
        figures.insert(0, Figure("Highest loss before", loss_text(float(history.batch_losses[:good].max()))))
    sentence = (
        "The steps were so large that the loss grew beyond all numbers. Reset the weights, then train with a lower "
        "learning rate."
    )
    place = Place(max(0.0, 0.96 * at), at, "no number from here on")
    return Finding(Kind.NOT_FINITE, sentence, tuple(figures), place if good else None)


def stopped_early(learning: Finding, impatient: bool, *, on_the_whole: bool, apart: bool) -> Finding:
    """Say of curves that were still falling that the run has ended.

    Args:
        learning: What was said of them while it went on.
        impatient: Whether early stopping ended it.
        on_the_whole: Whether the last epochs alone did not fall.
        apart: Whether validation is far above training: then it fits the training images well enough.
    """
    ended = "Early stopping ended the run" if impatient else "The run ended"
    remedy = "Have more patience" if impatient else "Train longer"
    fell = f"{ended} while the validation loss was still falling{' on the whole' * on_the_whole}"
    if apart:
        sentence = f"{fell}, but the training loss is far ahead of it. {remedy}, and watch how the gap grows."
        return Finding(Kind.LEARNING, sentence, learning.figures, learning.place)
    sentence = f"{fell}: the network has not learned yet all that it can. {remedy}."
    return Finding(Kind.STOPPED_EARLY, sentence, learning.figures, learning.place)


def _learning(m: Measures) -> Finding:
    start = max(1, len(m) - LOOK_BACK)
    sentence = "The validation loss is still falling from epoch to epoch: the network goes on learning. Let it train."
    return Finding(Kind.LEARNING, sentence, _latest_falls(m), Place(start, len(m), "still falling"))


def _latest_falls(m: Measures) -> tuple[Figure, ...]:
    """Return what became of the losses lately; of validation the best, which alone tells whether it still falls."""
    start = max(1, len(m) - LOOK_BACK)
    best = np.minimum.accumulate(m.validation)
    return _change("Best validation", best, start), _change("Training", m.train, start)


def _flat(m: Measures) -> Finding:
    start = max(1, len(m) - LOOK_BACK)
    at_chance = float(m.train[-1]) > 0.95 * m.chance
    height = "about where guessing leaves it" if at_chance else "high, and no longer falls"
    blown_up = "At first the steps were so large that the loss blew up. " if evidence.has_blown_up(m) else ""
    sentence = (
        f"{blown_up}The training loss stays {height}: the network does not even learn the images that it is trained on."
    )
    figures = (
        _change("Training", m.train, start, figures=4),  # of which the last tells how little it moves
        Figure(f"Loss of guessing, ln {round(math.exp(m.chance))}", loss_text(m.chance, 4)),
        Figure("Validation accuracy", _percent(m.accuracy[-1])),
    )
    return Finding(Kind.FLAT, sentence, figures, Place(start, len(m), "hardly falls"))


def _overfit(m: Measures) -> Finding:
    turn = evidence.lowest(m)
    bottom, now = float(m.validation[turn - 1]), float(m.validation[-1])
    if evidence.has_turned(m):
        sentence = (
            f"Since epoch {turn} the validation loss rises while the training loss goes on falling: the network learns "
            "the training images by heart."
        )
        label = f"turned in epoch {turn}"
    else:
        turn = first_near_lowest(m)
        sentence = (
            f"Since epoch {turn} the validation loss has hardly fallen, while the training loss goes on falling: the "
            "network begins to learn the training images by heart."
        )
        label = f"no better since epoch {turn}"
    figures = (
        Figure("Validation, lowest", f"{loss_text(bottom)} (epoch {evidence.lowest(m)})"),
        Figure(f"Validation, epoch {len(m)}", loss_text(now) + _rise_text(bottom, now)),
        _change("Training", m.train, turn),
    )
    return Finding(Kind.OVERFIT, sentence, figures, Place(turn, len(m), label))


def _rise_text(bottom: float, now: float) -> str:
    """Return by which part a loss lies above its lowest; nothing from tenfold on, where a part tells no more."""
    return f" ({now / bottom - 1:+.0%})".replace("%", " %") if now < 10 * bottom else ""


def first_near_lowest(m: Measures) -> int:
    """Return the first epoch, from 1, whose validation loss was about as low as it ever got."""
    bottom = float(m.validation.min())
    near = bottom + max(evidence.RISE * bottom, m.validation_jitter)
    return int(np.argmax(m.validation <= near)) + 1


def _good(m: Measures) -> Finding:
    sentence = "Both losses are low, lie close together and have come to rest: the network reads new images as well."
    figures = (
        Figure(f"Training, epoch {len(m)}", loss_text(float(m.train[-1]))),
        Figure(f"Validation, epoch {len(m)}", loss_text(float(m.validation[-1]))),
        Figure("Validation accuracy", _percent(m.accuracy[-1])),
    )
    return Finding(Kind.GOOD, sentence, figures, Place(max(1, len(m) - LOOK_BACK), len(m), "low and close together"))


def _training_too_small(m: Measures) -> Finding:
    since = evidence.gap_since(m) or 1
    sentence = (
        f"From epoch {since} on validation stays clearly worse than training, and both have come to rest: the training "
        "images are too few to stand for the others."
    )
    validation = float(m.validation[-1])
    ratio = validation / max(float(m.train_end[-1]), 1e-9)
    figures = (
        Figure("Training images", _count(m.sizes.training)),
        Figure(f"Training, epoch {len(m)}", loss_text(float(m.train[-1]))),
        Figure(f"Validation, epoch {len(m)}", f"{loss_text(validation)} ({ratio:.1f} ×)"),
    )
    return Finding(Kind.TRAINING_TOO_SMALL, sentence, figures, Place(since, len(m), "a gap that stays"))


def _validation_too_small(m: Measures) -> Finding:
    points = 100 * evidence.PLAIN * m.accuracy_error
    sentence = (
        f"With {_count(m.sizes.validation)} validation images the accuracy is uncertain by ±{points:.0f} points, so "
        "the jumps of the validation curve and its distance from training may be chance."
    )
    steps = latest_steps(m.accuracy)
    figures = (
        Figure("Validation images", _count(m.sizes.validation)),
        Figure("Standard error √(p(1 − p)/n)", f"{100 * m.accuracy_error:.1f} points"),
        Figure("Largest jump lately", f"{100 * float(np.abs(steps).max(initial=0)):.1f} points"),
    )
    place = Place(max(1, len(m) - JUMP_WINDOW), len(m), "too few images to tell")
    return Finding(Kind.VALIDATION_TOO_SMALL, sentence, figures, place)


def _easier(m: Measures, network: Network, config: TrainingConfig) -> Finding:
    since = evidence.easier_since(m) or max(1, len(m) - LOOK_BACK)
    reasons: list[str] = []
    if switched_off_at_random(network):
        reasons.append("dropout switches units off")
    if config.augments:
        reasons.append("augmentation changes the images")
    if reasons:
        why = f"That is no fault here: {' and '.join(reasons)} in training only, which makes training harder."
    else:
        why = (
            "Nothing makes training harder here, so look at the data: the validation images may be easier, or some of "
            "them may be among the training images."
        )
    figures = (
        Figure(f"Training, epoch {len(m)}", loss_text(float(m.train[-1]))),
        Figure("Training, end of the epoch", loss_text(float(m.train_end[-1]))),
        Figure(f"Validation, epoch {len(m)}", loss_text(float(m.validation[-1]))),
    )
    place = Place(since, len(m), "validation below training")
    return Finding(Kind.VALIDATION_EASIER, f"Validation is better than training. {why}", figures, place)


def switched_off_at_random(network: Network) -> bool:
    """Say whether a network has dropout that works."""
    return any(layer.kind == "dropout" and layer.enabled and getattr(layer, "rate", 0) for layer in network.layers)


def _erratic(m: Measures) -> Finding:
    start = max(1, len(m) - JUMP_WINDOW)
    if m.train[-1] > evidence.BLOWN_UP * m.chance:
        sentence = "The training loss is far above that of guessing: the steps are so large that they do only harm."
        figures = (
            Figure(f"Training, epoch {len(m)}", loss_text(float(m.train[-1]))),
            Figure(f"Loss of guessing, ln {round(math.exp(m.chance))}", loss_text(m.chance)),
        )
        return Finding(Kind.ERRATIC, sentence, figures, Place(start, len(m), "worse than guessing"))
    if evidence.is_thrown_back(m):
        return _thrown_back(m)
    sentence = (
        "The curves jump up and down instead of falling: the steps are too large, or the batches too small to show a "
        "reliable direction."
    )
    figures = (
        _jumps("Training", m.train),
        _jumps("Validation", m.validation),
        Figure("Spread of batches", loss_text(float(m.batch_noise[-1]))),
    )
    return Finding(Kind.ERRATIC, sentence, figures, Place(start, len(m), "up and down"))


def _thrown_back(m: Measures) -> Finding:
    highest = int(m.train.argmax()) + 1
    sentence = (
        "The training loss blew up, far above that of guessing, and has not come below that since: the first steps "
        "were so large that they threw the network where it learns nothing."
    )
    figures = (
        Figure(f"Highest training loss, epoch {highest}", loss_text(float(m.train[highest - 1]))),
        Figure(f"Training, epoch {len(m)}", loss_text(float(m.train[-1]))),
        Figure(f"Loss of guessing, ln {round(math.exp(m.chance))}", loss_text(m.chance)),
    )
    return Finding(Kind.ERRATIC, sentence, figures, Place(highest, len(m), "blown up"))


def _jumps(name: str, losses: Numbers) -> Figure:
    """Return how often and how far a loss rose lately."""
    steps = latest_steps(losses)
    rises = int((steps > 0).sum())
    by = f" by ≤ {loss_text(float(steps.max()), 2)}" if rises else ""
    return Figure(f"{name}, {steps.size} epochs", f"{rises} rise{'s' * (rises != 1)}{by}")


def _change(name: str, losses: Numbers, start: int, figures: int = 3) -> Figure:
    """Return what became of a loss since an epoch."""
    if start >= len(losses):
        return Figure(f"{name}, epoch {len(losses)}", loss_text(float(losses[-1])))
    before, now = (loss_text(float(losses[epoch - 1]), figures) for epoch in (start, len(losses)))
    return Figure(f"{name}, epochs {start}–{len(losses)}", f"{before} → {now}")


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _count(images: int) -> str:
    return f"{images:,}" if images else "few"
