"""Whether examples have what a network predicts."""

from __future__ import annotations

from convscope.core.data.dataset import Examples
from convscope.core.network import Network


def label_misfit(network: Network, examples: Examples) -> str:
    """Return why the labels of examples are none that the network could give; empty where they are."""
    labels = examples.labels
    if network.classifies != (labels.ndim == 1):
        kinds = ("numbers", "classes") if network.classifies else ("classes", "numbers")
        return f"The examples have {kinds[0]}, but the network predicts {kinds[1]}."
    if not network.classifies:
        count = labels.shape[1]
        words = f"Each example has {count} numbers to predict, but the network gives {network.classes}."
        return "" if count == network.classes else words
    if not 0 <= int(labels.min()) <= int(labels.max()) < network.classes:
        return f"The images have labels beyond the network's {network.classes} classes."
    return ""
