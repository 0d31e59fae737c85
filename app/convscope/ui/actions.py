"""Every action of the program, registered once: menus, toolbar, shortcuts and tooltips come from here."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from convscope.ui.icons import icon


@dataclass(frozen=True)
class Entry:
    """An action before it is made.

    Attributes:
        name: Its object name without "action_".
        text: What the menu says, with its mnemonic.
        menu: The menu it stands in.
        shortcut: Its keys, as QKeySequence reads them; of several, which a semicolon parts, the first is shown.
        icon: The name of its icon.
        tip: A sentence about what it does.
        separated: Whether a line stands above it in the menu.
    """

    name: str
    text: str
    menu: str
    shortcut: str = ""
    icon: str = ""
    tip: str = ""
    separated: bool = False


MENUS = {
    "file": "&File",
    "edit": "&Edit",
    "layer": "&Layer",
    "drawing": "&Drawing",
    "training": "&Training",
    "view": "&View",
    "help": "&Help",
}

ENTRIES = (
    Entry("new", "&New", "file", "Ctrl+N", "new", "Start again with the network the program opens with."),
    Entry("open", "&Open…", "file", "Ctrl+O", "open", "Open a project, or a network as a preset file."),
    Entry(
        "save", "&Save", "file", "Ctrl+S", "save", "Save network, weights, settings, curves and drawing in one file."
    ),
    Entry("save_as", "Save &as…", "file", "Ctrl+Shift+S", tip="Save everything under another name."),
    Entry(
        "export_picture",
        "&Export picture…",
        "file",
        "Ctrl+Shift+E",
        tip="Write any panel as a picture: PNG, SVG or PDF.",
        separated=True,
    ),
    Entry(
        "export_slide",
        "Animate sliding &window…",
        "file",
        tip="Write a GIF or WebP of the window that slides over the map of the pinned value.",
    ),
    Entry(
        "export_cube",
        "Animate opening &cube…",
        "file",
        tip="Write a GIF or WebP of the selected layer's data cube as it opens.",
    ),
    Entry(
        "export_time",
        "Animate &training…",
        "file",
        tip="Write a GIF or WebP of the selected layer and the prediction on their way through the run.",
    ),
    Entry("quit", "&Quit", "file", "Ctrl+Q", tip="Close Convscope.", separated=True),
    Entry("undo", "&Undo", "edit", "Ctrl+Z", "undo", "Take back the last change."),
    Entry("redo", "&Redo", "edit", "Ctrl+Shift+Z; Ctrl+Y", "redo", "Do again what was taken back."),
    Entry(
        "copy_picture",
        "&Copy picture",
        "edit",
        "Ctrl+Shift+C",
        tip="Put a picture of the panel with the focus on the clipboard.",
        separated=True,
    ),
    Entry("add_layer", "&Add…", "layer", "Ctrl+L", "add", "Choose a layer to insert behind the selected one."),
    Entry("duplicate_layer", "&Duplicate", "layer", "Ctrl+D", "duplicate", "Insert a copy behind the selected layer."),
    Entry(
        "toggle_layer", "&Switch on or off", "layer", "Ctrl+E", "power", "Let data pass the layer unchanged, or not."
    ),
    Entry(
        "freeze_layer",
        "&Freeze",
        "layer",
        "Ctrl+Shift+F",
        "lock",
        "Let training leave the layer’s weights as they are, or not.",
    ),
    Entry("move_layer_up", "Move &up", "layer", "Ctrl+Up", "up", "Move the layer towards the input."),
    Entry("move_layer_down", "Move d&own", "layer", "Ctrl+Down", "down", "Move the layer towards the output."),
    Entry("remove_layer", "&Remove", "layer", "Ctrl+Del", "remove", "Remove the selected layer.", separated=True),
    Entry("open_image", "&Open image…", "drawing", "Ctrl+I", "image", "Show an image file to the network."),
    Entry(
        "paste_image", "&Paste image", "drawing", "Ctrl+V", "paste", "Show the image on the clipboard to the network."
    ),
    Entry("previous_sample", "P&revious sample", "drawing", "Ctrl+Left", "previous", "Show the sample before.", True),
    Entry("next_sample", "&Next sample", "drawing", "Ctrl+Right", "next", "Show the next sample of the data set."),
    Entry("random_sample", "R&andom sample", "drawing", "Ctrl+R", "random", "Show any sample of the data set."),
    Entry("undo_stroke", "&Undo stroke", "drawing", "Ctrl+Backspace", "undo", "Take back the last stroke.", True),
    Entry("clear_drawing", "&Clear", "drawing", "Ctrl+Shift+Backspace", "clear", "Empty the canvas."),
    Entry("train", "&Train", "training", "F5", "train", "Train until all epochs are done, or go on after a pause."),
    Entry("pause", "&Pause", "training", "F6", "pause", "Rest after the present batch; Train goes on."),
    Entry(
        "step_stage",
        "Next st&age",
        "training",
        "Shift+F7",
        "step-stage",
        "Take a training step in slow motion: forward, loss, backward and update, one at a time.",
    ),
    Entry("step_batch", "One &batch", "training", "F7", "step-batch", "Take one step: forward, backward, new weights."),
    Entry("step_epoch", "One &epoch", "training", "F8", "step-epoch", "Train on every example once, then validate."),
    Entry("stop", "&Stop", "training", "Shift+F5", "stop", "End the run; weights and curves stay."),
    Entry(
        "reset_weights",
        "&Reset weights",
        "training",
        "Ctrl+Shift+R",
        "reset",
        "Draw new weights, clear the curves.",
        True,
    ),
    Entry(
        "time_now",
        "Return to &now",
        "training",
        "Esc",
        tip="Show the present weights again, not those of a moment of the run.",
        separated=True,
    ),
    Entry(
        "draw_and_run",
        "&Draw random weights and run",
        "training",
        "Ctrl+F5",
        tip="Give a large network its weights, and send the picture through it once.",
        separated=True,
    ),
    Entry(
        "training_mode",
        "&Training mode",
        "view",
        "Ctrl+M",
        "dropout",
        "See the network as in a step of training, train(), or as after it, eval().",
        True,
    ),
    Entry(
        "split_modes",
        "S&ide by side",
        "view",
        "Ctrl+Shift+M",
        "compare",
        "See the drawing in inference and in training side by side.",
    ),
    Entry(
        "resample",
        "Another &step",
        "view",
        "F4",
        "random",
        "Draw other dropout masks, and other images for the batch.",
    ),
    Entry(
        "resample_running",
        "Step after ste&p",
        "view",
        "Shift+F4",
        "train",
        "Draw other dropout masks four times a second.",
    ),
    Entry(
        "full_screen", "&Full screen", "view", "F11", tip="Use the whole screen, or the window again.", separated=True
    ),
    Entry("reset_layout", "Reset &arrangement", "view", tip="Put all panels back to where they were at first."),
    Entry("shortcuts", "&Keyboard shortcuts", "help", "F1", tip="List all keys."),
    Entry("open_log", "Open &log file", "help", tip="Show the file in which Convscope notes what happened."),
    Entry("about", "&About Convscope", "help", tip="Show the versions in use, to copy.", separated=True),
)


def make_actions(parent: QWidget) -> dict[str, QAction]:
    """Return all actions by their object names, ready for menus, toolbars and panels."""
    actions: dict[str, QAction] = {}
    for entry in ENTRIES:
        action = QAction(entry.text, parent)
        action.setObjectName(f"action_{entry.name}")
        if entry.shortcut:
            action.setShortcuts(QKeySequence.listFromString(entry.shortcut))
        if entry.icon:
            action.setIcon(icon(entry.icon))
        explain(action, entry.tip)
        parent.addAction(action)
        actions[action.objectName()] = action
    for name in ("full_screen", "freeze_layer", "training_mode", "split_modes", "resample_running"):
        actions[f"action_{name}"].setCheckable(True)
    actions["action_quit"].setMenuRole(QAction.MenuRole.QuitRole)
    actions["action_about"].setMenuRole(QAction.MenuRole.AboutRole)
    return actions


def explain(action: QAction, tip: str) -> None:
    """Give an action a tooltip with its keys, and the same sentence for the status bar."""
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{tip} ({keys})" if keys else tip)
    action.setStatusTip(tip)
