"""The losses: what a network's last values are compared with, and how far off they are."""

from __future__ import annotations

CROSS_ENTROPY = "cross-entropy"
SQUARED_ERROR = "squared error"
LOSSES = {
    CROSS_ENTROPY: "The last values are scores of classes: softmax makes probabilities of them, and the loss is −ln "
    "of the probability of the right class.",
    SQUARED_ERROR: "The last values are the prediction itself: the loss is the square of how far it is from the "
    "target, summed over the values and averaged over the examples.",
}
