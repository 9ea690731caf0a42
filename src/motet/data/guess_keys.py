"""Guess what a table is and which columns are its keys: by names first, then by ids that other tables share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from motet.data import words
from motet.data.profile import Profile
from motet.schema import EVENTS, ITEMS, USERS

UNIQUE = 0.98
"""Values per row from which on a column is taken for an id of its rows."""

FEW_USERS = 20
"""A column with fewer values is a group, not who."""


@dataclass(frozen=True)
class ColumnGuess:
    """meaning: as in a project file. separator: of tags in strings. misfits: the cells that do not have the meaning, in
    words; their rows will be kept aside.
    """

    meaning: str
    reason: str
    separator: str | None = None
    misfits: str = ""


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


def guess_keys(guess: TableGuess, hint: str | None, known_ids: Mapping[str, pl.Series]) -> None:
    """Fill role and keys, by names first, then by ids that other tables share.

    hint: the table's name in the project, or None. known_ids: ids of users and items seen in other tables.
    """
    profiles = list(guess.profiles.values())
    able = [profile for profile in profiles if may_be_key(profile)]
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
    reason = "who"
    if user is None and item is not None and item.variety < UNIQUE / 2 and hint not in (ITEMS, USERS):
        user = _recurring([profile for profile in able if profile is not item], profiles)
        reason = "taken for who: its values recur beside items and moments"
    if user is not None and item is not None and hint not in (ITEMS, USERS):
        guess.role, guess.keys["user"] = EVENTS, (user.name, reason)
        guess.keys["item"] = (item.name, "what")
        _guess_time(guess, profiles)
    elif user is not None and other is not None:
        guess.role = "relation"
        guess.keys |= {"user": (user.name, "one side"), "other": (other.name, "the other side")}
    elif hint == USERS or (user is not None and user.variety >= UNIQUE and hint not in (ITEMS, EVENTS)):
        guess.role = USERS
        if user is not None:
            guess.keys["id"] = (user.name, "one row per user")
    elif user is None and _is_catalogue(item, able, hint):
        key = item if item is not None and item.variety >= UNIQUE else _plain_id(able) or item
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
    return hint != EVENTS and item is not None and item.variety >= UNIQUE


def may_be_key(profile: Profile) -> bool:
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
        if extra == 0 or profile.words & words.NUMBERED:
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


def _recurring(able: list[Profile], profiles: list[Profile]) -> Profile | None:
    """Return the column that most likely says who, in a table with items and moments but no name that tells.

    The one with most distinct values of those that recur; grades, amounts and dates are none.
    """
    if not any(is_moment(profile) for profile in profiles):
        return None
    barred = words.RATING | words.PRICE | words.COUNT | words.CATEGORY | words.TIME | words.TEXT | words.BEHAVIOUR
    fit = [
        profile
        for profile in able
        if not profile.words & barred
        and not is_written_date(profile)
        and profile.distinct >= FEW_USERS
        and profile.variety < UNIQUE / 2
    ]
    return max(fit, key=lambda profile: profile.distinct, default=None)


def is_moment(profile: Profile) -> bool:
    """Tell whether the cells are moments: by type, by name and content, or as dates that are written out."""
    temporal = profile.cells.dtype == pl.Date or isinstance(profile.cells.dtype, pl.Datetime)
    named = bool(profile.words & words.TIME) and profile.understood("time") > 0.8
    return temporal or named or is_written_date(profile)


def _plain_id(profiles: list[Profile]) -> Profile | None:
    """Return the first column whose values all differ, preferring those called id or key."""
    unique = [profile for profile in profiles if profile.variety >= UNIQUE and not profile.words & words.TEXT]
    called = [profile for profile in unique if profile.words & {"id", "key", "code", "sku"}]
    return (called or unique or [None])[0]  # type: ignore[list-item]


def _guess_time(guess: TableGuess, profiles: list[Profile]) -> None:
    """Declare the moment of the rows: a number that orders them before a date in words, a full moment before a day."""
    taken = {column for column, _ in guess.keys.values()}
    ranked = []
    for profile in profiles:
        temporal = profile.cells.dtype == pl.Date or isinstance(profile.cells.dtype, pl.Datetime)
        if profile.name in taken or profile.is_list or profile.is_nested or is_calendar_part(profile):
            continue
        if not temporal and not profile.words & words.TIME and not is_written_date(profile):
            continue
        if temporal or (
            profile.understood("time") > 0.8 and not (profile.cells.dtype.is_float() and not profile.whole)
        ):
            ranked.append((-profile.distinct, profile.understood("number") < 1, profile.name))
    if ranked:
        guess.keys["time"] = (min(ranked)[2], "when")


def is_written_date(profile: Profile) -> bool:
    """Tell whether the cells are dates in words or figures, whatever the column is called."""
    if profile.cells.dtype != pl.String or not profile.stated.len():
        return False
    some = profile.stated.head(1000)
    if int(some.str.contains(r"\d").sum()) <= 0.9 * some.len():  # quicker than to try every form on texts
        return False
    return profile.understood("number") < 0.05 and profile.understood("time") > 0.95


def is_calendar_part(profile: Profile) -> bool:
    """Tell whether a column holds only the day, month, year or hour of a moment that others complete."""
    parts = {"day": 31, "month": 12, "year": 2200, "hour": 24, "minute": 60, "second": 60, "week": 53, "weekday": 7}
    most = max((parts[word] for word in profile.words & set(parts)), default=0)
    numbers = profile.numbers.drop_nulls()
    return bool(most) and bool(numbers.len()) and bool((numbers <= most).all())
