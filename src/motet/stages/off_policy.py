"""Ask a log of impressions what other weights of lists would have earned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.artifact import open_folder
from motet.data import ITEM, TIME, USER
from motet.errors import RequestError
from motet.evaluate.off_policy import off_policy
from motet.recommend import History, Loaded, Question, load
from motet.recommend.engine import scored, scores
from motet.recommend.question import MAX_CANDIDATES
from motet.recommend.shortlist import Shortlist
from motet.recommend.situate import Situation, allowed_items
from motet.recommend.weigh import weigh
from motet.stages.impressions import PROPENSITY, REWARD, Impressions, own_impressions, read_impressions

AT_ONCE = 64
FEW = 0.01
"""More rows than this share left out, and what is left may have been chosen by what came of it."""
HOW = (
    "Log one row per impression with user, time, the item that was shown, its propensity (the probability, above 0, "
    "with which this item was drawn for this place), and what came of it (0 for nothing). Draw items at random by "
    "their scores for a share of the traffic, so that every item that another weighting might show has a chance; and "
    'declare the column as propensity = "number".'
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
    """Return what lists by `weights` would have earned on a log: `OffPolicy` with more keys.

    policy: {"weights" as asked for, "used": [{"weights", "from", "impressions"}] after rules, segments and limits,
    "popularity", "temperature"}. skipped: rows without user, item, time, propensity or reward. barred: impressions that
    the new policy would never show, because the item was had before, or is unknown; they weigh 0. learned: impressions
    no later than the newest event of the model, which may have learned what came of them. how: what to log.

    The new policy draws an item with a probability in proportion to exp(score / temperature) over all items that may be
    shown (of more than 100,000, the first so many), the score being that of lists. log: csv, parquet or jsonl with the
    columns `user`, `item`, `propensity`, `reward` and `time`, before which a history ends; by default the project's
    table that declares a number column `propensity`. reward: a column of numbers or flags, or `column=value`. A log
    without propensities cannot tell. Raises DataError for a log that cannot be read, and RequestError for one that does
    not say when, as histories would then hold what came of it.
    """
    loaded = load(path, data=data).loaded
    if log is None:
        found = own_impressions(open_folder(path), reward=reward, data=data)
    else:
        found = read_impressions(Path(log), user=user, item=item, time=time, reward=reward)
    if found is None:
        return _silent("no table declares propensities" if log is None else "the log has no column 'propensity'")
    if not len(found):
        return _silent("no impression has a user, an item, a moment, a propensity in (0, 1] and a reward")
    _check_moments(loaded, found)
    shown = _shown(loaded, found, weights, temperature)
    told = {name: found.frame[name].to_numpy() for name in (PROPENSITY, REWARD, USER)}
    judged = off_policy(shown.p_n, told[PROPENSITY], told[REWARD], told[USER])
    reasons = [*judged.reasons, *_left_out(found)]
    verdict = "cannot tell" if reasons else judged.verdict
    return {
        **asdict(judged),
        "verdict": verdict,
        "reasons": reasons,
        "policy": {
            "weights": dict(weights),
            "used": shown.used,
            "popularity": loaded.blend.popularity,
            "temperature": temperature,
        },
        "skipped": found.skipped,
        "barred": int((~shown.may_n).sum()),
        "learned": _learned(loaded, found),
        "how": HOW if verdict == "cannot tell" else None,
    }


@dataclass(frozen=True)
class _Shown:
    """How likely the new policy shows what was shown, whether it may, and by which weights."""

    p_n: NDArray[np.float64]
    may_n: NDArray[np.bool_]
    used: list[dict[str, Any]]


def _shown(loaded: Loaded, log: Impressions, weights: Mapping[str, float], temperature: float) -> _Shown:
    """An item that may not be shown, or that is unknown, has probability 0: its row stays, whatever came of it."""
    codes = loaded.catalogue.codes(log.frame[ITEM])
    p_n, may_n, used = np.zeros(len(log)), np.zeros(len(log), np.bool_), Counter[tuple[Any, ...]]()
    users = log.frame[USER].to_list()
    times = log.frame[TIME].to_list() if TIME in log.frame.columns else [None] * len(log)
    for begin in range(0, len(log), AT_ONCE):
        part = range(begin, min(begin + AT_ONCE, len(log)))
        situations = [_situation(loaded, users[row], times[row], weights) for row in part]
        states = loaded.scorer.states([each.history for each in situations])
        for row, short in zip(part, scored(loaded, situations, states), strict=True):
            weighing = short.situation.weighing
            used[tuple(weighing.weights.items()), weighing.told] += 1
            may_n[row] = codes[row] >= 0 and bool(short.situation.allowed_I[codes[row]])
            p_n[row] = _chance(short, int(codes[row]), temperature) if may_n[row] else 0.0
    told = [{"weights": dict(each), "from": who, "impressions": count} for (each, who), count in used.most_common()]
    return _Shown(p_n, may_n, told)


def _situation(loaded: Loaded, user: str, time: int | None, weights: Mapping[str, float]) -> Situation:
    """The situation of one place of a list at the moment of an impression."""
    history = before(loaded.users.history(user), time)
    most = min(max(len(loaded.catalogue), 1), MAX_CANDIDATES)
    question = Question(candidates=most, k=1, weights=dict(weights), now=time)
    weighing = weigh(loaded, question, history)
    return Situation(question, history, "history", weighing, allowed_items(loaded, question, history))


def _chance(short: Shortlist, item: int, temperature: float) -> float:
    at = np.flatnonzero(short.items_n == item)
    if not len(at):
        return 0.0
    score_n = scores(short)
    share_n = np.exp((score_n - score_n.max()) / temperature)
    return float(share_n[at[0]] / share_n.sum())


def before(history: History, time: int | None) -> History:
    """Return what a user had done strictly before a moment; all of it where no moment is given."""
    if time is None or history.time_L is None:
        return history
    cut = int(np.searchsorted(history.time_L, time, side="left"))
    return replace(
        history,
        item_L=history.item_L[:cut],
        columns=history.columns[:cut] if history.columns.width else history.columns,
        time_L=history.time_L[:cut],
        now=time,
        text_LD=None if history.text_LD is None else history.text_LD[:cut],
    )


def _check_moments(loaded: Loaded, log: Impressions) -> None:
    """Raise RequestError where a history cannot be cut before an impression: it may hold what came of it."""
    if not any(len(loaded.users.history(user)) for user in log.frame[USER].unique().to_list()):
        return
    if TIME not in log.frame.columns:
        raise RequestError(
            "The log does not say when, and the histories of its users may hold what came of its impressions.",
            "Name the column of moments with --time-column (in the project file: time).",
        )
    unit = loaded.users.time_unit
    if unit != log.unit:
        names = {"ms": "moments", "order": "numbers of an order", "none": "not there"}
        raise RequestError(
            f"The log's times are {names[log.unit]}; those of the model's histories are {names[unit]}.",
            "Write the log's times as those of the events were written.",
        )


def _left_out(log: Impressions) -> list[str]:
    rows = len(log) + log.skipped
    if log.skipped <= FEW * rows:
        return []
    return [
        f"{log.skipped:,} of {rows:,} rows lack a user, an item, a moment, a propensity in (0, 1] or a reward, and to "
        "leave out so many may choose by what came of them"
    ]


def _learned(loaded: Loaded, log: Impressions) -> int:
    newest = loaded.users.time_N
    if newest is None or not len(newest) or TIME not in log.frame.columns:
        return 0
    return int((log.frame[TIME] <= int(newest.max())).sum())


def _silent(reason: str) -> dict[str, Any]:
    return {"verdict": "cannot tell", "reasons": [reason], "how": HOW}
