"""What the button of a remedy does to the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convscope.core.diagnosis import CurveRemedy

if TYPE_CHECKING:
    from convscope.ui.session import Session


def apply(remedy: CurveRemedy, session: Session) -> None:
    """Make the change of a remedy, in one step that can be undone."""
    if remedy.begins_anew:
        session.reset_weights(text=remedy.label, config=remedy.config)
        return
    changes: dict[str, Any] = {"config": remedy.config, "network": remedy.network}
    session.edit(remedy.label, **{name: value for name, value in changes.items() if value is not None})
