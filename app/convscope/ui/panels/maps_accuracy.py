"""What the network's accuracy is without the maps that are switched off, in one line."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from convscope.core.data.dataset import Dataset
from convscope.core.data.progress import Progress
from convscope.core.large import data_misfit, is_traced_live
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig
from convscope.core.unit import SwitchedOff
from convscope.core.weights import Weights
from convscope.ui.job import Job, validation_examples
from convscope.ui.panels.mosaic_pointing import part_name
from convscope.ui.run_state import RunState
from convscope.ui.widgets.progress_bar import ProgressBar
from convscope.ui.widgets.tinted_label import TintedLabel

if TYPE_CHECKING:
    from convscope.core.statistics import Score
    from convscope.ui.session import Session

MOST_IMAGES = 1000  # seen by a network in a second or less, and exact to a third of a percent
_WAIT = 250  # milliseconds after a change before the measurement begins, for changes come in rows
_MOST_NAMES = 2

_Question = tuple[Network, Weights, Dataset, TrainingConfig]


class AccuracyLine(QWidget):
    """Compares the accuracy with and without the maps that are switched off; nothing is shown while none is."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._question: _Question | None = None  # what the scores belong to
        self._scores: tuple[Score, Score] | None = None  # with all maps, and without those that are switched off
        self._job = Job(self)
        self._text = TintedLabel("text", self)
        self._text.setObjectName("accuracy_without_maps")
        self._bar = ProgressBar(self)
        self._button = QPushButton("Cancel", self)
        self._all_on = QToolButton(self)
        self._pause = QTimer(self, singleShot=True, interval=_WAIT)
        self._build()
        self._pause.timeout.connect(self._measure)
        self._job.progressed.connect(self._show_progress)
        self._job.done.connect(self._show_scores)
        self._job.failed.connect(lambda error: self._say(f"The accuracy could not be measured: {error}"))
        self._button.clicked.connect(self._cancel_or_measure)
        self._all_on.clicked.connect(lambda: session.edit("Switch all maps on", switched_off=frozenset()))
        for signal in (
            session.switched_off_changed,
            session.weights_changed,
            session.network_changed,
            session.dataset_changed,
            session.config_changed,
            session.run_state_changed,
        ):
            signal.connect(self._follow)
        self.setVisible(bool(session.switched_off))

    def _build(self) -> None:
        self._bar.setFixedWidth(90)
        self._bar.setAccessibleName("Progress of the measurement")
        self._button.setObjectName("accuracy_button")
        self._all_on.setText("All on")
        self._all_on.setObjectName("all_maps_on")
        self._all_on.setAccessibleName("Switch all maps on")
        self._all_on.setToolTip("Switch all maps on again")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 0, 6, 0)
        row.addWidget(self._text, 1)
        for widget in (self._bar, self._button, self._all_on):
            row.addWidget(widget)

    def _follow(self) -> None:
        """Measure anew, or say why not; no more than is seen."""
        off = self._session.switched_off
        self._pause.stop()
        self._job.cancel()
        self.setVisible(bool(off))
        if not self.isVisible():
            return
        obstacle = self._obstacle()
        if obstacle:
            self._say(obstacle)
        elif self._scores is not None and self._scores[1].switched_off == off and self._is_current():
            self._show_scores(self._scores)
        else:
            self._say(f"Without {_names(off, self._session.network)}: measuring the accuracy…", at_work=True)
            self._pause.start()

    def _obstacle(self) -> str:
        """Return why nothing can be measured now; empty where it can."""
        session, names = self._session, _names(self._session.switched_off, self._session.network)
        if session.run_state in (RunState.LOADING, RunState.RUNNING):
            return f"Training uses all maps. What is lost without {names} is measured when it rests."
        if session.network.report.problem is not None:
            return "There is no accuracy as long as the network has a problem."
        if not is_traced_live(session.network):
            return "This network is too large for its accuracy to be measured in passing."
        if session.dataset is None:
            return f"Choose a data set to see the accuracy without {names}."
        if not session.network.classifies:
            return "This network predicts numbers, which are neither right nor wrong: there is no accuracy to lose."
        dataset = session.dataset
        return data_misfit(session.network, dataset.image_shape, dataset.classes, dataset.loss)

    def _is_current(self) -> bool:
        """Say whether the scores are those of the present network on the present data."""
        session, old = self._session, self._question
        present = (session.network, session.shown_weights, session.dataset, session.config)
        return old is not None and all(a is b for a, b in zip(old, present, strict=True))

    def _measure(self) -> None:
        session, off = self._session, self._session.switched_off
        if session.dataset is None:
            return
        known = self._scores[0] if self._scores is not None and self._is_current() else None
        question = self._question = session.network, session.shown_weights, session.dataset, session.config
        self._scores = None
        self._job.start(lambda: _course(question, off, known))

    def _show_progress(self, progress: Progress) -> None:
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)

    def _show_scores(self, scores: tuple[Score, Score]) -> None:
        self._scores = whole, rest = scores
        names = _names(rest.switched_off, self._session.network)
        self._say(
            f"All maps: {_percent(whole)}. Without {names}: {_percent(rest)} of {rest.examples:,} validation images."
        )

    def _say(self, text: str, *, at_work: bool = False, again: bool = False) -> None:
        self._text.show_text(text)
        self._bar.setVisible(at_work)
        self._bar.setRange(0, 0 if at_work else 1)
        self._button.setVisible(at_work or again)
        self._button.setText("Cancel" if at_work else "Measure")

    def _cancel_or_measure(self) -> None:
        if self._job.is_running or self._pause.isActive():
            self._pause.stop()
            self._job.cancel()
            names = _names(self._session.switched_off, self._session.network)
            self._say(f"The accuracy without {names} has not been measured.", again=True)
        else:
            self._follow()

    def hideEvent(self, event: QHideEvent) -> None:
        """Measure nothing that nobody sees."""
        super().hideEvent(event)
        self._pause.stop()
        self._job.cancel()

    def showEvent(self, event: QShowEvent) -> None:
        """Measure what was missed."""
        super().showEvent(event)
        self._follow()


def _course(
    question: _Question, off: SwitchedOff, known: Score | None
) -> Generator[Progress, None, tuple[Score, Score]]:
    """Measure with all maps, unless that is known, and without some; runs on the job's thread."""
    from convscope.core.backend import use_threads
    from convscope.core.statistics import accuracy

    use_threads()
    network, weights, dataset, config = question
    examples = validation_examples(dataset, config, MOST_IMAGES)
    total = len(examples) * (1 if known else 2)
    if known is None:
        known = yield from _counted(accuracy(network, weights, examples), 0, total)
    rest = yield from _counted(accuracy(network, weights, examples, off), total - len(examples), total)
    return known, rest


def _counted(work: Generator[Progress, None, Score], before: int, total: int) -> Generator[Progress, None, Score]:
    """Do a part of the work and count it as such."""
    while True:
        try:
            progress = next(work)
        except StopIteration as end:
            return end.value
        yield Progress(progress.text, before + progress.done, total)


def _percent(score: Score) -> str:
    return f"{100 * score.accuracy:.1f} %"


def _names(off: SwitchedOff, network: Network) -> str:
    """Return which maps or units are meant, the first of them by name."""
    names = [
        f"{layer} {part_name(network, network.index_of(layer))} {channel}"
        for layer, channel in sorted(off)
        if any(one.name == layer for one in network.layers)
    ]
    if len(names) > _MOST_NAMES:
        return f"{names[0]} and {len(names) - 1} more"
    return " and ".join(names)
