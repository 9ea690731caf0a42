"""Making ready for lists from a large catalogue, and saying how they are made."""

from __future__ import annotations

import numpy as np

from motet.recommend.loaded import Loaded
from motet.recommend.port import History, Leading, Retrieval
from motet.recommend.state import UserStates

USERS = 256
"""Users on whom an index is measured at most."""


def prepare(loaded: Loaded, users: UserStates | None = None) -> Retrieval:
    """Build an index where the catalogue is large enough for one, measure it, and return how candidates are found.

    users: whose states it is measured on, by default those that are loaded. It takes about 20 seconds for a million
    items; lists are made meanwhile as before, and find the same.
    """
    if not isinstance(loaded.scorer, Leading):
        return Retrieval("whole", len(loaded.catalogue))
    measured = users or loaded.users

    def histories() -> list[History]:
        known = measured.users
        some = known.gather(np.unique(np.linspace(0, len(known) - 1, min(len(known), USERS)).astype(np.int64)))
        found = [measured.history(user) for user in some.to_list()]
        return [history for history in found if history.tells_something]

    return loaded.scorer.prepare(histories)


def is_stale(loaded: Loaded) -> bool:
    """Return whether so many items were put since that it is time to prepare anew."""
    return isinstance(loaded.scorer, Leading) and loaded.scorer.stale
