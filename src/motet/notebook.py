"""Tables for notebooks: what a certificate, a list or a project shows where HTML can be shown."""

from __future__ import annotations

import html
from collections.abc import Collection, Iterable, Sequence

NUMBERS = ' style="text-align: right"'


def table(header: Sequence[object], rows: Iterable[Sequence[object]], *, right: Collection[int] = ()) -> str:
    """Return an HTML table; every cell is escaped. right: the columns that are aligned to the right."""
    body = "".join(_row("td", row, right) for row in rows)
    return f"<table><thead>{_row('th', header, right)}</thead><tbody>{body}</tbody></table>"


def paragraph(text: object) -> str:
    """Return a paragraph with its text escaped."""
    return f"<p>{_escaped(text)}</p>"


def _row(name: str, cells: Sequence[object], right: Collection[int]) -> str:
    inner = [
        f"<{name}{NUMBERS if place in right else ''}>{_escaped(cell)}</{name}>" for place, cell in enumerate(cells)
    ]
    return f"<tr>{''.join(inner)}</tr>"


def _escaped(value: object) -> str:
    return html.escape(str(value), quote=True)
