"""Rows of cells as aligned text: readable in a terminal, in a log, in a mail."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from pathlib import Path


def grid(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Collection[int] = ()) -> str:
    """Return a table. right: columns aligned to the right. Chinese characters count as two cells wide."""
    from rich.cells import cell_len

    every = [header, *rows]
    widths = [max(cell_len(row[column]) for row in every) for column in range(len(header))]
    lines = []
    for row in every:
        pads = [" " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)]
        cells = [
            pad + cell if at in right else cell + pad for at, (cell, pad) in enumerate(zip(row, pads, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def number(value: float | int | None) -> str:
    """Return whole numbers with separators, others with four decimals or fewer where large, and `-` for nothing."""
    if value is None or not math.isfinite(value):
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    decimals = max(0, 4 - max(0, len(str(int(abs(value)))) - 1))
    return f"{value:,.{decimals}f}"


def counted(count: int, word: str) -> str:
    """Return `1 model`, `8 models`."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def duration(seconds: float) -> str:
    """Return a length of time in its two largest units: `8 s`, `3 min 20 s`, `2 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    hours, rest = divmod(whole // 60, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def kept_aside(rows: int, path: Path | str) -> str:
    """Return the line that says how many bad rows are kept aside, and where."""
    return f"{rows:,} bad {'row is' if rows == 1 else 'rows are'} kept aside, with file, row and reason: {path}"
