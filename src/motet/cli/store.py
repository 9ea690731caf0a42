"""motet store: look at a store, back it up, fill an empty one from a backup, and let a forgotten user begin anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.grid import number
from motet.cli.serve import StoreAt
from motet.cli.verb import verb
from motet.errors import RequestError

if TYPE_CHECKING:
    from motet.store import Counts

ACTIONS = ("check", "backup", "restore", "readmit")
Action = Annotated[str, typer.Argument(metavar="|".join(ACTIONS), help="What to do.")]
Given = Annotated[
    str | None,
    typer.Argument(metavar="FILE", help="backup: a new file. restore: a backup. readmit: a user's id. check: none."),
]


@verb(
    "motet store check --store shop.db",
    "motet store backup backups/monday.db --store env:SHOP_STORE",
    "motet store restore backups/monday.db --store fresh.db",
    "motet store readmit u42 --store shop.db",
)
def store(tone: Tone, action: Action, file: Given = None, store: StoreAt = "motet.db") -> Answer:
    """Check a store, back it up while it is written to, or restore a backup into an empty one.

    A backup is one moment as an SQLite file, with its checksum beside it, from either kind of database into either.
    Who was forgotten after it was made is in it, and has to be forgotten again after restoring it. readmit lets a user
    who was forgotten begin anew, with nothing of what was before.
    """
    from motet.store import open_store, restore

    given = check_asked(action, file)
    if action == "restore":
        restore(given, store)
    else:
        check_exists(store)
    with open_store(store) as opened:
        if action == "readmit":
            if not opened.readmit(given):
                raise RequestError(f"'{given}' is not kept out of {opened.where}.", "Check the id and --store.")
            return Answer(f"{opened.where} takes events of '{given}' again.", {"store": opened.where, "user": given})
        if action == "backup":
            made = opened.backup(given)
            told = f"{made.path}: {_told(made.counts)}; sha256 {made.sha256}"
            return Answer(told, {**vars(made), "counts": vars(made.counts)})
        opened.check()
        counts = opened.counts()
        done = "restored" if action == "restore" else "sound"
        return Answer(f"{opened.where} is {done}: {_told(counts)}.", {"store": opened.where, **vars(counts)})


def check_asked(action: str, given: str | None) -> str:
    """Return the file or the user's id that an action needs, empty where it needs none.

    Raises RequestError for an unknown action, and for what is missing or too much.
    """
    if action not in ACTIONS:
        told = f"'{action}' is nothing that can be done with a store."
        raise RequestError(told, f"Use {', '.join(ACTIONS[:-1])} or {ACTIONS[-1]}.")
    if action == "check":
        if given is not None:
            raise RequestError("motet store check takes no file.", f"Name the store with --store {given}")
        return ""
    if given is None:
        needed, example = ("a user's id", "u42") if action == "readmit" else ("a file", "monday.db")
        raise RequestError(f"motet store {action} needs {needed}.", f"For instance: motet store {action} {example}")
    return given


def check_exists(where: str) -> None:
    """Raise RequestError for a file that is not there: opening it would make an empty store."""
    from motet.store.opening import address

    url = address(where)
    path = Path(url.removeprefix("sqlite:///").partition("?")[0])
    if url.startswith("sqlite:///") and not path.exists():
        raise RequestError(f"There is no store '{path}'.", "Check --store.")


def _told(counts: Counts) -> str:
    return ", ".join(f"{number(value)} {name}" for name, value in vars(counts).items() if name != "seq")
