"""What a lecturer would try next, as changes that can be made with one click."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from convscope.core.data.number_rows import takes_numbers
from convscope.core.diagnosis.kinds import CurveRemedy, Kind
from convscope.core.diagnosis.words import switched_off_at_random
from convscope.core.gradient_flow import Trouble
from convscope.core.initialisation import INITIALISATIONS, PYTORCH
from convscope.core.layers import Activation, BatchNorm, Dense, Dropout
from convscope.core.network import Network
from convscope.core.settings import SettingError
from convscope.core.training_config import TrainingConfig

MOST = 4  # more buttons would be a form, and a lecturer's first choice would drown in it
FEWEST_EPOCHS = 5  # that show a direction
ADAMS_RATE = 0.001  # its authors' (Kingma and Ba, 2014)
LEAST_BATCH = 32  # below that larger batches are worth their time
DROPOUT = 0.3
PATIENCE = 3  # epochs: a validation curve goes up for one or two by chance
SHIFT, TURN = 2, 10  # pixels and degrees, which leave a digit what it is
WEIGHT_DECAY = 0.001
HIDDEN = 64  # units of a first hidden layer
SATURATING = ("logistic", "tanh", "arctan", "binary_step")


def remedies(
    kind: Kind, network: Network, config: TrainingConfig, *, blown_up: bool = False, impatient: bool = False
) -> tuple[CurveRemedy, ...]:
    """Return the changes that suit what curves show, best first, and that would change something.

    Args:
        kind: What they show.
        network: The present network.
        config: The present settings.
        blown_up: Whether the loss was once far above chance: then no rate may be raised.
        impatient: Whether early stopping ended the run, as it would end a longer one.
    """
    advice = _Advice(network, config, blown_up, impatient)
    return tuple(remedy for remedy in advice.on(kind) if remedy is not None)[:MOST]


def gradient_remedies(trouble: Trouble, network: Network, config: TrainingConfig) -> tuple[CurveRemedy, ...]:
    """Return the changes that suit a trouble with gradients, best first, and that would change something."""
    advice = _Advice(network, config)
    return tuple(remedy for remedy in advice.on_gradients(trouble) if remedy is not None)[:MOST]


class _Advice:
    """Makes remedies for one network and its settings; one that would change nothing is None."""

    def __init__(
        self, network: Network, config: TrainingConfig, blown_up: bool = False, impatient: bool = False
    ) -> None:
        self._network = network
        self._config = config
        self._blown_up = blown_up
        self._impatient = impatient

    def on(self, kind: Kind) -> Iterator[CurveRemedy | None]:
        match kind:
            case Kind.TOO_EARLY:
                yield self._at_least_epochs()
            case Kind.LEARNING | Kind.STOPPED_EARLY:
                yield from (self._longer(), self._slower_decay())
                yield None if self._blown_up else self._rate(2, "Larger steps arrive sooner.")
            case Kind.FLAT:
                yield from self._on_flat()
            case Kind.OVERFIT:
                yield from (self._all_training_images(), self._dropout(), self._stop_early(), self._augmentation())
                yield from (self._weight_decay(), self._fewer_units())
                yield self._rate(0.5, "Smaller steps fit the training images less closely.")
            case Kind.TRAINING_TOO_SMALL:
                yield from (self._all_training_images(), self._augmentation(), self._dropout(), self._fewer_units())
            case Kind.VALIDATION_TOO_SMALL:
                yield from (self._all_validation_images(), self._keep_aside())
            case Kind.VALIDATION_EASIER:
                yield from self._on_easier()
            case Kind.ERRATIC:
                yield self._usual_weights("too_large") if self._blown_up else None
                reset = " Reset the weights, too." if self._blown_up else ""
                yield self._rate(0.1 if self._blown_up else 0.5, f"Smaller steps do not leap over the valley.{reset}")
                yield from (self._larger_batches(), self._decaying(), self._batch_norm())
            case Kind.NOT_FINITE:
                yield self._usual_weights("too_large")
                yield self._rate(0.1, "Steps of a tenth of the size do not leap out of the valley.")
                yield from (self._adam(), self._batch_norm())
            case Kind.GOOD | Kind.NUMBERS:
                return

    def on_gradients(self, trouble: Trouble) -> Iterator[CurveRemedy | None]:
        match trouble:
            case Trouble.VANISHING:
                yield from (self._usual_weights("too_small", "zeros"), self._rectified(), self._batch_norm())
                yield self._adam()
                if not any(True for _ in self._saturating()):
                    yield self._rate(
                        0.1, "Large steps may have pushed units so far that none answers. Reset the weights."
                    )
            case Trouble.EXPLODING:
                yield self._usual_weights("too_large")
                yield self._rate(0.1, "Steps of a tenth of the size do not leap out of the valley.")
                yield from (self._batch_norm(), self._adam())
            case Trouble.ALL_ZERO:
                yield self._new_weights()
            case Trouble.DEAD:
                yield from (self._usual_weights("too_small", "zeros"), self._leaky(), self._batch_norm())
                yield self._rate(0.1, "Large steps push units so far that none answers any more. Reset the weights.")

    def _usual_weights(self, *unusual: str) -> CurveRemedy | None:
        return self._new_weights() if self._config.initialisation in unusual else None

    def _new_weights(self) -> CurveRemedy:
        present = INITIALISATIONS[self._config.initialisation]
        reason = "The first weights decide how large values and gradients are. All weights are drawn anew."
        if self._config.initialisation != PYTORCH:
            reason = f"First weights are set to “{present}” (More settings). {reason}"
        config = dataclasses.replace(self._config, initialisation=PYTORCH)
        return CurveRemedy("Draw weights as PyTorch does", reason, config=config, begins_anew=True)

    def _leaky(self) -> CurveRemedy | None:
        network = self._network
        for index, layer in self._working("activation"):
            if getattr(layer, "function", "") == "relu":
                network = network.replaced(index, layer.changed(function="leaky_relu"))
        reason = "A leaky ReLU has a slope below 0, too: a unit that rests still gets a gradient and can come back."
        return self._rebuilt("Use leaky ReLU activations", reason, network)

    def _on_flat(self) -> Iterator[CurveRemedy | None]:
        yield self._usual_weights("too_small", "zeros", *(("too_large",) if self._blown_up else ()))
        if self._blown_up:
            yield self._rate(0.1, "The first steps were so large that the network lost its way. Reset the weights.")
        yield from (self._rectified(), self._adam(), self._less_dropout(), self._no_weight_decay())
        if not self._blown_up:
            yield self._rate(3, "Larger steps leave a plain sooner.")
        yield self._more_units()

    def _on_easier(self) -> Iterator[CurveRemedy | None]:
        if switched_off_at_random(self._network) or self._config.augments:
            yield from (self._longer(), self._less_dropout(), self._no_augmentation())
            return
        yield from (self._all_validation_images(), self._keep_aside())

    def _longer(self) -> CurveRemedy | None:
        if self._impatient:
            return self._more_patience()
        epochs = 2 * self._config.epochs
        return self._set(f"Train longer: {self._config.epochs:,} → {epochs:,} epochs", _LONGER, epochs=epochs)

    def _more_patience(self) -> CurveRemedy | None:
        patience = max(2 * self._config.patience, PATIENCE)
        reason = "Early stopping then waits longer for the validation loss to fall again."
        return self._set(f"More patience: {self._config.patience:,} → {patience:,} epochs", reason, patience=patience)

    def _at_least_epochs(self) -> CurveRemedy | None:
        if self._config.epochs >= FEWEST_EPOCHS:
            return None
        return self._set(
            f"Train longer: {self._config.epochs} → {FEWEST_EPOCHS} epochs",
            "So many show a direction.",
            epochs=FEWEST_EPOCHS,
        )

    def _stop_early(self) -> CurveRemedy | None:
        if self._config.patience:
            return None
        reason = f"Training then ends {PATIENCE} epochs after validation was best, and the best weights are kept."
        return self._set(f"Stop early (patience {PATIENCE})", reason, patience=PATIENCE, keep_best=True)

    def _augmentation(self) -> CurveRemedy | None:
        if self._config.augments or takes_numbers(self._network.input_shape):
            return None
        reason = "Images that are never quite the same cannot be learned by heart."
        return self._set(f"Augment: shift {SHIFT} px, turn {TURN}°", reason, shift=SHIFT, rotation=float(TURN))

    def _no_augmentation(self) -> CurveRemedy | None:
        plain = dict.fromkeys(("shift", "rotation", "shear", "stretch", "hue", "noise"), 0)
        reason = "Training then sees the images as validation does."
        return self._set("No augmentation", reason, flip="none", **plain)

    def _weight_decay(self) -> CurveRemedy | None:
        if self._config.weight_decay:
            return None
        reason = "Small weights make smoother functions, which follow single images less."
        return self._set(f"Add weight decay {WEIGHT_DECAY:g}", reason, weight_decay=WEIGHT_DECAY)

    def _rate(self, factor: float, reason: str) -> CurveRemedy | None:
        rate = float(f"{self._config.learning_rate * factor:.3g}")
        label = f"{'Raise' if factor > 1 else 'Lower'} the rate: {self._config.learning_rate:g} → {rate:g}"
        return self._set(label, reason, learning_rate=rate)

    def _decaying(self) -> CurveRemedy | None:
        if self._config.schedule != "constant":
            return None
        return self._set("Let the rate decay", "The noise goes as the steps get smaller.", schedule="exponential")

    def _slower_decay(self) -> CurveRemedy | None:
        config = self._config
        if config.schedule != "exponential" or config.rate_in(config.epochs) > 0.1 * config.learning_rate:
            return None
        decay = round(config.decay**0.5, 2)
        reason = f"After {config.epochs} epochs only {config.decay**config.epochs:.1%} of the learning rate is left."
        return self._set(f"Slower decay: {config.decay:g} → {decay:g}", reason.replace("%", " %"), decay=decay)

    def _adam(self) -> CurveRemedy | None:
        if self._config.optimizer not in ("sgd", "momentum"):
            return None
        reason = "Adam finds a step size of its own for every weight."
        return self._set("Use Adam", reason, optimizer="adam", learning_rate=ADAMS_RATE)

    def _larger_batches(self) -> CurveRemedy | None:
        size = max(2 * self._config.batch_size, LEAST_BATCH)
        reason = "More images in a batch show the direction more reliably."
        return self._set(f"Larger batches: {self._config.batch_size:,} → {size:,}", reason, batch_size=size)

    def _all_training_images(self) -> CurveRemedy | None:
        if not self._config.train_size:
            return None
        return self._set("Train on all images", "More images are harder to learn by heart.", train_size=0)

    def _all_validation_images(self) -> CurveRemedy | None:
        if not self._config.validation_size:
            return None
        return self._set("Validate on all images", "Each fourfold number halves the uncertainty.", validation_size=0)

    def _keep_aside(self) -> CurveRemedy | None:
        if self._config.held_out == "train" or self._config.train_size:
            return None
        reason = "A part of the training images, which is then not trained on: of one kind, and none in both."
        return self._set("Validate on images kept aside", reason, held_out="train", validation_size=0)

    def _no_weight_decay(self) -> CurveRemedy | None:
        return self._set("No weight decay", "Nothing then pulls the weights back to 0.", weight_decay=0.0)

    def _rectified(self) -> CurveRemedy | None:
        network = self._network
        for index in self._saturating():
            network = network.replaced(index, Activation(function="relu"))
        reason = "Where a sigmoid or tanh is saturated, hardly any gradient gets through; ReLU passes it on whole."
        return self._rebuilt("Use ReLU activations", reason, network)

    def _saturating(self) -> Iterator[int]:
        """Yield the places of activations that pass hardly any gradient where they are saturated."""
        return (i for i, layer in self._working("activation") if getattr(layer, "function", "") in SATURATING)

    def _dropout(self) -> CurveRemedy | None:
        dense = [index for index, _ in self._working("dense")]
        if not dense:
            return None
        if dense[-1] and self._network.layers[dense[-1] - 1].kind == "dropout":
            return None
        network = self._network.inserted(dense[-1], Dropout(rate=DROPOUT))
        label = f"Insert dropout before {self._network.layers[dense[-1]].name}"
        return self._rebuilt(label, "No unit can rely on another one that knows an image by heart.", network)

    def _less_dropout(self) -> CurveRemedy | None:
        network = self._network
        for index, layer in self._working("dropout"):
            network = network.replaced(index, layer.changed(rate=round(getattr(layer, "rate", 0.0) / 2, 3)))
        return self._rebuilt("Halve every dropout rate", "More of the network learns in each step.", network)

    def _batch_norm(self) -> CurveRemedy | None:
        if any(True for _ in self._working("batch_norm")):
            return None
        network = self._network
        places = [index for index, _ in self._working("activation")]
        for index in reversed(places):
            network = network.inserted(index, BatchNorm())
        return self._rebuilt("Insert batch normalisation", "It keeps values in a good range at high rates.", network)

    def _more_units(self) -> CurveRemedy | None:
        widest = self._widest()
        if widest is not None:
            return self._widened(widest, 2, "A larger network can tell more apart.")
        dense = [index for index, _ in self._working("dense")]
        if not dense:
            return None
        network = self._network.inserted(dense[-1], Dense(units=HIDDEN)).inserted(dense[-1] + 1, Activation())
        return self._rebuilt(f"Insert a hidden layer of {HIDDEN} ReLUs", "One layer alone only weighs pixels.", network)

    def _fewer_units(self) -> CurveRemedy | None:
        widest = self._widest()
        return None if widest is None else self._widened(widest, 0.5, "A smaller network cannot learn all by heart.")

    def _widened(self, index: int, factor: float, reason: str) -> CurveRemedy | None:
        layer = self._network.layers[index]
        what = "units" if isinstance(layer, Dense) else "filters"
        before = int(getattr(layer, what))
        after = max(1, int(before * factor))
        try:
            network = self._network.replaced(index, layer.changed(**{what: after}))
        except SettingError:  # no layer may be that wide
            return None
        return self._rebuilt(
            f"{'Widen' if factor > 1 else 'Narrow'} {layer.name}: {before:,} → {after:,} {what}", reason, network
        )

    def _widest(self) -> int | None:
        """Return the layer with most weights of those whose width is free: all but the last dense one."""
        rows = self._network.report.rows
        free = [index for index, _ in self._working("conv2d")] + [index for index, _ in self._working("dense")][:-1]
        return max(free, key=lambda index: rows[index].trainable, default=None)

    def _working(self, kind: str) -> Iterator[tuple[int, Any]]:
        return ((i, layer) for i, layer in enumerate(self._network.layers) if layer.kind == kind and layer.enabled)

    def _set(self, label: str, reason: str, **settings: Any) -> CurveRemedy | None:
        try:
            config = dataclasses.replace(self._config, **settings)
        except SettingError:  # beyond what may be set
            return None
        return CurveRemedy(label, reason, config=config) if config != self._config else None

    def _rebuilt(self, label: str, reason: str, network: Network) -> CurveRemedy | None:
        if network == self._network or network.report.problem is not None:
            return None
        return CurveRemedy(label, reason, network=network)


_LONGER = "Curves that still fall have not arrived."
