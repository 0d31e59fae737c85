"""What is said of a training step at each of its stages."""

from __future__ import annotations

import numpy as np

from convscope.core.training_step import Stage, StepDetails
from convscope.ui.run_state import RunState
from convscope.ui.widgets.number_text import number_text


def sentence(details: StepDetails | None, state: RunState) -> str:
    """Return what a step has come to, or how to begin one."""
    if details is None:
        return _invitation(state)
    return _SENTENCES[details.stage](details)


def _invitation(state: RunState) -> str:
    match state:
        case RunState.LOADING:
            return "Getting ready…"
        case RunState.RUNNING:
            return "Training is going on at full speed. Pause it to take the next step in slow motion."
        case _:
            return "Press Next stage: a batch goes through the network and back, in four steps."


def _forward(details: StepDetails) -> str:
    images = "1 example" if len(details.labels) == 1 else f"{len(details.labels):,} examples"
    if not details.has_classes:
        return f"{images} went through the network, which gave a number for each."
    right = int((details.predicted == details.labels).sum())
    return f"{images} went through the network. The class with the largest logit is its answer: right for {right:,}."


def _loss(details: StepDetails) -> str:
    worst, best = (number_text(float(value), 3) for value in (details.losses.max(), details.losses.min()))
    mean = number_text(details.mean_loss)
    return f"Mean loss {mean}, from {best} to {worst}. Training tries to make this one number smaller."


def _backward(details: StepDetails) -> str:
    if not details.gradients:
        return "No weight got a gradient: nothing of what is trained reaches the loss through functions with a slope."
    count = sum(array.size for array in details.gradients.values())
    length = float(
        np.sqrt(sum(float(np.square(array, dtype=np.float64).sum()) for array in details.gradients.values()))
    )
    return (
        f"{count:,} derivatives of the mean loss; together ‖g‖ = {number_text(length, 3)}. "
        "The weights are still the same."
    )


def _update(details: StepDetails) -> str:
    if not details.updates:
        return "Without gradients, no weight has changed."
    most = max(float(np.abs(array).max()) for array in details.updates.values())
    return f"{details.rule.title} has changed the weights, none by more than {number_text(most, 3)}."


_SENTENCES = {Stage.FORWARD: _forward, Stage.LOSS: _loss, Stage.BACKWARD: _backward, Stage.UPDATE: _update}
