"""Lines in an SVG file that become thicker with the picture.

Qt marks the lines of a plot as `non-scaling-stroke`, because their points are written in units of the data and brought
to their places by a matrix; enlarged on a slide they would stay hairlines. Here the points are brought to their places
once and for all, so that the matrix and the mark can go.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

_SVG = "http://www.w3.org/2000/svg"
_NUMBER = r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?"
_PAIR = re.compile(rf"({_NUMBER})[,\s]+({_NUMBER})")
_POINTS = {f"{{{_SVG}}}polyline": "points", f"{{{_SVG}}}polygon": "points", f"{{{_SVG}}}path": "d"}
_MARK = "vector-effect"

Matrix = tuple[float, ...]


def scale_lines(root: ElementTree.Element) -> None:
    """Give all lines of a document that Qt wrote in pixels."""
    for group in root.iter(f"{{{_SVG}}}g"):
        children = list(group)
        marked = any(child.get(_MARK) == "non-scaling-stroke" for child in children)
        if marked and all(child.tag in _POINTS for child in children):
            _apply(group, children)


def _apply(group: ElementTree.Element, children: list[ElementTree.Element]) -> None:
    matrix = _matrix(group.attrib.pop("transform", ""))
    for child in children:
        child.attrib.pop(_MARK, None)
        name = _POINTS[child.tag]
        child.set(name, _PAIR.sub(lambda pair: _mapped(pair, matrix), child.get(name, "")))


def _matrix(text: str) -> Matrix:
    """Return a, b, c, d, e, f of "matrix(a,b,c,d,e,f)", as SVG names them."""
    numbers = tuple(float(number) for number in re.findall(_NUMBER, text))
    return numbers if len(numbers) == 6 else (1, 0, 0, 1, 0, 0)


def _mapped(pair: re.Match[str], matrix: Matrix) -> str:
    x, y = float(pair[1]), float(pair[2])
    a, b, c, d, e, f = matrix
    return f"{a * x + c * y + e:.6g},{b * x + d * y + f:.6g}"
