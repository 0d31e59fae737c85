"""One step in the window: its stages, the images with their losses, gradients beside kernels, and a weight's update."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QFontMetricsF
from PySide6.QtWidgets import QApplication, QToolButton

from convscope.core.data.progress import finished
from convscope.core.data.sources import loading
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig
from convscope.core.training_step import Stage, StepDetails
from convscope.ui import background, theme
from convscope.ui.actions import make_actions
from convscope.ui.document import Document
from convscope.ui.panels.step import StepPanel
from convscope.ui.panels.step_source import folded, step_table
from convscope.ui.run_state import RunState, allowed_actions
from convscope.ui.session import Session
from convscope.ui.widgets.kernel_places import Spot
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.step_batch import Batch, BatchCards

NETWORK = Network(
    (1, 28, 28),
    (Conv2d(filters=3, kernel_size=7, stride=3), BatchNorm(), Activation(), Flatten(), Dense(units=10)),
)
CONFIG = TrainingConfig(train_size=200, validation_size=100, batch_size=20, epochs=1, weight_decay=0.01)
LONG = 20_000  # milliseconds; a busy machine may take long to load torch


@pytest.fixture
def session(qtbot, monkeypatch: pytest.MonkeyPatch, digits_folder: Path) -> Iterator[Session]:
    monkeypatch.setattr(Session, "_ask", lambda self: None)
    session = Session(Document(NETWORK, config=CONFIG))
    session._dataset = finished(loading("folder", folder=digits_folder))
    yield session
    session.close()
    assert background.end_all()


@pytest.fixture
def panel(qtbot, qapp: QApplication, session: Session) -> Iterator[StepPanel]:
    theme.apply(qapp, "light")
    holder = QToolButton()
    qtbot.addWidget(holder)
    actions = make_actions(holder)
    actions["action_step_stage"].triggered.connect(session.step_stage)
    actions["action_train"].triggered.connect(session.train)
    panel = StepPanel(session, actions)
    qtbot.addWidget(panel)
    panel.resize(560, 300)
    panel.show()
    yield panel
    panel.hide()


def press_next(qtbot, panel: StepPanel, session: Session, count: int = 1) -> StepDetails:
    """Press the button so many times, waiting for each stage, and return what is known then."""
    for _ in range(count):
        with qtbot.waitSignal(session.step_watch.step_changed, timeout=LONG):
            qtbot.mouseClick(panel.next_button, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: session.run_state is RunState.PAUSED, timeout=LONG)
    details = session.step_watch.details
    assert details is not None
    return details


def page(panel: StepPanel) -> int:
    return panel._group.checkedId()


def test_the_panel_says_how_to_begin(panel: StepPanel):
    assert panel.stages.stage is None
    assert panel.sentence.text().startswith("Press Next stage")


def test_each_press_highlights_the_next_stage_and_shows_what_belongs_to_it(qtbot, panel: StepPanel, session: Session):
    pages = {Stage.FORWARD: 0, Stage.LOSS: 0, Stage.BACKWARD: 1, Stage.UPDATE: 2}
    for number, stage in enumerate(Stage):
        press_next(qtbot, panel, session)
        assert panel.stages.stage is stage
        assert panel.stages.accessibleDescription() == f"{stage.value}, stage {number + 1} of 4"
        assert page(panel) == pages[stage]
        assert panel.update_sheet.isVisible() == (stage is Stage.UPDATE)


def test_the_images_stand_with_classes_logits_and_losses_the_worst_first(qtbot, panel: StepPanel, session: Session):
    forward = press_next(qtbot, panel, session)
    right = int((forward.predicted == forward.labels).sum())
    assert f"right for {right}." in panel.sentence.text()
    assert panel.cards.order == list(range(20))
    loss = press_next(qtbot, panel, session)
    assert (np.diff(loss.losses[panel.cards.order]) <= 0).all()
    assert number_text(loss.mean_loss) in panel.sentence.text()
    assert panel.sentence.text().endswith("Training tries to make this one number smaller.")
    qtbot.mouseMove(panel.cards.viewport(), panel.cards.card(1).center())
    worst = panel.cards.order[1]
    caption = panel.cards.caption()
    assert caption.startswith(f"True {loss.labels[worst]}, predicted {loss.predicted[worst]}")
    assert f"loss {number_text(float(loss.losses[worst]))}" in caption
    for number, logit in enumerate(loss.logits[worst]):
        assert f"{number}: {number_text(float(logit), 3)}" in caption
    assert panel._image.text() == caption


def test_the_keyboard_reads_out_every_image(qtbot, panel: StepPanel, session: Session):
    press_next(qtbot, panel, session)
    seen = set[str]()
    for _ in range(20):
        qtbot.keyClick(panel.cards, Qt.Key.Key_Right)
        seen.add(panel.cards.caption())
    assert len(seen) == 20
    assert panel.cards.verticalScrollBar().value() > 0  # it was scrolled to
    qtbot.keyClick(panel.cards, Qt.Key.Key_Right)  # beyond the last
    assert panel.cards.caption() in seen


def test_gradients_stand_beside_the_kernels_once_they_are_there(qtbot, panel: StepPanel, session: Session):
    session.select(0)
    press_next(qtbot, panel, session, 2)
    assert panel.kernels.values is not None
    assert panel.kernels.values.gradients is None
    details = press_next(qtbot, panel, session)
    np.testing.assert_array_equal(panel.kernels.values.weights, details.before["conv_1.weight"])
    np.testing.assert_array_equal(panel.kernels.values.gradients, details.gradients["conv_1.weight"])
    details = press_next(qtbot, panel, session)
    np.testing.assert_array_equal(panel.kernels.values.weights, session.weights["conv_1.weight"])
    assert not np.array_equal(details.before["conv_1.weight"], session.weights["conv_1.weight"])


def test_the_largest_gradient_is_chosen_and_its_update_written_out(qtbot, panel: StepPanel, session: Session):
    session.select(0)
    details = press_next(qtbot, panel, session, 3)
    largest = details.largest_gradient("conv_1.weight")
    assert largest is not None
    assert panel.kernels.chosen == Spot(*largest)
    assert "at the next stage" in panel.update_sheet.toPlainText()
    details = press_next(qtbot, panel, session)
    text = panel.update_sheet.toPlainText()
    number, channel, row, column = largest
    assert f"weight of conv_1, filter {number}, channel {channel}, row {row}, column {column}" in text
    assert text.startswith("Adam")
    for formula in ("g + λ · w", "β₁ · m + (1 − β₁) · g′", "v′ / (1 − β₂ᵗ)", "−η · m″ / (√v″ + ε)"):
        assert formula in text.replace("\xa0", " ")
    assert number_text(float(session.weights["conv_1.weight"][largest]), 8) in text
    assert "rounding to single precision" in text or "exactly this" in text


def test_a_click_on_a_weight_shows_its_update(qtbot, panel: StepPanel, session: Session):
    session.select(0)
    details = press_next(qtbot, panel, session, 4)
    qtbot.mouseClick(panel.findChild(QToolButton, "step_page_1"), Qt.MouseButton.LeftButton)
    spot = Spot(0, 0, 2, 3, 1)  # upon a gradient, which stands for its weight
    qtbot.mouseClick(panel.kernels.viewport(), Qt.MouseButton.LeftButton, pos=panel.kernels.cell_rect(spot).center())
    assert page(panel) == 2
    text = panel.update_sheet.toPlainText()
    assert "filter 0, channel 0, row 2, column 3" in text
    assert f"w = {number_text(float(details.before['conv_1.weight'][0, 0, 2, 3]), 5)}" in text
    assert f"∂L/∂w = {number_text(float(details.gradients['conv_1.weight'][0, 0, 2, 3]), 5)}" in text
    press_next(qtbot, panel, session, 4)
    assert "filter 0, channel 0, row 2, column 3" in panel.update_sheet.toPlainText()  # the choice stays
    panel._largest.click()
    assert panel._chosen is None


def test_whole_kernels_and_legends_are_seen_in_little_room(qtbot, panel: StepPanel, session: Session):
    session.select(0)
    panel.resize(544, 225)
    press_next(qtbot, panel, session, 3)
    places = panel.kernels._places
    assert places is not None
    assert min(places.kernel_size) >= 35  # a weight of a kernel of 7×7 can be pointed at
    assert panel.kernels.viewport().height() >= places.head[1] + places.step[1]
    view = panel._view
    shown = [panel.kernels, view._caption, *view._names, *view.legends]
    rooms = [one.geometry() for one in shown if one.isVisible()]
    assert len(rooms) == 6
    for number, room in enumerate(rooms):
        assert view.rect().contains(room)
        assert not any(room.intersects(other) for other in rooms[number + 1 :])
    assert all(legend.height() >= legend.sizeHint().height() for legend in view.legends)
    assert view.legends[0].geometry().left() > panel.kernels.geometry().right()
    panel.resize(544, 560)
    qtbot.waitUntil(lambda: view.legends[0].geometry().top() > panel.kernels.geometry().bottom())


def test_every_stage_has_room_for_its_name(qtbot, panel: StepPanel, session: Session):
    panel.resize(544, 250)
    for stage in Stage:
        press_next(qtbot, panel, session)
        font = panel.stages.font()
        font.setBold(True)
        assert panel.stages.box(stage).width() >= QFontMetricsF(font).horizontalAdvance(stage.value) + 10
    boxes = [panel.stages.box(stage) for stage in Stage]
    assert all(left.right() < right.left() for left, right in itertools.pairwise(boxes))
    assert boxes[-1].right() <= panel.stages.width()


def test_enter_chooses_the_largest_gradient_of_the_kernel(qtbot, panel: StepPanel, session: Session):
    session.select(0)
    details = press_next(qtbot, panel, session, 3)
    panel.kernels.select(1, 0)
    qtbot.keyClick(panel.kernels, Qt.Key.Key_Return)
    gradient = np.abs(details.gradients["conv_1.weight"][1, 0])
    row, column = np.unravel_index(int(gradient.argmax()), gradient.shape)
    assert panel.kernels.chosen == Spot(1, 0, int(row), int(column))


def test_another_layer_shows_its_own_weights(qtbot, panel: StepPanel, session: Session):
    details = press_next(qtbot, panel, session, 4)
    session.select(4)
    assert "weight of dense_1, unit" in panel.update_sheet.toPlainText()
    session.select(1)
    text = panel.update_sheet.toPlainText()
    assert " of batch_norm_1, channel" in text
    values = panel.kernels.values
    assert values is not None
    assert values.row_names == ("γ", "β", "∇γ", "∇β")
    np.testing.assert_array_equal(values.weights[3].ravel(), details.gradients["batch_norm_1.bias"])


def test_every_place_of_a_table_is_one_weight(qtbot, panel: StepPanel, session: Session):
    details = press_next(qtbot, panel, session, 3)
    for index in (0, 1, 4):
        table = step_table(session.network, index, details)
        assert table is not None
        shown = table.values.weights.shape
        for flat in range(0, int(np.prod(shown[:2])) * shown[2] * shown[3], 7):
            spot = Spot(*(int(n) for n in np.unravel_index(flat, shown)))
            key, place = table.place(spot)
            again = table.spot((key, place))
            assert again is not None
            if index == 1:
                assert again == dataclasses.replace(spot, filter=spot.filter % 2)
                continue
            assert again == spot
            assert table.values.value(spot) == session.weights[key][place]


def test_the_input_of_a_dense_layer_is_named_by_its_place_in_the_maps(qtbot, panel: StepPanel, session: Session):
    details = press_next(qtbot, panel, session)
    table = step_table(session.network, 4, details)
    assert table is not None
    channels, rows, columns = table.values.shape[1:]
    assert channels == 3
    place = ("dense_1.weight", (7, 2 * rows * columns + 3 * columns + 4))
    assert table.name(place).endswith(f"unit 7, input {place[1][1]} (channel 2, row 3, column 4)")


def test_inputs_without_maps_are_folded_into_a_picture():
    assert [folded(count) for count in (200, 60, 7, 1)] == [(1, 10, 20), (1, 6, 10), (1, 1, 7), (1, 1, 1)]


def test_frozen_layers_say_that_nothing_reaches_them(qtbot, panel: StepPanel, session: Session):
    network = session.network.replaced(0, session.network.layers[0].changed(trainable=False))
    session.edit("Freeze", network=network)
    session.select(0)
    press_next(qtbot, panel, session, 3)
    assert "No gradient reaches conv_1" in panel.update_sheet.toPlainText()


def test_run_on_goes_on_at_full_speed(qtbot, panel: StepPanel, session: Session):
    press_next(qtbot, panel, session, 2)
    qtbot.mouseClick(panel.run_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.run_state is RunState.FINISHED, timeout=LONG)
    assert panel.stages.stage is None
    assert len(session.history) == 10
    assert panel.kernels.values is None


def test_the_button_is_there_when_the_transport_allows_it(panel: StepPanel):
    action = next(a for a in _actions(panel) if a.objectName() == "action_step_stage")
    for state in RunState:
        action.setEnabled("action_step_stage" in allowed_actions(state))
        assert panel.next_button.isEnabled() == (state not in (RunState.LOADING, RunState.RUNNING))
    action.setEnabled(True)


def _actions(panel: StepPanel) -> list[QAction]:
    return [a for top in QApplication.topLevelWidgets() for a in top.actions() if a.objectName()]


@pytest.mark.parametrize(("size", "visible"), [((560, 300), 1), ((700, 560), 3), ((1100, 300), 3)])
def test_pages_stand_beside_each_other_where_there_is_room(
    size: tuple[int, int], visible: int, qtbot, panel: StepPanel, session: Session
):
    panel.resize(*size)
    press_next(qtbot, panel, session)
    assert sum(one.isVisible() for one in panel._pages) == visible
    rooms = [one.geometry() for one in panel._pages if one.isVisible()]
    for number, one in enumerate(rooms):
        assert panel.rect().contains(one)
        assert not any(one.intersects(other) for other in rooms[number + 1 :])


def test_a_hidden_panel_waits_until_it_is_shown(qtbot, panel: StepPanel, session: Session):
    panel.hide()
    with qtbot.waitSignal(session.step_watch.step_changed, timeout=LONG):
        session.step_stage()
    assert panel.stages.stage is None
    panel.show()
    assert panel.stages.stage is Stage.FORWARD


def test_numbers_instead_of_classes_are_told_as_such(qtbot):
    rule: Any = None
    targets, outputs = np.array([[1.5], [2.0]], np.float32), np.array([[1.0], [2.5]], np.float32)
    losses = torch.nn.functional.mse_loss(torch.tensor(outputs), torch.tensor(targets), reduction="none")[:, 0].numpy()
    images = np.zeros((2, 1, 1, 2), np.float32)
    cards = BatchCards()
    qtbot.addWidget(cards)
    cards.resize(300, 200)
    cards.show_batch(Batch(StepDetails(Stage.LOSS, images, targets, outputs, rule, {}, losses=losses), ()))
    cards.show()
    qtbot.keyClick(cards, Qt.Key.Key_Right)
    assert cards.caption() == "Should be 1.5, is 1, loss 0.25"
    qtbot.mouseMove(cards.viewport(), QPoint(5, 5))
    cards.grab()
