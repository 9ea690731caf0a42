"""motet encoders: the language models that turn texts into vectors, and how fast they are here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.grid import grid, number
from motet.cli.verb import verb

if TYPE_CHECKING:
    from motet.language.cards import Card

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME", help="Encoders to describe: short names, folders, Hub names. Default: all short names."
    ),
]
Measure = Annotated[bool, typer.Option("--measure", help="Encode titles for some seconds each, and keep the speeds.")]


@verb("motet encoders", "motet encoders --measure", "motet encoders models/mine --json")
def encoders(tone: Tone, names: Names = None, measure: Measure = False) -> Answer:
    """List the language models that can turn texts into vectors.

    Shows licence, languages, length of a vector, tokens read, pooling, size, and the speed that --measure last found
    on this machine, in titles of 32 tokens a second. A project chooses one with encoder.name.
    """
    from motet.language.cards import cards

    found = cards(names or (), measure=measure)
    return Answer(_render(found), {"encoders": {card.name: card.to_json() for card in found}})


def _render(found: list[Card]) -> str:
    header = ("name", "model", "licence", "languages", "width", "tokens", "pooling", "MiB", "titles/s")
    rows = [_row(card) for card in found]
    missing = [f"{card.name}: {card.reason}" for card in found if not card.available]
    return "\n".join([grid(header, rows, right=(4, 5, 7, 8)), *missing])


def _row(card: Card) -> list[str]:
    about = card.about
    if about is None:
        return [card.name, "-" if card.available else "not installed", *["-"] * 6, number(card.speed)]
    size = None if about.num_bytes is None else round(about.num_bytes / 2**20)
    sizes = [number(about.width), number(about.longest), about.pooling or "-", number(size)]
    return [card.name, about.model, about.licence, about.languages or "-", *sizes, number(card.speed)]
