"""The panel of drawing: the canvas, what the network sees of it, and what it takes it for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QAction, QGuiApplication, QImage, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from convscope.core.data.drawing import Drawing, Picture, Stroke
from convscope.core.data.number_rows import takes_numbers
from convscope.ui.image_files import ImageError, file_filter, picture_from_image, picture_from_mime, read_picture
from convscope.ui.panels.drawing_numbers import DrawingNumbers
from convscope.ui.panels.drawing_places import Sizes, arranged, least_size
from convscope.ui.panels.drawing_pointing import DrawingPointing
from convscope.ui.panels.drawing_tools import DrawingTools
from convscope.ui.panels.samples import SampleWalk
from convscope.ui.widgets.drawing_canvas import DrawingCanvas
from convscope.ui.widgets.network_input import NetworkInput
from convscope.ui.widgets.prediction_bars import PredictionBars

if TYPE_CHECKING:
    from convscope.ui.session import Session

_NO_DATASET = "There are no samples: no data set has been loaded yet."
_FULL = "The drawing holds all the ink it can. Clear it to go on."
_LOADING = "One moment: PyTorch is being loaded."


class DrawingPanel(QWidget):
    """Lets the user draw and shows samples and images; the prediction is live while the pen moves.

    A stroke goes this way: the canvas tells each move, the session traces the drawing with the unfinished stroke, and
    its answer is shown; when the pen is lifted, the stroke becomes one step that can be undone.
    """

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        """Make the panel of `session`; the panel does the work of the drawing `actions`."""
        super().__init__(parent)
        self.setObjectName("drawing_panel")
        self._session = session
        self._samples = SampleWalk(session.dataset)
        self._sample_titles: WeakKeyDictionary[Picture, str] = WeakKeyDictionary()
        self._is_stale = True
        self.canvas = DrawingCanvas(self)
        self.setFocusProxy(self.canvas)
        self.tools = DrawingTools(actions, self)
        self.network_input = NetworkInput(self)
        self.bars = PredictionBars(self)
        self.numbers = DrawingNumbers(session, self)
        self._pointing = DrawingPointing(session, self.canvas, self.network_input, self.bars, self)
        self._follow_canvas()
        self._follow_actions(actions)
        session.drawing_changed.connect(self._refresh_drawing)
        session.trace_changed.connect(self._refresh_prediction)
        session.network_changed.connect(self._choose_page)
        session.network_changed.connect(self._refresh_prediction)
        session.computing_changed.connect(self._refresh_waiting)
        session.dataset_changed.connect(self._take_dataset)
        self._choose_page()
        self._take_dataset()
        self._refresh_drawing()

    def open_image(self, path: Path) -> None:
        """Show the image of a file on the canvas."""
        try:
            self._show_picture(read_picture(path, self._session.network.input_shape), f"Open {path.name}")
        except ImageError as error:
            self._session.failed.emit(str(error), None)

    def paste_image(self) -> None:
        """Show the image on the clipboard on the canvas."""
        try:
            data = QGuiApplication.clipboard().mimeData()
            self._show_picture(picture_from_mime(data, self._session.network.input_shape), "Paste image")
        except ImageError as error:
            self._session.message_shown.emit(str(error))

    def clear(self) -> None:
        """Take everything off the canvas."""
        self._edit("Clear drawing", Drawing())

    def undo_stroke(self) -> None:
        """Take the newest stroke off the canvas."""
        self._edit("Undo stroke", self._session.drawing.without_last_stroke())

    def _edit(self, text: str, drawing: Drawing) -> None:
        if drawing != self._session.drawing:
            self._session.edit(text, drawing=drawing)

    def _follow_canvas(self) -> None:
        self.canvas.stroke_moved.connect(self._preview)
        self.canvas.stroke_finished.connect(self._keep)
        self.canvas.stroke_cancelled.connect(lambda: self._session.preview_drawing(self._session.drawing))
        self.canvas.filled.connect(lambda: self._session.message_shown.emit(_FULL))
        self.canvas.image_dropped.connect(self._take_drop)
        self.canvas.eraser_toggled.connect(self.tools.pen.show_eraser)
        self.tools.pen.pen_changed.connect(lambda width, eraser: self.canvas.show_pen(width, eraser=eraser))

    def _follow_actions(self, actions: Mapping[str, QAction]) -> None:
        work = {
            "action_clear_drawing": self.clear,
            "action_undo_stroke": self.undo_stroke,
            "action_open_image": self._ask_for_image,
            "action_paste_image": self.paste_image,
            "action_next_sample": lambda: self._walk("next"),
            "action_previous_sample": lambda: self._walk("previous"),
            "action_random_sample": lambda: self._walk("random"),
        }
        for name, method in work.items():
            actions[name].triggered.connect(method)
        self.tools.class_chosen.connect(self._choose_class)
        self.tools.part_chosen.connect(self._choose_part)

    def _preview(self, stroke: Stroke) -> None:
        self._session.preview_drawing(self._session.drawing.with_stroke(stroke))

    def _keep(self, stroke: Stroke) -> None:
        text = "Erase" if stroke.eraser else "Draw"
        self._session.edit(text, drawing=self._session.drawing.with_stroke(stroke))

    def _show_picture(self, picture: Picture, text: str) -> None:
        self._session.edit(text, drawing=Drawing(picture=picture))

    def _show_sample(self, picture: Picture | None) -> None:
        if picture is None:
            self._session.message_shown.emit("There is no sample of this class.")
            return
        self._sample_titles[picture] = self._samples.title
        self._show_picture(picture, "Show sample")

    def _walk(self, way: str) -> None:
        """Show the "next" sample, the "previous" or a "random" one; of numbers, the row."""
        if self._takes_numbers:
            self.numbers.walk(way)
        else:
            self._show_sample(getattr(self._samples, way)())

    @property
    def _takes_numbers(self) -> bool:
        return takes_numbers(self._session.network.input_shape)

    def _choose_page(self) -> None:
        """Show the canvas and what belongs to it, or the fields of a network that takes numbers."""
        for part in (self.canvas, self.tools, self.network_input, self.bars):
            part.setVisible(not self._takes_numbers)
        self.numbers.setVisible(self._takes_numbers)

    def _choose_class(self, wanted: int) -> None:
        self._samples.wanted = wanted if wanted >= 0 else None
        self._show_sample(self._samples.next())

    def _choose_part(self, part: str) -> None:
        self._samples.part = part
        self._show_sample(self._samples.next())

    def _take_drop(self, dropped: object) -> None:
        if isinstance(dropped, Path):
            self.open_image(dropped)
        elif isinstance(dropped, QImage):
            try:
                self._show_picture(picture_from_image(dropped, self._session.network.input_shape), "Drop image")
            except ImageError as error:
                self._session.failed.emit(str(error), None)

    def _ask_for_image(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Open image", "", file_filter())
        if name:
            self.open_image(Path(name))

    def _take_dataset(self) -> None:
        dataset = self._session.dataset
        self._samples.change_dataset(dataset)
        self._samples.wanted = None
        self._sample_titles.clear()  # the picture that is seen is none of these data
        self._refresh_drawing()
        self.tools.show_classes(() if dataset is None else dataset.class_names)
        self.tools.allow_samples(dataset is not None, _NO_DATASET)

    def _refresh_drawing(self) -> None:
        drawing = self._session.drawing
        self.tools.allow_clearing(strokes=bool(drawing.strokes), anything=not drawing.is_empty)
        self._is_stale = not self.isVisible()
        if self._is_stale or self._takes_numbers:
            return
        self.canvas.show_drawing(drawing)
        self.canvas.show_note(self._note(drawing.picture))
        self.network_input.show_image(self._session.image)
        if self._is_empty:
            self._refresh_prediction()

    @property
    def _is_empty(self) -> bool:
        return self._session.drawing.is_empty and not self.canvas.pen_is_down

    def _note(self, picture: Picture | None) -> str:
        if picture is None or picture.label is None:
            return ""
        names = self._session.class_names
        name = names[picture.label] if picture.label < len(names) else str(picture.label)
        return self._sample_titles.get(picture, f"Sample: {name}")

    def _refresh_prediction(self) -> None:
        if not self.isVisible():
            self._is_stale = True
            return
        trace, problem, label = self._session.trace, self._session.network.report.problem, self._session.known_label
        if problem is not None:
            self.bars.show_message(problem.located)
        elif self._session.waiting:
            self.bars.show_message(self._session.waiting)
        elif self._is_empty:
            self.bars.show_prediction(None)
        elif trace is None:
            self.bars.show_message(_LOADING)
        elif self._session.is_split and (both := self._session.both_traces) is not None:
            inference, training = (one.probabilities for one in both)
            self.bars.show_prediction(inference, self._session.class_names, label, training)
        elif trace.probabilities is not None:
            self.bars.show_prediction(trace.probabilities, self._session.class_names, label)

    def _refresh_waiting(self) -> None:
        """Show how far a first pass is; a later one leaves the last prediction where it is."""
        if self._session.waiting:
            self._refresh_prediction()

    def _sizes(self) -> Sizes:
        tools = QSize(self.tools.minimumSizeHint().width(), self.tools.sizeHint().height())
        bars = self.bars
        return Sizes(tools, self.network_input.minimumSizeHint(), bars.minimumSizeHint(), bars.sizeHint())

    def _arrange(self) -> None:
        places = arranged(self.size(), self._sizes())
        self.canvas.setGeometry(places.sheet)
        self.tools.setGeometry(places.tools)
        self.network_input.setGeometry(places.network_input)
        self.bars.setGeometry(places.bars)
        self.numbers.setGeometry(self.rect())

    def sizeHint(self) -> QSize:
        """Return a size for a side of the window."""
        return QSize(380, 620).expandedTo(self.minimumSizeHint())

    def minimumSizeHint(self) -> QSize:
        """Return the size at which every part can still be used and read."""
        return least_size(self._sizes())

    def event(self, event: QEvent) -> bool:
        """Make room when a part asks for more or less."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
            self.updateGeometry()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the parts for the new size."""
        self._arrange()

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what was missed while hidden."""
        super().showEvent(event)
        if self._is_stale:
            self._refresh_drawing()
            self._refresh_prediction()
        self._pointing.catch_up()
