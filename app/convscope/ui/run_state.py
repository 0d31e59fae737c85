"""What a training run is doing and how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

STARTS = frozenset({"action_train", "action_step_stage", "action_step_batch", "action_step_epoch"})  # what begins a run


class RunState(Enum):
    """What a run is doing; the value is what the user reads."""

    IDLE = "Ready to train"
    LOADING = "Getting ready…"
    RUNNING = "Training"
    PAUSED = "Paused"
    FINISHED = "Finished"
    FAILED = "Stopped by an error"

    @property
    def is_active(self) -> bool:
        """Whether a run exists that can go on, so that most settings are fixed until it ends."""
        return self in (RunState.LOADING, RunState.RUNNING, RunState.PAUSED)


@dataclass(frozen=True)
class RunProgress:
    """How far a run is.

    Attributes:
        step: Batches done in the current epoch.
        steps: Batches of one epoch.
        epoch: The epoch being trained, from 1.
        epochs: Epochs of the whole run.
        examples_per_second: Recent speed; 0 while it is not known.
        seconds_left: Time until the end of the run; None while it is not known.
        note: Why it was stopped early; empty otherwise.
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    examples_per_second: float = 0.0
    seconds_left: float | None = None
    note: str = ""

    @property
    def fraction(self) -> float:
        """Part of the whole run that is done, 0 to 1."""
        whole = self.epochs * self.steps
        return min(1.0, max(0.0, ((self.epoch - 1) * self.steps + self.step) / whole)) if whole > 0 else 0.0


def allowed_actions(state: RunState, *, trainable: bool = True) -> frozenset[str]:
    """Return the object names of the transport's actions that make sense now.

    Args:
        state: What the run is doing.
        trainable: Whether the network can be trained at all.
    """
    starts = STARTS if trainable else frozenset[str]()
    match state:
        case RunState.LOADING:
            return frozenset({"action_stop"})
        case RunState.RUNNING:
            return frozenset({"action_pause", "action_stop", "action_reset_weights"})
        case RunState.PAUSED:
            return starts | {"action_stop", "action_reset_weights"}
        case _:
            return starts | {"action_reset_weights"}
