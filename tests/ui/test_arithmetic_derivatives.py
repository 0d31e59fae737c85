"""The derivatives page of the arithmetic panel: the chain rule of the row or sample that is shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from convscope.core.data.drawing import Drawing, Picture
from convscope.core.derivatives import derivatives
from convscope.core.layers import Dropout
from convscope.core.mode import Mode
from convscope.core.presets import preset
from convscope.core.unit import Unit
from convscope.ui import background
from convscope.ui.document import Document
from convscope.ui.panels.arithmetic import ArithmeticPanel
from convscope.ui.session import Session
from convscope.ui.widgets.breakdown_block import StepsBlock, TextBlock
from convscope.ui.widgets.derivatives_block import DerivativesBlock
from convscope.ui.widgets.number_text import number_text

ROW = Drawing(numbers=(-0.96, -1.36), target=0.96)


def started(name: str, drawing: Drawing, qtbot: QtBot) -> Session:
    chosen = preset(name)
    session = Session(Document(network=chosen.network, config=chosen.training, drawing=drawing))
    session.start()
    qtbot.waitUntil(lambda: session.trace is not None)
    return session


def ended(session: Session) -> None:
    session.close()
    assert background.end_all()
    session.deleteLater()


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    made = started("height-mlp", ROW, qtbot)
    yield made
    ended(made)


@pytest.fixture
def digits(qtbot: QtBot) -> Iterator[Session]:
    image = np.random.default_rng(1).integers(0, 255, (1, 28, 28), np.uint8)
    made = started("softmax", Drawing(picture=Picture(image, 3, exact=True)), qtbot)
    yield made
    ended(made)


def shown(session: Session, qtbot: QtBot, unit: Unit) -> ArithmeticPanel:
    panel = ArithmeticPanel(session, {})
    qtbot.addWidget(panel)
    panel.resize(380, 640)
    panel.show()
    session.inspection.pin(unit)
    panel.pages.setFocus()
    qtbot.keyClick(panel.pages, Qt.Key.Key_Right)
    return panel


def lines(panel: ArithmeticPanel) -> dict[str, str]:
    assert panel.view.sheet is not None
    blocks = [block for block in panel.view.sheet.blocks if isinstance(block, DerivativesBlock)]
    return {line.rule: line.numbers for block in blocks for line in block.lines}


def texts(panel: ArithmeticPanel) -> list[str]:
    assert panel.view.sheet is not None
    return [block.text for block in panel.view.sheet.blocks if isinstance(block, TextBlock)]


def _sum(text: str) -> float:
    first, sign, second = text.replace("−", "-").rpartition(" - ")
    return float(first) - float(second) if sign else float(text)


def _steps(panel: ArithmeticPanel) -> list[str]:
    assert panel.view.sheet is not None
    return [step.text for block in panel.view.sheet.blocks if isinstance(block, StepsBlock) for step in block.steps]


def test_every_derivative_of_the_three_neurons_is_written_out(session: Session, qtbot: QtBot):
    panel = shown(session, qtbot, Unit(1, (0,)))
    found = lines(panel)
    for rule in ("∂L/∂ŷ = 2 · (ŷ − y)", "∂L/∂w[0,0] = ∂L/∂y[0] · x[0]", "∂L/∂b[1] = ∂L/∂y[1]"):
        assert rule in found
    assert sum("∂L/∂w" in rule for rule in found) == 4  # rules of both layers' first weights read alike
    assert panel.view.sheet is not None
    assert panel.view.sheet.agrees
    predicted = float(session.trace.logits[0])
    read = found["∂L/∂ŷ = 2 · (ŷ − y)"]
    error = read.partition("(")[2].partition(")")[0]
    assert read.endswith(f"= {number_text(2 * (predicted - 0.96))}")
    assert number_text(2 * _sum(error)) == number_text(2 * (predicted - 0.96))  # what is read comes out
    assert f"({error})² = {number_text(_sum(error) ** 2)}" in _steps(panel)


def test_it_is_said_how_far_torch_s_single_precision_is_from_the_loss(digits: Session, qtbot: QtBot):
    panel = shown(digits, qtbot, Unit(1, (7,)))
    right = derivatives(digits.network, digits.weights, digits.image, 3)
    assert panel.view.sheet is not None
    assert right.computed != right.loss
    off = number_text(right.computed - right.loss, 2)
    assert f"L = {number_text(right.computed, 7)}, off by {off}; every" in panel.view.sheet.exactness


def test_the_pinned_value_s_derivative_is_the_result(session: Session, qtbot: QtBot):
    panel = shown(session, qtbot, Unit(2, (1,)))
    target = np.array([0.96], np.float32)
    right = derivatives(session.network, session.weights, session.image, target)
    slope = right.layers[0].to_x.values[1]  # of what reaches the last layer
    assert panel.view.sheet is not None
    assert panel.view.sheet.result.endswith(f"∂L/∂activation_1[1] = {number_text(slope)}")


def test_every_pinned_value_has_a_page(session: Session, qtbot: QtBot):
    panel = shown(session, qtbot, Unit(-1, (1, 0, 0)))
    for unit in (Unit(-1, (1, 0, 0)), Unit(0, (0,)), Unit(3, (0,)), Unit(4, (0,))):
        session.inspection.pin(unit)
        assert panel.view.sheet is not None
        assert "∂L/∂" in panel.view.sheet.result


def test_typed_numbers_have_no_loss(session: Session, qtbot: QtBot):
    panel = shown(session, qtbot, Unit(1, (0,)))
    session.edit("Type", drawing=dataclasses.replace(ROW, target=None))
    qtbot.waitUntil(lambda: not lines(panel))
    assert panel.view.sheet is not None
    assert panel.view.sheet.result == ""
    qtbot.keyClick(panel.pages, Qt.Key.Key_Left)
    assert "bias" in panel.view.sheet.result


def test_a_sample_has_the_derivatives_of_its_cross_entropy(digits: Session, qtbot: QtBot):
    panel = shown(digits, qtbot, Unit(1, (7,)))
    found = lines(panel)
    share = float(digits.trace.probabilities[3])
    read, _, slope = found["∂L/∂z[3] = p[3] − 1"].partition(" = ")
    assert number_text(_sum(read)) == slope == number_text(share - 1)
    assert sum(rule.startswith("∂L/∂w[7,") for rule in found) == 8  # the greatest of 784
    assert panel.view.sheet is not None
    assert panel.view.sheet.agrees
    assert "… and 776 more weights, none with a larger derivative." in texts(panel)
    assert "… and 776 more, none with a larger derivative." in texts(panel)  # values of the image
    assert "… and 2 more, none with a larger derivative." in texts(panel)  # of ten scores


def test_of_few_weights_nothing_is_left_out(session: Session, qtbot: QtBot):
    panel = shown(session, qtbot, Unit(1, (0,)))
    assert not any("more" in text for text in texts(panel))


def test_seen_in_training_the_page_says_that_it_is_of_inference(session: Session, qtbot: QtBot):
    panel = shown(session, qtbot, Unit(1, (0,)))
    session.change_mode(Mode.TRAINING)
    qtbot.waitUntil(lambda: session.trace.mode is Mode.TRAINING)
    assert texts(panel)[0].startswith("The loss")  # nothing works in another way
    layers = session.network.layers
    with_dropout = dataclasses.replace(session.network, layers=(*layers[:3], Dropout(rate=0.5), *layers[3:]))
    session.edit("Add dropout", network=with_dropout)
    qtbot.waitUntil(lambda: texts(panel)[0].startswith("In inference: dropout passes everything"))
    session.change_mode(Mode.INFERENCE)
    qtbot.waitUntil(lambda: texts(panel)[0].startswith("The loss"))


def test_the_derivatives_are_of_the_network_that_was_traced(session: Session, qtbot: QtBot):
    panel = shown(session, qtbot, Unit(1, (0,)))
    before = lines(panel)
    first = session.network.layers[1].name
    traced = session.trace
    with qtbot.waitSignal(session.trace_changed):
        session.edit("Switch unit off", switched_off=frozenset({(first, 0), (first, 1)}))
        assert session.trace is traced  # that of the change follows in a moment
        panel.pages._known = None
        session.inspection.pin(Unit(1, (1,)))
        assert lines(panel) == before
    assert lines(panel) != before


def test_a_drawing_of_unknown_class_has_none(digits: Session, qtbot: QtBot):
    panel = shown(digits, qtbot, Unit(1, (7,)))
    digits.edit("Clear", drawing=Drawing())
    qtbot.waitUntil(lambda: not lines(panel))
