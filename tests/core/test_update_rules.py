"""The rules of the optimisers in numbers, against torch.optim over several steps."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from convscope.core.training_config import OPTIMIZERS, TrainingConfig
from convscope.core.update_rules import MEMORY, Moment, UpdateRule, WorkedUpdate, worked_update

SIZES = st.sampled_from([0.0, 1e-12, 1e-6, 0.003, 0.4, 1.0, 50.0])
NUMBERS = st.builds(lambda size, sign: size * sign, SIZES, st.sampled_from([-1.0, 1.0]))


def optimiser(rule: UpdateRule, parameter: torch.nn.Parameter) -> torch.optim.Optimizer:
    kinds = {"adagrad": torch.optim.Adagrad, "rmsprop": torch.optim.RMSprop, "adam": torch.optim.Adam}
    if rule.optimizer in kinds:
        return kinds[rule.optimizer]([parameter], lr=rule.learning_rate, weight_decay=rule.weight_decay)
    momentum = rule.momentum if rule.optimizer == "momentum" else 0.0
    return torch.optim.SGD([parameter], lr=rule.learning_rate, weight_decay=rule.weight_decay, momentum=momentum)


def stepped(rule: UpdateRule, weight: float, gradients: list[float]) -> list[WorkedUpdate]:
    """Return each step that torch makes with one weight, worked out."""
    parameter = torch.nn.Parameter(torch.tensor([weight]))
    optimizer = optimiser(rule, parameter)
    steps: list[WorkedUpdate] = []
    for number, gradient in enumerate(gradients):
        parameter.grad = torch.tensor([gradient])
        state = optimizer.state.get(parameter, {})
        memory = {key: float(value) for key, value in state.items() if torch.is_tensor(value) and value.ndim}
        before = float(parameter.detach())
        optimizer.step()
        moment = Moment(before, float(parameter.grad), memory, number + 1, float(parameter.detach()))
        steps.append(worked_update(rule, moment))
    return steps


@settings(max_examples=60)
@given(
    optimizer=st.sampled_from(sorted(OPTIMIZERS)),
    rate=st.sampled_from([1e-6, 0.001, 0.3, 5.0]),
    momentum=st.sampled_from([0.0, 0.5, 0.9]),
    decay=st.sampled_from([0.0, 0.001, 0.5]),
    weight=NUMBERS,
    gradients=st.lists(NUMBERS, min_size=1, max_size=6),
)
def test_every_step_comes_to_what_torch_computed(
    optimizer: str, rate: float, momentum: float, decay: float, weight: float, gradients: list[float]
):
    for worked in stepped(UpdateRule(optimizer, rate, momentum, decay), weight, gradients):
        assert abs(worked.residual) <= worked.bound, worked
        size = abs(worked.moment.weight) + abs(worked.lines[-2].value)
        assert worked.lines[-2].symbol == "Δw"
        assert worked.lines[-1].symbol == "w′"
        assert worked.lines[-1].value == worked.value
        if not decay and optimizer in ("sgd", "adagrad", "rmsprop"):  # where nothing cancels, the bound is narrow
            assert worked.bound <= 1e-5 * size + 1e-35


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_wrong_number_is_noticed(optimizer: str):
    rule = UpdateRule(optimizer, 0.01, 0.9, 0.01)
    for worked in stepped(rule, 0.4, [0.3, -0.2, 0.25]):
        moment = worked.moment
        off = Moment(moment.weight, moment.gradient, moment.memory, moment.step, moment.computed + 1e-3 * 0.01)
        assert abs(worked_update(rule, off).residual) > worked.bound


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_line_says_its_formula_and_the_same_with_numbers(optimizer: str):
    worked = stepped(UpdateRule(optimizer, 0.01, 0.9, 0.02), 0.4, [0.3, -0.2])[-1]
    for line in worked.lines:
        numbers = line.worked(_written, 5)
        assert numbers != line.formula
        for symbol, value in line.known.items():
            assert symbol in line.parts
            assert repr(value) in numbers
        expression = numbers.replace("−", "-").replace(" · ", "*").replace("²", "**2")
        if "√" not in numbers:
            assert eval(expression) == pytest.approx(line.value)
    assert worked.lines[0].formula == "g + λ · w"
    assert worked.lines[-1].formula == "w + Δw"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_symbols_are_letters_that_every_font_draws_one_by_one(optimizer: str):
    worked = stepped(UpdateRule(optimizer, 0.01, 0.9, 0.02), 0.4, [0.3, -0.2])[-1]
    for line in worked.lines:
        assert not any(map(unicodedata.combining, line.symbol + line.formula))
    symbols = [line.symbol for line in worked.lines]
    assert len(set(symbols)) == len(symbols)


def _written(value: float, digits: int) -> str:
    return repr(value)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_is_read_comes_out_where_terms_cancel(optimizer: str):
    worked = stepped(UpdateRule(optimizer, 0.01, 0.9, 0.02), -1.0, [0.0171, 0.0212, 0.0196])[-1]
    cancelled = 0
    for line in worked.lines:
        numbers = line.worked(lambda value, digits: f"{value:.{digits}g}", 5)
        cancelled += any(largest > 5 * abs(total) for total, largest in line.sums.values())
        if "√" not in numbers:
            expression = numbers.replace("−", "-").replace(" · ", "*").replace("²", "**2")
            assert eval(expression) == pytest.approx(line.value, rel=5e-5)
    assert cancelled >= (optimizer != "momentum")  # at least the gradient and its weight decay


def test_what_optimisers_remember_is_part_of_the_formula():
    for optimizer, names in MEMORY.items():
        later = stepped(UpdateRule(optimizer, 0.01, 0.9), 0.4, [0.3, -0.2])[-1]
        known = {symbol for line in later.lines for symbol in line.known}
        assert set(names) == set(later.moment.memory)
        assert set(names.values()) <= known


def test_momentum_begins_with_the_gradient_alone():
    first, second = stepped(UpdateRule("momentum", 0.1, 0.9), 1.0, [0.5, 0.5])
    assert first.lines[0].formula == "g"
    assert second.lines[0].formula == "μ · v + g"
    assert second.lines[0].worked(_written, 5) == "0.9 · 0.5 + 0.5"
    assert second.value == pytest.approx(0.95 - 0.1 * 0.95)


def test_negative_numbers_stand_in_brackets():
    worked = stepped(UpdateRule("sgd", 0.5), -1.0, [-0.25])[0]
    assert [line.worked(_written, 5) for line in worked.lines] == ["−0.5 · (-0.25)", "(-1.0) + 0.125"]


def test_the_rule_is_that_of_the_settings_in_an_epoch():
    config = TrainingConfig(optimizer="momentum", learning_rate=0.1, schedule="exponential", decay=0.5, momentum=0.8)
    rule = UpdateRule.of(config, 2)
    assert (rule.optimizer, rule.learning_rate, rule.momentum) == ("momentum", 0.025, 0.8)
    assert rule.title == "SGD with momentum"
    assert np.isnan(Moment(0.0, 0.0).computed)
