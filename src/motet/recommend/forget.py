"""Forgetting users: their ids, events, profiles, texts, relations and example lists leave the model folder.

What remains are the weights and counts that were learned from all users together; the next training is without
them.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from motet.artifact import Folder, Part, layout, read_folder, update_folder
from motet.errors import RequestError
from motet.recommend.examples import example_users, without_examples
from motet.recommend.relations import Relations
from motet.recommend.state import UserStates


def forget(path: str | Path, user: str) -> Folder:
    """Erase a user from the model folder at `path`, in one step, and return it opened.

    Raises RequestError for a user that the folder does not know, ArtifactError where it cannot be read or written.
    """

    def change(folder: Folder) -> dict[str, Part]:
        parts = without_users(folder, [user])
        if not parts:
            raise RequestError(f"The model folder '{folder.path}' holds nothing of user '{user}'.", "Check the id.")
        return parts

    return update_folder(path, change)


def erase(path: str | Path, users: Collection[str]) -> bool:
    """Erase users from the model folder at `path` in one step; return whether it held anything of them.

    Raises ArtifactError where it did and cannot be written, or cannot be read.
    """
    if not read_folder(path, lambda folder: without_users(folder, users)):
        return False  # and it need not be a folder that may be written
    held = False

    def change(folder: Folder) -> dict[str, Part]:
        nonlocal held
        parts = without_users(folder, users)
        held = bool(parts)
        return parts

    update_folder(path, change)
    return held


def without_users(folder: Folder, users: Collection[str]) -> dict[str, Part]:
    """Return the parts of a folder that change when users leave it; none where it holds nothing of them."""
    states, relations = _states(folder), Relations.from_folder(folder)
    known = [user for user in users if user in states]
    left = relations
    for user in users:
        states, left = states.without(user), left.without(user)
    parts: dict[str, Part] = states.to_parts() if known else {}
    if left.pairs.height < relations.pairs.height:
        parts |= left.to_parts()
    return {**parts, **without_examples(folder, users)}


def users_of(folder: Folder) -> set[str]:
    """Return everybody whom a folder holds something of."""
    return {*_states(folder).users, *others_of(folder)}


def others_of(folder: Folder) -> set[str]:
    """Return who stands in a folder's relations and example lists, whether it has a history of them or not."""
    pairs = Relations.from_folder(folder).pairs
    return {*pairs["user"], *pairs["other"], *example_users(folder)}


def _states(folder: Folder) -> UserStates:
    return UserStates.from_folder(folder) if folder.has(layout.HISTORIES) else UserStates.empty()
