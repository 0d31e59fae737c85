"""Curves of a run: growing them, and reading them back from arrays."""

from __future__ import annotations

import numpy as np
import pytest

from convscope.core.history import EpochPoint, History

POINT = EpochPoint(1, 0.5, 0.8, 0.6, 0.75, 0.001, 12.5)


def some() -> History:
    """Three batches and one finished epoch."""
    return History().extended(([0.5, 1.0, 1.5], [2.0, 1.0, 0.5], [0.1, 0.5, 0.9]), [POINT])


def test_a_new_history_is_empty():
    assert len(History()) == 0
    assert History().epochs == ()


def test_extending_appends_and_leaves_the_old_one_alone():
    old = some()
    new = old.extended((np.array([2.0]), np.array([0.25]), np.array([1.0])))
    assert len(old) == 3
    np.testing.assert_array_equal(new.batch_epochs, [0.5, 1.0, 1.5, 2.0])
    np.testing.assert_array_equal(new.batch_losses, np.array([2.0, 1.0, 0.5, 0.25], np.float32))
    np.testing.assert_array_equal(new.batch_accuracies, np.array([0.1, 0.5, 0.9, 1.0], np.float32))
    assert new.epochs == (POINT,)


def test_an_epoch_alone_can_be_added():
    assert some().extended(points=[POINT]).epochs == (POINT, POINT)
    assert len(some().extended(points=[POINT])) == 3


def test_arrays_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        some().batch_losses[0] = 0


def test_batches_of_different_length_are_refused():
    with pytest.raises(ValueError, match="batch_losses"):
        History().extended(([0.5, 1.0], [1.0], [0.1, 0.2]))


@pytest.mark.parametrize("history", [History(), some()])
def test_arrays_bring_back_the_same_history(history: History):
    back = History.from_arrays(history.to_arrays())
    assert back.epochs == history.epochs
    for name in ("batch_epochs", "batch_losses", "batch_accuracies"):
        np.testing.assert_array_equal(getattr(back, name), getattr(history, name))


def test_a_run_that_diverged_is_kept():
    diverged = some().extended(([2.0], [np.inf], [0.1])).extended(([2.5], [np.nan], [0.1]))
    assert np.isnan(History.from_arrays(diverged.to_arrays()).batch_losses[-1])


def test_a_history_does_not_share_memory_with_the_arrays_it_came_from():
    arrays = some().to_arrays()
    arrays = {name: array.copy() for name, array in arrays.items()}
    history = History.from_arrays(arrays)
    arrays["batch_losses"][0] = 99
    assert history.batch_losses[0] == 2.0


@pytest.mark.parametrize(
    ("name", "array", "reason"),
    [
        ("batch_losses", np.zeros(2, np.float32), "batch_losses"),
        ("batch_losses", np.zeros(3, np.float64), "float64"),
        ("batch_epochs", np.array([1.0, 0.5, 2.0]), "in order"),
        ("batch_epochs", np.array([0.5, 1.0, np.inf]), "in order"),
        ("batch_epochs", np.array([np.nan, 1.0, 2.0]), "in order"),
        ("batch_epochs", np.array([-1.0, 1.0, 2.0]), "in order"),
        ("epochs", np.zeros((1, 6)), "epochs"),
        ("epochs", np.zeros((1, 7), np.float32), "float32"),
        ("epochs", np.full((1, 7), 1.5), "whole numbers"),
        ("epochs", np.full((1, 7), np.nan), "whole numbers"),
        ("epochs", np.zeros((1, 7)), "in order"),
        ("strange", np.zeros(3), "strange"),
    ],
)
def test_wrong_arrays_are_refused_with_the_reason(name: str, array: np.ndarray, reason: str):
    with pytest.raises(ValueError, match=f"(?i){reason}"):
        History.from_arrays({**some().to_arrays(), name: array})


def test_a_missing_array_is_refused():
    arrays = some().to_arrays()
    del arrays["epochs"]
    with pytest.raises(ValueError, match="epochs"):
        History.from_arrays(arrays)
