"""Checks of typed rows: duplicates, relations, outliers, lone grades."""

from __future__ import annotations

import numpy as np
import polars as pl

from motet.data.tables import ID, OTHER, ROW, USER
from motet.schema import TableSpec

_FAR = 4.0
_FEW, _RARE = 3, 0.01
_SAMPLE = 1_000_000
_LONE, _APART = 0.002, 1.5
_FEWEST, _MOST_GRADES = 100, 101


def wants_dedupe(spec: TableSpec) -> bool:
    """Tell whether equal rows are removed: by default where rows have an id, or a user and a time."""
    if spec.dedupe is not None:
        return spec.dedupe
    return spec.id is not None or (spec.user is not None and spec.time is not None)


def first_rows(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Return the rows whose cells in `columns` occur for the first time.

    Hashes are compared first: on most tables all differ, and no row is looked at a second time.
    """
    if not columns or frame.height < 2:
        return frame
    keys = frame.select(
        pl.col(name).list.eval(pl.element().cast(pl.String)).list.join("\x1f") if frame[name].dtype == pl.List else name
        for name in columns
    )
    hashes = keys.hash_rows(seed=0).to_numpy()
    ordered = np.sort(hashes)
    repeated = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not repeated.size:
        return frame
    shared = pl.Series(np.isin(hashes, repeated))
    suspects = keys.filter(shared).with_columns(shared.arg_true().alias(ROW))
    first = suspects.unique(columns, keep="first", maintain_order=True)[ROW]
    return frame.filter((~shared).scatter(first, True))


def ordered_pairs(frame: pl.DataFrame) -> pl.DataFrame:
    """Return undirected pairs with the smaller key first, so that a pair and its mirror are equal."""
    swap = pl.col(USER) > pl.col(OTHER)
    return frame.with_columns(
        pl.when(swap).then(pl.col(OTHER)).otherwise(pl.col(USER)).alias(USER),
        pl.when(swap).then(pl.col(USER)).otherwise(pl.col(OTHER)).alias(OTHER),
    )


def later_ids(frame: pl.DataFrame) -> pl.Series:
    """Return which rows repeat an id that an earlier row has."""
    return ~frame[ID].is_first_distinct()


def count_outliers(values: pl.Series) -> int:
    """Return how many values lie beyond 4 robust standard deviations from the median; 0 where they are no exceptions.

    More than a hundredth of the values (and more than 3) are a tail or a group of their own, as amounts of money and
    grades have them. The scale is the median absolute deviation; where it is 0, the quartiles' distance; where that is
    0 too, the standard deviation. On large columns the scale comes from evenly spaced rows.
    """
    known = values.drop_nulls().to_numpy()
    if len(known) < 3:
        return 0
    some = known[:: max(1, len(known) // _SAMPLE)]
    low, middle, high = np.quantile(some, [0.25, 0.5, 0.75])
    spreads = (1.4826 * float(np.median(np.abs(some - middle))), float(high - low) / 1.349, float(known.std(ddof=1)))
    scale = next((spread for spread in spreads if spread > 0), 0.0)
    far = int(np.count_nonzero(np.abs(known - middle) > _FAR * scale)) if scale else 0
    return far if far <= max(_FEW, _RARE * len(known)) else 0


def lone_grades(values: pl.Series) -> dict[float, int]:
    """Return grades that lie apart from the others and that at most one row in 500 has, with how many have them.

    Apart: further from the grades that more rows have than one and a half of the widest step between two of those.
    Nothing where there are fewer than 100 rows, or more than 101 values.
    """
    counts = values.drop_nulls().value_counts().sort(values.name)
    grades, rows = counts[values.name].to_numpy(), counts["count"].to_numpy()
    usual = grades[rows > max(1, _LONE * rows.sum())]
    if rows.sum() < _FEWEST or len(grades) > _MOST_GRADES or len(usual) < 2:
        return {}
    reach = _APART * float(np.diff(usual).max())
    far = (grades < usual[0] - reach) | (grades > usual[-1] + reach)
    return {float(grade): int(count) for grade, count in zip(grades[far], rows[far], strict=True)}


def renumbered(frame: pl.DataFrame, removed: pl.Series) -> pl.DataFrame:
    """Return the frame with @row less the removed rows before it. removed: their @row, ascending.

    Rows set aside as bad go on counting, so that one bad row moves no later row to another part.
    """
    before = np.searchsorted(removed.to_numpy(), frame[ROW].to_numpy())
    return frame.with_columns(pl.col(ROW) - pl.Series(before, dtype=pl.Int64))
