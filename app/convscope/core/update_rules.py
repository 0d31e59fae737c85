"""The rules by which optimisers change a weight, worked out for one of them in numbers.

Every rule follows PyTorch's own documentation of `torch.optim`, in double precision, from what the optimiser knew
before the step in single precision. So the difference to what torch computed is the rounding of this one step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from convscope.core.arithmetic.rounding import rounding_bound
from convscope.core.number_text import digits_of_terms
from convscope.core.training_config import OPTIMIZERS, TrainingConfig

RMSPROP_ALPHA = 0.99  # torch's defaults, which training leaves as they are
ADAM_BETAS = (0.9, 0.999)
EPSILONS = {"adagrad": 1e-10, "rmsprop": 1e-8, "adam": 1e-8}
ROUNDINGS = 24  # at most, on the way of any number to the new weight; Adam's is the longest
MEMORY = {  # what torch calls what an optimiser remembers, and what the formulas do
    "momentum": {"momentum_buffer": "v"},
    "adagrad": {"sum": "s"},
    "rmsprop": {"square_avg": "s"},
    "adam": {"exp_avg": "m", "exp_avg_sq": "v"},
}


@dataclass(frozen=True)
class UpdateRule:
    """An optimiser with its settings at one step."""

    optimizer: str
    learning_rate: float
    momentum: float = 0.0
    weight_decay: float = 0.0

    @classmethod
    def of(cls, config: TrainingConfig, epoch: int) -> UpdateRule:
        """Return the rule of a run in an epoch, counted from 0."""
        return cls(config.optimizer, config.rate_in(epoch), config.momentum, config.weight_decay)

    @property
    def title(self) -> str:
        """What the rule is called."""
        return OPTIMIZERS[self.optimizer]


@dataclass(frozen=True)
class Moment:
    """One weight at one step.

    Attributes:
        weight: Before the step.
        gradient: The derivative of the batch's mean loss.
        memory: What the optimiser remembered of this weight before, by torch's names; empty at the first step.
        step: How many steps the optimiser has made with it, this one too.
        computed: The weight after the step, as torch computed it.
    """

    weight: float
    gradient: float
    memory: Mapping[str, float] = field(default_factory=dict[str, float])
    step: int = 1
    computed: float = math.nan


@dataclass(frozen=True)
class UpdateLine:
    """One line of a rule.

    Attributes:
        symbol: What is computed.
        meaning: What that is, in a few words.
        parts: The formula, cut so that each of its symbols is a part.
        known: The numbers of its symbols.
        value: What it comes to.
        sums: For the symbols of a sum: what the sum comes to, and the greatest of its terms.
    """

    symbol: str
    meaning: str
    parts: tuple[str, ...]
    known: Mapping[str, float]
    value: float
    sums: Mapping[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])

    @property
    def formula(self) -> str:
        """The right side, in symbols."""
        return "".join(self.parts)

    def worked(self, text: Callable[[float, int], str], digits: int) -> str:
        """Return the right side with numbers, each written by `text`; negative ones stand in brackets.

        Args:
            text: Writes a number with so many significant digits.
            digits: Of a number; those whose sum cancels get more, so that what is read comes to the value.
        """
        return "".join(self._number(part, text, digits) for part in self.parts)

    def _number(self, part: str, text: Callable[[float, int], str], digits: int) -> str:
        if part not in self.known:
            return part
        value = self.known[part]
        written = text(value, digits_of_terms(*self.sums[part], digits=digits) if part in self.sums else digits)
        return f"({written})" if value < 0 else written


@dataclass(frozen=True)
class WorkedUpdate:
    """A step of one weight, line by line.

    Attributes:
        rule: How it was made.
        moment: Of what.
        lines: The last but one is the update Δw, the last the new weight.
        value: The new weight that they come to.
        bound: How far rounding to single precision alone can take this from `Moment.computed`.
    """

    rule: UpdateRule
    moment: Moment
    lines: tuple[UpdateLine, ...]
    value: float
    bound: float

    @property
    def residual(self) -> float:
        """What torch computed less what the lines come to."""
        return self.moment.computed - self.value


def worked_update(rule: UpdateRule, moment: Moment) -> WorkedUpdate:
    """Return what a rule does to a weight, with its numbers.

    Raises:
        KeyError: The rule is unknown, or needs a memory that the moment lacks.
    """
    sheet = _Sheet(rule, moment)
    _RULES[rule.optimizer](sheet)
    delta = sheet.known["Δw"]
    value = sheet.line(
        "w′", "the new weight", "w", " + ", "Δw", value=moment.weight + delta, terms=(moment.weight, delta)
    )
    # Where terms cancel, their rounding stays: so it goes by their sizes, and not by that of their sum.
    whole, sizes = abs(sheet.known["g′"]), abs(moment.gradient) + rule.weight_decay * abs(moment.weight)
    cancelled = sizes / whole if whole else 1.0
    magnitude = abs(moment.weight) + cancelled * (abs(delta) + sheet.terms)
    return WorkedUpdate(rule, moment, tuple(sheet.lines), value, rounding_bound(ROUNDINGS, magnitude))


class _Sheet:
    """The lines of a rule while it is worked out."""

    def __init__(self, rule: UpdateRule, moment: Moment) -> None:
        self.rule, self.moment = rule, moment
        self.lines: list[UpdateLine] = []
        self.known = {"w": moment.weight, "g": moment.gradient, "η": rule.learning_rate}
        self.terms = 0.0  # sizes of what is added up to an update, where that may cancel
        decay = rule.weight_decay
        if decay:
            self.known["λ"] = decay
            value = moment.gradient + decay * moment.weight
            terms = moment.gradient, decay * moment.weight
            self.line("g′", "gradient with weight decay", "g", " + ", "λ", " · ", "w", value=value, terms=terms)
        self.known["g′"] = moment.gradient + decay * moment.weight
        self.g = "g′" if decay else "g"

    def line(
        self, symbol: str, meaning: str, *parts: str, value: float, terms: tuple[float, ...] = (), within: str = ""
    ) -> float:
        """Add a line and make its value known under its symbol.

        Args:
            symbol: What is computed.
            meaning: What that is.
            parts: The formula.
            value: What it comes to.
            terms: What is added up in the formula.
            within: The symbol of which that sum is made; empty for all of them.
        """
        known = {part: self.known[part] for part in parts if part in self.known}
        largest = max(map(abs, terms), default=0.0)
        sums = {part: (sum(terms), largest) for part in known if terms and within in ("", part)}
        self.lines.append(UpdateLine(symbol, meaning, parts, known, value, sums))
        self.known[symbol] = value
        return value

    def remembered(self, key: str, symbol: str) -> float:
        """Make known what the optimiser remembered, 0 before its first step."""
        self.known[symbol] = self.moment.memory.get(key, 0.0)
        return self.known[symbol]


def _sgd(sheet: _Sheet) -> None:
    value = -sheet.known["η"] * sheet.known["g′"]
    sheet.line("Δw", "the update", "−", "η", " · ", sheet.g, value=value)


def _momentum(sheet: _Sheet) -> None:
    if not sheet.rule.momentum:
        _sgd(sheet)
        return
    sheet.known["μ"], gradient = sheet.rule.momentum, sheet.known["g′"]
    if "momentum_buffer" in sheet.moment.memory:
        kept = sheet.known["μ"] * sheet.remembered("momentum_buffer", "v")
        velocity = sheet.line("v′", "the velocity", "μ", " · ", "v", " + ", sheet.g, value=kept + gradient,
                              terms=(kept, gradient))  # fmt: skip
        sheet.terms = sheet.known["η"] * (abs(kept) + abs(gradient))
    else:
        velocity = sheet.line("v′", "the velocity, at first the gradient", sheet.g, value=gradient)
    sheet.line("Δw", "the update", "−", "η", " · ", "v′", value=-sheet.known["η"] * velocity)


def _adagrad(sheet: _Sheet) -> None:
    kept, gradient = sheet.remembered("sum", "s"), sheet.known["g′"]
    total = sheet.line("s′", "sum of all squared gradients", "s", " + ", sheet.g, "²", value=kept + gradient**2)
    _divided(sheet, "s′", total)


def _rmsprop(sheet: _Sheet) -> None:
    kept, gradient = sheet.remembered("square_avg", "s"), sheet.known["g′"]
    sheet.known |= {"α": RMSPROP_ALPHA, "(1 − α)": 1 - RMSPROP_ALPHA}
    value = RMSPROP_ALPHA * kept + (1 - RMSPROP_ALPHA) * gradient**2
    parts = "α", " · ", "s", " + ", "(1 − α)", " · ", sheet.g, "²"
    _divided(sheet, "s′", sheet.line("s′", "running mean of squared gradients", *parts, value=value))


def _divided(sheet: _Sheet, symbol: str, squares: float) -> None:
    """Add the step that divides the gradient by the root of what was gathered of its squares."""
    sheet.known["ε"] = EPSILONS[sheet.rule.optimizer]
    root = math.sqrt(squares) + sheet.known["ε"]
    value = -sheet.known["η"] * sheet.known["g′"] / root
    sheet.line("Δw", "the update", "−", "η", " · ", sheet.g, " / (√", symbol, " + ", "ε", ")", value=value)


def _adam(sheet: _Sheet) -> None:
    (beta1, beta2), gradient, steps = ADAM_BETAS, sheet.known["g′"], sheet.moment.step
    sheet.known |= {"β₁": beta1, "(1 − β₁)": 1 - beta1, "β₂": beta2, "(1 − β₂)": 1 - beta2, "ε": EPSILONS["adam"]}
    kept, pushed = beta1 * sheet.remembered("exp_avg", "m"), (1 - beta1) * gradient
    squares = beta2 * sheet.remembered("exp_avg_sq", "v") + (1 - beta2) * gradient**2
    parts = "β₁", " · ", "m", " + ", "(1 − β₁)", " · ", sheet.g
    mean = sheet.line("m′", "running mean of gradients", *parts, value=kept + pushed, terms=(kept, pushed))
    parts = "β₂", " · ", "v", " + ", "(1 − β₂)", " · ", sheet.g, "²"
    sheet.line("v′", "running mean of squared gradients", *parts, value=squares)
    sheet.known |= {"β₁ᵗ": beta1**steps, "β₂ᵗ": beta2**steps}
    mean = sheet.line("m″", f"“m hat”: made up for the start (t = {steps:,})", "m′", " / (1 − ", "β₁ᵗ", ")",
                      value=mean / (1 - beta1**steps), terms=(1.0, -(beta1**steps)), within="β₁ᵗ")  # fmt: skip
    squares = sheet.line("v″", "“v hat”: the same for the squares", "v′", " / (1 − ", "β₂ᵗ", ")",
                         value=squares / (1 - beta2**steps), terms=(1.0, -(beta2**steps)), within="β₂ᵗ")  # fmt: skip
    scale = sheet.known["η"] / (math.sqrt(squares) + EPSILONS["adam"])
    sheet.terms = scale * (abs(kept) + 2 * abs(pushed)) / (1 - beta1**steps)
    sheet.line("Δw", "the update", "−", "η", " · ", "m″", " / (√", "v″", " + ", "ε", ")", value=-scale * mean)


_RULES: Mapping[str, Callable[[_Sheet], None]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "adam": _adam,
}
