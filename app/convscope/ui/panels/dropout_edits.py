"""What the dropout panel asks of the session: another rate, whole maps, dropout where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from convscope.core.large import is_traced_live
from convscope.core.layers import Dense, Dropout

if TYPE_CHECKING:
    from convscope.ui.session import Session

RATES = 95  # percent; at more, what is left is multiplied by more than twenty


class DropoutEdits(QObject):
    """Makes each change one step that can be undone, and says what hinders."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session

    def offer(self) -> tuple[str, str]:
        """Return that there is no dropout, and the change that brings it; an empty one where none helps."""
        sentence = "This network has no dropout that works."
        place = self._place()
        if place is None:
            return f"{sentence} Add a dense layer, and a dropout before it.", ""
        layer = self._session.network.layers[place]
        return (
            f"{sentence} In each step of training it drops some of the values at random, so that the layers behind it "
            "learn to rely on none of them alone.",
            f"Insert dropout before {layer.name}",
        )

    def insert(self) -> None:
        """Put the offered dropout in, and select it."""
        place, network = self._place(), self._session.network
        if place is not None:
            name = network.layers[place].name
            self._session.edit(f"Insert dropout before {name}", network=network.inserted(place, Dropout()))
            self._session.select(place)

    def hindrance(self) -> str:
        """Return why no masks can be drawn, in a sentence; empty where they can."""
        if not is_traced_live(self._session.network):
            return "This network is too large to draw many masks while somebody waits."
        return ""

    def change(self, layer: int | None, **settings: Any) -> None:
        """Give a layer another rate or mode."""
        if layer is None:
            return
        network = self._session.network
        described = network.layers[layer]
        changed = described.changed(**settings)
        if changed != described:
            what = " and ".join(settings)
            self._session.edit(f"Change {what} of {described.name}", network=network.replaced(layer, changed))

    def _place(self) -> int | None:
        """Return the last dense layer, before which dropout usually stands."""
        layers = self._session.network.layers
        return max((place for place, layer in enumerate(layers) if isinstance(layer, Dense)), default=None)
