"""Copy and export pictures of panels, with the questions and messages that belong to them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QMenu, QWidget

from convscope.core.data.progress import Progress
from convscope.core.files import write_whole
from convscope.ui import theme
from convscope.ui.errors import show_error
from convscope.ui.export.dialog import PREVIEW, ExportDialog
from convscope.ui.export.options import PictureOptions, file_name
from convscope.ui.export.panels import Panels
from convscope.ui.export.picture import image_of, pdf_of, svg_of
from convscope.ui.export.place import asked_place, written_sentence
from convscope.ui.export.png import png_of
from convscope.ui.export.tools import without_tools
from convscope.ui.job import Job
from convscope.ui.panel_dock import PanelDock
from convscope.ui.preferences import Preferences
from convscope.ui.session import Session

_VECTORS = {"svg": svg_of, "pdf": pdf_of}
_SETTLED = 60  # milliseconds after a choice, in which a panel that came to the front is laid out


class PictureCommands(QObject):
    """Takes pictures of a window's panels."""

    def __init__(
        self, session: Session, preferences: Preferences, docks: Mapping[str, PanelDock], window: QMainWindow
    ) -> None:
        super().__init__(window)
        self._session = session
        self._preferences = preferences
        self._window = window
        self._docks = docks
        self.panels = Panels(docks, session, self)
        self._options = PictureOptions(self.panels.focused)
        self._jobs = Job(self)
        self._jobs.done.connect(self._tell_written)
        self._jobs.failed.connect(self._tell_failure)
        self._path = Path()
        for name, dock in docks.items():
            dock.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            dock.customContextMenuRequested.connect(lambda place, panel=name: self._show_menu(panel, place))

    def copy(self, name: str = "") -> None:
        """Put a picture of a panel on the clipboard, as it is shown.

        Args:
            name: Its object name; that of the one with the focus if there is none.
        """
        chosen = dataclasses.replace(self._options, panel=name or self.panels.focused, appearance="shown")
        self._copy(dataclasses.replace(chosen, scale=max(2.0, chosen.scale), background="theme"))

    def export(self, name: str = "") -> None:
        """Ask what kind of picture, of which panel, and where to; then write it.

        Args:
            name: The panel that is proposed; the one with the focus if there is none.
        """
        start = dataclasses.replace(self._options, panel=name or self.panels.focused)
        dialog = ExportDialog(self.panels.titles, start, self._window)
        timer = QTimer(dialog)
        timer.setSingleShot(True)
        timer.setInterval(_SETTLED)
        timer.timeout.connect(lambda: self._show_preview(dialog))
        dialog.options_changed.connect(lambda: self._begin_preview(dialog, timer))
        dialog.copy_wanted.connect(lambda: self._copy(dialog.options))
        self._begin_preview(dialog, timer)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        timer.stop()
        self._options = dialog.options
        dialog.deleteLater()
        if accepted:
            self._export(self._options)

    def file(self, options: PictureOptions) -> Callable[[], bytes]:
        """Return what makes the file of a picture that was taken; any thread may call it.

        Raises:
            MemoryError: It has too many pixels.
        """
        if options.kind == "png":
            image = self.image(options)
            return lambda: png_of(image)
        panel = self.panels.shown(options.panel)
        with _appearance(options), _tools(panel, options):
            content = _VECTORS[options.kind](panel, options.background)
        return lambda: content

    def image(self, options: PictureOptions) -> QImage:
        """Return a picture as pixels.

        Raises:
            MemoryError: It has too many.
        """
        panel = self.panels.shown(options.panel)
        with _appearance(options), _tools(panel, options):
            return image_of(panel, options.scale, options.background)

    def _begin_preview(self, dialog: ExportDialog, timer: QTimer) -> None:
        self.panels.shown(dialog.options.panel)
        timer.start()

    def _show_preview(self, dialog: ExportDialog) -> None:
        size = self.panels.shown(dialog.options.panel).size()
        scale = min(PREVIEW.width() / size.width(), PREVIEW.height() / size.height())
        options = dataclasses.replace(dialog.options, scale=scale * 2 * dialog.devicePixelRatioF())
        dialog.show_picture(self.image(options), size)

    def _copy(self, options: PictureOptions) -> None:
        try:
            image = self.image(options)
        except MemoryError as error:
            show_error(self._window, f"{error} Choose a smaller scale.")
            return
        QApplication.clipboard().setImage(image)
        title = self.panels.titles[options.panel]
        self._session.message_shown.emit(
            f"The picture of “{title}” is on the clipboard: {image.width()} × {image.height()} pixels."
        )

    def _export(self, options: PictureOptions) -> None:
        name = file_name(*self.panels.words(options.panel), kind=options.kind)
        path = asked_place(self._window, self._preferences, "Export picture", name)
        if path is None:
            return
        try:
            content = self.file(options)
        except MemoryError as error:
            show_error(self._window, f"{error} Choose a smaller scale.")
            return
        self._path = path
        self._jobs.start(lambda: _writing(path, content))

    def _tell_written(self, path: Path) -> None:
        self._session.message_shown.emit(f"Exported as {path}")

    def _tell_failure(self, error: Exception) -> None:
        show_error(self._window, written_sentence(self._path, error), error)

    def _show_menu(self, name: str, place: QPoint) -> None:
        """Offer the pictures of one panel, above what the window offers of all."""
        dock = self._docks[name]
        menu = self._window.createPopupMenu() or QMenu(self._window)
        first = menu.actions()[0] if menu.actions() else None
        for text, action in (("&Copy picture", self.copy), ("&Export picture…", self.export)):
            entry = QMenu.addAction(menu, text)
            entry.triggered.connect(lambda _=False, call=action: call(name))
            menu.insertAction(first, entry)  # pyright: ignore[reportArgumentType]  # None: at the end
        menu.insertSeparator(first)  # pyright: ignore[reportArgumentType]
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(dock.mapToGlobal(place))


def _tools(panel: QWidget, options: PictureOptions) -> AbstractContextManager[None]:
    """Return what leaves the tools out of a picture, where that is wished."""
    return nullcontext() if options.tools else without_tools(panel)


def _appearance(options: PictureOptions) -> AbstractContextManager[None]:
    """Return what gives the program the chosen theme while a picture is painted."""
    themes = {"light": theme.LIGHT, "dark": theme.DARK}
    if options.appearance not in themes:
        return nullcontext()
    return theme.shown_as(cast(QApplication, QApplication.instance()), themes[options.appearance])


def _writing(path: Path, content: Callable[[], bytes]) -> Generator[Progress, None, Path]:
    """Write a file, on a thread: many pixels take a second to be compressed, and a stick or a share may be slow."""
    yield Progress("Writing the picture", 0, 0)
    write_whole(path, content())
    return path
