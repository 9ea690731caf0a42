"""The model that answers, and how it is opened: verified, without whom the store has forgotten, with what was put."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

from motet.artifact import Folder, Manifest, layout, open_folder
from motet.errors import ArtifactError
from motet.recommend import Bundle, UserStates, load
from motet.recommend.forget import others_of
from motet.schema import EVENTS
from motet.serve.erase import erase_from
from motet.serve.live import LiveUsers, Overlay
from motet.serve.newcomers import ItemColumns, grow_past
from motet.store import Store

_log = logging.getLogger("motet.serve")
PAGE = 2_000
TRIES = 3
"""A folder may be put in place anew, without a forgotten user, just while it is read."""


@dataclass(frozen=True)
class Running:
    """A model that answers.

    bundle: with live users and with the items that were put until `items_seq`. known: the users as the folder has
    them; others: who stands in its relations or example lists only. fingerprint: of the folder's content, save for its
    users. since: seconds since 1970. still_held: why the folder still holds users who were forgotten, and of whom the
    model in memory knows nothing; empty where it holds none.
    """

    version: str
    bundle: Bundle
    known: UserStates
    fingerprint: str
    items_seq: int
    since: float
    others: frozenset[str] = frozenset()
    still_held: str = ""

    def holds(self, user: str) -> bool:
        """Return whether the model has anything of a user from its folder."""
        return user in self.known or user in self.others


def open_model(path: str | Path, store: Store, *, data: str | None, log_events: int) -> Running:
    """Return the model of a folder, ready to answer. Raises ArtifactError where it is damaged."""
    for tries in range(TRIES):
        try:
            bundle, others, still_held = _without_forgotten(Path(path), store, data)
            break
        except ArtifactError:
            if tries == TRIES - 1:
                raise
            time.sleep(0.1)
    fingerprint = fingerprint_of(bundle.manifest)
    version = version_of(bundle.path, fingerprint)
    running = Running(version, bundle, bundle.loaded.users, fingerprint, 0, time.time(), others, still_held)
    return with_items(_live(running, store, log_events), store)


def with_items(running: Running, store: Store) -> Running:
    """Return the model with every item that was put after those it has."""
    columns, loaded, seq = ItemColumns.of(running.bundle.project), running.bundle.loaded, running.items_seq
    while items := store.items_after(seq, limit=PAGE):
        loaded, seq = grow_past(loaded, items, columns), items[-1].seq
    if loaded is running.bundle.loaded:
        return replace(running, items_seq=seq)
    live = loaded.users
    if isinstance(live, LiveUsers) and live.overlay is not None:
        overlay = replace(live.overlay, catalogue=loaded.catalogue, scorer=loaded.scorer)
        loaded = replace(loaded, users=LiveUsers.over(running.known, overlay))
    return replace(running, bundle=replace(running.bundle, loaded=loaded), items_seq=seq)


def fingerprint_of(manifest: Manifest) -> str:
    """Return a hash of what a folder holds, save for its users: forgetting one does not make another model of it."""
    kept = {name: info.sha256 for name, info in manifest.parts.items() if not name.startswith("state/")}
    if any(name.startswith(layout.EXAMPLES) for name in kept):  # users leave these, and the report that shows them
        kept = {name: value for name, value in kept.items() if not name.startswith((layout.EXAMPLES, layout.REPORT))}
    kept |= {name: info.sha256 for name, info in manifest.parts.items() if name.startswith(layout.ATTRIBUTES)}
    told = {"name": manifest.name, "created": manifest.created, "runtime": manifest.runtime, "parts": kept}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def version_of(path: Path, fingerprint: str) -> str:
    """Return the name under which a folder's model is known."""
    return f"{path.name[:100]}-{fingerprint[:12]}"


def under(root: str | Path, path: str | Path) -> Path:
    """Return the real path of a model folder below `root`. Raises ArtifactError for one that lies elsewhere."""
    base = Path(os.path.realpath(root))
    if "\0" in str(path):
        raise ArtifactError("A path holds no NUL character.", "Name a folder.")
    found = Path(os.path.realpath(base / path))
    if base not in found.parents:
        raise ArtifactError("Models are activated from below the service's model folder only.", f"It is '{base}'.")
    return found


def _live(running: Running, store: Store, log_events: int) -> Running:
    bundle = running.bundle
    overlay = Overlay(
        store,
        bundle.loaded.catalogue,
        bundle.loaded.scorer,
        _behaviour(bundle.project),
        most=log_events,
        since=learned_until(Folder(bundle.path, bundle.manifest), store),  # it was verified a moment ago
    )
    loaded = replace(bundle.loaded, users=LiveUsers.over(bundle.loaded.users, overlay))
    return replace(running, bundle=replace(bundle, loaded=loaded))


def _behaviour(project: object) -> str | None:
    """The events' column that tells what was done."""
    tables = project.get("tables", {}) if isinstance(project, dict) else {}
    columns = tables.get(EVENTS, {}).get("columns", {})
    return next((name for name, column in columns.items() if column["meaning"] == "behaviour"), None)


def _without_forgotten(path: Path, store: Store, data: str | None) -> tuple[Bundle, frozenset[str], str]:
    """The folder loaded, who stands in it beside its users, and why it still holds somebody who was forgotten, if so.

    Who was forgotten after it was made is erased from it first; where it cannot be written, in memory only.
    """
    marks = forgotten_marks(store)
    bundle = load(path, data=data)
    others = others_of(Folder(bundle.path, bundle.manifest))  # it was verified a moment ago
    gone = [user for user in {*bundle.loaded.users.users, *others} if store.mark_of(user) in marks] if marks else []
    still_held = ""
    if gone:
        try:
            erase_from(path, gone)
            bundle = load(path, data=data)
        except ArtifactError as error:
            bundle = load(path, data=data, without=gone)
            still_held = (
                f"{len(gone):,} of the forgotten still stand in the folder '{bundle.path.name}'. {error.message}"
            )
            _log.warning("folder", extra={"fields": {"reason": still_held}})
    return bundle, frozenset(others).difference(gone, bundle.loaded.users.index), still_held


def holds_forgotten(running: Running, store: Store) -> bool:
    """Return whether a model has anything from its folder of a user whom the store has forgotten."""
    marks = forgotten_marks(store)
    return any(store.mark_of(user) in marks for user in (*running.known.users.to_list(), *running.others))


def learned_until(path: Path | Folder, store: Store) -> int:
    """Return the number of the last event of a store's log that a folder's model has learned from; 0 for none."""
    folder = path if isinstance(path, Folder) else open_folder(path)
    told = folder.json(layout.CONTINUED) if folder.has(layout.CONTINUED) else {}
    log = name_of(store)
    return max((int(each.get("upto", 0)) for each in told.get("sources", ()) if each.get("log") == log), default=0)


def name_of(store: Store) -> str:
    """Return a name that is the same for a store wherever it is opened from, and another for every other one."""
    return store.mark_of("")[:16]


def forgotten_marks(store: Store) -> set[str]:
    """Return the marks of all who were forgotten, also of those who came back: their old traces stay out."""
    marks: set[str] = set()
    seq = 0
    while stones := store.forgotten_after(seq, limit=PAGE):
        marks |= {stone.mark for stone in stones}
        seq = stones[-1].seq
    return marks
