"""How a single value of a network came about, taken apart down to its products and its sum."""
