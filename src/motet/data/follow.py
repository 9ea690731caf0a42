"""Parts of the tables beside the events: by the hash of a key, or following the events in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data import cuts
from motet.data.folds import Fold, follows_time
from motet.data.hashing import pair_key
from motet.data.index import DividedEvents, bucket_parts, row_key
from motet.data.tables import ITEM, OTHER, TIME, USER, Table
from motet.schema import TEST, VALID


@dataclass(frozen=True)
class RowParts:
    """The part of each row of a table, and whether it came from a hash (else from the events' times)."""

    part: NDArray[np.int8]
    hashed: NDArray[np.bool_]


def keys_of(table: Table) -> pl.Series:
    """Return what a table's rows are hashed by: the pair of a relation, else the id, else the row's number."""
    frame = table.frame
    if OTHER in frame.columns:
        return pair_key(frame[USER], frame[OTHER])
    return frame[row_key(frame)]


def divide_table(table: Table, events: DividedEvents | None, *, fold: Fold | None = None) -> RowParts:
    """Return the parts of a table that is not the events.

    Rows with user, item and time follow the events; under a split by time so do rows with user and time. Every other
    row goes by the hash of its key, under folds by that of the fold in force.
    """
    keys = keys_of(table)
    part = bucket_parts(keys) if fold is None else fold.parts(keys)
    hashed = RowParts(part, np.ones(len(part), bool))
    if events is None or not follows_time(table):
        return hashed
    comparable = events.index.time_N is not None and table.time_unit == events.table.time_unit
    if events.boundaries is not None and comparable:
        return _overlay(hashed, _by_boundaries(table.frame, events.boundaries))
    if ITEM not in table.frame.columns:
        return hashed
    follows = _same_event(table.frame, events, [USER, ITEM, TIME] if comparable else [USER, ITEM])
    if comparable and not events.hashed:
        follows = follows.fill_null(_by_own_times(table.frame, events))
    return _overlay(hashed, follows)


def _overlay(hashed: RowParts, follows: pl.Series) -> RowParts:
    known = follows.is_not_null().to_numpy()
    return RowParts(np.where(known, follows.fill_null(0).to_numpy(), hashed.part).astype(np.int8), ~known)


def _by_boundaries(frame: pl.DataFrame, boundaries: tuple[int, int, int]) -> pl.Series:
    part = cuts.after_moments(frame[TIME].fill_null(0).to_numpy(), boundaries[0], boundaries[1])
    return pl.Series(part).set(frame[TIME].is_null(), None)


def _same_event(frame: pl.DataFrame, events: DividedEvents, keys: list[str]) -> pl.Series:
    """Return the part of the event with the same keys (of the latest part where several have them), or null."""
    if not set(keys) <= set(events.table.frame.columns):
        return pl.Series(np.zeros(len(frame), np.int8)).set(pl.repeat(True, len(frame), eager=True), None)
    wanted = events.table.frame.select(keys).with_columns(part=events.index.part_N)
    found = wanted.join(frame.select(keys), on=keys, how="semi").group_by(keys).agg(pl.col("part").max())
    return frame.select(keys).join(found, on=keys, how="left", maintain_order="left")["part"]


def _by_own_times(frame: pl.DataFrame, events: DividedEvents) -> pl.Series:
    """Return the part by the moments at which the same user's validation and test begin; null for unknown users."""
    moment, part = pl.col("time"), pl.col("part")
    own = (
        pl.DataFrame({USER: events.table.frame[USER], "time": events.index.time_N, "part": events.index.part_N})
        .group_by(USER)
        .agg(
            valid=moment.filter(part >= VALID).min(),
            test=moment.filter(part == TEST).min(),
            known=pl.lit(True).first(),
        )
    )
    joined = frame.select(USER, TIME).join(own, on=USER, how="left", maintain_order="left")
    later = pl.sum_horizontal(
        (pl.col(TIME) >= pl.col(edge)).fill_null(False).cast(pl.Int8) for edge in ("valid", "test")
    )
    placed = pl.col("known") & pl.col(TIME).is_not_null()
    return joined.select(pl.when(placed).then(later).cast(pl.Int8).alias("part"))["part"]
