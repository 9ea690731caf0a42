"""What lies near: users and items beside a user, an item or a text, in the one space that a model keeps."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from motet.errors import RequestError
from motet.recommend.loaded import Loaded
from motet.recommend.port import Asked
from motet.recommend.question import MAX_K, MAX_QUERY
from motet.recommend.retrieve import best
from motet.registry import nearest

USERS, ITEMS = "users", "items"
AT_ONCE = 1024
"""Users whose histories are read at once."""
Points = NDArray[np.float32]


class Space:
    """All items and users of a loaded model as points; each kind is made when it is first asked for, and kept."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded

    @cached_property
    def items(self) -> Points:
        """Every item's point, (I, S)."""
        every = np.arange(len(self._loaded.catalogue), dtype=np.int32)
        return self._loaded.scorer.embed(Asked(len(every), items_n=every))

    @cached_property
    def users(self) -> Points:
        """Every user's point, (U, S); of users of whom nothing is known, zero."""
        ids = self._loaded.users.users.to_list()
        parts = [self._some_users(ids[begin : begin + AT_ONCE]) for begin in range(0, len(ids), AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)

    def point(self, *, user: str | None = None, item: str | None = None, text: str | None = None) -> Points:
        """Return the point of one thing, (S,)."""
        scorer = self._loaded.scorer
        if user is not None:
            found = self._some_users([user])[0]
            if not found.any():
                raise RequestError(f"Nothing is known of user '{user}'.", "Name a user with a history or a profile.")
            return found
        if item is not None:
            number = np.array([self.number(item)], np.int32)
            return scorer.embed(Asked(1, items_n=number))[0]
        return scorer.embed(Asked(1, texts=[_clean(text)]))[0]

    def number(self, item: str) -> int:
        """Return an item's place in the catalogue."""
        found = self._loaded.catalogue.index.get(item)
        if found is None:
            hint = nearest(item, self._loaded.catalogue.ids.head(10_000).to_list()).strip()
            raise RequestError(f"The catalogue has no item '{item}'.", hint or "Check the id.")
        return found

    def _some_users(self, ids: list[str]) -> Points:
        histories = [self._loaded.users.history(user) for user in ids]
        found = self._loaded.scorer.embed(Asked(len(ids), histories=histories))
        known = np.array([history.tells_something or history.has_profile for history in histories])
        return np.where(known[:, None], found, np.float32(0))


def neighbours(
    loaded: Loaded, space: Space, asked: Mapping[str, str | None], *, of: str, k: int
) -> list[tuple[str, float]]:
    """Return up to k (id, cosine) pairs, the nearest first; see `Bundle.neighbours`."""
    given = {name: str(value) for name, value in asked.items() if value is not None}
    if len(given) != 1:
        found = " and ".join(given) or "none of them"
        raise RequestError(f"Expected a user, an item or a text, found {found}.", "Give exactly one.")
    if of not in (USERS, ITEMS):
        raise RequestError(f"Neighbours are users or items; found of={of!r}.", "Ask for one of them.")
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= MAX_K:
        raise RequestError(f"Expected k to be a whole number from 1 to {MAX_K}, found {k!r}.", "Change it.")
    point_S = space.point(**given)
    if of == ITEMS:
        points, ids, allowed = space.items, loaded.catalogue.ids, loaded.catalogue.available_I.copy()
        own = loaded.catalogue.index.get(given.get("item", ""))
    else:
        points, ids, own = space.users, loaded.users.users, loaded.users.index.get(given.get("user", ""))
        allowed = np.any(points, axis=1)
    if not len(points):
        return []
    if own is not None:
        allowed[own] = False
    cosine = points @ point_S
    return [(str(ids[int(one)]), float(cosine[one])) for one in best(cosine, allowed, k)]


def _clean(text: str | None) -> str:
    found = (text or "").encode("utf-8", "replace").decode("utf-8").strip()
    if not 1 <= len(found) <= MAX_QUERY:
        raise RequestError(f"Expected a text of 1 to {MAX_QUERY} characters, found {len(found)}.", "Change it.")
    return found
