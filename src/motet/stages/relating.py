"""What the labels of two tasks have in common: where they meet, and how much they tell about one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from motet.data import ID, ITEM, USER
from motet.schema import ITEMS, TRAIN, USERS
from motet.stages.study import Study
from motet.tasks import Examples
from motet.transfer.advise.facts import Key
from motet.transfer.advise.measures import Measure, correlation, overlap

FINEST: tuple[Key, ...] = ("row", "item", "user")
NUMBERS = ("number", "ordinal")


@dataclass(frozen=True)
class Meeting:
    """Where two tasks' training labels meet, and what they say; see `PairFacts`."""

    by: Key | None = None
    overlap: float = 0.0
    correlation: float | None = None
    measure: Measure | None = None
    both: int = 0


def meeting(study: Study, one: str, other: str) -> Meeting:
    """Return how the training labels of two tasks meet: on rows, where they are of one table, else by item or user."""
    first, second = labels_of(study, one), labels_of(study, other)
    shares = {
        key: overlap(first[key].drop_nulls().to_numpy(), second[key].drop_nulls().to_numpy())
        for key in FINEST
        if key in first.columns and key in second.columns and _same_rows(study, one, other, key)
    }
    # on rows, if on any; of items and users, where more labels meet
    known = [key for key in shares if shares[key] > 0]
    if not known:
        return Meeting()
    by: Key = "row" if "row" in known else max(known, key=lambda key: shares[key])
    met = _met(study, one, other, by, {one: first, other: second})
    if met is None:
        return Meeting(by, shares[by])
    numbers = (_is_number(study, one, by), _is_number(study, other, by))
    found = correlation(met["one"].to_numpy(), met["other"].to_numpy(), numbers=numbers)
    value, measure = found or (None, None)
    return Meeting(by, shares[by], value, measure, met.height)


def labels_of(study: Study, task: str) -> pl.DataFrame:
    """Return a task's training labels with their keys: row, and user and item where its table knows them."""
    examples = study.examples[task]
    chosen = np.flatnonzero(examples.part_n == TRAIN)
    row = examples.row_n[chosen]
    columns: dict[str, pl.Series] = {"label": _label(study, task, examples, chosen)}
    if (row >= 0).all():
        frame = study.division.tables.frame(examples.table)
        columns["row"] = pl.Series(row)
        user = ID if examples.table == USERS else USER
        item = ID if examples.table == ITEMS else ITEM
        columns |= {key: frame[name][row] for key, name in (("user", user), ("item", item)) if name in frame.columns}
    elif examples.user_n is not None and study.division.events is not None:
        user_n = examples.user_n[chosen]
        columns["user"] = study.division.events.users[np.maximum(user_n, 0)].set(pl.Series(user_n < 0), None)
    return pl.DataFrame(list(columns.values()), schema=list(columns))


def _label(study: Study, task: str, examples: Examples, chosen: np.ndarray) -> pl.Series:
    """Labels as numbers (yes is 1), or as words: of several tags the one that is most frequent in training."""
    label = examples.label.gather(chosen)
    if examples.output in (*NUMBERS, "binary"):
        return label.cast(pl.Float64)
    if examples.output != "tags":
        return label.cast(pl.String)
    rank = {name: place for place, name in enumerate(study.features.state.labels[task].classes)}
    tags = pl.DataFrame({"at": np.arange(len(label)), "tag": label}).explode("tag")
    tags = tags.with_columns(rank=pl.col("tag").replace_strict(rank, default=len(rank), return_dtype=pl.Int64))
    return tags.sort("at", "rank", "tag").group_by("at", maintain_order=True).first()["tag"]


def _met(study: Study, one: str, other: str, by: Key, labels: Mapping[str, pl.DataFrame]) -> pl.DataFrame | None:
    """Both labels of every row, item or user that has both; None for a ranking, whose answer is the row itself."""
    if "ranking" in (study.examples[one].output, study.examples[other].output):
        return None
    first, second = (
        labels[task].select(by, "label").drop_nulls().group_by(by).agg(_one_for_all(_is_number(study, task, by)))
        for task in (one, other)
    )
    joined = first.rename({"label": "one"}).join(second.rename({"label": "other"}), on=by)
    return joined.sort(by).select("one", "other")


def _one_for_all(number: bool) -> pl.Expr:
    """One label for several: the mean of numbers, the most frequent word (of equally frequent ones the first)."""
    return pl.col("label").mean() if number else pl.col("label").mode().sort().first()


def _is_number(study: Study, task: str, by: Key) -> bool:
    """Whether a label counts as a number: also the share of yes among a user's or an item's labels."""
    output = study.examples[task].output
    return output in NUMBERS or (output == "binary" and by != "row")


def _same_rows(study: Study, one: str, other: str, key: Key) -> bool:
    return key != "row" or study.examples[one].table == study.examples[other].table
