"""Settings of a training run: limits, what is shown, the learning rate of an epoch, JSON."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from convscope.core.settings import SettingError, settings_of
from convscope.core.training_config import LIVE, TrainingConfig


def test_a_constant_rate_is_the_same_in_every_epoch():
    config = TrainingConfig(learning_rate=0.01, decay=0.5)
    assert [config.rate_in(epoch) for epoch in (0, 1, 7)] == [0.01, 0.01, 0.01]


def test_an_exponential_rate_is_multiplied_once_per_epoch():
    config = TrainingConfig(learning_rate=0.01, schedule="exponential", decay=0.6)
    assert config.rate_in(0) == 0.01
    assert config.rate_in(1) == pytest.approx(0.006)
    assert config.rate_in(3) == pytest.approx(0.01 * 0.216)


def test_a_rate_after_very_many_epochs_is_zero_and_no_error():
    assert TrainingConfig(schedule="exponential").rate_in(9_999) == 0.0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("optimizer", "newton"),
        ("learning_rate", 0),
        ("learning_rate", 101),
        ("learning_rate", float("nan")),
        ("momentum", 1),
        ("schedule", "cosine"),
        ("decay", 0),
        ("decay", 1.1),
        ("batch_size", 0),
        ("batch_size", 10_001),
        ("epochs", 0),
        ("epochs", 10_001),
        ("seed", -1),
        ("seed", 2**31),
        ("train_size", -1),
        ("validation_size", -1),
        ("held_out", "both"),
        ("device", 3),
        ("weight_decay", -0.1),
        ("weight_decay", 1.1),
        ("patience", -1),
        ("keep_best", 1),
        ("initialisation", "lecun"),
        ("shift", 0.5),
        ("shift", 101),
        ("rotation", 181),
        ("shear", 61),
        ("stretch", 1),
        ("flip", "upwards"),
        ("hue", 0.6),
        ("noise", 1.1),
    ],
)
def test_a_value_outside_its_limits_is_refused_by_its_label(name: str, value: Any):
    label = {setting.name: setting.label for setting in settings_of(TrainingConfig)}[name]
    with pytest.raises(SettingError, match=label):
        TrainingConfig(**{name: value})


def shown(config: TrainingConfig) -> set[str]:
    """Names of the settings a form would show."""
    return {setting.name for setting in settings_of(config) if setting.shown(config)}


def test_a_setting_is_shown_only_where_it_has_an_effect():
    assert {"momentum", "decay", "keep_best"}.isdisjoint(shown(TrainingConfig()))
    assert "momentum" in shown(TrainingConfig(optimizer="momentum"))
    assert "decay" in shown(TrainingConfig(schedule="exponential"))
    assert "keep_best" in shown(TrainingConfig(patience=1))


def test_json_brings_back_the_same_config():
    config = TrainingConfig(optimizer="momentum", learning_rate=0.05, epochs=7, held_out="train", device="cuda:1")
    assert TrainingConfig.from_json(json.loads(json.dumps(config.to_json()))) == config
    more = TrainingConfig(weight_decay=0.01, patience=4, keep_best=False, initialisation="he", shift=2, flip="both")
    assert TrainingConfig.from_json(json.loads(json.dumps(more.to_json()))) == more
    assert TrainingConfig.from_json({"epochs": 3}) == TrainingConfig(epochs=3)  # what older files hold


def test_json_with_an_unknown_name_is_refused():
    with pytest.raises(SettingError, match="warmup"):
        TrainingConfig.from_json({"warmup": 3})


def test_every_field_is_a_setting_with_a_help_sentence():
    settings = settings_of(TrainingConfig)
    assert len(settings) == len(dataclasses.fields(TrainingConfig))
    assert all(setting.help.endswith(".") and setting.label for setting in settings)


def test_what_can_change_during_a_run_are_settings():
    assert {setting.name for setting in settings_of(TrainingConfig)} > LIVE
