"""The panel of training: start, pause and stop a run, see how far it is, and set how it learns."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from convscope.core.data.number_rows import takes_numbers
from convscope.core.data.sources import title_of
from convscope.core.history import History
from convscope.core.large import data_misfit, is_large
from convscope.core.meaning import doubts
from convscope.core.report import batch_misfit
from convscope.core.settings import SettingError, settings_of
from convscope.core.training_config import AUGMENTATION, LIVE, MORE, TrainingConfig
from convscope.ui.panels.augmentation_preview import AugmentationPreview
from convscope.ui.panels.device_choice import DeviceChoice
from convscope.ui.run_state import STARTS, allowed_actions
from convscope.ui.session import Session
from convscope.ui.turns import after_paint
from convscope.ui.widgets.fold import Fold
from convscope.ui.widgets.form import SettingsForm
from convscope.ui.widgets.run_progress import RunProgressView
from convscope.ui.widgets.setting_editors import Editor
from convscope.ui.widgets.setting_text import changed_text
from convscope.ui.widgets.tinted_label import TintedLabel

STAGE = "action_step_stage"  # it has its button in a panel of its own
TRANSPORT = (
    "action_train",
    "action_pause",
    "action_step_batch",
    "action_step_epoch",
    "action_stop",
    "action_reset_weights",
    STAGE,
)
FIXED = "Settings in grey are fixed until the run ends."
TO_BE_RESET = "The present weights stay as they are. Reset weights to draw them this way."
_FOLDED = {MORE: ("More settings", "as usual"), AUGMENTATION: ("Augmentation", "off")}  # title, and when all is usual
_ICON = QSize(26, 26)
_UNNAMED_WIDTH = 288  # pixels of the transport row without names
_BESIDE_NAME = 12  # pixels that a name needs besides its own
_EDITS = {"held_out": "Change the source of validation images"}  # where the label is no noun


class TrainingPanel(QWidget):
    """Drives the session's run and edits its settings."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        """Make the panel of `session`; which of the transport's `actions` make sense is decided here."""
        super().__init__(parent)
        self.setObjectName("training_panel")
        self._session = session
        self._is_stale = True
        self._actions = {name: actions[name] for name in TRANSPORT}
        self._tips = {name: (actions[name].toolTip(), actions[name].statusTip()) for name in STARTS}
        self._explained = ""  # why nothing can be trained
        self._buttons = {name: self._button(name, action) for name, action in self._actions.items() if name != STAGE}
        self._chosen = self._stand_in = ""  # buttons that the user and that `_keep_focus` gave the focus to
        self._progress = RunProgressView(self)
        self._fixed = TintedLabel("muted", self)
        self._fixed.show_text(FIXED)
        self._weights = session.weights
        self._drawn = session.config.initialisation  # how all weights were drawn the last time
        self._folds = {group: self._fold(group) for group in _FOLDED}
        self._forms = {group: self._form(group) for group in ("", *_FOLDED)}
        self._preview: AugmentationPreview | None = None  # while it is open
        self._device = DeviceChoice(self._forms[MORE])
        self._device.device_changed.connect(lambda device: self._change("device", device))
        self._lay_out()
        session.run_state_changed.connect(self._allow)
        session.run_state_changed.connect(self._refresh)
        session.network_changed.connect(self._allow)
        session.network_changed.connect(self._refresh)
        session.dataset_changed.connect(self._allow)
        session.dataset_changed.connect(self._refresh)
        session.weights_changed.connect(self._note_weights)
        session.config_changed.connect(self._allow)
        session.config_changed.connect(self._refresh)
        session.devices_changed.connect(self._refresh)
        session.progress_changed.connect(self._refresh_progress)
        session.history_changed.connect(self._note_history)
        self._allow()

    def editor(self, name: str) -> Editor:
        """Return the editor of a setting.

        Raises:
            KeyError: There is no such setting.
        """
        if name == "device":
            return self._device.editor
        group = next((setting.group for setting in settings_of(TrainingConfig) if setting.name == name), "")
        return self._forms[group].editor(name)

    def fold(self, group: str) -> Fold:
        """Return the part of the panel that holds a group of settings."""
        return self._folds[group]

    def _allow(self) -> None:
        """Enable what makes sense now; the actions are in menus, too, so this does not wait for the panel."""
        problem = self._problem
        allowed = allowed_actions(self._session.run_state, trainable=not problem)
        if problem != self._explained:
            self._explain(problem)
        for name in allowed:
            self._actions[name].setEnabled(True)
        self._keep_focus(allowed)
        for name in self._actions.keys() - allowed:
            self._actions[name].setEnabled(False)

    def _explain(self, problem: str) -> None:
        """Say why nothing can be trained wherever the actions are; what they do, when something can."""
        self._explained = problem
        for name in STARTS:
            tooltip, status_tip = self._tips[name]
            self._actions[name].setToolTip(problem or tooltip)
            self._actions[name].setStatusTip(problem or status_tip)
        if problem:
            after_paint(self, self._tell_problem)

    def _tell_problem(self) -> None:
        """Tell of a problem that is still there when all is done that belongs to the same step.

        Of a large network nothing is told: it is there to be looked at.
        """
        if self._explained and self._session.loading is None and not is_large(self._session.network):
            self._session.message_shown.emit(f"Cannot train yet. {self._explained}")

    def _keep_focus(self, allowed: Collection[str]) -> None:
        """Keep the keyboard in the transport when the button that has it is about to be disabled.

        Qt would give it to a setting below, and the next key would change that. It comes back to the button that the
        user chose as soon as that is enabled again, so that a key pressed again and again makes step after step.
        """
        focused = next((name for name, button in self._buttons.items() if button.hasFocus()), None)
        if focused is None:
            return
        if focused != self._stand_in:
            self._chosen = focused
        target = self._chosen if self._chosen in allowed else next(name for name in TRANSPORT if name in allowed)
        self._stand_in = target if target != self._chosen else ""
        self._buttons[target].setFocus()

    @property
    def _problem(self) -> str:
        network, dataset = self._session.network, self._session.dataset
        if network.report.problem is not None:
            return network.report.problem.located
        if misfit := batch_misfit(network, self._session.config.batch_size):
            return misfit
        return data_misfit(network, dataset.image_shape, dataset.classes, dataset.loss) if dataset is not None else ""

    def _change(self, name: str, value: object) -> None:
        config = self._session.config
        try:
            changed = dataclasses.replace(config, **{name: value})
        except SettingError:
            self._show_config()  # a form checks what is entered, so only a setting changed meanwhile
            return
        label = next(setting.label for setting in settings_of(TrainingConfig) if setting.name == name)
        self._session.edit(_EDITS.get(name, f"Change {label[0].lower()}{label[1:]}"), config=changed)

    def _refresh(self) -> None:
        self._is_stale = not self.isVisible()
        if self._is_stale:
            return
        is_active = self._session.run_state.is_active
        self._fixed.setVisible(is_active)
        self._show_config()
        for setting in settings_of(TrainingConfig):
            is_fixed = is_active and setting.name not in LIVE
            editor = self.editor(setting.name)
            editor.setEnabled(not is_fixed)
            editor.setToolTip(FIXED if is_fixed else setting.help)
        self._refresh_progress()

    def _show_config(self) -> None:
        session, config = self._session, self._session.config
        for form in self._forms.values():
            form.show_value(config)
        for group, fold in self._folds.items():
            fold.show_summary(changed_text(config, group) or _FOLDED[group][1])
        self._device.show_devices(session.devices, config.device)
        self._forms[AUGMENTATION].show_remarks(doubts(config, session.class_names, session.network.input_shape))
        offered = not takes_numbers(session.network.input_shape)
        self._folds[AUGMENTATION].setVisible(offered)
        if self._preview is not None and not offered:
            self._preview.reject()
        self._offer.setVisible(config.initialisation != self._drawn)

    def _note_weights(self) -> None:
        """Remember how the weights were drawn, if all of them are new and no run made them."""
        session, old = self._session, self._weights
        self._weights = session.weights
        if session.progress is not None:
            return
        if any(array is old.get(key) for key, array in session.weights.items()):
            self._refresh_progress()  # which tells how long they were trained, unless they were changed since
        else:
            self._drawn = session.config.initialisation
            self._refresh()

    def _note_history(self) -> None:
        """Tell of other curves that no run draws; `progress_changed` tells of a run's."""
        if self._session.progress is None:
            self._refresh_progress()

    def _open_preview(self) -> None:
        if self._preview is None:
            self._preview = AugmentationPreview(self._session, self)
            self._preview.finished.connect(self._forget_preview)
        self._preview.show()
        self._preview.raise_()

    def _forget_preview(self) -> None:
        if self._preview is not None:
            self._preview.deleteLater()
            self._preview = None

    def _refresh_progress(self) -> None:
        if not self.isVisible():
            self._is_stale = True
            return
        session = self._session
        failure = session.run_problem
        before = "" if failure or session.history_is_former else _origin_text(session.history)
        texts = {"rate": self._rate_text(), "problem": self._problem, "failure": failure, "before": before}
        self._progress.show_run(session.run_state, session.progress, **texts)

    def _rate_text(self) -> str:
        config, progress = self._session.config, self._session.progress
        if config.schedule == "constant" or progress is None:
            return ""
        return f"Learning rate in epoch {progress.epoch}: {config.rate_in(progress.epoch - 1):.3g}"

    def _form(self, group: str) -> SettingsForm:
        form = SettingsForm(self, group=group)
        form.setting_changed.connect(self._change)
        form.show_value(self._session.config)
        if group:
            self._folds[group].body.insertWidget(0, form)
        return form

    def _fold(self, group: str) -> Fold:
        fold = Fold(_FOLDED[group][0], self)
        fold.setObjectName(f"fold_{group}")
        fold.heading.setObjectName(f"button_fold_{group}")
        return fold

    def _button(self, name: str, action: QAction) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name.replace("action_", "button_"))
        button.setDefaultAction(action)
        button.setAccessibleName(action.iconText())
        button.setIconSize(_ICON)
        return button

    def _made_offer(self) -> QWidget:
        """Return what to do after another way to draw the weights was chosen."""
        offer = QWidget(self)
        offer.setObjectName("offer_reset")
        told = TintedLabel("warning", offer)
        told.show_text(TO_BE_RESET)
        reset = QPushButton("Reset weights", offer)
        reset.setObjectName("button_offered_reset")
        reset.clicked.connect(self._actions["action_reset_weights"].trigger)
        row = QVBoxLayout(offer)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(told)
        row.addWidget(reset, 0, Qt.AlignmentFlag.AlignLeft)
        offer.hide()
        return offer

    def _made_preview_button(self) -> QPushButton:
        button = QPushButton("Preview…", self)
        button.setObjectName("button_preview_augmentation")
        button.setToolTip("Show what augmentation makes of the image on the canvas")
        button.clicked.connect(self._open_preview)
        return button

    def _lay_out(self) -> None:
        self._offer = self._made_offer()
        self._folds[MORE].body.addWidget(self._offer)
        self._folds[AUGMENTATION].body.addWidget(self._made_preview_button(), 0, Qt.AlignmentFlag.AlignLeft)
        transport = QHBoxLayout()
        transport.setSpacing(4)
        for button in self._buttons.values():
            transport.addWidget(button)
        transport.addStretch()
        content = QWidget(self)
        settings = QVBoxLayout(content)
        settings.setContentsMargins(0, 0, 6, 0)
        settings.addWidget(self._fixed)
        settings.addWidget(self._forms[""])
        for fold in self._folds.values():
            settings.addWidget(fold)
        settings.addStretch()
        area = QScrollArea(self)
        area.setWidget(content)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its fields have the focus
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        column.addLayout(transport)
        column.addWidget(self._progress)
        column.addWidget(area, 1)

    def minimumSizeHint(self) -> QSize:
        """Return the size of the transport without names and some of the settings, so that a narrow dock will do."""
        return QSize(290, 240)

    def sizeHint(self) -> QSize:
        """Return a size at which most of the settings are seen."""
        return QSize(360, 340)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Name the buttons for whose names there is room."""
        super().resizeEvent(event)
        styles = Qt.ToolButtonStyle
        free = self.width() - _UNNAMED_WIDTH
        first, *others = self._buttons.values()
        for group in ([first], others):
            needed = sum(button.fontMetrics().horizontalAdvance(button.text()) + _BESIDE_NAME for button in group)
            style = styles.ToolButtonTextBesideIcon if needed <= free else styles.ToolButtonIconOnly
            for button in group:
                button.setToolButtonStyle(style)
            free -= needed

    def showEvent(self, event: QShowEvent) -> None:
        """Show what changed while the panel was hidden."""
        super().showEvent(event)
        if self._is_stale:
            self._refresh()


def _origin_text(history: History) -> str:
    """Return which run the weights come from, for the next one begins with them; empty where there was none.

    Where that run began nobody knows, so nothing is said of how long they were trained altogether.
    """
    if not len(history):
        return ""
    epochs = f"{float(history.batch_epochs[-1]):.3g}"
    data = f" on {title_of(history.dataset_id)}" if history.dataset_id else ""
    return (
        f"The weights come from a run of {epochs} epoch{'s' * (epochs != '1')}{data}. "
        "Train goes on from there, in a new run."
    )
