"""What a model folder holds of a user, as JSON: all that forgetting would erase, for those who ask for it."""

from __future__ import annotations

from typing import Any

import polars as pl

from motet.artifact import Folder, layout
from motet.recommend.catalogue import Catalogue
from motet.recommend.examples import lists_of
from motet.recommend.relations import Relations
from motet.recommend.state import UserStates


def held_of(folder: Folder, user: str) -> dict[str, Any]:
    """Return a user's events, profile, relations and examples (lists kept to be looked at); {} where there are none."""
    states = UserStates.from_folder(folder) if folder.has(layout.HISTORIES) else UserStates.empty()
    told: dict[str, Any] = {}
    if user in states:
        ids = Catalogue.from_folder(folder).ids if folder.has(layout.ITEMS) else pl.Series("@item", [], dtype=pl.String)
        told |= held_in(states, ids, user)
    pairs = Relations.from_folder(folder).pairs
    if (mine := pairs.filter((pl.col("user") == user) | (pl.col("other") == user))).height:
        told["relations"] = mine.to_dicts()
    if lists := lists_of(folder, user):
        told["examples"] = lists
    return told


def held_in(states: UserStates, ids: pl.Series, user: str) -> dict[str, Any]:
    """Return a user's events, oldest first, and profile; {} for one who is unknown. ids: of the items, in order."""
    if user not in states:
        return {}
    history = UserStates.history(states, user)
    rows = history.columns.to_dicts() if history.columns.width else [{} for _ in range(len(history))]
    for place, row in enumerate(rows):
        number = int(history.item_L[place])
        row["item"] = str(ids[number]) if number >= 0 else None
        if history.time_L is not None:
            row["time"] = int(history.time_L[place])
    return {"events": rows, "profile": history.profile.row(0, named=True) if history.profile.height else None}
