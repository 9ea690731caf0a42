"""What an answer to a text or a row comes from, by word and by column."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Method = Literal["gradient", "leave_out", "shap", "lime"]
METHODS: tuple[Method, ...] = ("gradient", "leave_out", "shap", "lime")
ADDITIVE = ("gradient", "shap")
"""Methods whose amounts sum to the difference between the answer and the base."""
FULL = 0.85
"""How strong the colour of the strongest word is, from 0 to 1."""


@dataclass(frozen=True)
class Word:
    """A word of the text, from character `start` to before `end`, and its amount."""

    start: int
    end: int
    word: str
    amount: float


@dataclass(frozen=True)
class Cell:
    """A column of the row, what stands in it (as text, None for nothing), and its amount."""

    column: str
    value: str | None
    amount: float


@dataclass(frozen=True)
class Attribution:
    """What one answer comes from.

    about: the label that is explained, of a class or tags task. scale: what amounts are differences of. base: the
    answer about a question that says nothing. total: the answer about this one. words, columns: their amounts. rest:
    what the words account for together only (the language model's vector of the whole text), or None.
    """

    task: str
    method: Method
    about: str | None
    scale: Literal["log-odds", "log-probability", "value"]
    base: float
    total: float
    text: str | None = None
    words: tuple[Word, ...] = ()
    columns: tuple[Cell, ...] = ()
    rest: float | None = None

    @property
    def sum(self) -> float:
        """All amounts together."""
        return sum(self.amounts) + (self.rest or 0.0)

    @property
    def amounts(self) -> list[float]:
        """The amounts of the words, then of the columns."""
        return [*(word.amount for word in self.words), *(cell.amount for cell in self.columns)]

    @property
    def error(self) -> float | None:
        """How far the amounts are from the difference they must sum to; None for methods that promise no such sum."""
        return self.total - self.base - self.sum if self.method in ADDITIVE else None

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain JSON values, with the error."""
        fields = {**vars(self), "words": [vars(each) for each in self.words]}
        return {**fields, "columns": [vars(each) for each in self.columns], "error": self.error}

    def to_html(self) -> str:
        """Return the text with its words coloured, and the columns as a list: a piece of a page, without a script."""
        strongest = max(map(abs, self.amounts), default=0.0) or 1.0
        parts, place = [], 0
        for word in self.words:
            assert self.text is not None
            shown = html.escape(self.text[word.start : word.end])
            parts += [html.escape(self.text[place : word.start]), _marked(shown, word.amount, strongest)]
            place = word.end
        parts.append(html.escape((self.text or "")[place:]))
        cells = [
            f"<li>{_marked(html.escape(f'{each.column}: {each.value}'), each.amount, strongest)}</li>"
            for each in self.columns
        ]
        listed = f"<ul>{''.join(cells)}</ul>" if cells else ""
        text = f"<p>{''.join(parts)}</p>" if self.text is not None else ""
        about = html.escape(" · ".join(each for each in (self.task, self.about, self.method, self.scale) if each))
        head = f"<h2>{about}</h2><p>{self.base:+.3f} → {self.total:+.3f}</p>"
        return f'<section class="attribution">{head}{text}{listed}</section>'


def page(attributions: list[Attribution]) -> str:
    """Return a page of its own, which loads nothing."""
    parts = "\n".join(each.to_html() for each in attributions)
    style = "body{font-family:sans-serif;max-width:50em;margin:2em auto;line-height:1.7}mark{color:inherit}"
    head = f'<meta charset="utf-8"><title>Motet</title><style>{style}</style>'
    return f"<!doctype html>\n<html><head>{head}</head><body>\n{parts}\n</body></html>\n"


def marked_text(attribution: Attribution) -> Iterator[tuple[str, float | None]]:
    """Yield the text in pieces, each with its amount from -1 to 1 of the strongest word's, or None between words."""
    if attribution.text is None:
        return
    strongest = max((abs(each.amount) for each in attribution.words), default=0.0) or 1.0
    place = 0
    for word in attribution.words:
        if word.start > place:
            yield attribution.text[place : word.start], None
        yield attribution.text[word.start : word.end], word.amount / strongest
        place = word.end
    if place < len(attribution.text):
        yield attribution.text[place:], None


def _marked(shown: str, amount: float, strongest: float) -> str:
    colour = "46,160,67" if amount >= 0 else "218,54,51"
    strength = FULL * min(1.0, abs(amount) / strongest)
    return f'<mark style="background:rgba({colour},{strength:.2f})" title="{amount:+.3f}">{shown}</mark>'
