"""A trace in training mode against PyTorch's own modules, given the masks and slopes that were drawn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, GlobalAveragePool
from convscope.core.mode import Mode
from convscope.core.network import Network
from convscope.core.trace import Trace, Tracer, trace
from convscope.core.weights import Weights, frozen, initial_weights

IMAGE = np.random.default_rng(0).random((1, 28, 28), np.float32)
OTHERS = np.random.default_rng(1).random((7, 1, 28, 28), np.float32)
NETWORK = Network(
    layers=(
        Conv2d(filters=4),
        BatchNorm(),
        Activation(),
        Dropout(rate=0.4, mode="maps"),
        Flatten(),
        Dense(units=20),
        BatchNorm(name="batch_norm_2", scale=False),
        Activation(name="activation_2", function="rrelu"),
        Dropout(name="dropout_2", rate=0.5),
        Dense(name="dense_2", units=10),
    )
)


def weights_of(network: Network) -> Weights:
    """Return weights whose scales, shifts and running averages are not those at the start."""
    random = np.random.default_rng(4)
    arrays = {key: array.copy() for key, array in initial_weights(network, 0).items()}
    for key in arrays:
        if "batch_norm" in key:
            arrays[key] = random.uniform(0.5, 2, arrays[key].shape).astype(np.float32)
    return frozen(arrays)


def trained(network: Network = NETWORK, seed: int = 3, companions: np.ndarray | None = OTHERS) -> Trace:
    return trace(network, weights_of(network), IMAGE, mode=Mode.TRAINING, seed=seed, companions=companions)


def torchs_own(seen: Trace, images: np.ndarray) -> list[Tensor]:
    """Return what PyTorch's modules make of the batch in training mode, the first image with its masks."""
    weights = {key: torch.tensor(array) for key, array in seen.weights.items()}
    conv, dense_1, dense_2 = nn.Conv2d(1, 4, 3), nn.Linear(2704, 20), nn.Linear(20, 10)
    norm_1, norm_2 = nn.BatchNorm2d(4), nn.BatchNorm1d(20)
    for module, name in ((conv, "conv_1"), (dense_1, "dense_1"), (dense_2, "dense_2"), (norm_1, "batch_norm_1")):
        module.weight, module.bias = nn.Parameter(weights[f"{name}.weight"]), nn.Parameter(weights[f"{name}.bias"])
    norm_2.bias = nn.Parameter(weights["batch_norm_2.bias"])
    masks = {name: torch.tensor(mask) for name, mask in seen.masks.items()}
    slopes = torch.tensor(seen.slopes["activation_2"])
    outputs = [conv(torch.tensor(images))]
    outputs.append(norm_1(outputs[-1]))
    outputs.append(outputs[-1].relu())
    outputs.append(outputs[-1] * _other_masks(seen, len(images)))
    outputs.append(outputs[-1].flatten(1))
    outputs.append(dense_1(outputs[-1]))
    outputs.append(norm_2(outputs[-1]))
    outputs.append(torch.where(outputs[-1] < 0, outputs[-1] * slopes, outputs[-1]))
    outputs.append(outputs[-1] * masks["dropout_2"])
    outputs.append(dense_2(outputs[-1]))
    return outputs


def _other_masks(seen: Trace, images: int) -> Tensor:
    """Return the masks of the whole batch, drawn as the layer draws them: 0.6 of the maps stay."""
    random = torch.Generator().manual_seed(seen.seed)
    masks = torch.empty(images, 4, 1, 1).bernoulli_(0.6, generator=random) / 0.6
    np.testing.assert_array_equal(masks[0].numpy(), seen.masks["dropout_1"])
    return masks


def test_every_output_is_what_torchs_own_modules_compute():
    seen = trained()
    for ours, theirs in zip(seen.outputs, torchs_own(seen, np.concatenate((IMAGE[None], OTHERS))), strict=True):
        assert ours is not None
        np.testing.assert_allclose(ours, theirs[0].detach().numpy(), rtol=2e-4, atol=2e-5)
    assert seen.batch == 8


def test_the_statistics_are_those_of_the_batch():
    seen = trained()
    before = torchs_own(seen, np.concatenate((IMAGE[None], OTHERS)))
    for name, values, axes in (("batch_norm_1", before[0], (0, 2, 3)), ("batch_norm_2", before[5], (0,))):
        found = seen.batch_statistics[name]
        array = values.detach().numpy().astype(np.float64)
        np.testing.assert_allclose(found.mean, array.mean(axes), rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(found.variance, array.var(axes), rtol=1e-3, atol=1e-6)
        np.testing.assert_allclose(found.unbiased_variance, array.var(axes, ddof=1), rtol=1e-3, atol=1e-6)
        assert found.count == array[:, 0].size


def test_masks_hold_zero_or_what_survivors_are_scaled_by():
    seen = trained()
    assert {name: mask.shape for name, mask in seen.masks.items()} == {"dropout_1": (4, 1, 1), "dropout_2": (20,)}
    assert set(np.unique(seen.masks["dropout_2"])) == {np.float32(0), np.float32(2)}
    dropped = np.flatnonzero(seen.masks["dropout_2"] == 0)
    assert seen.outputs[8] is not None
    assert not seen.outputs[8][dropped].any()


def test_the_share_of_dropped_units_is_the_rate():
    wide = Network(layers=(Flatten(), Dense(units=4000), Dropout(rate=0.3), Dense(name="dense_2", units=10)))
    assert np.mean(trained(wide).masks["dropout_1"] == 0) == pytest.approx(0.3, abs=0.03)


def test_the_same_seed_gives_the_same_trace_and_another_one_another():
    first, again, other = trained(), trained(), trained(seed=4)
    np.testing.assert_array_equal(first.logits, again.logits)
    np.testing.assert_array_equal(first.slopes["activation_2"], again.slopes["activation_2"])
    assert not np.array_equal(first.masks["dropout_2"], other.masks["dropout_2"])


def test_nothing_stays_of_a_step_that_was_only_looked_at():
    tracer, weights = Tracer(), weights_of(NETWORK)
    held = {key: array.copy() for key, array in weights.items()}
    before = tracer.trace(NETWORK, weights, IMAGE)
    shared = torch.random.get_rng_state()
    tracer.trace(NETWORK, weights, IMAGE, mode=Mode.TRAINING, seed=1, companions=OTHERS)
    after = tracer.trace(NETWORK, weights, IMAGE)
    for key, array in held.items():
        np.testing.assert_array_equal(array, weights[key])
    np.testing.assert_array_equal(before.logits, after.logits)  # by the very same running averages
    assert torch.equal(shared, torch.random.get_rng_state())
    assert (after.masks, after.slopes, after.batch_statistics) == ({}, {}, {})


def test_a_batch_of_one_behind_a_dense_layer_leaves_only_the_shift():
    """PyTorch's module refuses it; the kernel behind it gives the formula's answer, (x − x) / √(0 + eps) + β."""
    seen = trained(companions=None)
    assert seen.batch == 1
    shifted = seen.outputs[6]
    assert shifted is not None
    np.testing.assert_allclose(shifted, seen.weights["batch_norm_2.bias"], atol=1e-4)  # 316 times rounding
    assert seen.batch_statistics["batch_norm_2"].count == 1


def test_a_frozen_batch_norm_goes_by_its_running_averages():
    network = Network(layers=(Conv2d(filters=4), BatchNorm(trainable=False), GlobalAveragePool()))
    seen, inferred = trained(network), trace(network, weights_of(network), IMAGE)
    assert not seen.batch_statistics
    assert seen.batch == 1  # nothing goes by the others
    np.testing.assert_array_equal(seen.outputs[1], inferred.outputs[1])


def test_dropout_at_rate_0_and_layers_that_are_off_change_nothing():
    layers = (Flatten(), Dropout(rate=0.0), Dropout(name="dropout_2", rate=0.5, enabled=False), Dense(units=10))
    network = Network(layers=layers)
    seen, inferred = trained(network), trace(network, weights_of(network), IMAGE)
    np.testing.assert_array_equal(seen.logits, inferred.logits)
    assert list(seen.masks) == ["dropout_1"]
    assert (seen.masks["dropout_1"] == 1).all()


def test_maps_that_are_off_stay_off_in_the_whole_batch():
    seen = trace(NETWORK, weights_of(NETWORK), IMAGE, frozenset({("conv_1", 2)}), mode=Mode.TRAINING, companions=OTHERS)
    assert seen.outputs[0] is not None
    assert not seen.outputs[0][2].any()
    assert seen.batch_statistics["batch_norm_1"].mean[2] == 0


def test_a_network_with_a_problem_is_traced_up_to_it():
    network = Network(layers=(Conv2d(filters=4), Dropout(rate=0.5), Dense(units=10)))
    seen = trained(network)
    assert seen.logits is None
    assert seen.outputs[1] is not None
    assert seen.outputs[2] is None
    assert seen.masks["dropout_1"].shape == seen.outputs[1].shape
