"""What the batch-norm panel asks of the session: γ and β, momentum, the bias before, batch norm in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from convscope.core.batch_norm_changes import (
    has_bias,
    layer_before,
    with_batch_norm,
    with_bias,
    without_batch_norm,
    without_bias,
)
from convscope.core.history import History
from convscope.core.large import is_traced_live
from convscope.core.layers import shape_text
from convscope.core.weights import Weights, frozen
from convscope.ui.panels.batchnorm_text import BiasBefore

if TYPE_CHECKING:
    from convscope.ui.session import Session


class BatchNormEdits(QObject):
    """Makes each change one step that can be undone, and says what hinders or is remarkable."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session

    def offer(self) -> tuple[str, str]:
        """Return that there is no batch norm, and the change that brings one; an empty one where none helps."""
        found = with_batch_norm(self._session.network)
        sentence = "This network has no batch normalisation that works."
        if found is None:
            return (
                f"{sentence} Add a convolution or a hidden dense layer first, and a batch normalisation behind it.",
                "",
            )
        return (
            f"{sentence} It stands between a convolution or dense layer and its activation, and brings every channel "
            "to mean 0 and standard deviation 1 over the mini-batch.",
            f"Insert batch norm after {found.behind}",
        )

    def insert(self) -> None:
        """Put the offered batch norm in, and select it."""
        found = with_batch_norm(self._session.network)
        if found is not None:
            self._session.edit(f"Insert batch norm after {found.behind}", network=found.network)
            self._session.select(found.index)

    def hindrance(self) -> str:
        """Return why no batch can be run, in a sentence; empty where one can."""
        session = self._session
        if session.dataset is None:
            coming = " They are being loaded." if session.loading is not None else " Choose data first."
            return f"The mini-batch comes from the training images.{coming}"
        if session.dataset.image_shape != session.network.input_shape:
            shapes = shape_text(session.dataset.image_shape), shape_text(session.network.input_shape)
            return f"The training images are {shapes[0]}, but the network takes {shapes[1]}. Choose other data."
        if not is_traced_live(session.network):
            return "This network is too large to send a mini-batch through it while somebody waits."
        return ""

    def remark(self, layer: int, channel: int, images: int) -> str:
        """Return what is remarkable about the batch or the channel; empty where nothing is."""
        session, said = self._session, []
        if (session.network.layers[layer].name, channel) in session.switched_off:
            said.append(f"Channel {channel} is switched off: 0 goes on in the place of what the layer makes of it.")
        if not session.network.layers[layer].trainable:
            said.append("This layer is frozen: in training, too, it goes by its running averages.")
        wanted = session.config.batch_size
        if images < wanted:
            said.append(f"Shown for {images:,} images, not for the whole batch of {wanted:,}.")
        return " ".join(said)

    def arrays(self, layer: int, channel: int, scale: float, shift: float) -> Weights:
        """Return γ and β of a layer with other ones for a channel."""
        name, changed = self._session.network.layers[layer].name, {}
        for key, value in ((f"{name}.weight", scale), (f"{name}.bias", shift)):
            if key in self._session.weights:
                changed[key] = self._session.weights[key].copy()
                changed[key][channel] = value
        return frozen(changed)

    def change(self, layer: int | None, channel: int, scale: float, shift: float) -> None:
        """Make γ and β of a channel last."""
        if layer is None:
            return
        session, arrays = self._session, self.arrays(layer, channel, scale, shift)
        if all((session.weights[key] == array).all() for key, array in arrays.items()):
            session.preview_weights({})
            return
        text = f"Change γ and β of channel {channel} of {session.network.layers[layer].name}"
        session.edit(text, weights=frozen({**session.weights, **arrays}))

    def change_momentum(self, layer: int | None, momentum: float) -> None:
        """Give a layer another momentum."""
        if layer is not None:
            described = self._session.network.layers[layer]
            network = self._session.network.replaced(layer, described.changed(momentum=momentum))
            self._session.edit(f"Change momentum of {described.name}", network=network)

    def bias_of(self, layer: int, channel: int) -> BiasBefore | None:
        """Return what is known of the bias of the layer before; None where no such layer stands there."""
        session, before = self._session, layer_before(self._session.network, layer)
        if before is None:
            return None
        name, own = (session.network.layers[place].name for place in (before, layer))
        if not has_bias(session.network, before):
            return BiasBefore(name, False)
        gradients = session.shown_gradients
        arrays = session.shown_weights.get(f"{name}.bias"), gradients.get(f"{name}.bias"), gradients.get(f"{own}.bias")
        return BiasBefore(name, True, *(None if array is None else float(array[channel]) for array in arrays))

    def change_bias(self, layer: int | None, on: bool) -> None:
        """Take the bias before away, or give one; what the network answers stays the same."""
        before = None if layer is None else layer_before(self._session.network, layer)
        if layer is None or before is None:
            return
        session, name = self._session, self._session.network.layers[before].name
        if on:
            network, weights = with_bias(session.network, session.weights, layer, session.config.seed)
        else:
            network, weights = without_bias(session.network, session.weights, layer)
        session.edit(f"{'Add the bias to' if on else 'Remove the bias of'} {name}", network=network, weights=weights)

    def train_without(self) -> None:
        """Switch batch norm off, begin with new weights and train."""
        session = self._session
        network, weights = without_batch_norm(session.network, session.config.seed, session.config.initialisation)
        session.stop()
        session.edit("Train without batch norm", network=network, weights=weights, history=History())
        session.train()
