"""What a column looks like: counts and shares from which its meaning is guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from motet.data.cells import BLANKS, UNKNOWN, parse_column, parse_time, strings, tidy, unescape
from motet.data.words import name_words
from motet.schema import Column

_SAMPLE = 2000
_MOSTLY, _FEWEST = 0.98, 20
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Profile:
    """A column of a sample. Shares are of the cells in which something is written."""

    name: str
    cells: pl.Series

    @cached_property
    def words(self) -> set[str]:
        """The words of the column's name."""
        return name_words(self.name)

    @cached_property
    def known(self) -> pl.Series:
        """The written cells, tidied."""
        return tidy(self.cells).drop_nulls()

    @cached_property
    def stated(self) -> pl.Series:
        """The written cells that say more than that something is unknown."""
        if self.known.dtype != pl.String:
            return self.known
        return self.known.filter(~self.known.str.to_lowercase().is_in(sorted(UNKNOWN)))

    @cached_property
    def text(self) -> pl.Series:
        """The written cells as strings."""
        return unescape(strings(self.cells)).drop_nulls()

    @cached_property
    def sample(self) -> pl.Series:
        """Some of the written cells as strings, evenly spaced."""
        return self.text.gather_every(max(1, self.text.len() // _SAMPLE))

    @cached_property
    def distinct(self) -> int:
        """How many different values are written."""
        return self.text.n_unique() if self.text.len() else 0

    @property
    def variety(self) -> float:
        """Distinct values per written cell."""
        return self.distinct / max(1, self.text.len())

    @cached_property
    def mean_words(self) -> float:
        """Mean number of words; a Chinese character counts as half a word."""
        counts = [len(text.split()) + len(_CHINESE.findall(text)) / 2 for text in self.sample.to_list()]
        return sum(counts) / max(1, len(counts))

    @cached_property
    def chinese(self) -> float:
        """The share of cells with Chinese characters."""
        return float(self.sample.str.contains(r"[\u4e00-\u9fff]").mean() or 0.0)  # type: ignore[arg-type]

    @cached_property
    def is_list(self) -> bool:
        """Whether the cells are lists, or lists written as JSON."""
        if isinstance(self.cells.dtype, pl.List | pl.Array):
            return True
        return self.cells.dtype == pl.String and self._raw_share(r"^\[.*\]$") > 0.5

    @cached_property
    def is_nested(self) -> bool:
        """Whether the cells are objects."""
        if isinstance(self.cells.dtype, pl.Struct):
            return True
        return self.cells.dtype == pl.String and self._raw_share(r"^\{.*\}$") > 0.5

    def _raw_share(self, pattern: str) -> float:
        written = self.known
        return float(written.str.contains("(?s)" + pattern).mean() or 0.0) if written.len() else 0.0  # type: ignore[arg-type]

    def share(self, pattern: str) -> float:
        """Return the share of cells that hold a pattern."""
        return float(self.sample.str.contains(pattern).mean() or 0.0) if self.sample.len() else 0.0  # type: ignore[arg-type]

    def understood(self, meaning: str) -> float:
        """Return the share of cells, of those that are not said to be unknown, that read as number, flag or time."""
        written = self.stated
        return 1.0 - self.misfits(meaning).len() / written.len() if written.len() else 0.0

    def mostly(self, meaning: str) -> bool:
        """Tell whether the cells read as number, flag or time: all, or of twenty and more all but one in fifty."""
        share = self.understood(meaning)
        return share == 1 or (share >= _MOSTLY and self.stated.len() >= _FEWEST)

    def misfits(self, meaning: str) -> pl.Series:
        """Return the cells, of those that are not said to be unknown, that do not read as number, flag or time."""
        written = self.stated
        column = Column(meaning=meaning)  # type: ignore[arg-type]
        cells = parse_time(written) if meaning == "time" else parse_column(written, column)
        return written.filter(cells.values.is_null())

    @cached_property
    def numbers(self) -> pl.Series:
        """The cells as numbers, null where they are none."""
        return parse_column(self.cells, Column(meaning="number")).values

    @cached_property
    def whole(self) -> bool:
        """Whether all numbers are whole."""
        known = self.numbers.drop_nulls()
        return bool(known.len()) and bool((known == known.floor()).all())

    @cached_property
    def separator(self) -> str | None:
        """What separates short repeated words within the cells, or None where nothing does."""
        if self.cells.dtype != pl.String:
            return None
        for mark, least in (("|", 0.2), (";", 0.3), (",", 0.5), ("/", 0.5)):
            if self.share(re.escape(mark)) < least:
                continue
            words = self.sample.str.split(mark).explode().str.strip_chars(BLANKS).drop_nulls()
            words = words.filter(words != "")
            long = words.str.count_matches(r"\s+").mean() or 0.0
            if words.len() and words.n_unique() < 0.25 * words.len() and float(long) <= 2:  # type: ignore[arg-type]
                return mark
        return None

    @cached_property
    def top_share(self) -> float:
        """The share of the most frequent value."""
        if not self.text.len():
            return 1.0
        return float(self.text.value_counts()["count"].to_numpy().max()) / self.text.len()
