"""Where training and inference disagree about an image, and which layers make the difference, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from convscope.core.layers import Dropout, Layer
from convscope.core.mode import draws, uses_batch
from convscope.core.probability_text import probability_text

if TYPE_CHECKING:  # it loads torch, for which the window does not wait
    from convscope.core.trace import Trace

NOTICED = 0.01  # the least difference that is called one: of a probability, or relative to a predicted number
_NOTHING = 1e-6  # as a difference of predicted numbers: rounding alone leaves as much
_NAMED = 2  # layers of a kind; more are counted

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Difference:
    """What training makes of an image in another way than inference does.

    Attributes:
        agree: The same class comes first, and no probability or predicted number differs by more than `NOTICED`.
        verdict: A sentence that says so, or how far they are apart.
        reason: A sentence about the layers that work in another way; one too where there are none.
    """

    agree: bool
    verdict: str
    reason: str

    @property
    def sentence(self) -> str:
        """Both."""
        return f"{self.verdict} {self.reason}".strip()


def difference(
    inference: Trace, training: Trace, names: Sequence[str] = (), unit: str = "", *, batch_size: int | None = None
) -> Difference | None:
    """Return how two traces of the same image differ; None where the network has a problem and gives no answer.

    Args:
        inference: The image in inference.
        training: The same in training mode.
        names: What the classes or the predicted numbers are called; a missing name is the number of its output.
        unit: Of the predicted numbers.
        batch_size: That is set for training; None where it is not known.
    """
    if inference.logits is None or training.logits is None:
        return None
    if inference.probabilities is None or training.probabilities is None:
        agree, verdict = _verdict_on_numbers(inference.logits, training.logits, names, unit)
    else:
        agree, verdict = _verdict(inference.probabilities, training.probabilities, names)
    return Difference(agree, verdict, reason(training, batch_size))


def reason(training: Trace, batch_size: int | None = None) -> str:
    """Return which layers work in another way in training, in a sentence; see `difference`."""
    layers = training.network.layers
    parts = [
        _dropping([layer for layer in layers if isinstance(layer, Dropout) and draws(layer)]),
        _by_batch([layer for layer in layers if uses_batch(layer)], training, batch_size),
        _drawing([layer for layer in layers if draws(layer) and not isinstance(layer, Dropout)]),
    ]
    told = [part for part in parts if part]
    if not told:
        return "Nothing in this network works in another way in training: no dropout, no batch norm."
    return f"In training, {'; '.join(told)}."


def _verdict(inference: Array, training: Array, names: Sequence[str]) -> tuple[bool, str]:
    if not (np.isfinite(inference).all() and np.isfinite(training).all()):
        return False, "Some probabilities are not numbers, so nothing can be compared."
    first, second = int(inference.argmax()), int(training.argmax())
    if first != second:
        return False, (
            f"They disagree: inference says {_name(names, first)} ({probability_text(inference[first])}), "
            f"training {_name(names, second)} ({probability_text(training[second])})."
        )
    apart = np.abs(inference - training)
    place = first if apart[first] > NOTICED else int(apart.argmax())
    if apart[place] > NOTICED:
        shares = f"inference {probability_text(inference[place])}, training {probability_text(training[place])}"
        return False, f"Both say {_name(names, first)}, but not equally surely. {_name(names, place)}: {shares}."
    return True, f"They agree: {_name(names, first)}, {probability_text(inference[first])}."


def _verdict_on_numbers(inference: Array, training: Array, names: Sequence[str], unit: str) -> tuple[bool, str]:
    if not (np.isfinite(inference).all() and np.isfinite(training).all()):
        return False, "A prediction is not a number, so nothing can be compared."
    apart = np.abs(inference - training)
    relative = apart / np.maximum(np.maximum(np.abs(inference), np.abs(training)), _NOTHING / NOTICED)
    place = int(relative.argmax())
    first, second = (_measured(float(numbers[place]), unit) for numbers in (inference, training))
    several = len(inference) > 1
    if relative[place] <= NOTICED:
        answer = f"all {len(inference)} numbers are nearly the same" if several else first
        return True, f"They agree: {answer}."
    about = f" about {_name(names, place)}" if several else ""
    return False, f"They disagree{about}: inference predicts {first}, training {second}."


def _measured(number: float, unit: str) -> str:
    return f"{number:.3g} {unit}".strip().replace("-", "−")


def _dropping(layers: list[Dropout]) -> str:
    if not layers:
        return ""
    first = layers[0]
    if len(layers) == 1:
        what = "maps" if first.mode == "maps" else "values"
        factor = 1 / (1 - first.rate)
        return f"{first.name} drops {_percent(first.rate)} of the {what} and multiplies the others by {factor:.3g}"
    rates = sorted({layer.rate for layer in layers})
    shares = _percent(rates[0]) if len(rates) == 1 else f"{_percent(rates[0])} to {_percent(rates[-1])}"
    return f"{_names(layers)} drop {shares} of what reaches them and scale the rest up"


def _by_batch(layers: list[Layer], training: Trace, batch_size: int | None) -> str:
    if not layers:
        return ""
    others = training.batch - 1
    if others:
        batch = f"this batch (the drawing and {others} training image{'s' * (others > 1)})"
    else:
        cause = "the batch size is 1" if batch_size == 1 else "load data to give it company"
        batch = f"a batch of one, the drawing ({cause})"
    verb = "uses" if len(layers) == 1 else "use"
    return f"{_names(layers)} {verb} mean and variance of {batch}, not the running ones"


def _drawing(layers: list[Layer]) -> str:
    if not layers:
        return ""
    return f"{_names(layers)} draw{'s' * (len(layers) == 1)} the slope below 0 at random for each value"


def _names(layers: Sequence[Layer]) -> str:
    names = [layer.name for layer in layers]
    if len(names) > _NAMED + 1:
        names = [*names[:_NAMED], f"{len(names) - _NAMED} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _name(names: Sequence[str], number: int) -> str:
    return names[number] if number < len(names) else str(number)


def _percent(rate: float) -> str:
    return f"{100 * rate:.3g} %"
