"""What an answer comes from, for the terminal: words that raise it green, words that lower it red."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from motet.cli.grid import grid

if TYPE_CHECKING:
    from motet.recommend.attribution import Attribution

LEAST = 0.15
"""Words with less than this share of the strongest word's amount are not marked."""
SHOWN = 12
RAISES, LOWERS, PLAIN = "\x1b[30;42m", "\x1b[30;41m", "\x1b[0m"


def shown(attribution: Attribution, *, colour: bool | None = None) -> str:
    """Return the text with its words marked, and the strongest words and columns as a table.

    colour: by default where standard output is a terminal and NO_COLOR is not set; elsewhere a mark is [+word] or
    [-word].
    """
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ if colour is None else colour
    about = " · ".join(each for each in (attribution.task, attribution.about, attribution.method) if each)
    lines = [f"{about}: {attribution.base:+.3f} → {attribution.total:+.3f} ({attribution.scale})"]
    text = marked(attribution, colour=colour)
    if text:
        lines += [text, ""]
    parts = [(word.word, word.amount) for word in attribution.words]
    parts += [(f"{cell.column} = {cell.value}", cell.amount) for cell in attribution.columns]
    strongest = sorted(parts, key=lambda part: -abs(part[1]))[:SHOWN]
    rows = [[" ".join(name.split()), f"{amount:+.3f}"] for name, amount in strongest]
    if attribution.rest is not None:
        rows.append(["(the text as a whole)", f"{attribution.rest:+.3f}"])
    return "\n".join([*lines, grid(("what", "contributes"), rows, right=(1,))])


def marked(attribution: Attribution, *, colour: bool) -> str:
    """Return the text with its strongest words marked."""
    from motet.recommend.attribution import marked_text

    parts = []
    for piece, strength in marked_text(attribution):
        if strength is None or abs(strength) < LEAST:
            parts.append(piece)
        elif colour:
            parts.append(f"{RAISES if strength > 0 else LOWERS}{piece}{PLAIN}")
        else:
            parts.append(f"[{'+' if strength > 0 else '-'}{piece}]")
    return "".join(parts)
