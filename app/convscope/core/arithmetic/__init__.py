"""How a single value of a network came about, taken apart down to its products and its sum."""

from convscope.core.arithmetic.explanation import explain

__all__ = ["explain"]
