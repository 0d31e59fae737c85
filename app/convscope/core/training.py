"""Training a network: a generator of snapshots that sets its own pace."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Generator

import numpy as np
import torch
from torch import Tensor

from convscope.core.augmentation import augmented, generator_for
from convscope.core.batch_step import BatchStep, Notes
from convscope.core.criterion import values_of
from convscope.core.data.dataset import Examples
from convscope.core.early_stopping import EarlyStopping
from convscope.core.evaluation import CHUNK, measured
from convscope.core.gradient_flow import FlowPoint, flow_point
from convscope.core.heap import Heap
from convscope.core.history import EpochPoint
from convscope.core.module import build_module, load_weights, read_gradients, read_weights
from convscope.core.network import Network
from convscope.core.report import smallest_batch
from convscope.core.snapshot import NO_STATISTICS, Orders, RunPhase, Snapshot
from convscope.core.stopwatch import Stopwatch
from convscope.core.training_config import LIVE, TrainingConfig
from convscope.core.training_setup import check, check_batch_size, device_named, optimizer_of, tensors_of
from convscope.core.training_step import Stage, StepDetails
from convscope.core.update_rules import UpdateRule
from convscope.core.weights import NO_WEIGHTS, Weights

PACE = 1 / 5  # seconds; more often, painting would take from training what nobody can read

Run = Generator[Snapshot, Orders | None, None]


def train(
    network: Network,
    weights: Weights,
    config: TrainingConfig,
    training: Examples,
    validation: Examples,
    *,
    pace: float = PACE,
    orders: Orders | None = None,
    hurried: Callable[[], bool] = lambda: False,
) -> Run:
    """Train a network and report at most every `pace` seconds, and at the end of every epoch.

    The caller decides how fast the run goes on: between two `next` nothing happens. `send` gives it `Orders`. The run
    ends after a failure, and when it is resumed after the last epoch without an order for more. A run that was stopped
    early has no more epochs to come either, and goes on by an order for more from the weights that it then has.

    Args:
        network: One without a problem.
        weights: Where to start; never changed.
        config: How to train; the same config, weights and examples give the same numbers on the same device.
        training: Images of the network's input shape and labels of its classes.
        validation: The same; used after every epoch.
        pace: Seconds between two snapshots; 0 reports every batch.
        orders: What `send` would say, before the first batch.
        hurried: Asked after every batch; a true answer brings the next report at once.

    Raises:
        TrainingError: Network and examples do not go together, or the device is missing.
    """
    run = _Run(network, weights, config, training, validation, pace, hurried)
    run.obey(orders)
    while run.unfinished:
        yield from run.one_epoch()
        yield from run.cut_short()


class _Run:
    """The state of a run, and its course: epochs of batches, each followed by a validation."""

    def __init__(
        self,
        network: Network,
        weights: Weights,
        config: TrainingConfig,
        training: Examples,
        validation: Examples,
        pace: float,
        hurried: Callable[[], bool],
    ) -> None:
        check(network, training, validation)
        check_batch_size(network, min(config.batch_size, len(training)))
        device = device_named(config.device)
        self._network = network
        self._config = config
        self._hurried = hurried
        self._phase = RunPhase.TRAINING
        self._epoch = 0  # finished ones
        self._done = 0  # examples of the present one
        self._step = self._epoch_step = 0
        self._due: int | None = None  # batches until a report that was ordered
        self._slowly = False  # until the present batch is done
        self._module = build_module(network, torch.Generator(device).manual_seed(config.seed)).to(device)
        load_weights(self._module, weights)
        self._optimizer = optimizer_of(self._module, config)
        self._shuffle = torch.Generator().manual_seed(config.seed)
        self._augmentation = generator_for(config.seed, device)
        self._stopping = EarlyStopping()
        self._training = tensors_of(training, device)
        self._validation = tensors_of(validation, device)
        self._lone_examples_fail = smallest_batch(network) > 1
        self._watch, self._heap = Stopwatch(pace), Heap()
        self._details: StepDetails | None = None  # of the batch that is taken in slow motion
        self._notes: Notes | None = None  # of the last batch that was looked at, until it is reported
        self._noted_step, self._updates, self._statistics = 0, NO_WEIGHTS, NO_STATISTICS  # that were reported last
        self._batches: list[tuple[float, float, float]] = []  # position in epochs, loss, accuracy
        self._points: list[EpochPoint] = []
        self._last_weights = weights
        self._problem = self._note = ""

    @property
    def unfinished(self) -> bool:
        """Whether there are epochs to come."""
        return self._epoch < self._config.epochs and self._phase is not RunPhase.FAILED

    def one_epoch(self) -> Run:
        """Train on every example once, then validate; the last snapshot has the epoch's point."""
        began, rate = self._watch.busy, self._rate()
        loss, accuracy = yield from self._learned()
        if not math.isfinite(loss):
            yield from self._failed(f"In batch {self._step + 1:,} the loss became {_not_finite(loss)}")
            return
        validating = self._watch.busy
        validation_loss, validation_accuracy = yield from self._validated()
        if not math.isfinite(validation_loss):
            yield from self._failed(f"In epoch {self._epoch + 1} the validation loss is {_not_finite(validation_loss)}")
            return
        now = self._watch.busy
        self._watch.count_validation(now - validating)
        self._epoch, self._done = self._epoch + 1, 0
        measures = (loss, accuracy, validation_loss, validation_accuracy)
        self._points.append(EpochPoint(self._epoch, *measures, learning_rate=rate, seconds=now - began))
        self._stop_early(validation_loss)
        self._phase = RunPhase.TRAINING if self.unfinished else RunPhase.FINISHED
        yield from self._report()

    def _stop_early(self, validation_loss: float) -> None:
        """Make this epoch the last if the validation loss has not fallen for too long, and restore the best weights."""
        weights = self._finite(read_weights(self._module, self._last_weights))
        if not self._stopping.is_over(self._epoch, validation_loss, weights, self._config.patience):
            return
        self._note = self._stopping.sentence(self._epoch, keep_best=self._config.keep_best)
        self._config = dataclasses.replace(self._config, epochs=self._epoch)
        if self._config.keep_best:
            load_weights(self._module, self._stopping.weights)
            self._notes = None  # to which the last step has not led
            self._optimizer = optimizer_of(self._module, self._config)  # what it remembers led away from these weights
        self._stopping.wait_again()

    def cut_short(self) -> Run:
        """Report the end once more where an order that came with the last epoch's report made it the last."""
        if self._phase is RunPhase.TRAINING and not self.unfinished:
            self._phase = RunPhase.FINISHED
            yield from self._report()

    def _learned(self) -> Generator[Snapshot, Orders | None, tuple[float, float]]:
        """Train on every example once; return mean loss and accuracy, or the first loss that is not finite."""
        self._phase, self._note = RunPhase.TRAINING, ""
        count = len(self._training[1])
        order = torch.randperm(count, generator=self._shuffle)
        self._epoch_step, seen, loss_sum, right = 0, 0, 0.0, 0
        while self._done < count:
            chosen = order[self._done : self._done + self._config.batch_size]
            self._done += len(chosen)
            if len(chosen) == 1 and self._lone_examples_fail:
                continue  # one example left over at the end has no spread to normalise by
            began = self._watch.busy
            loss, correct = yield from self._one_batch(chosen)
            if not math.isfinite(loss):
                return loss, 0.0
            self._watch.count_batch(self._watch.busy - began, len(chosen))
            self._step, self._epoch_step = self._step + 1, self._epoch_step + 1
            seen, loss_sum, right = seen + len(chosen), loss_sum + loss * len(chosen), right + correct
            self._batches.append((self._epoch + self._done / count, loss, correct / len(chosen)))
            slowly, self._slowly = self._slowly, False
            if (self._is_due() and self._done < count) or slowly:  # the report at the end has the validation too
                yield from self._report()
        return loss_sum / seen, right / seen

    def _one_batch(self, chosen: Tensor) -> Generator[Snapshot, Orders | None, tuple[float, float]]:
        """Take one step down the gradient; return the batch's mean loss before it, and how many were right."""
        step = self._begun(chosen)
        notes = Notes(self._module, self._step + 1) if self._is_report_near() else None
        step.forward(notes)
        if self._slowly:
            self._details = step.begun(self._rule, self._last_weights)
            yield from self._report()
        for stage, work in ((Stage.LOSS, step.measure), (Stage.BACKWARD, step.backward)):
            work()
            yield from self._shown(step, stage)
        step.update(self._rate(), self._config.weight_decay)
        self._end_details(step)
        self._notes = notes if notes is not None and step.can_learn else None
        return step.loss, step.right

    def _begun(self, chosen: Tensor) -> BatchStep:
        images, labels = self._training
        chosen = chosen.to(images.device)
        x = augmented(values_of(images[chosen]), self._config, self._augmentation)
        return BatchStep(self._module, self._optimizer, x, labels[chosen])

    def _shown(self, step: BatchStep, stage: Stage) -> Run:
        """Report a stage in slow motion."""
        if self._slowly and self._details is not None:
            self._details = step.continued(self._details, stage, self._rule)
            yield from self._report()

    def _end_details(self, step: BatchStep) -> None:
        """Complete the details by the update, or forget them where the batch is not taken slowly to its end."""
        if self._details is not None:
            ended = self._slowly and math.isfinite(step.loss)
            self._details = step.continued(self._details, Stage.UPDATE, self._rule) if ended else None

    @property
    def _is_amid_batch(self) -> bool:
        return self._details is not None and not self._details.has(Stage.UPDATE)

    def _is_report_near(self) -> bool:
        """Say whether the batch that begins is likely to be reported, so that it is worth a closer look."""
        if self._slowly or self._due is not None or self._done >= len(self._training[1]) or self._hurried():
            return True
        return self._watch.is_due(ahead=1.5 * self._watch.last_batch)

    def _validated(self) -> Generator[Snapshot, Orders | None, tuple[float, float]]:
        """Return mean loss and accuracy on the validation examples, reporting on the way."""
        self._phase = RunPhase.VALIDATING
        images, labels = self._validation
        loss, right = 0.0, 0
        for start in range(0, len(labels), CHUNK):
            more = measured(self._module, images[start : start + CHUNK], labels[start : start + CHUNK])
            loss, right = loss + more[0], right + more[1]
            if self._watch.is_due() or self._hurried():
                yield from self._report()
        return loss / len(labels), right / len(labels)

    def _failed(self, what: str) -> Run:
        self._phase = RunPhase.FAILED
        self._problem = (
            f"{what}, so the run was stopped: the steps were too large. Reset the weights, then try a learning rate of "
            f"{self._rate() / 10:.3g} instead of {self._rate():.3g}, batch normalisation, or the optimiser Adam."
        )
        yield from self._report()

    def _report(self) -> Run:
        snapshot = self._snapshot()
        with self._watch.stopped():
            order = yield snapshot
        self._heap.tidy()
        self.obey(order)

    def _snapshot(self) -> Snapshot:
        arrays, points = np.array(self._batches, np.float64).reshape(-1, 3), tuple(self._points)
        self._batches, self._points = [], []
        details, is_amid_batch, gradients, flow = self._details, self._is_amid_batch, read_gradients(self._module), None
        if not is_amid_batch:
            weights = read_weights(self._module, self._last_weights)
            flow = self._compared(weights, gradients)
            self._last_weights, self._details = self._finite(weights), None
        return Snapshot(
            phase=self._phase,
            step=self._step,
            epoch=self._epoch + bool(self._done),
            epochs=self._config.epochs,
            epoch_step=self._epoch_step,
            epoch_steps=self._epoch_step + self._batches_left() + is_amid_batch,
            batch_epochs=arrays[:, 0],
            batch_losses=arrays[:, 1].astype(np.float32),
            batch_accuracies=arrays[:, 2].astype(np.float32),
            points=points,
            weights=self._last_weights,
            gradients=gradients,
            noted_step=self._noted_step,
            updates=self._updates,
            batch_statistics=self._statistics,
            flow=flow,
            details=details,
            examples_per_second=self._watch.speed,
            seconds_left=self._watch.seconds_left(self._examples_left(), self._epochs_left()),
            problem=self._problem,
            note=self._note,
        )

    def _compared(self, weights: Weights, gradients: Weights) -> FlowPoint | None:
        """Take over what was noted of the last batch, and return its sizes; None where nothing was."""
        if self._notes is None:
            return None
        notes, self._notes = self._notes, None
        self._noted_step, self._updates, self._statistics = notes.step, notes.updates(weights), notes.batch_statistics
        position = self._epoch + self._done / len(self._training[1])
        return flow_point(self._network, position, gradients, self._updates, weights, notes.silent)

    def obey(self, order: Orders | None) -> None:
        """Take over what can be changed while a run goes on."""
        self._due = order.batches if order else None
        if order is None:
            return
        self._slowly = order.slowly
        if order.network is not None:
            self._module.follow(order.network)
        if (new := order.config) is not None:
            check_batch_size(self._network, new.batch_size)
            self._config = dataclasses.replace(self._config, **{name: getattr(new, name) for name in LIVE})

    def _is_due(self) -> bool:
        if self._due is None:
            return self._watch.is_due() or self._hurried()
        self._due -= 1
        return self._due <= 0

    @property
    def _rule(self) -> UpdateRule:
        return UpdateRule.of(self._config, self._epoch)

    def _rate(self) -> float:
        return self._config.rate_in(self._epoch)

    def _epochs_left(self) -> int:
        """Return the epochs to come, the present one with them even where fewer are ordered by now."""
        return max(self._config.epochs - self._epoch, int(self._done > 0))

    def _examples_left(self) -> int:
        return self._epochs_left() * len(self._training[1]) - self._done

    def _batches_left(self) -> int:
        left = len(self._training[1]) - self._done
        return math.ceil(left / self._config.batch_size) if self._done else 0

    def _finite(self, weights: Weights) -> Weights:
        # A step may overflow before the next loss tells it. Then the last good weights are worth more than none.
        return weights if all(np.isfinite(array).all() for array in weights.values()) else self._last_weights


def _not_finite(loss: float) -> str:
    return "not a number" if math.isnan(loss) else "infinite"
