"""motet forget: erase a user from a model folder, from a store, or from both."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.store import check_exists
from motet.cli.verb import verb
from motet.errors import RequestError

FolderOf = Annotated[Path | None, typer.Argument(metavar="DIR", help="A model folder.")]
UserAsked = Annotated[str, typer.Option("--user", "-u", help="The user's id.")]
StoreOf = Annotated[str | None, typer.Option("--store", help="A store: a file, a URL, or env:NAME.")]
Sure = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@verb(
    "motet forget runs/shop --user 1042",
    "motet forget --store shop.db --user 1042 --yes",
    "motet forget runs/shop --store env:SHOP_STORE --user 1042 --yes",
)
def forget(tone: Tone, folder: FolderOf = None, *, user: UserAsked, store: StoreOf = None, yes: Sure = False) -> Answer:
    """Erase a user: events, profile, texts and relations; what was learned from all together stays until training.

    A store keeps a tombstone, so that old logs cannot bring the user back. The rows that a run kept aside beside a
    model folder lose those that quote the id. Your own tables are yours to clean.
    """
    if folder is None and store is None:
        raise RequestError("There is nothing to forget a user in.", "Name a model folder, a --store, or both.")
    if store is not None:
        check_exists(store)
    if not yes:
        _ask(user, [str(each) for each in (folder, store) if each is not None], tone)
    told: dict[str, Any] = {"user": user}
    if store is not None:  # first, so that a service on it keeps the user out from now on
        told |= _in_store(store, user)
    if folder is not None:
        told |= _in_folder(folder, user, missing_ok=store is not None)
    if not any(told[key] for key in ("events", "profile", "folder", "waiting") if key in told):
        where = " and ".join(str(each) for each in (folder, store) if each is not None)
        return Answer(f"Nothing was held of user '{user}' in {where}.", told)
    return Answer(f"User '{user}' is forgotten: {_summary(told)}.", told)


def _ask(user: str, places: list[str], tone: Tone) -> None:
    if tone.as_json or tone.quiet:
        raise RequestError("Forgetting cannot be undone, and nobody can be asked here.", "Say --yes.")
    if not typer.confirm(f"Erase user '{user}' from {' and '.join(places)}? This cannot be undone.", err=True):
        raise RequestError("Nothing was erased.", "Say y, or --yes, to erase.")


def _in_store(store: str, user: str) -> dict[str, Any]:
    from motet.store import open_store

    with open_store(store) as opened:
        done = opened.forget(user)
    told: dict[str, Any] = {"events": done.events, "profile": done.profile}
    return {**told, "waiting": done.waiting} if done.waiting else told


def _in_folder(folder: Path, user: str, *, missing_ok: bool) -> dict[str, Any]:
    from motet.data import forget_quarantined
    from motet.recommend import forget as erase
    from motet.stages.setting_aside import beside

    try:
        erase(folder, user)
        held = True
    except RequestError:
        if not missing_ok:
            raise
        held = False
    return {"folder": held, "rows_aside": forget_quarantined(beside(folder), user)}


def _summary(told: dict[str, Any]) -> str:
    parts = []
    if "events" in told:
        parts.append(f"{told['events']:,} events and {'a' if told['profile'] else 'no'} profile left the store")
    if told.get("folder"):
        parts.append("what the model folder held is gone")
    if told.get("rows_aside"):
        parts.append(f"{told['rows_aside']:,} rows kept aside are gone")
    if told.get("waiting"):
        parts.append(f"but call it once more later. {told['waiting'].rstrip('.')}")
    return ", ".join(parts)
