"""Which columns of a table name the rows of others: found by their values, whatever the columns are called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from motet.data import words
from motet.data.guess_keys import UNIQUE, TableGuess, is_moment, may_be_key
from motet.data.profile import Profile

COVERED = 0.8
"""A column names another table's rows if that table has at least this share of its values."""

FEWEST = 5
RECURRING = 0.9
_PERSON = frozenset({"age", "birth", "born", "sex", "gender", "income", "married"})


@dataclass(frozen=True)
class Link:
    """A recurring column, and the table whose rows its values name. ids: that table's keys."""

    column: str
    table: Path
    ids: pl.Series
    thingness: float


def deeds(tables: Mapping[Path, TableGuess]) -> tuple[Path, dict[str, pl.Series]] | None:
    """Return the table that says who did what, and the ids of its users and items, or None where none does.

    Of two tables that it names, the one that reads more like things (words, prices; no ages, no addresses) holds the
    items. Where it names one table of things only, who did it is for others to find: `user` is missing then.
    """
    found = []
    for path, guess in tables.items():
        links = sorted(_links(path, tables), key=lambda link: link.thingness)
        timed = any(is_moment(profile) for profile in guess.profiles.values())
        rows = max((profile.cells.len() for profile in guess.profiles.values()), default=0)
        if len({link.table for link in links}) > 1 and links[0].table != links[-1].table:
            found.append(((2, timed, rows), path, {"user": links[0].ids, "item": links[-1].ids}))
        elif links and timed and links[-1].thingness > 0:
            found.append(((1, timed, rows), path, {"item": links[-1].ids}))
    if not found:
        return None
    _, path, ids = max(found, key=lambda each: each[0])
    return path, ids


def _links(path: Path, tables: Mapping[Path, TableGuess]) -> Iterator[Link]:
    """Yield the best link of each column of a table."""
    for profile in tables[path].profiles.values():
        if not may_be_key(profile) or profile.distinct < FEWEST or profile.variety > RECURRING:
            continue
        best, most = None, 0.0
        for other, guess in tables.items():
            for key in guess.profiles.values() if other != path else ():
                share = _share(profile, key)
                if share > most:
                    best, most = (
                        Link(profile.name, other, key.text.unique(), _thingness(profile, key, other, guess)),
                        share,
                    )
        if best is not None:
            yield best


def _share(profile: Profile, key: Profile) -> float:
    """Return the share of a column's values that a key has; 0 where that may be chance."""
    if key.variety < UNIQUE or key.distinct < FEWEST or not may_be_key(key):
        return 0.0
    alike = profile.name.casefold() == key.name.casefold()
    if not alike and profile.words & (words.RATING | words.COUNT | words.PRICE | words.TIME):
        return 0.0
    values = profile.text.unique()
    shared = int(values.is_in(key.text.implode()).sum())
    # counts and ages lie among the numbers of rows, too: those of another table must mostly occur
    chance = not alike and profile.understood("number") == 1 and shared < 0.5 * key.distinct
    covered = shared / values.len()
    return 0.0 if chance or covered < COVERED else covered + alike


def _thingness(profile: Profile, key: Profile, path: Path, guess: TableGuess) -> float:
    """Return how much a table reads like one of things; below 0, like one of people."""
    named = profile.words | key.words | words.name_words(path.name.split(".")[0])
    others = [other for other in guess.profiles.values() if other.name != key.name and other.text.len()]
    longest = max((other.mean_words for other in others), default=0.0)
    of_people = any(other.words & _PERSON or words.is_personal(other.name) for other in others)
    of_things = any(other.words & (words.PRICE | words.TEXT) for other in others)
    by_name = 3 * (bool(named & words.ITEM) - bool(named & words.USER))
    return by_name + of_things - of_people + min(1.0, (longest - 1) / 3)
