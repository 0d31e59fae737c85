"""The themes: readable, distinguishable without colour vision, and followed by every widget."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from convscope.ui import theme

THEMES = [pytest.param(theme.LIGHT, id="light"), pytest.param(theme.DARK, id="dark")]

# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
COLOUR_BLINDNESS = {
    "protanopia": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deuteranopia": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritanopia": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}


class Watcher(QWidget):
    """Notes the theme it finds when its palette changes."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[theme.Theme] = []

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self.seen.append(theme.current())
        super().changeEvent(event)


@pytest.fixture
def app(qapp: QApplication):
    yield qapp
    theme.apply(qapp, "light")


@pytest.mark.parametrize("shown", THEMES)
@pytest.mark.parametrize("role", ["text", "muted", "accent", "warning", "error", "positive", "negative"])
def test_text_colours_reach_wcag_aa_on_every_surface(shown: theme.Theme, role: str) -> None:
    for surface in (shown.window, shown.base, shown.card):
        assert theme.contrast(getattr(shown, role), surface) >= 4.5


@pytest.mark.parametrize("shown", THEMES)
def test_curves_accent_text_and_ink_stand_out(shown: theme.Theme) -> None:
    assert theme.contrast(shown.on_accent, shown.accent) >= 4.5
    assert theme.contrast(shown.ink, shown.paper) >= 12
    assert min(theme.contrast(curve, shown.base) for curve in (shown.train, shown.validation)) >= 4.5


@pytest.mark.parametrize("matrix", COLOUR_BLINDNESS.values(), ids=COLOUR_BLINDNESS.keys())
@pytest.mark.parametrize("shown", THEMES)
@pytest.mark.parametrize("pair", [("train", "validation"), ("positive", "negative")], ids="-".join)
def test_pairs_of_colours_differ_without_full_colour_vision(shown, matrix, pair) -> None:
    one, other = (_lab(np.asarray(matrix) @ _linear(getattr(shown, name))) for name in pair)
    assert np.linalg.norm(one - other) > 30  # CIE76; about 2 is just noticeable


def test_that_measure_rejects_red_against_green() -> None:
    matrix = np.asarray(COLOUR_BLINDNESS["deuteranopia"])
    red, green = (_lab(matrix @ _linear(QColor(name))) for name in ("#a05a2c", "#5f7a2c"))
    assert np.linalg.norm(red - green) < 30


def test_contrast_is_that_of_wcag() -> None:
    assert theme.contrast(QColor("black"), QColor("white")) == pytest.approx(21)
    assert theme.contrast(QColor("#777777"), QColor("white")) == pytest.approx(4.48, abs=0.01)


def test_a_change_reaches_widgets_after_the_new_theme_is_current(qtbot, app: QApplication) -> None:
    theme.apply(app, "light")
    watcher = Watcher()
    qtbot.addWidget(watcher)
    theme.apply(app, "dark")
    qtbot.waitUntil(lambda: bool(watcher.seen))
    assert set(map(id, watcher.seen)) == {id(theme.DARK)}
    assert watcher.palette().color(QPalette.ColorRole.Window) == theme.DARK.window


def test_system_follows_the_desktop_and_a_fixed_choice_does_not(app: QApplication) -> None:
    changed = QGuiApplication.styleHints().colorSchemeChanged
    theme.apply(app, "system")
    changed.emit(Qt.ColorScheme.Dark)
    assert theme.current() is theme.DARK
    changed.emit(Qt.ColorScheme.Light)
    assert theme.current() is theme.LIGHT
    theme.apply(app, "light")
    changed.emit(Qt.ColorScheme.Dark)
    assert theme.current() is theme.LIGHT


def test_disabled_text_is_fainter_than_enabled_text() -> None:
    for shown in (theme.LIGHT, theme.DARK):
        colours = theme.palette(shown)
        role = QPalette.ColorRole.WindowText
        faint = theme.contrast(colours.color(QPalette.ColorGroup.Disabled, role), shown.window)
        assert 2 < faint < theme.contrast(colours.color(QPalette.ColorGroup.Active, role), shown.window) / 2


def test_the_outline_of_a_field_is_seen_in_both_themes(qtbot, app: QApplication) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    for choice in ("light", "dark"):
        theme.apply(app, choice)
        picture = field.grab().toImage()
        edge = [picture.pixelColor(x, picture.height() // 2) for x in range(4)]
        assert max(theme.contrast(colour, theme.current().base) for colour in edge) > 1.4


def test_fonts_are_not_too_small(app: QApplication) -> None:
    theme.apply(app, "dark")
    assert app.font().pointSizeF() >= theme.SMALLEST_FONT


def test_a_picture_can_have_another_appearance(qtbot, app: QApplication) -> None:
    theme.apply(app, "light")
    field = QLineEdit()
    qtbot.addWidget(field)
    field.show()
    before = field.grab().toImage()
    with theme.shown_as(app, theme.DARK):
        assert theme.current() is theme.DARK
        within = field.grab().toImage().pixelColor(40, 12)
    assert within.lightness() < 60
    assert theme.current() is theme.LIGHT
    assert field.grab().toImage() == before
    with theme.painted_as(theme.DARK):
        assert theme.current() is theme.DARK
        assert app.palette().base().color() == theme.LIGHT.base
    assert theme.current() is theme.LIGHT


def test_an_unknown_choice_is_named(app: QApplication) -> None:
    with pytest.raises(ValueError, match="'blue'"):
        theme.apply(app, "blue")  # type: ignore[arg-type]


def _linear(colour: QColor) -> np.ndarray:
    parts = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def _lab(linear: np.ndarray) -> np.ndarray:
    """CIELAB of a linear sRGB colour, white point D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(to_xyz @ np.clip(linear, 0, 1) / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
