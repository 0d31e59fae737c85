"""One step of a network that gets numbers: its batch is a table of rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QToolButton

from convscope.core.data.heights import heights
from convscope.core.presets import preset
from convscope.core.training_step import Stage
from convscope.ui import background, theme
from convscope.ui.actions import make_actions
from convscope.ui.document import Document
from convscope.ui.panels.step import StepPanel
from convscope.ui.session import Session
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.step_rows import BatchRows

LONG = 20_000  # milliseconds; a busy machine may take long to load torch


@pytest.fixture
def session(qtbot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr(Session, "_ask", lambda self: None)
    chosen = preset("height-mlp")
    session = Session(Document(network=chosen.network, config=chosen.training))
    session._dataset = heights()
    yield session
    session.close()
    assert background.end_all()


@pytest.fixture
def panel(qtbot, qapp: QApplication, session: Session) -> Iterator[StepPanel]:
    theme.apply(qapp, "light")
    holder = QToolButton()
    qtbot.addWidget(holder)
    panel = StepPanel(session, make_actions(holder))
    qtbot.addWidget(panel)
    panel.resize(560, 300)
    panel.show()
    yield panel
    panel.hide()


def next_stage(qtbot, session: Session) -> Stage:
    with qtbot.waitSignal(session.step_watch.step_changed, timeout=LONG):
        session.step_stage()
    assert session.step_watch.details is not None
    return session.step_watch.details.stage


def test_the_panel_speaks_of_rows_before_there_are_any(panel: StepPanel):
    button = panel.findChild(QToolButton, "step_page_0")
    assert button is not None
    assert button.text() == "Rows"
    assert panel.cards.isVisible()
    assert not panel.rows.isVisible()
    assert panel.cards.kind == "rows"


def test_a_batch_is_a_table_of_numbers_the_worst_row_first(qtbot, panel: StepPanel, session: Session):
    next_stage(qtbot, session)
    assert panel.rows.isVisible()
    assert not panel.cards.isVisible()
    assert panel.rows.line(0)[-1] == "–"
    assert next_stage(qtbot, session) is Stage.LOSS
    details, dataset = session.step_watch.details, heights()
    assert details is not None
    model = panel.rows.model()
    headings = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(5)]
    assert headings == ["age (years)", "weight (kg)", "wanted (m)", "predicted (m)", "loss"]
    lines = [panel.rows.line(number) for number in range(panel.rows.rowCount())]
    assert len(lines) == len(details.labels)
    for row, line in zip(details.worst_first(), lines, strict=True):
        given = zip(dataset.features, details.images[row].ravel().tolist(), strict=True)
        assert line[:2] == [number_text(feature.measured(value)) for feature, value in given]
        assert float(line[2]) == pytest.approx(float(details.labels[row][0]), abs=1e-6)
        assert line[4] == number_text(float(details.losses[row]))
        assert number_text((float(line[3]) - float(line[2])) ** 2, 3) == number_text(float(details.losses[row]), 3)
    assert float(lines[0][4]) == pytest.approx(float(details.losses.max()), rel=1e-3)


@pytest.mark.parametrize("width", [300, 700])
def test_no_heading_is_cut_off(width: int, qtbot, panel: StepPanel, session: Session):
    next_stage(qtbot, session)
    details, dataset = session.step_watch.details, heights()
    assert details is not None
    assert dataset.target is not None
    rows = BatchRows()
    qtbot.addWidget(rows)
    rows.resize(width, 200)
    rows.show()
    rows.show_rows(details, dataset.features, dataset.target)
    header = rows.horizontalHeader()
    assert all(header.sectionSize(column) >= header.sectionSizeHint(column) for column in range(5))
    assert header.length() <= width or width == 300  # where all have room, nothing is scrolled aside
    qtbot.keyClick(rows, Qt.Key.Key_Down)
    assert rows.currentRow() >= 0
