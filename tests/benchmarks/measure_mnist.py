"""How long `cnn-batchnorm` learns until it reads 99 % of MNIST's test digits."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

import torch
from result import Figure, run
from stage import mnist_folder

from convscope.core.backend import use_threads, warm_up
from convscope.core.data.sources import load
from convscope.core.presets import preset
from convscope.core.training import train
from convscope.core.weights import initial_weights

WHAT = "cnn-batchnorm to 99 % on MNIST"
WANTED = 0.99


def measure(quick: bool = False) -> Sequence[Figure]:
    """Train with the preset's settings; it is looked at the end of each epoch, and the looking counts."""
    folder = mnist_folder()
    if folder is None:
        return [Figure(WHAT, None, "s", note="CONVSCOPE_MNIST does not name the folder of MNIST's files")]
    dataset = load("folder", folder=folder)
    chosen = preset("cnn-batchnorm")
    weights = initial_weights(chosen.network, chosen.training.seed, chosen.training.initialisation)
    use_threads()
    warm_up()
    start = perf_counter()
    for snapshot in train(chosen.network, weights, chosen.training, dataset.train, dataset.test):
        for point in snapshot.points:
            if point.validation_accuracy >= WANTED:
                seconds = perf_counter() - start
                note = f"{point.validation_accuracy:.2%} after epoch {point.epoch}; aim 40 s; threads: "
                return [Figure(WHAT, seconds, "s", note=f"{note}{torch.get_num_threads()}")]
    return [Figure(WHAT, None, "s", note=f"not reached in {chosen.training.epochs} epochs")]


if __name__ == "__main__":
    run(measure)
