"""Guess what a table's columns are: its keys, their meanings, and what is better left out. Each with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from motet.data import words
from motet.data.frames import to_polars
from motet.data.profile import Profile
from motet.data.times import typical_size
from motet.schema import EVENTS, ITEMS, USERS, Column, TableSpec

_UNIQUE = 0.98
_FEW_VALUES = 1000


@dataclass(frozen=True)
class ColumnGuess:
    """meaning: as in a project file. separator: of tags in strings."""

    meaning: str
    reason: str
    separator: str | None = None


@dataclass
class TableGuess:
    """What a table seems to be.

    role: events, items, users, relation or rows. keys: role → (column, reason). dropped: column → why it is left out.
    """

    role: str
    keys: dict[str, tuple[str, str]] = field(default_factory=dict)
    columns: dict[str, ColumnGuess] = field(default_factory=dict)
    dropped: dict[str, str] = field(default_factory=dict)
    profiles: dict[str, Profile] = field(default_factory=dict)

    def key(self, role: str) -> str | None:
        """Return the column of a key, or None."""
        return self.keys[role][0] if role in self.keys else None

    def of(self, *meanings: str) -> list[str]:
        """Return the columns with one of these meanings."""
        return [name for name, guess in self.columns.items() if guess.meaning in meanings]


def infer_table(
    name_hint: str | None, frame: pl.DataFrame, *, known_ids: Mapping[str, pl.Series] | None = None
) -> TableGuess:
    """Return the guess for one table.

    name_hint: its name in the project, or None. frame: its rows, or many of them, uncast.
    known_ids: ids of users and items seen in other tables ("user", "item"), by which key columns are recognised.
    """
    guess = TableGuess("rows", profiles={name: Profile(name, frame[name]) for name in frame.columns})
    _guess_keys(guess, name_hint, known_ids or {})
    taken = {column for column, _ in guess.keys.values()}
    for name, profile in guess.profiles.items():
        if name in taken:
            continue
        found = _guess_column(profile, guess)
        if isinstance(found, str):
            guess.dropped[name] = found
        else:
            guess.columns[name] = found
    return guess


def complete(spec: TableSpec, name: str, frame: Any) -> TableSpec:
    """Return the spec of a frame in memory that declares nothing, with keys and columns guessed."""
    guess = infer_table(name, to_polars(frame))
    columns = {
        column: Column(meaning=found.meaning, **({"separator": found.separator} if found.separator else {}))  # type: ignore[arg-type]
        for column, found in guess.columns.items()
    }
    keys = {role: column for role, (column, _) in guess.keys.items()}
    return spec.model_copy(update={**keys, "columns": columns})


def _guess_keys(guess: TableGuess, hint: str | None, known_ids: Mapping[str, pl.Series]) -> None:
    """Fill role and keys, by names first, then by ids that other tables share."""
    profiles = list(guess.profiles.values())
    able = [profile for profile in profiles if _may_be_key(profile)]
    user = _named(able, words.USER) if hint != ITEMS else None
    rest = [profile for profile in able if profile is not user]
    other = _named(rest, words.OTHER) if user is not None else None
    item = _named([profile for profile in rest if profile is not other], words.ITEM) if hint != USERS else None
    if user is None and hint != ITEMS:
        user = _sharing([profile for profile in able if profile is not item], known_ids.get("user"))
    if item is None and user is not None and hint not in (ITEMS, USERS):
        item = _named([profile for profile in able if profile not in (user, other)], words.ITEM, by_name=True)
    if item is None and hint != USERS:
        item = _sharing([profile for profile in able if profile not in (user, other)], known_ids.get("item"))
    if item is None and hint == ITEMS:
        item = _plain_id(able)
    if user is None and hint == USERS:
        user = _plain_id(able)
    if user is not None and item is not None and hint not in (ITEMS, USERS):
        guess.role, guess.keys["user"] = EVENTS, (user.name, "who")
        guess.keys["item"] = (item.name, "what")
        _guess_time(guess, profiles)
    elif user is not None and other is not None:
        guess.role = "relation"
        guess.keys |= {"user": (user.name, "one side"), "other": (other.name, "the other side")}
    elif hint == USERS or (user is not None and user.variety >= _UNIQUE and hint not in (ITEMS, EVENTS)):
        guess.role = USERS
        if user is not None:
            guess.keys["id"] = (user.name, "one row per user")
    elif user is None and _is_catalogue(item, able, hint):
        key = item if item is not None and item.variety >= _UNIQUE else _plain_id(able) or item
        guess.role = ITEMS
        if key is not None:
            guess.keys["id"] = (key.name, "one row per item")
    else:
        _guess_row_keys(guess, profiles, user, item, known_ids)


def _guess_row_keys(
    guess: TableGuess,
    profiles: list[Profile],
    user: Profile | None,
    item: Profile | None,
    known_ids: Mapping[str, pl.Series],
) -> None:
    """Rows of some other kind: keys only where they meet a user or an item of another table, or order the rows."""
    if user is not None:
        guess.keys["user"] = (user.name, "who")
        _guess_time(guess, profiles)
    if item is not None and (user is not None or "item" in known_ids):
        guess.keys["item"] = (item.name, "which item")


def _is_catalogue(item: Profile | None, able: list[Profile], hint: str | None) -> bool:
    if hint == ITEMS:
        return True
    return hint != EVENTS and item is not None and item.variety >= _UNIQUE


def _may_be_key(profile: Profile) -> bool:
    """Tell whether a column may name users or items: short values that repeat no sentence and no fraction."""
    dtype = profile.cells.dtype
    if profile.is_list or profile.is_nested or dtype == pl.Boolean or dtype.is_temporal() or not profile.text.len():
        return False
    if words.JUNK.match(profile.name) or words.is_personal(profile.name) or profile.words & words.LINK:
        return False
    if dtype.is_float() and not profile.whole:
        return False
    return profile.mean_words < 3 and (profile.distinct > 1 or profile.text.len() == 1)


def _named(profiles: list[Profile], lexicon: frozenset[str], *, by_name: bool = False) -> Profile | None:
    """Return the column whose name speaks most clearly of a key: `user` before `user_id` before `user_group`.

    by_name: columns like `product_name` count too, for rows that know their items by nothing else.
    """
    ranked = []
    names = words.NAMED if by_name else frozenset()
    for place, profile in enumerate(profiles):
        barred = words.RATING | words.PRICE | words.COUNT | (words.NAMED - names)
        if not profile.words & lexicon or profile.words & barred:
            continue
        extra = len(profile.words - lexicon - names - {"id", "key", "code", "no", "number"} - _joins(profile.words))
        if extra == 0 or profile.words & {"id", "key"}:
            ranked.append((extra, place, profile))
    return min(ranked, key=lambda entry: entry[:2])[2] if ranked else None


def _joins(found: set[str]) -> set[str]:
    """Return the words that are two of the others written together, or a plural of one."""
    return {word for word in found if any(word != part and word.startswith(part) for part in found)}


def _sharing(profiles: list[Profile], ids: pl.Series | None) -> Profile | None:
    """Return the column that shares most ids with another table; at least half of its values, or of those ids."""
    if ids is None or not ids.len():
        return None
    best, most = None, 0.5
    for profile in profiles:
        values = profile.text.unique()
        if values.len() < 5 or profile.words & (words.RATING | words.TIME):
            continue
        shared = int(values.is_in(ids.implode()).sum())
        share = max(shared / values.len(), shared / ids.len())
        if share > most + 1e-9:
            best, most = profile, share
    return best


def _plain_id(profiles: list[Profile]) -> Profile | None:
    """Return the first column whose values all differ, preferring those called id or key."""
    unique = [profile for profile in profiles if profile.variety >= _UNIQUE and not profile.words & words.TEXT]
    called = [profile for profile in unique if profile.words & {"id", "key", "code", "sku"}]
    return (called or unique or [None])[0]  # type: ignore[list-item]


def _guess_time(guess: TableGuess, profiles: list[Profile]) -> None:
    """Declare the moment of the rows: a number that orders them before a date in words, a full moment before a day."""
    taken = {column for column, _ in guess.keys.values()}
    ranked = []
    for profile in profiles:
        temporal = profile.cells.dtype == pl.Date or isinstance(profile.cells.dtype, pl.Datetime)
        if profile.name in taken or profile.is_list or profile.is_nested or _is_calendar_part(profile):
            continue
        if not temporal and not profile.words & words.TIME:
            continue
        if temporal or (
            profile.understood("time") > 0.8 and not (profile.cells.dtype.is_float() and not profile.whole)
        ):
            ranked.append((-profile.distinct, profile.understood("number") < 1, profile.name))
    if ranked:
        guess.keys["time"] = (min(ranked)[2], "when")


def _is_calendar_part(profile: Profile) -> bool:
    """Tell whether a column holds only the day, month, year or hour of a moment that others complete."""
    parts = {"day": 31, "month": 12, "year": 2200, "hour": 24, "minute": 60, "second": 60, "week": 53, "weekday": 7}
    most = max((parts[word] for word in profile.words & set(parts)), default=0)
    numbers = profile.numbers.drop_nulls()
    return bool(most) and bool(numbers.len()) and bool((numbers <= most).all())


def _guess_column(profile: Profile, guess: TableGuess) -> ColumnGuess | str:
    """Return the meaning of a column, or why it is left out."""
    unusable = _unusable(profile, guess)
    if unusable:
        return unusable
    if profile.is_list:
        return _guess_list(profile)
    dtype = profile.cells.dtype
    if dtype == pl.Boolean:
        return ColumnGuess("flag", "yes or no")
    if dtype.is_temporal():
        return 'a further moment; declare it as "time" if it is the one that counts'
    if profile.distinct == 2 and profile.understood("flag") == 1:
        return ColumnGuess("flag", "two values that mean yes and no")
    numeric = profile.understood("number")
    if numeric == 1 or (numeric >= 0.9 and profile.distinct > 10):
        return _guess_number(profile, guess, numeric)
    return _guess_words(profile, guess)


def _unusable(profile: Profile, guess: TableGuess) -> str:
    if words.JUNK.match(profile.name):
        return "a row number"
    if profile.name.startswith("@") or not profile.name.isprintable():
        return "a name that a project file cannot use"
    if guess.role == EVENTS and _is_calendar_part(profile):
        return "a part of a date"
    if words.is_personal(profile.name) or profile.share(r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$") > 0.5:
        return "personal data"
    if profile.words & words.LINK or profile.share(r"^https?://") > 0.5:
        return "addresses of pages or pictures"
    if not profile.text.len():
        return "always empty"
    if profile.text.len() < 0.02 * profile.cells.len():
        return "nearly always empty"
    if profile.is_nested:
        return "objects within cells; spread them over columns of their own to use them"
    if profile.distinct < 2:
        return "always the same"
    if profile.words & {"weight"} and profile.words & {"instance", "sample", "sampling"}:
        return "a sampling weight"
    return ""


def _guess_list(profile: Profile) -> ColumnGuess | str:
    from motet.data.cells import parse_column

    tags = parse_column(profile.cells, Column(meaning="tags")).values.drop_nulls().explode().drop_nulls()
    if not tags.len():
        return "always empty"
    if profile.words & words.RELATED:
        return "lists of other items"
    if isinstance(profile.cells.dtype, pl.List | pl.Array) and profile.cells.dtype.inner.is_float():
        return ColumnGuess("vector", "lists of numbers")
    long = sum(len(tag.split()) for tag in tags.head(2000).to_list()) / min(2000, tags.len())
    if profile.words & words.TEXT or (long > 4 and not profile.words & words.CATEGORY):
        return ColumnGuess("text", "lists of sentences")
    if tags.n_unique() < 0.7 * tags.len():
        return ColumnGuess("tags", f"lists of {tags.n_unique():,} words that recur")
    return "lists whose members hardly recur"


def _guess_number(profile: Profile, guess: TableGuess, numeric: float) -> ColumnGuess | str:
    doubt = "" if numeric == 1 else f"; {1 - numeric:.1%} of the cells are not, their rows will be kept aside"
    if profile.words & words.RATING:
        return ColumnGuess("number", f"{profile.distinct} grades{doubt}")
    if "id" in profile.words or (profile.whole and profile.variety >= _UNIQUE and profile.numbers.is_sorted()):
        return "an id, which tells rows apart and nothing else"
    if profile.words & words.TIME and profile.understood("time") > 0.9 and (typical_size(profile.numbers) or 0) > 1e8:
        return "a further moment"
    counted = bool(profile.words & (words.COUNT | words.PRICE))
    if profile.whole and not counted and profile.distinct <= 5 and profile.cells.dtype == pl.String and numeric == 1:
        return ColumnGuess("category", f"{profile.distinct} codes")
    if profile.whole and profile.words & words.CODE and profile.distinct <= _FEW_VALUES and numeric == 1:
        return ColumnGuess("category", f"{profile.distinct} codes")
    return ColumnGuess("number", ("an amount" if profile.words & words.PRICE else "numbers") + doubt)


def _guess_words(profile: Profile, guess: TableGuess) -> ColumnGuess | str:
    if profile.words & words.BEHAVIOUR and profile.distinct <= 50 and guess.role == EVENTS:
        return ColumnGuess("behaviour", f"{profile.distinct} kinds of action")
    if profile.separator is not None and profile.mean_words < 8 and not profile.words & words.TEXT:
        return ColumnGuess("tags", f"words separated by '{profile.separator}'", profile.separator)
    wordy = profile.words & (words.TEXT | (words.NAMED if guess.role == ITEMS else frozenset()))
    worded = wordy and (profile.variety > 0.3 or profile.distinct > 200)
    if worded or (profile.mean_words >= 4 and profile.variety > 0.3) or profile.mean_words > 12:
        return ColumnGuess("text", f"about {max(1, round(profile.mean_words))} words each")
    if profile.words & words.TIME and profile.understood("time") > 0.9:
        return "a further moment"
    if profile.distinct <= max(50, 0.3 * profile.text.len()):
        return ColumnGuess("category", f"{profile.distinct:,} values that recur")
    if profile.mean_words >= 2:
        return ColumnGuess("text", f"about {round(profile.mean_words)} words each")
    if "id" in profile.words or profile.variety > 0.9:
        return "nearly every value differs, like an id"
    return ColumnGuess("category", f"{profile.distinct:,} values")
