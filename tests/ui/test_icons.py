"""Icons exist for every layer kind, take the theme's colour and stay sharp."""

from __future__ import annotations

import gc
import re

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QApplication

from convscope import paths
from convscope.core.layers import LAYER_KINDS
from convscope.ui import icons, theme

TRANSPORT = ["train", "pause", "step-batch", "step-epoch", "stop", "reset", "undo", "redo"]
LAYERS = ["add", "duplicate", "remove", "power", "lock", "up", "down"]
DRAWING = ["pen", "eraser", "clear", "next", "previous", "random", "image", "paste", "zoom", "kernels"]
FILES = ["save", "open", "new", "warning"]
NAMES = [*TRANSPORT, *LAYERS, *DRAWING, *FILES, *LAYER_KINDS, "input", "output"]


@pytest.fixture(autouse=True)
def _light(qapp: QApplication):
    theme.apply(qapp, "light")
    yield
    theme.apply(qapp, "light")


def opaque_colours(pixmap: QPixmap) -> set[str]:
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_ARGB32)
    colours = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {colour.name() for colour in colours if colour.alpha() == 255}


@pytest.mark.parametrize("name", NAMES)
def test_every_action_and_layer_kind_has_a_drawing(qapp: QApplication, name: str):
    assert opaque_colours(icons.icon(name).pixmap(48, 48)) == {theme.current().text.name()}


def test_drawings_share_one_style():
    for file in (paths.resources() / "icons").glob("*.svg"):
        source = file.read_text(encoding="utf-8")
        assert 'viewBox="0 0 24 24"' in source, file.name
        assert 'stroke="currentColor" stroke-width="1.75"' in source, file.name
        assert not re.search(r"#[0-9a-f]{3}|rgb\(|<image|<text", source), f"{file.name} has a colour, text or picture"


def test_an_icon_made_in_the_light_theme_is_painted_in_the_dark_one_s_colour(qapp: QApplication):
    made = icons.icon("pen")
    theme.apply(qapp, "dark")
    assert opaque_colours(made.pixmap(64, 64)) == {theme.DARK.text.name()}


def test_a_disabled_icon_is_faint_and_a_selected_one_readable_on_the_accent(qapp: QApplication):
    stop = icons.icon("stop")
    assert opaque_colours(stop.pixmap(QSize(32, 32), QIcon.Mode.Disabled)) == set()
    assert opaque_colours(stop.pixmap(QSize(32, 32), QIcon.Mode.Selected)) == {theme.current().on_accent.name()}


def test_an_icon_on_a_fine_screen_has_all_its_pixels(qapp: QApplication):
    drawn = icons.icon("conv2d").pixmap(QSize(20, 20), 2.0)
    assert (drawn.width(), drawn.devicePixelRatio()) == (40, 2.0)
    assert icons.pixmap("conv2d", 20, QColor("red"), 2.0).width() == 40


def test_an_icon_without_room_is_no_picture(qapp: QApplication):
    assert icons.icon("pen").pixmap(QSize(0, 12), 1.0).isNull()


def test_icons_outlive_their_python_objects(qapp: QApplication):
    kept = [QIcon(icons.icon(name)) for name in icons.names()]
    gc.collect()
    assert all(opaque_colours(copy.pixmap(24, 24)) for copy in kept)


def test_an_unknown_icon_is_named(qapp: QApplication):
    with pytest.raises(ValueError, match="no icon 'pancake'"):
        icons.icon("pancake")
