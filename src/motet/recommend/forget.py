"""Forgetting a user: their id, events, profile, texts and relations leave the model folder."""

from __future__ import annotations

from pathlib import Path

from motet.artifact import Folder, layout, open_folder, update_folder
from motet.errors import RequestError
from motet.recommend.examples import without_examples
from motet.recommend.relations import Relations
from motet.recommend.state import UserStates


def forget(path: str | Path, user: str) -> Folder:
    """Erase a user from the model folder at `path`, in one step, and return it opened.

    What remains are the weights and counts that were learned from all users together; the next training run is
    without the user. Raises RequestError for a user that the folder does not know.
    """
    folder = open_folder(path)
    states = UserStates.from_folder(folder) if folder.has(layout.HISTORIES) else UserStates.empty()
    if user not in states:
        raise RequestError(f"The model folder '{folder.path}' holds nothing of user '{user}'.", "Check the id.")
    parts = states.without(user).to_parts()
    if folder.has(layout.RELATIONS):
        parts |= Relations.from_folder(folder).without(user).to_parts()
    return update_folder(path, {**parts, **without_examples(folder, {user})})
