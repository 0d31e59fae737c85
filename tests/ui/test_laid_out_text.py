"""Short texts are laid out once, and stand where they would stand if they were laid out each time."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from convscope.ui.widgets import laid_out_text
from convscope.ui.widgets.laid_out_text import LaidOutTexts

BOX = QRectF(7, 5, 60, 24)
CENTRE = int(Qt.AlignmentFlag.AlignCenter)


def picture(text: str, texts: LaidOutTexts | None, scale: float = 1.0) -> np.ndarray:
    """Return how dark each pixel is.  # (height, width)."""
    image = QImage(round(80 * scale), round(40 * scale), QImage.Format.Format_Grayscale8)
    image.setDevicePixelRatio(scale)
    image.fill(255)
    painter = QPainter(image)
    painter.setFont(QFont())
    painter.setPen(QColor("black"))
    if texts is None:
        painter.drawText(BOX, CENTRE, text)
    else:
        texts.paint(painter, BOX, text)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return 255.0 - pixels[:, : image.width()]


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("text", ["0.53", "−1.20", "7", "·"])
def test_a_text_stands_in_the_middle_of_its_box(qapp, text: str, scale: float) -> None:
    own, qts = picture(text, LaidOutTexts(QFont()), scale), picture(text, None, scale)
    assert own.sum() == pytest.approx(qts.sum(), rel=0.05)
    rows, columns = np.indices(own.shape)
    for places in (rows, columns):
        middle, right = ((places * ink).sum() / ink.sum() for ink in (own, qts))
        assert abs(middle - right) <= 1.1  # pixels


def test_a_text_is_the_same_the_second_time(qapp) -> None:
    texts = LaidOutTexts(QFont())
    assert np.array_equal(picture("0.25", texts), picture("0.25", texts))


def test_what_is_kept_is_bounded(qapp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laid_out_text, "_MOST", 3)
    texts = LaidOutTexts(QFont())
    for number in range(20):
        picture(str(number), texts)
    assert len(texts._texts) <= 3
