"""One channel of batch norm: histograms before and after, γ and β with the maps, momentum, the steps, the run."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from convscope.core.layers import BatchNorm
from convscope.core.settings import settings_of
from convscope.ui.widgets.batch_norm_course_plot import BatchNormCoursePlot
from convscope.ui.widgets.batch_norm_sliders import BatchNormSliders
from convscope.ui.widgets.breakdown_sheet import Sheet
from convscope.ui.widgets.breakdown_view import BreakdownView
from convscope.ui.widgets.histogram_plot import HistogramPlot
from convscope.ui.widgets.mosaic import Mosaic
from convscope.ui.widgets.mosaic_view import MosaicView
from convscope.ui.widgets.setting_editors import StepEditor
from convscope.ui.widgets.tinted_label import TintedLabel

BESIDE = 460  # pixels of width from which two parts stand side by side
_FOUR_DIGITS = 400  # pixels of width
_PLOT = 175  # pixels of height of a histogram with its marks
_LOW_PLOT = 160  # where they stand one above the other, so that γ and β stay in view
_MAPS = 124  # pixels of height: two rows of maps of 26×26, each value 2 wide
_STEPS = 7  # lines


class BatchNormView(QWidget):
    """Lays the parts out, two beside each other where there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.before, self.after = HistogramPlot("Values before", self), HistogramPlot("Values after", self)
        self._log = QCheckBox("Log scale", self)
        self._count = TintedLabel("muted", self)
        self.sliders = BatchNormSliders(self)
        self.maps = MosaicView(Mosaic(self), self)
        self.maps.mosaic.setAccessibleName("What the layer puts out for the drawing")
        momentum = next(setting for setting in settings_of(BatchNorm) if setting.name == "momentum")
        self.momentum = StepEditor(momentum, self)
        self.momentum.setObjectName("batch_norm_momentum")
        self.momentum.setAccessibleName(momentum.label)
        self.momentum.setToolTip(momentum.help)
        self.momentum.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.momentum_text = TintedLabel("text", self)
        self.steps = BreakdownView(self)
        self.steps.setObjectName("batch_norm_steps")
        self.steps.setAccessibleName("The four steps of one value")
        self._note = TintedLabel("muted", self)
        self.mean, self.variance = BatchNormCoursePlot("Mean", self), BatchNormCoursePlot("Variance", self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # as narrow as it must be
        self._rows: list[QBoxLayout] = []
        self._build()

    def _build(self) -> None:
        self._log.setObjectName("batch_norm_log")
        self._log.setToolTip("Show rare values beside frequent ones: each step up is ten times as many")
        for plot in (self.before, self.after):
            self._log.toggled.connect(plot.show_logarithmic)
        self._log.setChecked(True)
        self.maps.mosaic.setFixedHeight(_MAPS)
        self.steps.setFixedHeight(_STEPS * (QFontMetrics(self.font()).height() + 6) + 16)
        for plot in (self.mean, self.variance):
            plot.setFixedHeight(130)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(self._head())
        column.addWidget(self.sliders)  # above what answers to them, in view also in a low dock
        column.addLayout(self._row(self._titled("Before", self.before), self._titled("After", self.after)))
        column.addWidget(self.maps)
        column.addWidget(_heading("The four steps, with the numbers of one value", self))
        column.addWidget(self.steps)
        column.addWidget(self._note)
        column.addWidget(_heading("Through the run", self))
        column.addLayout(self._row(self.mean, self.variance))
        column.addLayout(self._momentum_line())
        column.addWidget(self.momentum_text)

    @property
    def digits(self) -> int:
        """With how many significant digits numbers fit into a line of the steps."""
        return 4 if self.width() >= _FOUR_DIGITS else 3

    def show_count(self, text: str) -> None:
        """Say how many values are counted."""
        self._count.show_text(text)

    def show_steps(self, sheet: Sheet, note: str) -> None:
        """Show the steps of one value, and what is to be known of them."""
        self.steps.show_sheet(sheet)
        self._note.show_text(note)

    def note(self) -> str:
        """Return what is said below the steps."""
        return self._note.text()

    def _head(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.addWidget(self._count, 1)
        line.addWidget(self._log)
        return line

    def _titled(self, title: str, plot: HistogramPlot) -> QWidget:
        part = QWidget(self)
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(_heading(title, part))
        column.addWidget(plot)
        return part

    def _momentum_line(self) -> QHBoxLayout:
        line = QHBoxLayout()
        label = QLabel("Momentum", self)
        label.setBuddy(self.momentum)
        line.addWidget(label)
        line.addWidget(self.momentum)
        line.addStretch(1)
        return line

    def _row(self, *widgets: QWidget) -> QBoxLayout:
        row = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        row.setSpacing(10)
        for widget in widgets:
            row.addWidget(widget, 1)
        self._rows.append(row)
        return row

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put parts beside each other where there is room."""
        super().resizeEvent(event)
        beside = self.width() >= BESIDE
        for row in self._rows:
            row.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self.sliders.show_beside(beside)
        for plot in (self.before, self.after):
            plot.setFixedHeight(_PLOT if beside else _LOW_PLOT)


def _heading(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return label
