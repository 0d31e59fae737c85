"""Computing what a layer was at every moment of the run, before a film of it can be painted."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QProgressDialog, QWidget

from convscope.core.data.progress import Progress
from convscope.core.large import is_traced_live
from convscope.ui.errors import show_error
from convscope.ui.export.film_time import StoryQuestion, TimeStory, told
from convscope.ui.job import Job
from convscope.ui.session import Session

NO_RUN = "There is no run to look back at yet. Press Train, and animate what has been learned afterwards."
TOO_LARGE = "This network is too large to be traced at every moment of its run."
NO_CLASSES = "Only a network that tells classes apart can be animated: this one predicts a number."


class StoryTeller(QObject):
    """Traces the present drawing through the moments of the run on a thread, with a progress dialog if that is long.

    Signals:
        told: A `TimeStory` of the selected layer.
    """

    told = Signal(object)

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._progress: QProgressDialog | None = None
        self._job = Job(self)
        self._job.progressed.connect(self._show_progress)
        self._job.done.connect(self._take)
        self._job.failed.connect(self._fail)

    def tell(self) -> str:
        """Begin; return why it cannot be done, empty where it can."""
        session = self._session
        network, moments = session.network, session.time_machine.moments
        if network.report.problem is not None:
            return network.report.problem.located
        if not is_traced_live(network):
            return TOO_LARGE
        if not network.classifies:
            return NO_CLASSES
        if len(moments) < 2:
            return NO_RUN
        picture = session.drawing.picture
        label = None if picture is None else picture.label
        seen = session.image, session.switched_off, session.class_names, label
        question = StoryQuestion(network, session.selected, moments, *seen)
        self._close()
        self._open(len(moments))
        self._job.start(lambda: told(question))
        return ""

    def _open(self, count: int) -> None:
        progress = QProgressDialog("Computing the moments of the run…", "Cancel", 0, count, self._window)
        progress.setObjectName("story_progress")
        progress.setWindowTitle("Exporting animation")
        progress.setAutoReset(False)
        progress.setMinimumDuration(500)
        progress.canceled.connect(self._cancel)
        self._progress = progress

    def _show_progress(self, progress: Progress) -> None:
        if self._progress is not None:
            self._progress.setValue(progress.done)

    def _take(self, story: TimeStory) -> None:
        self._close()
        self.told.emit(story)

    def _cancel(self) -> None:
        self._job.cancel()
        self._close()

    def _fail(self, error: Exception) -> None:
        self._close()
        show_error(self._window, f"The moments of the run could not be computed: {error}", error)

    def _close(self) -> None:
        if self._progress is not None:
            self._progress.blockSignals(True)  # closing it counts as cancelling
            self._progress.close()
            self._progress.deleteLater()
            self._progress = None
