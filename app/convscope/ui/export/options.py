"""What a picture shall be like, and the names of the files it goes into."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QSize

from convscope.ui.export.picture import Background, Format, picture_size

Appearance = Literal["shown", "light", "dark"]

FORMATS: dict[Format, str] = {
    "png": "PNG – pixels, for everything",
    "svg": "SVG – lines and text, for pages and drawing programs",
    "pdf": "PDF – lines and text, for LaTeX and print",
}
FILTERS = {
    "png": "PNG pictures (*.png)",
    "svg": "SVG pictures (*.svg)",
    "pdf": "PDF files (*.pdf)",
    "gif": "GIF animations (*.gif)",
    "webp": "WebP animations (*.webp)",
}
APPEARANCES: dict[Appearance, str] = {"shown": "As shown", "light": "Light", "dark": "Dark"}
BACKGROUNDS: dict[Background, str] = {"theme": "The panel’s", "white": "White", "transparent": "Transparent"}


@dataclass(frozen=True)
class PictureOptions:
    """How a picture is taken.

    Attributes:
        panel: Object name of the panel.
        kind: Format of the file.
        scale: Pixels for each of the panel's, for PNG and the clipboard.
        appearance: Which theme it has.
        background: What lies behind the panel.
        tools: Whether buttons and fields are in the picture, which have no use there.
    """

    panel: str
    kind: Format = "png"
    scale: float = 2.0
    appearance: Appearance = "shown"
    background: Background = "theme"
    tools: bool = False

    def size_text(self, panel: QSize) -> str:
        """Return how large a picture of a panel of that size becomes."""
        if self.kind == "png":
            size = picture_size(panel, self.scale)
            return f"{size.width()} × {size.height()} pixels"
        return f"{panel.width()} × {panel.height()} units, sharp at any size"


def file_name(*parts: str, kind: str) -> str:
    """Return a name for a file, of words such as a panel's title and a layer's name.

    Letters that some systems refuse in names become hyphens.
    """
    words = [_plain(part) for part in ("convscope", *parts)]
    return f"{'-'.join(word for word in words if word)}.{kind}"


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9_]+", "-", letters).strip("-")
