"""Early stopping: when a validation loss has not fallen for so long that training is over."""

from __future__ import annotations

from math import inf

from convscope.core.weights import NO_WEIGHTS, Weights


class EarlyStopping:
    """Remembers the best epoch of a run, and how many epochs have passed since.

    It watches from the first epoch on, also while it may not stop anything, so that patience can be given at any time.

    Attributes:
        epoch: The one with the lowest validation loss, from 1; 0 before the first.
        loss: Its validation loss.
        weights: What the network had at its end.
    """

    def __init__(self) -> None:
        self.epoch = 0
        self.loss = inf
        self.weights: Weights = NO_WEIGHTS
        self._waited = 0

    def is_over(self, epoch: int, loss: float, weights: Weights, patience: int) -> bool:
        """Take note of an epoch that ended; say whether it was the last.

        Args:
            epoch: Its number, from 1.
            loss: Its validation loss; only one below the lowest counts as better.
            weights: What the network has now.
            patience: How many epochs in a row may pass without a better one, the last of them ends training; 0 is no
                end of patience.
        """
        if loss < self.loss:
            self.epoch, self.loss, self.weights, self._waited = epoch, loss, weights, 0
        else:
            self._waited += 1
        return 0 < patience <= self._waited

    def sentence(self, epoch: int, *, keep_best: bool) -> str:
        """Return why training was stopped after `epoch`, and which weights the network has now."""
        epochs = "1 epoch" if self._waited == 1 else f"{self._waited:,} epochs"
        kept = (
            f"the weights of epoch {self.epoch:,} were best and are kept"
            if keep_best
            else f"epoch {self.epoch:,} was best, and the weights are those of epoch {epoch:,}"
        )
        return f"Stopped after epoch {epoch:,}: the validation loss has not fallen for {epochs}; {kept}."

    def wait_again(self) -> None:
        """Give a run that goes on its whole patience again; the best epoch stays the best until there is a better."""
        self._waited = 0
