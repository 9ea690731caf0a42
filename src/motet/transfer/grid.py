"""Rows of cells as aligned lines of text, for the tables of certificate and advice."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def grid(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Collection[int]) -> str:
    """Return one line per row, the columns in `right` aligned to the right; Chinese characters count as two cells."""
    from rich.cells import cell_len

    every = [header, *rows]
    widths = [max(cell_len(row[at]) for row in every) for at in range(len(header))]
    lines = []
    for row in every:
        pads = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        cells = [
            pad + cell if at in right else cell + pad for at, (cell, pad) in enumerate(zip(row, pads, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)
