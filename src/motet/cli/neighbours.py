"""motet neighbours: what lies near a user, an item or a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.grid import grid, number
from motet.cli.options import Data, ModelFolder
from motet.cli.verb import verb
from motet.errors import RequestError

if TYPE_CHECKING:
    from motet.recommend import Bundle

User = Annotated[str | None, typer.Option("--user", "-u", help="A user's id.")]
Item = Annotated[str | None, typer.Option("--item", "-i", help="An item's id.")]
Text = Annotated[str | None, typer.Option("--text", help="A text, read as an item that says no more than this.")]
Of = Annotated[str, typer.Option("--of", metavar="items|users", help="What to look for.")]
Length = Annotated[int, typer.Option("--length", "-k", help="How many.")]


@verb(
    "motet neighbours runs/shop --item 77 -k 5",
    "motet neighbours runs/shop --user 1042 --of users",
    "motet neighbours runs/shop --text 'rye bread' --of users --json",
)
def neighbours(
    tone: Tone,
    folder: ModelFolder,
    user: User = None,
    item: Item = None,
    text: Text = None,
    of: Of = "items",
    length: Length = 10,
    data: Data = None,
) -> Answer:
    """Show the items or users nearest to one user, item or text, by cosine.

    For models trained with kind = "embedding" under [sharing], which keep one space for all of them.
    """
    asked = {"user": user, "item": item, "text": text}
    given = [name for name, value in asked.items() if value is not None]
    if len(given) != 1:
        told = " and ".join(f"--{name}" for name in given) or "none of them"
        raise RequestError(f"Expected --user, --item or --text, found {told}.", "Give exactly one.")
    from motet.recommend import load

    bundle = load(folder, data=data)
    found = bundle.neighbours(**asked, of=of, k=length)
    record = {"of": of, "neighbours": [{"id": name, "cosine": cosine} for name, cosine in found]}
    return Answer(render(bundle, found, of), record)


def render(bundle: Bundle, found: Sequence[tuple[str, float]], of: str) -> str:
    """Return a row per neighbour, items with their titles."""
    if not found:
        return f"there are no {of} to look among."
    catalogue = bundle.loaded.catalogue
    titles = [catalogue.title(catalogue.index[name]) if of == "items" else "" for name, _ in found]
    rows = [
        [f"{place}.", name, number(cosine), "" if title == name else " ".join(title.split())[:80]]
        for place, ((name, cosine), title) in enumerate(zip(found, titles, strict=True), 1)
    ]
    return grid(
        ("", of.removesuffix("s"), "cosine", "title" if any(row[3] for row in rows) else ""), rows, right=(0, 2)
    )
