"""How well a small network that has seen only generated handwriting reads MNIST digits, and how fast that is made.

    python tests/benchmarks/measure_handwriting.py --json bench-results/handwriting.json

The folder with MNIST's IDX files is named by the environment variable CONVSCOPE_MNIST. The digits' shapes may be judged
with `--part train`; the test part is for the figure that is reported.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from convscope.core.data.dataset import Examples
from convscope.core.data.handwriting import VERSION, generated

_STEMS = {"train": "train", "test": "t10k"}


def mnist(folder: Path, part: str) -> Examples:
    """Read one part of MNIST from its IDX files, compressed or not."""
    images = _idx(folder / f"{_STEMS[part]}-images-idx3-ubyte")
    labels = _idx(folder / f"{_STEMS[part]}-labels-idx1-ubyte")
    return Examples(images[:, None].copy(), labels.astype(np.int64))


def _idx(path: Path) -> NDArray[np.uint8]:
    packed = path.with_name(path.name + ".gz")
    data = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    dimensions = data[3]
    shape = np.frombuffer(data, ">i4", dimensions, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * dimensions).reshape(shape)


def small_network() -> nn.Sequential:
    """Return the network of the lectures: three convolutions with batch normalisation, two dense layers."""
    return nn.Sequential(
        *_convolution(1, 12, 3, 1),  # (N, 12, 28, 28)
        *_convolution(12, 24, 6, 2),  # (N, 24, 14, 14)
        *_convolution(24, 32, 6, 2),  # (N, 32, 7, 7)
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 200),
        nn.ReLU(),
        nn.Linear(200, 10),
    )


def _convolution(inputs: int, filters: int, size: int, stride: int) -> list[nn.Module]:
    padding = 1 if stride == 1 else 2
    return [nn.Conv2d(inputs, filters, size, stride, padding), nn.BatchNorm2d(filters), nn.ReLU()]


def train(network: nn.Module, examples: Examples, epochs: int) -> None:
    """Train with Adam, the learning rate falling to a tenth from the first to the last batch."""
    images, labels = _tensors(examples)
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    steps = epochs * -(-len(labels) // 100)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.1 ** (1 / steps))
    network.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(labels)).split(100):
            loss = nn.functional.cross_entropy(network(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


@torch.no_grad()
def answers(network: nn.Module, examples: Examples) -> NDArray[np.int64]:
    """Return the class that the network gives each example."""
    network.eval()
    images, _ = _tensors(examples)
    return torch.cat([network(part).argmax(1) for part in images.split(1000)]).numpy()


def _tensors(examples: Examples) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tensor(examples.images) / 255, torch.tensor(examples.labels)


def main() -> None:
    """Measure, print one line and write the figures where asked."""
    parser = argparse.ArgumentParser(description="Train on generated handwriting, read MNIST")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--size", type=int, default=60_000, help="generated training images")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--part", choices=tuple(_STEMS), default="test", help="part of MNIST to read")
    parser.add_argument("--threads", type=int, default=1, help="processor cores for the network")
    options = parser.parse_args()
    folder = os.environ.get("CONVSCOPE_MNIST")
    if not folder:
        print("Skipped: CONVSCOPE_MNIST does not name the folder with MNIST's IDX files.")
        return
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    start = time.perf_counter()
    dataset = generated(options.seed, options.size)
    generation = time.perf_counter() - start
    network = small_network()
    start = time.perf_counter()
    train(network, dataset.train, options.epochs)
    training = time.perf_counter() - start

    strangers = mnist(Path(folder), options.part)
    given = answers(network, strangers)
    confusion = np.zeros((10, 10), int)
    np.add.at(confusion, (strangers.labels.astype(int), given), 1)
    own = float(np.mean(answers(network, dataset.test) == dataset.test.labels))
    figures = {
        "generator_version": VERSION,
        "seed": options.seed,
        "generated_images": len(dataset.train) + len(dataset.test),
        "generation_seconds": round(generation, 2),
        "epochs": options.epochs,
        "training_seconds": round(training, 1),
        "generated_test_accuracy": round(own, 4),
        "mnist_part": options.part,
        "mnist_accuracy": round(float(np.mean(given == strangers.labels)), 4),
        "mnist_accuracy_by_digit": (confusion.diagonal() / confusion.sum(1)).round(4).tolist(),
        "mnist_confusion": confusion.tolist(),
    }
    print(
        f"{figures['generated_images']:,} digits generated in {generation:.1f} s; trained on {options.size:,} of "
        f"them for {options.epochs} epochs, the network reads {figures['mnist_accuracy']:.2%} of MNIST {options.part}."
    )
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
