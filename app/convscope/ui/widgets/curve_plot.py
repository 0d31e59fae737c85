"""One quantity of a training run over its epochs: legend with the last values, and the plot below it."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeySequence, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from convscope.core.diagnosis import Place
from convscope.core.history import History
from convscope.ui.background import Stream
from convscope.ui.qt_types import make_some_types
from convscope.ui.widgets.curve_data import Overlay, OverlayCurves, Quantity, Series
from convscope.ui.widgets.curve_key import NO_VALUE, CurveKey, fit
from convscope.ui.widgets.curve_legend import CurveLegend

if TYPE_CHECKING:
    from convscope.ui.widgets.curve_canvas import CurveCanvas

_RECENT = 20  # batches
_BETWEEN, _BESIDE = 12, 6  # pixels between the two readings, and between them and the title
_LOW = 260  # pixels of height below which former runs are named in one line
_FRESH = (QEvent.Type.PaletteChange, QEvent.Type.ApplicationFontChange)


def _load_canvas() -> Generator[None, None, None]:
    import convscope.ui.widgets.curve_canvas  # noqa: F401 -- it imports pyqtgraph

    yield from ()


class CurvePlot(QWidget):
    """Shows how a quantity of training and of validation went, with the batches' noise behind.

    Signals:
        position_chosen(object): This place of the run, in epochs, shall be looked at; None for the present.
    """

    position_chosen = Signal(object)

    def __init__(self, quantity: Quantity, parent: QWidget | None = None) -> None:
        """Make an empty plot of `quantity`; its axes appear when it has first been painted."""
        super().__init__(parent)
        self.setObjectName(quantity.name)
        self.setAccessibleName(f"{quantity.title} of training and validation over the epochs")
        self._quantity = quantity
        self._history = History()
        self._place: tuple[Place | None, bool] = (None, False)
        self._overlays: tuple[Overlay, ...] = ()
        self._position: float | None = None
        self.canvas: CurveCanvas | None = None
        self._loader: Stream | None = None
        self._making = QTimer(self, interval=0)
        self._making.timeout.connect(self._make_types)
        widest = quantity.text(quantity.widest)
        self.keys = {
            "train": CurveKey("train", "Training", (widest, quantity.estimate(quantity.widest)), self),
            "validation": CurveKey("validation", "Validation", (widest,), self),
        }
        self.legend = CurveLegend(self)
        self.switch = self._made_actions()
        self.invitation = QLabel(quantity.invitation, self)
        self.invitation.setObjectName(f"{quantity.name}_invitation")
        self._lay_out()
        self._show_summary()

    @property
    def epochs(self) -> int:
        """How many finished epochs are drawn."""
        return len(self._history.epochs)

    def show_history(self, history: History) -> None:
        """Draw the curves of `history`."""
        epochs_differ = history.epochs != self._history.epochs
        self._history = history
        self._invite()
        if epochs_differ or not history.epochs:
            self._show_summary()
        self._draw()

    def show_overlays(self, overlays: tuple[Overlay, ...]) -> None:
        """Lay former runs over the plot, and no others."""
        if overlays == self._overlays:
            return
        self._overlays = overlays
        self.legend.show_overlays(overlays)
        self._invite()
        self._draw_overlays()

    def show_place(self, place: Place | None, *, strongly: bool = False) -> None:
        """Mark some epochs and say what is seen there, or mark none; strongly while somebody points at them."""
        self._place = place, strongly
        if self.canvas is not None:
            self.canvas.show_place(place, strongly=strongly)

    def show_position(self, position: float | None) -> None:
        """Put a line where the run is looked at, in epochs; none for the present."""
        self._position = position
        if self.canvas is not None:
            self.canvas.cursor_line.show_position(position)

    def make_canvas(self) -> None:
        """Make the axes now, if there are none yet; takes a quarter of a second if pyqtgraph is not loaded yet."""
        self._stop_loading()
        if self.canvas is not None:
            return
        from convscope.ui.widgets.curve_canvas import CurveCanvas  # here, for it imports pyqtgraph

        self.canvas = CurveCanvas(self._quantity, self)
        self.canvas.setAccessibleName(self.accessibleName())
        self.canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # everything it offers is in the menu of this widget
        self._body.addWidget(self.canvas, 0, 0, 1, 2)
        self.invitation.raise_()
        self.canvas.show_place(self._place[0], strongly=self._place[1])
        self.canvas.cursor_line.show_position(self._position)
        self.canvas.cursor_line.position_chosen.connect(self.position_chosen)
        self._draw()
        self._draw_overlays()

    def view_all(self) -> None:
        """Undo every zoom."""
        if self.canvas is not None:
            self.canvas.view_all()

    def _make_types(self) -> None:
        """Go on making the types that pyqtgraph asks for, which no thread but the window's must make."""
        if make_some_types():
            self._making.stop()
            self._load()

    def _load(self) -> None:
        """Import pyqtgraph on a thread, so that the window need not wait, then make the axes."""
        self._loader = Stream(_load_canvas)
        self._loader.ended.connect(self.make_canvas)
        self._loader.failed.connect(self._tell_failure)
        self._loader.begin()
        self._loader.resume(lambda _: False)

    def _stop_loading(self) -> None:
        self._making.stop()
        if self._loader is not None:
            self._loader.abandon()
            self._loader = None

    def _tell_failure(self, error: Exception) -> None:
        self.invitation.setText(f"The curves cannot be drawn: {error}")

    def _made_actions(self) -> QAction:
        quantity = self._quantity
        switch = QAction(quantity.switch, self, checkable=True, toolTip=quantity.switch_help)
        switch.setObjectName(f"{quantity.name}_switch")
        switch.setIconText(quantity.switch_short)
        switch.toggled.connect(self._draw)
        view_all = QAction("View all", self, toolTip="Undo every zoom; a double click does the same.")
        view_all.setShortcut(QKeySequence(Qt.Key.Key_Home))
        view_all.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        view_all.triggered.connect(self.view_all)
        copy = QAction("Copy picture", self)
        copy.triggered.connect(self._copy)
        self.addActions([view_all, switch, copy])
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        return switch

    def _lay_out(self) -> None:
        button = QToolButton(self)
        button.setDefaultAction(self.switch)
        button.setAccessibleName(f"{self._quantity.title}: {self._quantity.switch}")
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.keys["train"])
        head.addSpacing(_BETWEEN)
        head.addWidget(self.keys["validation"])
        head.addSpacing(_BESIDE)
        head.addStretch()
        self._corner = QVBoxLayout()
        self._corner.setSpacing(0)
        self._corner.addWidget(QLabel(self._quantity.title, self), 0, Qt.AlignmentFlag.AlignRight)
        self._corner.addWidget(button, 0, Qt.AlignmentFlag.AlignRight)
        head.addLayout(self._corner)
        self.invitation.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.invitation.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.invitation.setAutoFillBackground(True)  # over the lines of the grid
        self.invitation.setBackgroundRole(QPalette.ColorRole.Base)
        self.invitation.setMargin(6)
        self.invitation.setWordWrap(True)
        self.invitation.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._size_invitation()
        self._body = QGridLayout()
        self._body.setColumnMinimumWidth(0, 60)  # the vertical axis
        self._body.setColumnStretch(1, 1)
        self._body.addWidget(self.invitation, 0, 1, Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(self.legend)
        column.addLayout(self._body, 1)

    def _draw(self) -> None:
        if self.canvas is not None:
            self.canvas.show_curves(self._quantity.curves(self._history), self.switch.isChecked())

    def _draw_overlays(self) -> None:
        if self.canvas is not None:
            self.canvas.show_overlays(
                tuple(OverlayCurves(overlay, self._quantity.curves(overlay.history)) for overlay in self._overlays)
            )

    def _invite(self) -> None:
        """Say what to do where there is nothing to see."""
        history = self._history
        self.invitation.setVisible(not (len(history) or history.epochs or self._overlays))

    def _show_summary(self) -> None:
        """Show the last epoch's values, in the legend and to screen readers."""
        curves = self._quantity.curves(self._history)
        texts = {"train": self._last(curves.train), "validation": self._last(curves.validation)}
        if texts["train"] is None and len(curves.batches):  # the first epoch goes on: what its last batches come to
            texts["train"] = self._quantity.estimate(float(curves.batches.y[-_RECENT:].mean()))
        for line, text in texts.items():
            self.keys[line].show_value(text)
        self._fit_keys()
        values = f"training {texts['train'] or NO_VALUE}, validation {texts['validation'] or NO_VALUE}"
        epochs = len(self._history.epochs)
        self.setAccessibleDescription(f"After {epochs} epochs: {values}" if epochs else self._quantity.invitation)

    def _last(self, series: Series) -> str | None:
        return None if series.last is None else self._quantity.text(series.last)

    def _fit_keys(self) -> None:
        """Let the figures fit between the left edge and the title."""
        fit(self.keys.values(), self.width() - self._corner.sizeHint().width() - _BETWEEN - _BESIDE)

    def _size_invitation(self) -> None:
        font = QApplication.font()
        font.setPointSizeF(font.pointSizeF() * 1.1)
        self.invitation.setFont(font)

    def _copy(self) -> None:
        QApplication.clipboard().setPixmap(self.grab())

    def changeEvent(self, event: QEvent) -> None:
        """Take over another theme or font."""
        super().changeEvent(event)
        if event.type() not in _FRESH:
            return
        self._size_invitation()
        self._fit_keys()
        if self.canvas is not None:
            self.canvas.refresh_colours()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Make the axes once the window stands on the screen without them."""
        super().paintEvent(event)
        if self.canvas is None and self._loader is None:
            self._making.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave most of a low plot to the curves, and let the figures fit into a narrow one."""
        super().resizeEvent(event)
        self.legend.allow_lines(1 if self.height() < _LOW else 2)
        self._fit_keys()

    def hideEvent(self, event: QHideEvent) -> None:
        """Leave no thread behind."""
        self._stop_loading()
        super().hideEvent(event)
