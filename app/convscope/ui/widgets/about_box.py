"""The About box: what this program is, and the versions that a report of a fault should name."""

from __future__ import annotations

import importlib.metadata
import platform

import numpy as np
import PySide6
from PySide6.QtCore import QSysInfo, Qt, qVersion
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from convscope import __version__
from convscope.ui.icons import icon

PURPOSE = "See what a convolutional network does to a picture, layer by layer, while it learns."
_ICON_SIDE = 56


def versions() -> tuple[tuple[str, str], ...]:
    """Return (what, version) of everything that a fault may depend on; torch is asked without loading it."""
    return (
        ("Convscope", __version__),
        ("Python", platform.python_version()),
        ("PySide6", PySide6.__version__),
        ("Qt", qVersion()),
        ("PyTorch", _installed("torch")),
        ("NumPy", np.__version__),
        ("pyqtgraph", _installed("pyqtgraph")),
        ("System", f"{QSysInfo.prettyProductName()}, {QSysInfo.currentCpuArchitecture()}"),
    )


def versions_text() -> str:
    """Return the versions as lines to paste into a report."""
    return "\n".join(f"{name}: {version}" for name, version in versions())


class AboutBox(QDialog):
    """Tells what Convscope is, with versions to copy."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("about_box")
        self.setWindowTitle("About Convscope")
        self.setAccessibleName(self.windowTitle())
        column = QVBoxLayout(self)
        column.setSpacing(16)
        column.setContentsMargins(20, 20, 20, 16)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        column.addLayout(self._heading())
        column.addLayout(self._versions())
        column.addWidget(self._buttons())

    def _heading(self) -> QHBoxLayout:
        picture = QLabel(self)
        picture.setPixmap(icon("conv2d").pixmap(_ICON_SIDE, _ICON_SIDE))
        name = QLabel("Convscope", self)
        font = name.font()
        font.setPointSizeF(font.pointSizeF() * 1.8)
        font.setBold(True)
        name.setFont(font)
        purpose = QLabel(PURPOSE, self)
        purpose.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(name)
        texts.addWidget(purpose)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(picture)
        row.addLayout(texts, 1)
        return row

    def _versions(self) -> QFormLayout:
        rows = QFormLayout()
        rows.setHorizontalSpacing(20)
        rows.setContentsMargins(_ICON_SIDE + 16, 0, 0, 0)
        for name, version in versions():
            label = QLabel(version, self)
            label.setAccessibleName(name)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            rows.addRow(name, label)
        return rows

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        copy = QPushButton("Copy versions", box)
        copy.setObjectName("copy_versions")
        copy.setAutoDefault(False)
        copy.clicked.connect(lambda: QApplication.clipboard().setText(versions_text()))
        box.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        box.rejected.connect(self.reject)
        return box


def _installed(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
