"""Undo and redo over a document that training changes meanwhile."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtGui import QUndoStack

from convscope.core.layers import Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import carried_over, frozen, initial_weights
from convscope.ui.document import Change, Document, differences, reapplied


class Holder:
    """Holds a document as the session does."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.stack = QUndoStack()

    def push(self, text: str, **changes: object) -> None:
        after = dataclasses.replace(self.document, **changes)
        self.stack.push(Change(text, self.document, after, lambda: self.document, self.set))

    def set(self, document: Document) -> None:
        self.document = document

    def learn(self) -> None:
        """Change all weights, as a snapshot of a run does."""
        new = frozen({key: array + 1 for key, array in self.document.weights.items()})
        self.document = dataclasses.replace(self.document, weights=new)


@pytest.fixture
def holder(qapp) -> Holder:
    network = Network((1, 8, 8), (Conv2d(2), Flatten(), Dense(3)), 3)
    return Holder(Document(network, initial_weights(network, 0)))


def test_differences_are_the_fields_with_other_objects():
    one = Document()
    other = dataclasses.replace(one, config=TrainingConfig(epochs=7))
    assert differences(one, other) == {"config": other.config}
    assert differences(one, one) == {}


def test_undo_of_an_edit_keeps_what_other_layers_have_learned(holder: Holder):
    before = holder.document
    network = before.network.replaced(2, Dense(5))
    holder.push("Change units", network=network, weights=carried_over(before.weights, network, 0).weights)
    holder.learn()
    learned = holder.document.weights
    holder.stack.undo()
    weights = holder.document.weights
    assert holder.document.network is before.network
    np.testing.assert_array_equal(weights["conv_1.weight"], learned["conv_1.weight"])
    np.testing.assert_array_equal(weights["dense_1.weight"], before.weights["dense_1.weight"])


def test_redo_brings_back_the_arrays_the_edit_drew(holder: Holder):
    before = holder.document
    network = before.network.replaced(2, Dense(5))
    holder.push("Change units", network=network, weights=carried_over(before.weights, network, 0).weights)
    drawn = holder.document.weights["dense_1.weight"]
    holder.stack.undo()
    holder.learn()
    learned = holder.document.weights["conv_1.weight"]
    holder.stack.redo()
    assert holder.document.weights["dense_1.weight"].shape == (5, 72)
    np.testing.assert_array_equal(holder.document.weights["dense_1.weight"], drawn)
    np.testing.assert_array_equal(holder.document.weights["conv_1.weight"], learned)


def test_undo_of_a_removal_brings_the_layers_weights_back(holder: Holder):
    before = holder.document
    network = before.network.removed(0)
    holder.push("Remove conv_1", network=network, weights=carried_over(before.weights, network, 0).weights)
    assert "conv_1.weight" not in holder.document.weights
    holder.stack.undo()
    np.testing.assert_array_equal(holder.document.weights["conv_1.weight"], before.weights["conv_1.weight"])


def test_undo_of_settings_leaves_trained_weights_alone(holder: Holder):
    holder.push("Change epochs", config=TrainingConfig(epochs=9))
    holder.learn()
    learned = holder.document.weights
    holder.stack.undo()
    assert holder.document.config.epochs == TrainingConfig().epochs
    assert holder.document.weights is learned


def test_steps_of_a_spin_box_are_one(holder: Holder):
    first = holder.document.config
    for epochs in (6, 7, 8):
        holder.push("Change epochs", config=TrainingConfig(epochs=epochs))
    holder.push("Choose a preset", config=TrainingConfig(epochs=2))
    holder.push("Choose a preset", config=TrainingConfig(epochs=3))
    assert holder.stack.count() == 3
    holder.stack.undo()
    holder.stack.undo()
    assert holder.document.config.epochs == 8
    holder.stack.undo()
    assert holder.document.config is first


def test_reapplying_nothing_changes_nothing(holder: Holder):
    document = holder.document
    assert differences(reapplied(document, document, document), document) == {}


def test_redo_brings_back_what_was_learned_after_the_step(holder: Holder):
    before = holder.document
    holder.push("Reset weights", weights=initial_weights(before.network, 1))
    holder.learn()
    learned = holder.document.weights
    holder.stack.undo()
    np.testing.assert_array_equal(holder.document.weights["dense_1.weight"], before.weights["dense_1.weight"])
    holder.stack.redo()
    for key, array in learned.items():
        np.testing.assert_array_equal(holder.document.weights[key], array)


def test_undo_brings_back_what_was_learned_before_the_redo(holder: Holder):
    before = holder.document
    holder.push("Reset weights", weights=initial_weights(before.network, 1))
    holder.stack.undo()
    holder.learn()
    learned = holder.document.weights
    holder.stack.redo()
    holder.stack.undo()
    for key, array in learned.items():
        np.testing.assert_array_equal(holder.document.weights[key], array)
