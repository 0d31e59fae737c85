"""The activation layer: one function of each value alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from convscope.core.layers.base import Layer, MisfitError, Shape, Suggestion
from convscope.core.settings import choice, number

FUNCTIONS = {
    "identity": "Identity",
    "binary_step": "Binary step",
    "logistic": "Logistic (sigmoid)",
    "tanh": "Tanh",
    "arctan": "Arctan",
    "relu": "ReLU",
    "leaky_relu": "Leaky ReLU",
    "prelu": "PReLU",
    "rrelu": "Randomised leaky ReLU",
    "elu": "ELU",
    "softplus": "Softplus",
    "gelu": "GELU",
}


def _used_by(*functions: str) -> Any:
    def shown(activation: Activation) -> bool:
        return activation.function in functions

    return shown


@dataclass(frozen=True)
class Activation(Layer):
    """Applies one function to each value; without it, stacked layers could only be one linear map."""

    kind: ClassVar[str] = "activation"
    title: ClassVar[str] = "Activation"
    group: ClassVar[str] = "Activation"
    help: ClassVar[str] = "Bends each value by one function, so that deeper networks can do more than one layer."
    prefix: ClassVar[str] = "activation"

    function: str = choice(
        "relu",
        FUNCTIONS,
        label="Function",
        help="What happens to each value. The binary step has no slope, so nothing before it can learn.",
    )
    slope: float = number(
        0.01,
        label="Slope below 0",
        help="The factor for negative values; PReLU starts here and learns its own.",
        low=-1.0,
        high=1.0,
        step=0.01,
        shown=_used_by("leaky_relu", "prelu"),
    )
    alpha: float = number(
        1.0,
        label="Alpha",
        help="The value that ELU approaches far below 0, with its sign turned.",
        low=0.0,
        high=10.0,
        step=0.1,
        shown=_used_by("elu"),
    )
    lower: float = number(
        0.125,
        label="Least slope",
        help="In training the slope below 0 is drawn between these two; afterwards it is their mean.",
        low=0.0,
        high=1.0,
        step=0.05,
        shown=_used_by("rrelu"),
    )
    upper: float = number(
        1 / 3,
        label="Greatest slope",
        help="In training the slope below 0 is drawn between these two; afterwards it is their mean.",
        low=0.0,
        high=1.0,
        step=0.05,
        shown=_used_by("rrelu"),
    )

    def summary(self) -> str:
        """Return the function and its parameter, where it has one."""
        title = FUNCTIONS[self.function]
        details = {
            "leaky_relu": f", slope {self.slope:g}",
            "prelu": f", from slope {self.slope:g}",
            "rrelu": f", slope {self.lower:.3g} to {self.upper:.3g}",
            "elu": f", alpha {self.alpha:g}",
        }
        return title + details.get(self.function, "")

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape that came in.

        Raises:
            MisfitError: The least slope of a randomised leaky ReLU is above its greatest.
        """
        if self.function == "rrelu" and self.lower > self.upper:
            turned = self.changed(lower=self.upper, upper=self.lower)
            raise MisfitError(
                f"The least slope {self.lower:g} is greater than the greatest slope {self.upper:g}.",
                [Suggestion("Exchange the two slopes", (turned,))],
            )
        return shape

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return the one slope that PReLU learns."""
        return {"weight": (1,)} if self.function == "prelu" else {}
