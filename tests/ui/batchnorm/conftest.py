"""A session whose drawing is traced and whose data are loaded, and the batch-norm panel of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from convscope.core.training_config import TrainingConfig
from convscope.ui import background
from convscope.ui.document import Document
from convscope.ui.panels.batchnorm import BatchnormPanel
from convscope.ui.session import Session

from .shown_batch import LINES, LONG, NETWORK


@pytest.fixture
def session(qtbot: QtBot, digits_folder: Path) -> Iterator[Session]:
    """Return a session that traces, with 200 training images and the first batch norm selected."""
    config = TrainingConfig(batch_size=20, epochs=1, train_size=200)
    session = Session(Document(NETWORK, config=config, drawing=LINES[0]))
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.start()
    with qtbot.waitSignal(session.dataset_changed, timeout=LONG):
        session.change_dataset("folder", digits_folder)
    session.select(1)
    yield session
    session.close()
    assert background.end_all()
    session.deleteLater()


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> Iterator[BatchnormPanel]:
    """Return the panel, seen and as tall as a dock at the side."""
    widget = BatchnormPanel(session, {})
    qtbot.addWidget(widget)
    widget.resize(600, 900)
    widget.show()
    yield widget
    widget.hide()
