"""Remedies as a panel offers them: what their buttons do to the session, and which of them are done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from convscope.core.diagnosis import CurveRemedy
from convscope.core.diagnosis.remedies import MOST

if TYPE_CHECKING:
    from convscope.ui.session import Session


class OfferedRemedies:
    """The remedies that a panel shows; one that was pressed stays in its place, as done, until anything else changes.

    Else another remedy would come under a pointer that presses twice.

    Attributes:
        shown: In the order of their buttons.
        done: Those of them that were pressed.
        after: What to do now that they are done, in a sentence.
    """

    def __init__(self, session: Session) -> None:
        """Offer nothing yet for `session`."""
        self._session = session
        self.shown: tuple[CurveRemedy, ...] = ()
        self.done: tuple[CurveRemedy, ...] = ()
        self.after = ""
        self._is_applying = False
        self._state: tuple[object, ...] | None = None  # in which the last one left the session

    @property
    def note(self) -> str:
        """What was done last, and what to do now; empty where nothing is done."""
        return f"Done: {self.done[-1].label}. {self.after}" if self.done else ""

    def offer(self, remedies: Sequence[CurveRemedy], verdict: object) -> None:
        """Offer what suits a verdict; once that, network, settings or run are others, nothing counts as done."""
        state = self._present_state(verdict)
        if self._state is not None and state != self._state:
            self.done = ()
        self._state = None if self._is_applying else state
        kept: tuple[CurveRemedy, ...] = ()
        if self.done:
            fresh = {remedy.label: remedy for remedy in remedies}
            kept = tuple(
                old if old in self.done else fresh[old.label]
                for old in self.shown
                if old in self.done or old.label in fresh
            )
        labels = {remedy.label for remedy in kept}
        self.shown = (*kept, *(remedy for remedy in remedies if remedy.label not in labels))[:MOST]

    def apply(self, remedy: CurveRemedy) -> None:
        """Make the change of a remedy, in one step that can be undone; its owner offers again what suits then."""
        done, self._state, self._is_applying = self.done, None, True
        self.done = (*done, remedy)  # before the change, which makes the owner offer again
        try:
            _make_change(remedy, self._session)
        except Exception:
            self.done = done
            raise
        finally:
            self._is_applying = False
        goes_on = self._session.run_state.is_active
        self.after = "The run goes on with it." if goes_on else "Press Train to see what it changes."

    def _present_state(self, verdict: object) -> tuple[object, ...]:
        session = self._session
        batches = 0 if session.run_state.is_active else len(session.history)  # of a run that nobody saw
        return session.network, session.config, verdict, session.run_state, batches


def _make_change(remedy: CurveRemedy, session: Session) -> None:
    if remedy.begins_anew:
        session.reset_weights(text=remedy.label, config=remedy.config)
        return
    changes: dict[str, Any] = {"config": remedy.config, "network": remedy.network}
    session.edit(remedy.label, **{name: value for name, value in changes.items() if value is not None})
