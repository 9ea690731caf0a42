"""motet store: look at a store, back it up, and fill an empty one from a backup."""

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

Action = Annotated[str, typer.Argument(metavar="check|backup|restore", help="What to do.")]
BackupFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="backup: a new file. restore: a backup. check: none.")
]


@verb(
    "motet store check --store shop.db",
    "motet store backup backups/monday.db --store env:SHOP_STORE",
    "motet store restore backups/monday.db --store fresh.db",
)
def store(tone: Tone, action: Action, file: BackupFile = None, store: StoreAt = "motet.db") -> Answer:
    """Check a store, back it up while it is written to, or restore a backup into an empty one.

    A backup is one moment as an SQLite file, with its checksum beside it, from either kind of database into either.
    Who was forgotten after it was made is in it, and has to be forgotten again after restoring it.
    """
    from motet.store import open_store, restore

    check_asked(action, file)
    if action == "restore":
        restore(str(file), store)
    else:
        check_exists(store)
    with open_store(store) as opened:
        if action == "backup":
            made = opened.backup(str(file))
            told = f"{made.path}: {_told(made.counts)}; sha256 {made.sha256}"
            return Answer(told, {**vars(made), "counts": vars(made.counts)})
        opened.check()
        counts = opened.counts()
        done = "restored" if action == "restore" else "sound"
        return Answer(f"{opened.where} is {done}: {_told(counts)}.", {"store": opened.where, **vars(counts)})


def check_asked(action: str, file: Path | None) -> None:
    """Raise RequestError for an unknown action, and for a file that is missing or too many."""
    if action not in ("check", "backup", "restore"):
        raise RequestError(f"'{action}' is nothing that can be done with a store.", "Use check, backup or restore.")
    if action != "check" and file is None:
        raise RequestError(f"motet store {action} needs a file.", f"For instance: motet store {action} monday.db")
    if action == "check" and file is not None:
        raise RequestError("motet store check takes no file.", f"Name the store with --store {file}")


def check_exists(where: str) -> None:
    """Raise RequestError for a file that is not there: opening it would make an empty store."""
    from motet.store.opening import address

    url = address(where)
    path = Path(url.removeprefix("sqlite:///").partition("?")[0])
    if url.startswith("sqlite:///") and not path.exists():
        raise RequestError(f"There is no store '{path}'.", "Check --store.")


def _told(counts: Counts) -> str:
    return ", ".join(f"{number(value)} {name}" for name, value in vars(counts).items() if name != "seq")
