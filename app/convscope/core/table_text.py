"""A table as text for the clipboard: Markdown for notes, CSV and tab-separated values for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence

Cells = Sequence[str | int]


def as_csv(headings: Cells, rows: Sequence[Cells]) -> str:
    """Return the table comma-separated as RFC 4180 has it, for any spreadsheet."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue()


def as_tsv(headings: Cells, rows: Sequence[Cells]) -> str:
    """Return the table with tabs between its cells, which a spreadsheet takes apart when it is pasted."""
    return "\n".join("\t".join(" ".join(str(cell).split()) for cell in row) for row in (headings, *rows)) + "\n"


def as_markdown(headings: Cells, rows: Sequence[Cells], numeric: Collection[int] = ()) -> str:
    """Return the table in Markdown, its columns aligned; those in `numeric` stand on the right."""
    table = [[_plain(cell) for cell in row] for row in (headings, *rows)]
    widths = [max(3, *(len(row[column]) for row in table)) for column in range(len(headings))]
    rule = ["-" * (width - 1) + ":" if n in numeric else "-" * width for n, width in enumerate(widths)]
    return "\n".join(_line(row, widths, numeric) for row in (table[0], rule, *table[1:])) + "\n"


def _plain(cell: str | int) -> str:
    return f"{cell:,}" if isinstance(cell, int) else " ".join(cell.split()).replace("|", "\\|")


def _line(cells: Sequence[str], widths: Sequence[int], numeric: Collection[int]) -> str:
    padded = (
        cell.rjust(width) if n in numeric else cell.ljust(width)
        for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return f"| {' | '.join(padded)} |"
