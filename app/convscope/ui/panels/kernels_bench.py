"""The part of the kernels panel where one kernel is seen at work and changed by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convscope.core.known_filters import KNOWN_FILTERS
from convscope.core.receptive_field import Region, receptive_field
from convscope.core.unit import Unit
from convscope.core.weights import carried_over, frozen
from convscope.ui.panels import kernels_edits as edits
from convscope.ui.widgets.kernel_bench import Bench, KernelBench
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.mosaic_marks import NO_MARKS, Marks
from convscope.ui.widgets.number_text import number_text

if TYPE_CHECKING:
    from convscope.ui.session import Session

Array = NDArray[np.float32]


class KernelEditing(QWidget):
    """Shows a kernel of the session's network at work, and makes each change of it one step that can be undone."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._layer = ""  # its name; empty while no kernel is open
        self._kernel = (0, 0)  # filter and channel
        self._opened: Array | None = None  # the filter's kernels when it was opened
        self._random = np.random.default_rng()
        self.bench = KernelBench(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.bench)
        self._connect()

    @property
    def kernel(self) -> tuple[int, int]:
        """Filter and channel of the kernel that is open."""
        return self._kernel

    @property
    def layer(self) -> str:
        """Name of the layer whose kernel is open; empty while none is."""
        return self._layer

    def open(self, layer: str, number: int, channel: int) -> None:
        """Show a kernel from now on."""
        self.bench.cells.drop()
        if (layer, number) != (self._layer, self._kernel[0]):
            self._opened = self._weights_of(layer)[number]
        self._layer, self._kernel = layer, (number, channel)
        self.show_present()

    def close_kernel(self) -> None:
        """Forget the kernel, and what was being done to it."""
        self.bench.cells.drop()
        self._layer = ""

    def fits(self) -> bool:
        """Say whether the network still has the kernel."""
        weights = self._session.weights.get(f"{self._layer}.weight")
        if weights is None or self._opened is None or self._layer not in self._names():
            return False
        return self._kernel[0] < len(weights) and weights.shape[1:] == self._opened.shape

    def show_present(self) -> None:
        """Show the kernel and its maps as they are now."""
        if not self.fits():
            return
        number, channel = self._kernel
        weights = self._session.shown_weights[f"{self._layer}.weight"]
        bias = self._session.shown_weights.get(f"{self._layer}.bias")
        before, after, reason = self._maps()
        self.bench.show_bench(
            Bench(
                number,
                channel,
                weights.shape[1],
                weights[number, channel],
                None if bias is None else float(bias[number]),
                before,
                after,
                reason,
                self._sentence(weights.shape),
            )
        )
        self.show_marks()

    def show_marks(self) -> None:
        """Mark the values that the pointer is over and the pinned one, and what that sees."""
        if not self.fits():  # what is pointed at is told before the network that lacks the layer
            return
        number, channel = self._kernel
        index, inspection = self._index, self._session.inspection
        hovered, pinned = inspection.hovered, inspection.pinned
        seen = inspection.regions.get(index - 1)
        if hovered is not None and hovered.layer == index:
            seen = receptive_field(self._session.network, hovered).get(index - 1)
        before = Marks(_place(hovered, index - 1, channel), _place(pinned, index - 1, channel), _only(seen, channel))
        after = Marks(_place(hovered, index, number), _place(pinned, index, number))
        has_maps = self.bench.before.maps is not None
        self.bench.show_marks(before if has_maps else NO_MARKS, after if has_maps else NO_MARKS)
        self._describe()

    def _names(self) -> list[str]:
        return [layer.name for layer in self._session.network.layers]

    @property
    def _index(self) -> int:
        return self._session.network.index_of(self._layer)

    @property
    def _name(self) -> str:
        """What the kernel is called in the Undo menu; no two share it, for steps of one name may become one."""
        number, channel = self._kernel
        return f"filter {number}, channel {channel} of {self._layer}"

    def _connect(self) -> None:
        bench, cells, tools = self.bench, self.bench.cells, self.bench.tools
        cells.value_entered.connect(self._enter_value)
        cells.stroke_moved.connect(self._preview)
        cells.stroke_made.connect(lambda kernel: self._set_kernel(f"Paint {self._name}", kernel))
        cells.stroke_dropped.connect(lambda: self._session.preview_weights({}))
        cells.cell_hovered.connect(lambda _: self._describe())
        tools.filter_chosen.connect(self._put_known)
        tools.random_wanted.connect(self._randomise)
        tools.restore_wanted.connect(self._restore)
        bench.bias_entered.connect(self._enter_bias)
        for view, offset in ((bench.before, -1), (bench.after, 0)):
            view.place_hovered.connect(lambda place, at=offset: self._session.inspection.hover(self._unit(place, at)))
            view.place_pinned.connect(lambda place, at=offset: self._session.inspection.pin(self._unit(place, at)))

    def _unit(self, place: Place | None, offset: int) -> Unit | None:
        """Return the value at a place of the input map (offset −1) or the output map (0)."""
        if place is None or not self._layer:
            return None
        return Unit(self._index + offset, (self._kernel[1 if offset else 0], place.row, place.column))

    def _weights_of(self, layer: str) -> Array:
        """Return the present weights, which are what is changed, whatever moment is shown."""
        return self._session.weights[f"{layer}.weight"]

    def _maps(self) -> tuple[Array | None, Array | None, str]:
        """Return the channel's input map and the filter's output map, or why there are none."""
        network, trace, index = self._session.network, self._session.trace, self._index
        if not network.layers[index].enabled:
            return None, None, f"{self._layer} is switched off."
        if trace is None or trace.network != network or index >= len(trace.outputs):
            return None, None, "The maps are being computed."
        before = self._session.image if index == 0 else trace.values(index - 1)
        after = trace.values(index)
        if before is None or after is None:
            return None, None, f"Nothing comes out of {self._layer} yet."
        number, channel = self._kernel
        return before[channel], after[number], ""

    def _sentence(self, shape: tuple[int, ...]) -> str:
        """Return what the kernel does."""
        bias = " + bias" if f"{self._layer}.bias" in self._session.weights else ""
        joined = "input ∗ kernel" if shape[1] == 1 else f"sum of input ∗ kernel over all {shape[1]} channels"
        return f"Output map {self._kernel[0]} = {joined}{bias}."

    def _describe(self) -> None:
        """Say below which weight or value is pointed at."""
        if not self.fits():
            return
        hovered, text = self._session.inspection.hovered, ""
        if (cell := self.bench.cells.hovered) is not None:
            text = self._described_weight(cell)
        elif hovered is not None and hovered.layer in (self._index - 1, self._index):
            view, own = (self.bench.after, 0) if hovered.layer == self._index else (self.bench.before, 1)
            place = _place(hovered, hovered.layer, self._kernel[own])
            if place is not None and view.maps is not None:
                what = "Output" if own == 0 else "Input"
                value = number_text(view.value_at(place))
                text = f"{what} map {self._kernel[own]}, row {place.row}, column {place.column}:  {value}"
        self.bench.describe(text)

    def _described_weight(self, cell: tuple[int, int]) -> str:
        """Return the weight of a cell and its gradient, and how it is changed."""
        cells, where = self.bench.cells, (*self._kernel, *cell)
        text = f"Row {cell[0]}, column {cell[1]}:  {number_text(float(cells.kernel[cell]))}"
        gradient = self._session.shown_gradients.get(f"{self._layer}.weight")
        if gradient is not None and len(gradient) > where[0]:
            text += f", gradient {number_text(float(gradient[where]))}"
        return f"{text}.  " + ("Left paints, right paints the negative." if cells.painting else "Click to type.")

    def _enter_value(self, row: int, column: int, value: float) -> None:
        text = f"Change row {row}, column {column} in {self._name}"
        self._edit(text, edits.with_value(self._weights_of(self._layer), self._kernel, (row, column), value))

    def _set_kernel(self, text: str, kernel: Array) -> None:
        self._edit(text, edits.with_kernel(self._weights_of(self._layer), self._kernel, kernel, "kernel"))

    def _preview(self, kernel: Array) -> None:
        weights = self._weights_of(self._layer)
        self._session.preview_weights(
            {f"{self._layer}.weight": edits.with_kernel(weights, self._kernel, kernel, "kernel")}
        )

    def _put_known(self, known: str, target: str) -> None:
        title = next(one.title for one in KNOWN_FILTERS if one.id == known)
        weights = edits.with_known_filter(self._weights_of(self._layer), self._kernel, known, target)
        self._edit(f"Put “{title}” into {self._name}", weights)

    def _randomise(self, target: str) -> None:
        weights = edits.randomised(self._weights_of(self._layer), self._kernel, target, self._random)
        self._edit(f"Randomise {self._name}", weights)

    def _restore(self, which: str, target: str) -> None:
        former = self._opened
        if which == "initial":
            former = self._initial()
        if former is not None:
            weights = edits.restored(self._weights_of(self._layer), self._kernel, former, target)
            self._edit(f"Restore {self._name}", weights)

    def _initial(self) -> Array | None:
        """Return the filter's kernels as the seed draws them for a new layer."""
        session, config = self._session, self._session.config
        others = {key: array for key, array in session.weights.items() if key.partition(".")[0] != self._layer}
        drawn = carried_over(others, session.network, config.seed, config.initialisation).weights
        return drawn[f"{self._layer}.weight"][self._kernel[0]] if f"{self._layer}.weight" in drawn else None

    def _enter_bias(self, value: float) -> None:
        biases = self._session.weights[f"{self._layer}.bias"].copy()
        biases[self._kernel[0]] = value
        self._edit(f"Change bias of filter {self._kernel[0]} of {self._layer}", biases, "bias")

    def _edit(self, text: str, array: Array, kind: str = "weight") -> None:
        """Put an array in the place of the layer's, if that changes anything."""
        key, weights = f"{self._layer}.{kind}", self._session.weights
        if np.array_equal(weights[key], array):
            self._session.preview_weights({})
        else:
            self._session.edit(text, weights=frozen({**weights, key: array}))


def _place(unit: Unit | None, layer: int, channel: int) -> Place | None:
    """Return where a value lies on one map of a layer; None when it lies elsewhere."""
    if unit is None or unit.layer != layer or len(unit.index) != 3 or unit.index[0] != channel:
        return None
    return Place(0, 0, *unit.index[1:])


def _only(region: Region | None, channel: int) -> Region | None:
    """Return what a region is on one map."""
    if region is None or channel >= len(region.channels):
        return None
    return Region(region.channels[channel : channel + 1], region.rows, region.columns)
