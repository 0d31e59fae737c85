"""Pictures in an SVG file whose pixels stay squares.

Qt marks them as `optimizeSpeed`, which some readers heed and others do not: these would smooth maps and kernels of a
few pixels into clouds. Pixels that are blocks of many stay what they are in all of them.
"""

from __future__ import annotations

import base64
from xml.etree import ElementTree

from PySide6.QtGui import QImage

from convscope.ui.export.png import png_of

_IMAGE = "{http://www.w3.org/2000/svg}image"
_HREF = "{http://www.w3.org/1999/xlink}href"
_START = "data:image/png;base64,"
_LONG = 500  # pixels of a picture's longer side, at least: edges between values are then not smoothed visibly


def enlarge_pixels(root: ElementTree.Element) -> None:
    """Make a block of each pixel where values were painted, and nothing is to be smoothed."""
    for element in root.iter(_IMAGE):
        data = element.get(_HREF, "")
        if element.get("image-rendering") == "optimizeSpeed" and data.startswith(_START):
            image = QImage.fromData(base64.b64decode(data[len(_START) :]))
            times = -(-_LONG // max(image.width(), image.height(), 1))
            if times > 1 and not image.isNull():
                blocks = image.scaled(image.width() * times, image.height() * times)
                element.set(_HREF, _START + base64.b64encode(png_of(blocks)).decode())
