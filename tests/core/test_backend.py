"""What torch may use of this computer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from convscope.core import backend


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    """Give the other tests the number of threads they had."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_torch_gets_the_threads_that_are_asked_for():
    assert backend.use_threads(3) == 3
    assert torch.get_num_threads() == 3


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (8, 7)])
def test_one_core_is_left_to_the_window(cores: int, threads: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backend, "_cores", lambda: cores)
    assert backend.use_threads() == threads
    assert torch.get_num_threads() == threads


def test_the_processor_comes_first_and_every_device_works():
    names = [name for name, _ in backend.devices()]
    assert names[0] == "cpu"
    for name in names:
        assert torch.ones(2, device=name).sum().item() == 2
