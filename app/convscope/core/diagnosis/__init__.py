"""What the curves of a run show, why, where, and what to do: a pure function of the history.

How a reading comes about:

1. `measures` takes levels, falls, gaps and noise of every finished epoch.
2. `evidence` says, epoch by epoch, which kind these speak for.
3. `course` changes what is said only when the evidence for another kind has held.
4. `words` puts it into a sentence with its figures and its place in the plot; `remedies` adds what to try.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convscope.core.diagnosis.course import Course, continued
from convscope.core.diagnosis.evidence import BLOWN_UP, is_wide_apart
from convscope.core.diagnosis.kinds import CurveRemedy, Figure, Finding, Kind, Place, Sizes
from convscope.core.diagnosis.measures import Measures, measured
from convscope.core.diagnosis.remedies import remedies
from convscope.core.diagnosis.words import described, not_finite, of_numbers, stopped_early, too_early
from convscope.core.history import History
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig


@dataclass(frozen=True)
class Diagnosis:
    """What the curves of a run show.

    Attributes:
        finding: Its kind, in words, with figures and place.
        remedies: What to try, best first.
        course: How it came about, from which the next one goes on.
    """

    finding: Finding
    remedies: tuple[CurveRemedy, ...] = ()
    course: Course = Course()

    @property
    def kind(self) -> Kind:
        """What the curves show."""
        return self.finding.kind


def diagnose(
    history: History,
    config: TrainingConfig,
    network: Network,
    sizes: Sizes,
    *,
    is_over: bool = False,
    diverged: bool = False,
    previous: Diagnosis | None = None,
    trained_with: TrainingConfig | None = None,
) -> Diagnosis:
    """Read the curves of a run.

    Args:
        history: The run until now; only finished epochs are judged, and whether a batch's loss is no number.
        config: The present settings, for the remedies.
        network: The present network, for its classes and the remedies.
        sizes: How many images the run uses.
        is_over: Whether the run goes on no more.
        diverged: Whether it was ended because its loss was no number any more, which no curve has in it.
        previous: What was said before, of the same run or another one; every epoch is judged once.
        trained_with: The settings the run was trained with last; None where those are the present ones.
    """
    trained_with = trained_with or config
    impatient = is_over and _is_out_of_patience(history, trained_with)
    if diverged or not _is_finite(history):
        finding, course = not_finite(history), Course()
    elif not network.classifies:
        return Diagnosis(of_numbers(len(history.epochs)))
    else:
        measures = measured(history, network.classes, trained_with.batch_size, sizes)
        course = continued(_start(previous, history), measures, history.epochs)
        if is_over and course.kind is Kind.LEARNING:
            finding = _left_learning(course, measures, network, config, impatient)
        else:
            finding = _found(course, measures, network, config)
    offered = remedies(
        finding.kind,
        network,
        config,
        blown_up=_has_blown_up(history, network),
        impatient=impatient,
    )
    return Diagnosis(finding, offered, course)


def sizes_of(config: TrainingConfig, training: int, test: int) -> Sizes:
    """Return how many images a run of these settings uses, of so many training and test images there are."""
    if config.held_out == "train":
        validation = config.validation_size or training // 6
        training -= validation
    else:
        validation = min(config.validation_size or test, test)
    return Sizes(config.train_size or training, validation)


def _start(previous: Diagnosis | None, history: History) -> Course:
    """Return the course to go on from: that of the previous reading if it is one of this run."""
    course = previous.course if previous is not None else Course()
    if 0 < course.epochs <= len(history.epochs) and history.epochs[course.epochs - 1] == course.newest:
        return course
    return Course()


def _found(course: Course, measures: Measures, network: Network, config: TrainingConfig) -> Finding:
    if course.kind is Kind.TOO_EARLY:
        return too_early(course.epochs)
    return described(course.kind, measures.until(course.agreed), network, config)


def _left_learning(
    course: Course, measures: Measures, network: Network, config: TrainingConfig, impatient: bool
) -> Finding:
    """Say of a run that was still learning how it ended: no more epochs come for which its latest ones could wait."""
    if course.candidate is not None:
        return described(course.candidate, measures, network, config)
    learning = _found(course, measures, network, config)
    on_the_whole = impatient or course.agreed < course.epochs
    return stopped_early(learning, impatient, on_the_whole=on_the_whole, apart=is_wide_apart(measures))


def _is_finite(history: History) -> bool:
    losses = [(point.train_loss, point.validation_loss) for point in history.epochs]
    return bool(np.isfinite(history.batch_losses).all() and np.isfinite(losses).all())


def _is_out_of_patience(history: History, config: TrainingConfig) -> bool:
    """Say whether early stopping ends a run here, so that more epochs would not make it longer."""
    losses = [point.validation_loss for point in history.epochs]
    return 0 < config.patience < len(losses) and min(losses[-config.patience :]) >= min(losses[: -config.patience])


def _has_blown_up(history: History, network: Network) -> bool:
    """Say whether the loss rose far above both its start and that of guessing."""
    losses = history.batch_losses
    start = max(float(np.log(max(2, network.classes))), float(losses[0])) if losses.size else 0.0
    return bool((losses[1:] > BLOWN_UP * start).any())


__all__ = ["CurveRemedy", "Diagnosis", "Figure", "Finding", "Kind", "Place", "Sizes", "diagnose", "sizes_of"]
