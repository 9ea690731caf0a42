"""motet key: make, list and revoke the keys of a service."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.grid import grid
from motet.cli.serve import StoreAt
from motet.cli.verb import verb
from motet.errors import RequestError

if TYPE_CHECKING:
    from motet.store import Key, Scope

Action = Annotated[str, typer.Argument(metavar="add|list|revoke", help="What to do.")]
Which = Annotated[str | None, typer.Argument(metavar="NAME|ID", help="add: a name for the key. revoke: its id.")]
Scopes = Annotated[
    list[str] | None,
    typer.Option(
        "--scope", help="read: lists and predictions. write: events, items, profiles. admin: all. Repeatable."
    ),
]


@verb(
    "motet key add shop-frontend --scope read --scope write --store shop.db",
    "motet key list --store shop.db",
    "motet key revoke 3f2a9c01bd44 --store shop.db",
)
def key(tone: Tone, action: Action, which: Which = None, scopes: Scopes = None, store: StoreAt = "motet.db") -> Answer:
    """Make, list and revoke keys.

    A new key is shown this once; the store holds its hash. Revoking takes effect within a second.
    """
    from motet.store import open_store

    if action not in ("add", "list", "revoke"):
        raise RequestError(f"'{action}' is nothing that can be done with keys.", "Use add, list or revoke.")
    if action != "list" and not which:
        what = "a name" if action == "add" else "a key's id"
        raise RequestError(f"motet key {action} needs {what}.", f"For instance: motet key {action} {which or 'shop'}")
    with open_store(store) as opened:
        if action == "add":
            made = opened.create_key(str(which), cast("list[Scope]", scopes or ["read"]))
            told = f"{made.secret}\nThis is shown once. It may {', '.join(made.key.scopes)}; its id is {made.key.id}."
            return Answer(told, {**_fields(made.key), "secret": made.secret})
        if action == "revoke":
            if not opened.revoke_key(str(which)):
                raise RequestError(f"There is no open key '{which}'.", "See `motet key list`.")
            return Answer(f"Key {which} is revoked.", {"id": which, "revoked": True})
        return _listed(opened.keys())


def _listed(keys: list[Key]) -> Answer:
    rows = [
        [one.id, one.name, " ".join(one.scopes), _day(one.created), _day(one.last_used), _day(one.revoked)]
        for one in keys
    ]
    text = grid(("id", "name", "scopes", "made", "used", "revoked"), rows) if rows else "There are no keys yet."
    return Answer(text, {"keys": [_fields(one) for one in keys]})


def _fields(one: Key) -> dict[str, Any]:
    return {**vars(one), "scopes": list(one.scopes)}


def _day(moment: int | None) -> str:
    return "-" if moment is None else datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d")
