"""One list over several content types: how many of each it may and should hold, and which candidates fill it.

n = candidates, best first; T = types that have a quota; I = items.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.errors import ProjectError, RequestError
from motet.recommend.catalogue import Catalogue
from motet.registry import nearest
from motet.schema import TypesConfig

SPARE = 50
"""At least so many candidates of each type with a quota take part."""


@dataclass(frozen=True)
class Quotas:
    """What a list of a given length may (`most`) and should (`least`) hold of each type in `names`."""

    column: str
    names: tuple[str, ...] = ()
    most: tuple[int, ...] = ()
    least: tuple[int, ...] = ()

    def having(self, catalogue: Catalogue, items_n: NDArray[np.int32] | None = None) -> NDArray[np.bool_]:
        """Return (n, T): whether items (by default all) are of each type."""
        values = catalogue.attributes[self.column]
        values = values if items_n is None else values[items_n]
        if isinstance(values.dtype, pl.List):
            each = [values.list.contains(name) for name in self.names]
        else:
            each = [values == name for name in self.names]
        found = [column.fill_null(False).to_numpy() for column in each]
        return np.stack(found, axis=1) if found else np.zeros((len(values), 0), np.bool_)

    def to_json(self) -> dict[str, Any]:
        """Return the column, and type → items at most and at least, as plain JSON values."""
        most = dict(zip(self.names, self.most, strict=True))
        least = {name: least for name, least in zip(self.names, self.least, strict=True) if least}
        return {"column": self.column, "at_most": most, "at_least": least}


def quotas_of(
    catalogue: Catalogue, project: TypesConfig | None, asked: Mapping[str, Any] | None, k: int
) -> Quotas | None:
    """Return the quotas of a list of k items, or None where there are none.

    asked: `column`, `at_most`, `at_least` as the project file has them. A type that it names is as it says, others are
    as the project says; another column leaves the project's out; an empty mapping leaves out everything. None: as the
    project says. Raises RequestError for a column that names no types, and for quotas that are none.
    """
    told = project if asked is None else _together(project, asked)
    if told is None:
        return None
    values = catalogue.attributes
    known = [name for name, kind in values.schema.items() if kind in (pl.String, pl.List(pl.String))]
    if told.column not in known:
        message = f"Items have no column '{told.column}' that names types; known: {', '.join(known) or 'none'}."
        raise RequestError(message, nearest(told.column, known).strip() or "Use one of these.")
    names = tuple(dict.fromkeys([*told.at_most, *told.at_least]))
    most = tuple(min(k, _items(told.at_most.get(name, k), k)) for name in names)
    least = tuple(min(top, _items(told.at_least.get(name, 0), k)) for name, top in zip(names, most, strict=True))
    return Quotas(told.column, names, most, least)


def fill(having_nT: NDArray[np.bool_], quotas: Quotas, k: int) -> NDArray[np.int64]:
    """Return the places of up to k candidates, in their order: the first ones with which all quotas hold.

    No type gets more than its most, whatever else is wanted. Types get their least as far as there are such candidates
    and the list has room. Of the items of one type, those first in order are taken (with tags, an item counts for
    every type that it has).
    """
    room, need = list(quotas.most), _needs(having_nT, quotas)
    own_n = [np.flatnonzero(row).tolist() for row in having_nT] if having_nT.shape[1] else [[]] * len(having_nT)
    chosen: list[int] = []
    passed: list[int] = []
    for place, own in enumerate(own_n):
        if len(chosen) == k:
            break
        if any(room[each] == 0 for each in own):
            continue
        if sum(need) >= k - len(chosen) and not any(need[each] for each in own):
            passed.append(place)
            continue
        chosen.append(place)
        _count(own, room, need)
    for place in passed:  # an item with two tags may have met two needs at once
        if len(chosen) < k and not any(room[each] == 0 for each in own_n[place]):
            chosen.append(place)
            _count(own_n[place], room, need)
    return np.sort(np.asarray(chosen, np.int64))


def enough(quota: int) -> int:
    """Return how many candidates of a type take part where a list may hold so many of it."""
    return max(SPARE, 5 * quota)


def type_of(catalogue: Catalogue, column: str, number: int) -> str | None:
    """Return the type of an item; of several, all of them."""
    value = catalogue.attributes[column][number]
    if value is None:
        return None
    return value if isinstance(value, str) else ", ".join(value.to_list())


def _needs(having_nT: NDArray[np.bool_], quotas: Quotas) -> list[int]:
    there = having_nT.sum(axis=0).tolist()
    return [min(least, have) for least, have in zip(quotas.least, there, strict=True)]


def _count(own: Sequence[int], room: list[int], need: list[int]) -> None:
    for each in own:
        room[each] -= 1
        need[each] = max(0, need[each] - 1)


def _items(quota: float, k: int) -> int:
    return int(quota) if quota >= 1 else math.floor(quota * k + 1e-9)


def _together(project: TypesConfig | None, asked: Mapping[str, Any]) -> TypesConfig | None:
    if not asked:
        return None
    wanted = dict(asked)
    column = wanted.setdefault("column", project.column if project is not None else None)
    if column is None:
        raise RequestError("Of which column are the types?", "Name it as the column of types.")
    if project is not None and project.column == column:
        named = {name for key in ("at_most", "at_least") for name in wanted.get(key) or {}}
        for key in ("at_most", "at_least"):
            kept = {name: quota for name, quota in getattr(project, key).items() if name not in named}
            wanted[key] = {**kept, **(wanted.get(key) or {})}
    try:
        return TypesConfig(**wanted)
    except ProjectError as error:
        raise RequestError(f"types: {error.message}", error.remedy) from None
