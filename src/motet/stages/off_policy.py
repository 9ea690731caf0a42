"""Ask a log of impressions what other weights of lists would have earned."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.artifact import layout, open_folder
from motet.data import ITEM, TIME, USER
from motet.data.read import read_table
from motet.errors import RequestError
from motet.evaluate.off_policy import off_policy
from motet.recommend import Bundle, History, Question, load
from motet.recommend.blend import FLOOR
from motet.recommend.shortlist import rescored, shortlists
from motet.recommend.situate import Situation, allowed_items
from motet.recommend.weigh import weigh
from motet.schema import Project

PROPENSITY = "propensity"
AT_ONCE = 64
SECONDS_BELOW = 100_000_000_000
HOW = (
    "Log one row per impression with user, time, the item that was shown, its propensity (the probability, above 0, "
    "with which this item was drawn for this place), and what came of it. Draw items at random by their scores for a "
    "share of the traffic, so that every item that another weighting might show has a chance; and declare the column "
    'as propensity = "number".'
)


def judge_off_policy(
    path: str | Path,
    weights: Mapping[str, float],
    *,
    log: str | Path | None = None,
    reward: str = "reward",
    user: str = "user",
    item: str = "item",
    time: str | None = None,
    temperature: float = 1.0,
    data: str | Path | None = None,
) -> dict[str, Any]:
    """Return what lists by `weights` would have earned on a log, as `OffPolicy` with "policy", "skipped" and "how".

    The new policy draws an item with a probability in proportion to exp(score / temperature) over all items that may be
    shown, the score being that of lists. log: csv, parquet or jsonl with the columns `user`, `item`, `propensity` and
    `reward`, and `time`, before which a history ends; by default the project's table that declares a number column
    `propensity`. reward: a column of numbers or flags, or `column=value`. A log without propensities cannot tell.
    """
    bundle = load(path, data=data)
    frame = _from_project(bundle, data) if log is None else _from_file(Path(log), user, item, time)
    if frame is None or PROPENSITY not in frame.columns:
        reason = "the log has no column 'propensity'" if frame is not None else "no table declares propensities"
        return {"verdict": "cannot tell", "reasons": [reason], "how": HOW}
    frame = frame.with_columns(_reward(frame, reward), pl.col(PROPENSITY).cast(pl.Float64, strict=False))
    codes = bundle.loaded.catalogue.codes(frame[ITEM].cast(pl.String).fill_null(""))
    sound = frame.select(
        (pl.col(PROPENSITY) > 0)
        & (pl.col(PROPENSITY) <= 1)
        & pl.col("@reward").is_finite()
        & pl.col(USER).is_not_null()
    ).to_series()
    kept = sound.fill_null(False).to_numpy() & (codes >= 0)
    if not kept.any():
        reason = "no impression has a known item and a propensity in (0, 1]"
        return {"verdict": "cannot tell", "reasons": [reason], "how": HOW}
    asked, codes = frame.filter(pl.Series(kept)), codes[kept]
    p_n, shown_n = _shown(bundle, asked, codes, weights, temperature)
    told = asked.filter(pl.Series(shown_n))
    found = off_policy(
        p_n[shown_n],
        told[PROPENSITY].to_numpy(),
        told["@reward"].to_numpy(),
        told[USER].cast(pl.String).to_numpy(),
    )
    result = asdict(found)
    return {
        **result,
        "reasons": list(found.reasons),
        "policy": {"weights": dict(weights), "temperature": temperature},
        "skipped": int(frame.height - told.height),
        "how": HOW if found.verdict == "cannot tell" else None,
    }


def _shown(
    bundle: Bundle, asked: pl.DataFrame, codes: NDArray[np.int32], weights: Mapping[str, float], temperature: float
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How likely the new policy is to show what was shown, and whether it may show it at all."""
    loaded, num = bundle.loaded, len(bundle.loaded.catalogue)
    p_n, may_n = np.zeros(len(asked)), np.ones(len(asked), np.bool_)
    users = asked[USER].cast(pl.String).to_list()
    times = asked[TIME].to_list() if TIME in asked.columns else [None] * len(users)
    for begin in range(0, len(users), AT_ONCE):
        part = range(begin, min(begin + AT_ONCE, len(users)))
        situations = []
        for row in part:
            history = before(loaded.users.history(users[row]), times[row], unit=loaded.users.time_unit)
            question = Question(candidates=num, k=1, weights=dict(weights))
            may = allowed_items(loaded, question, history)
            situations.append(Situation(question, history, "history", weigh(loaded, question, history), may))
        states = loaded.scorer.states([each.history for each in situations])
        lists = shortlists(loaded, situations, states)
        lists = rescored(loaded, lists, states, lambda s: [t for t in s.situation.weights if t not in s.probability])
        for row, short in zip(part, lists, strict=True):
            score = sum(w * np.log(np.clip(short.probability[t], FLOOR, 1)) for t, w in short.situation.weights.items())
            share = np.exp((score - np.max(score)) / temperature) if len(short) else np.zeros(0)
            hit = np.flatnonzero(short.items_n == codes[row])
            may_n[row] = bool(situations[row - begin].allowed_I[codes[row]])
            p_n[row] = float(share[hit[0]] / share.sum()) if len(hit) else 0.0
    return p_n, may_n


def before(history: History, time: int | None, *, unit: str) -> History:
    """Return what a user had done strictly before a moment (seconds count as such where histories are in ms).

    All of it where no moment is given.
    """
    if time is None or history.time_L is None:
        return history
    time = int(time)
    if unit == "ms" and abs(time) < SECONDS_BELOW:
        time *= 1000
    cut = int(np.searchsorted(history.time_L, time, side="left"))
    return replace(
        history,
        item_L=history.item_L[:cut],
        columns=history.columns[:cut] if history.columns.width else history.columns,
        time_L=history.time_L[:cut],
        now=time,
        text_LD=None if history.text_LD is None else history.text_LD[:cut],
    )


def _reward(frame: pl.DataFrame, reward: str) -> pl.Expr:
    column, _, value = reward.partition("=")
    if column not in frame.columns:
        known = ", ".join(name for name in frame.columns if not name.startswith("@"))
        raise RequestError(f"The log has no column '{column}'; it has: {known}.", "Name the reward with --reward.")
    told = pl.col(column).cast(pl.String) == value if value else pl.col(column)
    return told.cast(pl.Float64, strict=False).alias("@reward")


def _from_file(path: Path, user: str, item: str, time: str | None) -> pl.DataFrame:
    readers: dict[str, Callable[[Path], pl.DataFrame]] = {
        ".parquet": pl.read_parquet,
        ".csv": pl.read_csv,
        ".jsonl": pl.read_ndjson,
    }
    if path.suffix not in readers or not path.is_file():
        raise RequestError(f"'{path}' cannot be read as a log.", "Give a csv, parquet or jsonl file.")
    frame = readers[path.suffix](path)
    keys = {USER: user, ITEM: item, **({TIME: time} if time else {})}
    for name in keys.values():
        if name not in frame.columns:
            raise RequestError(f"The log has no column '{name}'; it has: {', '.join(frame.columns)}.", "Name it.")
    return frame.with_columns(pl.col(name).alias(key) for key, name in keys.items())


def _from_project(bundle: Bundle, data: str | Path | None) -> pl.DataFrame | None:
    folder = open_folder(bundle.path)
    content = tomllib.loads(folder.text(layout.PROJECT))
    for name, table in content["tables"].items():
        columns = table.get("columns", {})
        if PROPENSITY in columns and table.get("user") and table.get("item"):
            project = Project(**content, root=Path(data or folder.manifest.data_root or "."))
            return read_table(name, project.tables[name], project)[0].frame
    return None
