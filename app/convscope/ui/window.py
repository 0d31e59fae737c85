"""The main window: panels in docks, menus, toolbar and status bar around one session."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QLabel, QLayout, QMainWindow, QMenu, QTabWidget, QToolBar, QWidget

from convscope.ui import background
from convscope.ui.actions import ENTRIES, MENUS, make_actions
from convscope.ui.arithmetic_front import ArithmeticFront
from convscope.ui.arrangement import arrange
from convscope.ui.choices import DatasetBox, PresetBox
from convscope.ui.errors import show_error
from convscope.ui.export.commands import PictureCommands
from convscope.ui.file_commands import FileCommands
from convscope.ui.mode_bar import ModeBar
from convscope.ui.panel_dock import PanelMaker, make_docks, panel_class
from convscope.ui.preferences import Preferences
from convscope.ui.session import Session
from convscope.ui.shortcuts import ShortcutList
from convscope.ui.status import StatusBar
from convscope.ui.theme_menu import ThemeMenu
from convscope.ui.time_mark import TimeMark
from convscope.ui.waiting_bar import WaitingBar

if TYPE_CHECKING:
    from convscope.ui.export.film_commands import FilmCommands

ARRANGEMENT = 5  # another number when there are other panels: a remembered arrangement knows no place for them
PAINTED = 200  # milliseconds from the first show until the panels stand there
LARGE = 2000  # pixels of screen width up to which the window takes the whole screen at first
FILE_TOOLS = ("new", "open", "save", "undo", "redo")
TRAINING_TOOLS = ("train", "pause", "step_batch", "step_epoch", "stop", "reset_weights")
MODE_TOOLS = ("training_mode", "split_modes")


class MainWindow(QMainWindow):
    """Shows a session; closing it ends all work."""

    def __init__(self, session: Session, preferences: Preferences, log_path: Path | None = None) -> None:
        """Make the window of `session`, arranged as `preferences` remember it."""
        super().__init__()
        self.setObjectName("main_window")
        self.session = session
        session.setParent(self)
        self._preferences = preferences
        self._log_path = log_path
        self._shown = False
        self._settling = QTimer(self, singleShot=True, interval=1000)  # until the system has given it its size
        self._is_arranging = False  # soon
        self.actions_by_name = make_actions(self)
        self.files = FileCommands(session, preferences, self)
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setAcceptDrops(True)
        self._docks = make_docks(self, lambda name: panel_class(name)(session, self.actions_by_name, self))
        self._maker = PanelMaker(self._docks, self)
        self.panel("training_panel")  # it decides which of the actions make sense
        self.panel("kernels_panel")  # with it everything is there at once that scripts may look for by its name
        self.pictures = PictureCommands(session, preferences, self._docks, self)
        self._themes = ThemeMenu(preferences, self)
        self._recent = QMenu("Open &recent", self)
        self._toolbar = self._made_toolbar()
        self._make_menus()
        self.addToolBarBreak()
        self._waiting_bar = WaitingBar(session, self.actions_by_name["action_draw_and_run"], self)
        self.addToolBar(self._waiting_bar)
        self._mode_bar = ModeBar(session, self.actions_by_name, self)
        self.addToolBar(self._mode_bar)
        self.setStatusBar(StatusBar(session, self))
        self._front = ArithmeticFront(self._docks["arithmetic_panel"], session.inspection)
        self._time_mark = TimeMark(session, self.actions_by_name["action_time_now"], self)
        self._connect()
        self._restore()
        self._show_title()
        self._show_recent()
        self._show_undo()

    def panel(self, name: str) -> QWidget:
        """Return the panel of that object name."""
        return self._docks[name].panel

    @cached_property
    def films(self) -> FilmCommands:
        """What makes films, when somebody wants one."""
        from convscope.ui.export.film_commands import FilmCommands

        return FilmCommands(self.session, self._preferences, self.pictures.panels, self)

    def open(self) -> None:
        """Show the window as it was last; at the first start on a usual screen it takes all the room there is."""
        if self._shown or QGuiApplication.primaryScreen().availableGeometry().width() > LARGE:
            self.show()
        else:
            self.showMaximized()

    def reset_arrangement(self) -> None:
        """Put toolbar and panels back to where they were at first."""
        self._is_arranging = False
        for bar in (self._toolbar, self._waiting_bar, self._mode_bar):  # one below the other
            self.addToolBarBreak()
            self.addToolBar(bar)
        self._toolbar.show()
        for dock in self._docks.values():
            if dock.isFloating():  # to ask for what is so already takes a millisecond
                dock.setFloating(False)  # before it is taken out of the window; after that it has no effect
        arrange(self, self._docks)
        self._focus_drawing()  # whatever had the keys may be behind another panel now

    def _connect(self) -> None:
        session = self.session
        handlers = {
            "new": self.files.new,
            "open": lambda: self.files.open(),
            "save": self.files.save,
            "save_as": self.files.save_as,
            "export_picture": lambda: self.pictures.export(),
            "export_slide": lambda: self.films.export_slide(),
            "export_cube": lambda: self.films.export_cube(),
            "export_time": lambda: self.films.export_time(),
            "copy_picture": lambda: self.pictures.copy(),
            "quit": self.close,
            "undo": session.undo_stack.undo,
            "redo": session.undo_stack.redo,
            "train": session.train,
            "pause": session.pause,
            "step_stage": self._step_stage,
            "step_batch": session.step_batch,
            "step_epoch": session.step_epoch,
            "stop": session.stop,
            "reset_weights": session.reset_weights,
            "full_screen": self._switch_full_screen,
            "reset_layout": self.reset_arrangement,
            "shortcuts": self._show_shortcuts,
            "open_log": self._open_log,
            "about": self._show_about,
        }
        for name, handler in handlers.items():
            self.actions_by_name[f"action_{name}"].triggered.connect(lambda _=False, call=handler: call())
        self.actions_by_name["action_open_log"].setEnabled(self._log_path is not None)
        session.undo_stack.indexChanged.connect(self._show_undo)
        session.modified_changed.connect(self._show_title)
        session.failed.connect(self._show_failure)
        session.devices_changed.connect(self._load_first_data)
        self.files.path_changed.connect(self._show_title)
        self.files.recent_changed.connect(self._show_recent)

    def _make_menus(self) -> None:
        for key, title in MENUS.items():
            menu = self.menuBar().addMenu(title)
            if key == "view":
                self._add_parts(menu)
                menu.addSeparator()
                menu.addMenu(self._themes)
            for entry in (entry for entry in ENTRIES if entry.menu == key):
                if entry.separated:
                    menu.addSeparator()
                menu.addAction(self.actions_by_name[f"action_{entry.name}"])
                if entry.name == "open":
                    menu.addMenu(self._recent)

    def _add_parts(self, menu: QMenu) -> None:
        for dock in self._docks.values():
            menu.addAction(dock.show_action)
        menu.addAction(self._toolbar.toggleViewAction())

    def _made_toolbar(self) -> QToolBar:
        bar = QToolBar("Toolbar", self)
        bar.setObjectName("toolbar")
        bar.setIconSize(QSize(22, 22))
        self._add_tools(bar, FILE_TOOLS)
        for label, box in (("Network", PresetBox(self.session, bar)), ("Data", DatasetBox(self.session, bar))):
            bar.addSeparator()
            bar.addWidget(QLabel(f"{label}  ", bar))
            bar.addWidget(box)
        bar.addSeparator()
        self._add_tools(bar, TRAINING_TOOLS)
        bar.addSeparator()
        self._add_tools(bar, MODE_TOOLS)
        self.addToolBar(bar)
        bar.toggleViewAction().setStatusTip("Show or hide the toolbar.")
        return bar

    def _add_tools(self, bar: QToolBar, names: tuple[str, ...]) -> None:
        for name in names:
            bar.addAction(self.actions_by_name[f"action_{name}"])

    def _restore(self) -> None:
        """Take the remembered size and arrangement, or those of a first start."""
        available = QGuiApplication.primaryScreen().availableGeometry().size()
        self.resize(QSize(1840, 1040).boundedTo(available * 0.96))
        known = self.restoreGeometry(self._preferences.geometry)
        if known and not self._preferences.arrangement.isEmpty():
            self._shown = self.restoreState(self._preferences.arrangement, ARRANGEMENT)
            self._mode_bar.show_mode()
            self._waiting_bar.show_state()
        if not self._shown:  # tabs of an arrangement that another follows would stay on the panels
            arrange(self, self._docks)
        cast(QLayout, self.layout()).activate()
        for dock in self._docks.values():
            dock.make_if_in_front()
        self._focus_drawing()

    def _focus_drawing(self) -> None:
        """Give the keys to the drawing: else they would choose another network, in the first box there is."""
        drawing = self._docks["drawing_panel"]
        (drawing.panel if drawing.is_made else self).setFocus()

    def _show_title(self) -> None:
        name = self.files.path.name if self.files.path else "Untitled"
        self.setWindowTitle(f"{name}[*] – Convscope")
        self.setWindowModified(self.session.modified)
        self.actions_by_name["action_save"].setEnabled(self.session.modified or self.files.path is None)

    def _show_undo(self) -> None:
        stack = self.session.undo_stack
        for name, text, possible in (
            ("undo", stack.undoText(), stack.canUndo()),
            ("redo", stack.redoText(), stack.canRedo()),
        ):
            action = self.actions_by_name[f"action_{name}"]
            action.setEnabled(possible)
            verb = name.capitalize()
            action.setText(f"&{verb}: {text}" if possible else f"&{verb}")

    def _show_recent(self) -> None:
        self._recent.clear()
        for path in self._preferences.recent_files:
            action = self._recent.addAction(path.name)
            action.setStatusTip(str(path))
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, chosen=path: self.files.open(chosen))
        self._recent.setEnabled(not self._recent.isEmpty())
        if not self._recent.isEmpty():
            self._recent.addSeparator()
            self._recent.addAction("&Clear list").triggered.connect(self._clear_recent)

    def _clear_recent(self) -> None:
        self._preferences.clear_recent_files()
        self._show_recent()

    def _step_stage(self) -> None:
        """Do the next stage of a step where it can be seen, also where its panel was closed: it shows nowhere else."""
        self._docks["step_panel"].show_in_front()
        self.session.step_stage()

    def _switch_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _show_shortcuts(self) -> None:
        ShortcutList(self.actions_by_name, self).exec()

    def _show_about(self) -> None:
        from convscope.ui.widgets.about_box import AboutBox

        AboutBox(self).exec()

    def _open_log(self) -> None:
        if self._log_path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log_path)))

    def _show_failure(self, sentence: str, error: object) -> None:
        show_error(self, sentence, error)

    def _load_first_data(self) -> None:
        """Load the data that need no network, when everything else is ready and the user has chosen none."""
        if self.session.dataset is None and self.session.loading is None:
            self.session.change_dataset("generated")

    def _arrange_soon(self) -> None:
        """Arrange the panels before the next paint, once for all that happens in this turn."""
        if not self._is_arranging:
            self._is_arranging = True
            QTimer.singleShot(0, self, self.reset_arrangement)

    def _go_to_work(self) -> None:
        """Load torch, and make the panels behind others, both of which would slow the first paint down."""
        if self.isVisible():
            self.session.start()
            self._maker.start()

    def _dropped_file(self, event: QDropEvent) -> Path | None:
        for url in event.mimeData().urls():
            path = Path(url.toLocalFile())
            if path.suffix.lower() in (".safetensors", ".json"):
                return path
        return None

    def createPopupMenu(self) -> QMenu:
        """Return the menu of the bars and titles; it shows and hides as the View menu does."""
        menu = QMenu(self)
        self._add_parts(menu)
        return menu

    def event(self, event: QEvent) -> bool:
        """Leave a message in the status bar alone when the pointer passes over something that has a hint."""
        status = self.statusBar() if event.type() == QEvent.Type.StatusTip else None
        return (isinstance(status, StatusBar) and status.is_read) or super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Arrange the panels when the size is known, and begin to trace after the first paint."""
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            self._settling.start()
            self._arrange_soon()
        QTimer.singleShot(PAINTED, self, self._go_to_work)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the panels again when the system has made the new window as large as the screen."""
        super().resizeEvent(event)
        if self._settling.isActive() and self.isMaximized():
            self._arrange_soon()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept one project or preset file."""
        if self._dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the file that was dropped."""
        path = self._dropped_file(event)
        if path is not None:
            event.setDropAction(Qt.DropAction.CopyAction)  # a file that is moved would be deleted where it comes from
            event.accept()
            self.files.open(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved changes, remember the arrangement, and end all threads."""
        if not self.files.may_discard():
            event.ignore()
            return
        self._preferences.set_window(self.saveGeometry(), self.saveState(ARRANGEMENT))
        self.hide()  # threads may take a while to end
        self._settling.stop()
        self._maker.stop()
        self.session.close()
        background.end_all()
        super().closeEvent(event)
