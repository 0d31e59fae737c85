"""The time machine of a session: which moment of the run is looked at, of those that are kept."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from convscope.core.history import History
from convscope.core.network import Network
from convscope.core.time_machine import Moment, WeightsThroughTime
from convscope.core.weights import Weights, missing_bytes, same_arrays
from convscope.ui.document import Document


class TimeMachine(QObject):
    """Keeps the weights of the last run and says which of them are shown instead of the present ones.

    The moments belong to the curves of that run and to its network. Whoever resets the weights, changes the network or
    chooses another one cannot look at them any more; undoing that brings them back, because it brings back the curves.

    Signals:
        changed: Another moment is looked at, or the present again.
        moments_changed: There are other moments to look at.
    """

    changed = Signal()
    moments_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept = WeightsThroughTime()
        self._network: Network | None = None  # of the moments
        self._history: History | None = None
        self._start: Weights | None = None  # of a run that has not told anything yet
        self._moment: Moment | None = None
        self._is_open = False
        self._ends_now = True

    @property
    def moments(self) -> tuple[Moment, ...]:
        """What can be looked at, in order; nothing where the curves are not those of the run."""
        return self._kept.moments if self._is_open else ()

    @property
    def positions(self) -> tuple[float, ...]:
        """Where the run was at each moment, in epochs."""
        return tuple(moment.position for moment in self.moments)

    @property
    def size(self) -> int:
        """How many bytes the moments take, also while they cannot be looked at."""
        return self._kept.size

    @property
    def is_too_large(self) -> bool:
        """Whether the network of the run is so large that nothing is kept of it."""
        return self._is_open and self._kept.is_too_large

    @property
    def ends_now(self) -> bool:
        """Whether the last moment is the present; not so once weights were changed by hand."""
        return self._ends_now

    @property
    def shown(self) -> float | None:
        """Where the run was at the moment that is looked at, in epochs; None for the present."""
        return None if self._moment is None else self._moment.position

    @property
    def weights(self) -> Weights | None:
        """The weights of the moment that is looked at; None for the present ones."""
        return None if self._moment is None else self._moment.weights

    @property
    def index(self) -> int | None:
        """The number of the moment that is looked at, or of the nearest one where it was thinned out since."""
        if self._moment is None:
            return None
        distances = [abs(position - self._moment.position) for position in self.positions]
        return distances.index(min(distances)) if distances else None

    def look_at(self, position: float | None) -> None:
        """Look at the kept moment nearest to a position in epochs; None, or the last one if it is now, is the present.

        Nothing of the document changes.
        """
        moment = None
        if position is not None and self._is_open:
            moment = self._kept.nearest(position)
        if moment is not None and self._ends_now and moment is self._kept.moments[-1]:
            moment = None
        if moment is not self._moment:
            self._moment = moment
            self.changed.emit()

    def begin(self, network: Network, weights: Weights) -> None:
        """Expect a run; what is kept of the former one goes as soon as it is told how this one is getting on."""
        self._start = weights if not missing_bytes(network, weights) else {}

    def keep(self, document: Document) -> None:
        """Take up how the run is now; its position is that of the last batch of its curves."""
        history = document.history
        if self._start is not None:
            self._kept = WeightsThroughTime()
            self._network = document.network
            if self._start:
                self._kept.keep(0.0, self._start)
            self._start = None
        self._kept.keep(float(history.batch_epochs[-1]) if len(history) else 0.0, document.weights)
        self._history = history
        self.follow(document, new=True)

    def rename(self, document: Document) -> None:
        """Take the moments as those of a document's network and curves, for the run goes on with them."""
        if self._is_open:
            self._network, self._history = document.network, document.history

    def forget(self) -> None:
        """Keep nothing any more, and look at the present."""
        self.look_at(None)
        self._kept, self._history, self._start = WeightsThroughTime(), None, None
        self._is_open = False
        self.moments_changed.emit()

    def follow(self, document: Document, *, new: bool = False) -> None:
        """Say whether the moments are those of a document's curves and network, and whether they end with it."""
        before = self._is_open, self._ends_now
        self._is_open = document.history is self._history and document.network == self._network
        last = self._kept.moments[-1].weights if self._kept.moments else {}
        self._ends_now = same_arrays(last, document.weights)
        if not self._is_open:
            self.look_at(None)
        if new or before != (self._is_open, self._ends_now):
            self.moments_changed.emit()
