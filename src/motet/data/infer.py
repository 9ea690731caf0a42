"""Guess what a table's columns are: its keys, their meanings, and what is better left out. Each with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from motet.data import words
from motet.data.cells import parse_column
from motet.data.frames import to_polars
from motet.data.guess_keys import UNIQUE, ColumnGuess, TableGuess, guess_keys, is_calendar_part, is_written_date
from motet.data.profile import Profile
from motet.data.quarantine import quoted
from motet.data.times import typical_size
from motet.schema import EVENTS, ITEMS, Column, TableSpec

_FEW_VALUES = 1000
_SHOWN = 3
_NOT = {"flag": ("no yes or no", "no yes or no"), "number": ("no number", "no numbers")}
_MOMENT = 'a further moment; declare it as "time" if it is the one that counts'
_COUNTED = r"^[#>~\s]*\d[\d.,\s]*"


def infer_table(
    name_hint: str | None, frame: pl.DataFrame, *, known_ids: Mapping[str, pl.Series] | None = None
) -> TableGuess:
    """Return the guess for one table.

    name_hint: its name in the project, or None. frame: its rows, or many of them, uncast.
    known_ids: ids of users and items seen in other tables ("user", "item"), by which key columns are recognised.
    """
    guess = TableGuess("rows", profiles={name: Profile(name, frame[name]) for name in frame.columns})
    guess_keys(guess, name_hint, known_ids or {})
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
        return _MOMENT
    if _is_flag(profile):
        return ColumnGuess("flag", "two values that mean yes and no", misfits=misfits_in_words(profile, "flag"))
    grades = profile.numbers.drop_nulls().n_unique()
    if (profile.mostly("number") and grades > 1) or (profile.understood("number") >= 0.9 and profile.distinct > 10):
        return _guess_number(profile, guess, grades)
    return _guess_words(profile, guess)


def _is_flag(profile: Profile) -> bool:
    """Tell whether nearly all cells are one of two words for yes and no; beside 0 and 1 a 2 makes them counts."""
    if not profile.mostly("flag"):
        return False
    odd = profile.misfits("flag")
    both = profile.stated.filter(~profile.stated.is_in(odd.implode())).unique()
    counts = both.cast(pl.Float64, strict=False).null_count() == 0
    return both.len() == 2 and not (counts and odd.cast(pl.Float64, strict=False).drop_nulls().len())


def misfits_in_words(profile: Profile, meaning: str) -> str:
    """Return how many cells do not have a meaning, and the commonest of them; nothing where all have it."""
    odd = profile.misfits(meaning)
    if not odd.len():
        return ""
    kinds = odd.value_counts(sort=True)[odd.name].to_list()
    shown = ", ".join([quoted(kind) for kind in kinds[:_SHOWN]] + ["…"] * (len(kinds) > _SHOWN))
    one, many = _NOT[meaning]
    if odd.len() == 1:
        return f"1 cell is {one}, its row will be kept aside: {shown}"
    return f"{odd.len():,} cells are {many}, their rows will be kept aside: {shown}"


def _unusable(profile: Profile, guess: TableGuess) -> str:
    if words.JUNK.match(profile.name):
        return "a row number"
    if profile.name.startswith("@") or not profile.name.isprintable():
        return "a name that a project file cannot use"
    if guess.role == EVENTS and is_calendar_part(profile):
        return "a part of a date"
    if words.is_personal(profile.name) or profile.share(r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$") > 0.5:
        return "personal data"
    if profile.words & words.LINK or profile.share(r"^https?://") > 0.5:
        return "addresses of pages or pictures"
    if not profile.stated.len():
        return "always empty"
    if profile.stated.len() < 0.02 * profile.cells.len():
        return "nearly always empty"
    if profile.is_nested:
        return "objects within cells; spread them over columns of their own to use them"
    if profile.distinct < 2:
        return "always the same"
    if profile.words & {"weight"} and profile.words & {"instance", "sample", "sampling"}:
        return "a sampling weight"
    return ""


def _guess_list(profile: Profile) -> ColumnGuess | str:
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


def _guess_number(profile: Profile, guess: TableGuess, grades: int) -> ColumnGuess | str:
    """Return what a column of numbers is. grades: how many different ones there are."""
    odd = misfits_in_words(profile, "number")
    if profile.words & words.RATING:
        return ColumnGuess("number", f"{grades} grades", misfits=odd)
    rising = profile.whole and profile.variety >= UNIQUE and profile.numbers.drop_nulls().is_sorted()
    if rising or profile.words & (words.NUMBERED - {"key"}):
        return "an id, which tells rows apart and nothing else"
    if profile.words & words.TIME and profile.understood("time") > 0.9 and (typical_size(profile.numbers) or 0) > 1e8:
        return "a further moment"
    counted = bool(profile.words & (words.COUNT | words.PRICE))
    if profile.whole and not counted and grades <= 5 and profile.cells.dtype == pl.String:
        return ColumnGuess("category", f"{profile.distinct} codes")
    if profile.whole and profile.words & words.CODE and profile.distinct <= _FEW_VALUES and not odd:
        return ColumnGuess("category", f"{profile.distinct} codes")
    return ColumnGuess("number", "an amount" if profile.words & words.PRICE else "numbers", misfits=odd)


def _guess_words(profile: Profile, guess: TableGuess) -> ColumnGuess | str:
    if profile.words & words.BEHAVIOUR and profile.distinct <= 50 and guess.role == EVENTS:
        return ColumnGuess("behaviour", f"{profile.distinct} kinds of action")
    if is_written_date(profile) or (profile.words & words.TIME and profile.understood("time") > 0.9):
        return _MOMENT
    if profile.separator is not None and profile.mean_words < 8 and not profile.words & words.TEXT:
        return ColumnGuess("tags", f"words separated by '{profile.separator}'", profile.separator)
    if _is_counted(profile):
        return "numbers before the same few words"
    wordy = profile.words & (words.TEXT | (words.NAMED if guess.role == ITEMS else frozenset()))
    worded = wordy and (profile.variety > 0.3 or profile.distinct > 200)
    if worded or (profile.mean_words >= 4 and profile.variety > 0.3) or profile.mean_words > 12:
        return ColumnGuess("text", f"about {max(1, round(profile.mean_words))} words each")
    if profile.distinct <= max(50, 0.3 * profile.text.len()):
        return ColumnGuess("category", f"{profile.distinct:,} values that recur")
    if profile.mean_words >= 2:
        return ColumnGuess("text", f"about {round(profile.mean_words)} words each")
    if "id" in profile.words or profile.variety > 0.9:
        return "nearly every value differs, like an id"
    return ColumnGuess("category", f"{profile.distinct:,} values")


def _is_counted(profile: Profile) -> bool:
    """Tell whether cells are like `6,096 in Gift Cards`: each with a number of its own before words that recur."""
    if profile.variety < 0.3 or profile.share(_COUNTED) < 0.9:
        return False
    rest = profile.sample.str.replace(_COUNTED, "")
    return rest.n_unique() <= max(1, 0.1 * rest.len())
