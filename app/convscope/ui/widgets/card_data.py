"""What the cards of a stack show, computed from the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from convscope.core.large import bytes_text
from convscope.core.layers import shape_text
from convscope.core.network import Network
from convscope.core.report import LayerReport, Report

Role = Literal["input", "layer", "output"]


@dataclass(frozen=True)
class CardData:
    """Everything one card shows.

    Attributes:
        role: The image, a layer, or the classes at the end.
        icon: Name of the icon.
        name: The heading: a layer's name.
        summary: Its settings in a few words.
        shape: Shape of what leaves it; empty behind the first failure.
        parameters: How many it has, in words; empty when it has none.
        help: A line that says what it does.
        facts: What it costs and sees, for the open card.
        enabled: False when the layer is switched off.
        frozen: True when training leaves its weights alone.
        reached: False behind the first failure, where nothing can be said.
        problem: Why it cannot work; empty when it can.
        remedies: What can be done about that, as labels of buttons.
    """

    role: Role
    icon: str
    name: str
    summary: str = ""
    shape: str = ""
    parameters: str = ""
    help: str = ""
    facts: str = ""
    enabled: bool = True
    frozen: bool = False
    reached: bool = True
    problem: str = ""
    remedies: tuple[str, ...] = ()

    def spoken(self) -> str:
        """Return the card as a sentence for a screen reader."""
        state = ", ".join(["switched off"] * (not self.enabled) + ["frozen"] * self.frozen)
        shape = f"output {self.shape}" if self.shape else ""
        return ", ".join(
            part for part in (self.name, state, self.summary, shape, self.parameters, self.problem) if part
        )


@dataclass(frozen=True)
class Totals:
    """What a whole network costs, in words."""

    parameters: str
    macs: str
    memory: str
    details: str


def cards_of(network: Network) -> tuple[CardData, ...]:
    """Return the cards from the image at the top to the classes at the bottom: one more than layers at each end."""
    report = network.report
    problem = report.problem
    failing = problem.index if problem else None
    cards = [_input_card(network)]
    for index, row in enumerate(report.rows):
        cards.append(_layer_card(row, network.input_shape[1:], report if index == failing else None))
    cards.append(_output_card(network, report if failing == len(report.rows) else None))
    return tuple(cards)


def totals_of(report: Report) -> Totals:
    """Return the sums over all layers."""
    frozen = report.parameters - report.trainable
    kept = f" and {frozen:,} values that are not (running averages and frozen layers)" if frozen else ""
    return Totals(
        parameters=count_text(report.parameters),
        macs=count_text(report.macs),
        memory=bytes_text(report.memory),
        details=f"{report.trainable:,} parameters that are trained{kept}; {report.macs:,} multiply-accumulate "
        f"operations and {report.memory:,} bytes of layer outputs (32-bit) for one image.",
    )


def count_text(count: int) -> str:
    """Return a count with thousands separators, or in millions or billions from a million on."""
    for unit, size in (("G", 10**9), ("M", 10**6)):
        if count >= size:
            return f"{count / size:.3g} {unit}" if count < 1000 * size else f"{count / size:,.0f} {unit}"
    return f"{count:,}"


def parameters_text(count: int) -> str:
    """Return "1,234 parameters", or nothing for none."""
    return f"{count:,} parameter{'s' * (count != 1)}" if count else ""


def _input_card(network: Network) -> CardData:
    channels = network.input_shape[0]
    colours = {1: "grey values", 3: "red, green and blue"}.get(channels, f"{channels} channels")
    return CardData(
        "input",
        "input",
        "Input",
        summary=colours,
        shape=shape_text(network.input_shape),
        help="The image as the network gets it.",
    )


def _layer_card(row: LayerReport, image: tuple[int, ...], failed: Report | None) -> CardData:
    layer = row.layer
    return CardData(
        "layer",
        layer.kind,
        layer.name,
        summary=layer.summary(),
        shape=shape_text(row.output_shape) if row.output_shape else "",
        parameters=parameters_text(row.trainable + row.frozen),
        help=layer.help,
        facts=_facts(row, image),
        enabled=layer.enabled,
        frozen=not layer.trainable,
        reached=row.input_shape is not None,
        problem=_message(failed),
        remedies=_remedies(failed),
    )


def _output_card(network: Network, failed: Report | None) -> CardData:
    rows = network.report.rows
    reached = failed is None and (not rows or rows[-1].output_shape is not None)
    return CardData(
        "output",
        "output",
        "Output",
        summary=f"softmax → {network.classes} classes" if network.classifies else network.loss,
        shape=str(network.classes) if reached else "",
        help="Softmax turns the last values into probabilities that sum to 1."
        if network.classifies
        else "The last value is the prediction itself. Training makes the square of its error small.",
        reached=reached or failed is not None,
        problem=_message(failed),
        remedies=_remedies(failed),
    )


def _message(failed: Report | None) -> str:
    return failed.problem.message if failed and failed.problem else ""


def _remedies(failed: Report | None) -> tuple[str, ...]:
    return tuple(remedy.label for remedy in failed.problem.remedies) if failed and failed.problem else ()


def _facts(row: LayerReport, image: tuple[int, ...]) -> str:
    """Return the costs that are not zero, and how much of the image one output value sees."""
    if not row.layer.enabled:
        return "Switched off: what comes in goes out unchanged, and its weights are kept."
    if row.output_shape is None:
        return ""
    words = [f"Input {shape_text(row.input_shape)}"] if row.input_shape else []
    if row.receptive_field and len(row.output_shape) == 3:
        height, width = row.receptive_field
        whole = height >= image[0] and width >= image[1]  # a field that reaches beyond the image helps nobody
        words.append("sees the whole image" if whole else f"sees {height}×{width} pixels")
    if row.macs:
        words.append(f"{count_text(row.macs)} multiply-adds")
    words.append(bytes_text(row.memory))
    costs = " · ".join(word.replace(" ", "\N{NO-BREAK SPACE}") for word in words)
    return costs if row.layer.trainable else f"Frozen: training leaves its weights as they are. {costs}"
