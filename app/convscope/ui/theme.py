"""Light and dark: the one place where the program's colours, base font and style sheet are decided.

Qt's own dark mode does nothing offscreen or on bare X11, so the palettes are ours on every platform. A widget reads
`current()` when it paints; a change of theme reaches it as `QEvent.Type.PaletteChange`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QToolTip

Choice = Literal["system", "light", "dark"]

SMALLEST_FONT = 10.0  # points; some desktops and all offscreen platforms default to 9, too small from the last row
_CHOICE_PROPERTY = "convscope_theme"
_OUTLINED = (
    "QLineEdit",
    "QAbstractSpinBox",
    "QCheckBox",
    "QRadioButton",
    "QComboBox",
    "QPushButton",
    "QProgressBar",
    "QTableView",
)


@dataclass(frozen=True)
class Theme:
    """The colours of one appearance.

    Attributes:
        dark: Whether text is lighter than what it stands on.
        window: Behind panels.
        base: Behind plots, lists and fields.
        card: A raised surface, such as a layer's card.
        text: Body text, on any of the three.
        muted: Secondary text, on any of the three.
        border: Hairlines.
        accent: What is selected or wants to be pressed.
        on_accent: Text on `accent`.
        warning: Text and signs of a warning.
        error: Text and signs of an error.
        train: The training curve.
        validation: The validation curve.
        positive: Numbers above zero.
        negative: Numbers below zero.
        ink: A pen stroke.
        paper: What it is drawn on.
        runs: The curves of former runs; told apart by people who see no red or no green, too.
    """

    dark: bool
    window: QColor
    base: QColor
    card: QColor
    text: QColor
    muted: QColor
    border: QColor
    accent: QColor
    on_accent: QColor
    warning: QColor
    error: QColor
    train: QColor
    validation: QColor
    positive: QColor
    negative: QColor
    ink: QColor
    paper: QColor
    runs: tuple[QColor, ...]


LIGHT = Theme(
    dark=False,
    window=QColor("#f2f4f7"),
    base=QColor("#ffffff"),
    card=QColor("#ffffff"),
    text=QColor("#1a2330"),
    muted=QColor("#556172"),
    border=QColor("#cfd7e1"),
    accent=QColor("#0b6a8f"),
    on_accent=QColor("#ffffff"),
    warning=QColor("#855000"),
    error=QColor("#b3261e"),
    train=QColor("#0067a5"),
    validation=QColor("#b84a00"),
    positive=QColor("#a84b00"),
    negative=QColor("#1459b3"),
    ink=QColor("#111820"),
    paper=QColor("#ffffff"),
    runs=tuple(map(QColor, ("#00805a", "#c43d8e", "#532bc3", "#1d1d1d", "#5c4c00", "#128f92"))),
)

DARK = Theme(
    dark=True,
    window=QColor("#171c23"),
    base=QColor("#10151b"),
    card=QColor("#1f262f"),
    text=QColor("#e6ebf1"),
    muted=QColor("#9dabba"),
    border=QColor("#36414e"),
    accent=QColor("#4fb8dd"),
    on_accent=QColor("#06222d"),
    warning=QColor("#e8b04a"),
    error=QColor("#ff8f85"),
    train=QColor("#56b4e9"),
    validation=QColor("#f2a34b"),
    positive=QColor("#ffa24d"),
    negative=QColor("#6cb2f7"),
    ink=QColor("#f4f7fa"),
    paper=QColor("#0b0f14"),
    runs=tuple(map(QColor, ("#54f2a6", "#ec3f90", "#9a74e8", "#dadada", "#f0d60c", "#1e8b8c"))),
)

_BLACK, _WHITE = QColor("black"), QColor("white")
_MIDDLE = (1.05 * 0.05) ** 0.5 - 0.05  # the luminance on which black and white have the same contrast
_LINEAR = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (n / 255 for n in range(256))]

_current = LIGHT


def current() -> Theme:
    """Return the theme that is shown now."""
    return _current


def apply(app: QApplication, choice: Choice) -> None:
    """Give the whole program an appearance; may be called again at any time.

    Args:
        app: The application, whose style, palette, font and style sheet are set.
        choice: "system" follows the desktop, also when it changes later.

    Raises:
        ValueError: `choice` is none of the three.
    """
    schemes = {
        "system": Qt.ColorScheme.Unknown,
        "light": Qt.ColorScheme.Light,
        "dark": Qt.ColorScheme.Dark,
    }
    if choice not in schemes:
        raise ValueError(f"A theme is system, light or dark, not {choice!r}.")
    if app.property(_CHOICE_PROPERTY) is None:
        app.setStyle("Fusion")
        _enlarge_font(app)
        QGuiApplication.styleHints().colorSchemeChanged.connect(_follow)
    app.setProperty(_CHOICE_PROPERTY, choice)
    QGuiApplication.styleHints().setColorScheme(schemes[choice])  # colours the title bar on Windows and macOS
    _show(app, _chosen(choice, QGuiApplication.styleHints().colorScheme()))


@contextmanager
def shown_as(app: QApplication, theme: Theme) -> Iterator[None]:
    """Give the whole program an appearance for as long as a picture is painted; nothing of it reaches the screen.

    The user's choice stays what it is. Events must not be processed meanwhile.
    """
    before = _current
    if theme is before:
        yield
        return
    _show(app, theme)
    try:
        yield
    finally:
        _show(app, before)


@contextmanager
def painted_as(theme: Theme) -> Iterator[None]:
    """Let `current()` be another theme for as long as something is painted that asks nothing else; takes no time."""
    global _current
    before, _current = _current, theme
    try:
        yield
    finally:
        _current = before


def palette(theme: Theme) -> QPalette:
    """Return what Fusion needs to draw standard widgets in the colours of `theme`."""
    roles = QPalette.ColorRole
    button = theme.card if theme.dark else QColor("#fafbfc")
    colours = {
        roles.Window: theme.window,
        roles.WindowText: theme.text,
        roles.Base: theme.base,
        roles.AlternateBase: _mixed(theme.base, theme.text, 0.04),
        roles.Text: theme.text,
        roles.PlaceholderText: theme.muted,
        roles.Button: button,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.error,
        roles.Highlight: theme.accent,
        roles.HighlightedText: theme.on_accent,
        roles.Accent: theme.accent,
        roles.Link: theme.accent,
        roles.LinkVisited: theme.muted,
        roles.ToolTipBase: theme.card,
        roles.ToolTipText: theme.text,
        roles.Light: _mixed(button, QColor("white"), 0.10 if theme.dark else 1.0),
        roles.Midlight: _mixed(button, QColor("white"), 0.05 if theme.dark else 0.5),
        roles.Mid: theme.border,
        roles.Dark: _mixed(theme.border, QColor("black"), 0.25),
        roles.Shadow: QColor("black") if theme.dark else QColor("#8a94a1"),
    }
    result = QPalette()
    for role, colour in colours.items():
        result.setColor(role, colour)
    faded = _mixed(theme.muted, theme.window, 0.35)
    for role in (roles.WindowText, roles.Text, roles.ButtonText, roles.HighlightedText, roles.PlaceholderText):
        result.setColor(QPalette.ColorGroup.Disabled, role, faded)
    result.setColor(QPalette.ColorGroup.Disabled, roles.Highlight, theme.border)
    return result


def _outlined(colours: QPalette, theme: Theme) -> QPalette:
    """Return the palette of a field: Fusion darkens its window colour for the outline, invisible in a dark theme."""
    result = QPalette(colours)
    result.setColor(QPalette.ColorRole.Window, theme.border.lighter(170 if theme.dark else 132))
    return result


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast ratio of two colours, 1 to 21, as WCAG 2.2 defines it."""
    dim, bright = sorted((_luminance(one), _luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


@cache
def ink_on(pixel: int) -> QColor:
    """Return black or white, whichever is read more easily on a colour, 0xAARRGGBB."""
    return _BLACK if _luminance(QColor.fromRgb(pixel)) > _MIDDLE else _WHITE


def _luminance(colour: QColor) -> float:
    return 0.2126 * _LINEAR[colour.red()] + 0.7152 * _LINEAR[colour.green()] + 0.0722 * _LINEAR[colour.blue()]


def _chosen(choice: str, scheme: Qt.ColorScheme) -> Theme:
    dark = choice == "dark" or (choice == "system" and scheme == Qt.ColorScheme.Dark)
    return DARK if dark else LIGHT


def _follow(scheme: Qt.ColorScheme) -> None:
    """Take over the desktop's appearance if the user wants to follow it."""
    app = QApplication.instance()
    if isinstance(app, QApplication) and app.property(_CHOICE_PROPERTY) == "system":
        _show(app, _chosen("system", scheme))


def _show(app: QApplication, theme: Theme) -> None:
    global _current
    _current = theme  # before setPalette: widgets read it in their PaletteChange
    colours = palette(theme)
    app.setPalette(colours)
    for name in _OUTLINED:
        app.setPalette(_outlined(colours, theme), name)  # pyright: ignore[reportArgumentType]  # bytes are refused
    QToolTip.setPalette(colours)
    app.setStyleSheet(_style_sheet(theme))


def _enlarge_font(app: QApplication) -> None:
    font = app.font()
    if 0 < font.pointSizeF() < SMALLEST_FONT:
        font.setPointSizeF(SMALLEST_FONT)
        app.setFont(font)


def _mixed(one: QColor, other: QColor, share: float) -> QColor:
    """Return `one` with `share` (0 to 1) of `other` in it."""
    pairs = zip((one.redF(), one.greenF(), one.blueF()), (other.redF(), other.greenF(), other.blueF()), strict=True)
    return QColor.fromRgbF(*(a + (b - a) * share for a, b in pairs))


def _style_sheet(theme: Theme) -> str:
    """Return what makes Fusion's dated parts flat; everything else is left to the palette, which paints faster."""
    hover = _mixed(theme.window, theme.accent, 0.16).name()
    pressed = _mixed(theme.window, theme.accent, 0.30).name()
    handle = _mixed(theme.window, theme.text, 0.28).name()
    border, accent, text = theme.border.name(), theme.accent.name(), theme.text.name()
    return f"""
QMainWindow::separator {{ background: {theme.window.name()}; width: 5px; height: 5px; }}
QMainWindow::separator:hover {{ background: {hover}; }}
QDockWidget {{ font-weight: 600; }}
QDockWidget::title {{ background: {theme.window.name()}; padding: 5px 8px; border-bottom: 1px solid {border}; }}
QToolBar {{ border: none; border-bottom: 1px solid {border}; padding: 3px; spacing: 3px; }}
QStatusBar::item {{ border: none; }}
QToolButton {{ border: 1px solid transparent; border-radius: 5px; padding: 3px 5px; }}
QToolButton:hover, QToolButton:focus {{ border-color: {border}; }}
QToolButton:hover {{ background: {hover}; }}
QToolButton:pressed, QToolButton:checked {{ background: {pressed}; }}
QToolButton:focus {{ border-color: {accent}; }}
QGroupBox {{ border: 1px solid {border}; border-radius: 6px; margin-top: 1.1em; padding-top: 4px; }}
QGroupBox::title {{ subcontrol-origin: margin; left: 8px; padding: 0 4px; color: {text}; font-weight: 600; }}
QScrollBar {{ background: transparent; border: none; }}
QScrollBar:vertical {{ width: 12px; }}
QScrollBar:horizontal {{ height: 12px; }}
QScrollBar::handle {{ background: {handle}; border-radius: 4px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {accent}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: none; }}
"""
