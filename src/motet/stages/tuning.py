"""Find what lists should weigh for a stated goal on some users, and certify it on the served lists of others.

U = questions, O = objectives, G = groups of users for whom weights come to the same (segments).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from numpy.typing import NDArray

from motet.artifact import layout, update_folder
from motet.errors import RequestError
from motet.evaluate.paired import PairedDifference, clustered_variance, summarise
from motet.recommend import History, Loaded, Question, load
from motet.recommend.blend import ranking_task
from motet.recommend.pareto import Cached, front, judge, knee, told, weightings
from motet.recommend.weigh import weigh
from motet.registry import nearest
from motet.stages.exampling import report
from motet.stages.judging import reread
from motet.stages.tuning_lists import Questions, cached_scores, questions_of_others, served_worth

TRIED, NEARBY = 256, 128
SURE = 1.645
"""A weighting counts as fit where it is, by so many standard errors, even on validation users."""

FloatArray = NDArray[np.float64]
NOBODY = History(np.zeros(0, np.int32))
"""Somebody of whom nothing is known, and who is in no segment."""
_AIM = re.compile(r"(?P<task>.+):(?P<change>[+-]?\d+(\.\d+)?)%?")


@dataclass(frozen=True)
class Aim:
    """How much an objective is to change, in parts of what it is now: at least so much."""

    task: str
    change: float

    @classmethod
    def parse(cls, text: str) -> Aim:
        """Return the aim of `buy:+5%`."""
        match = _AIM.fullmatch(text.strip())
        if match is None or not text.strip().endswith("%"):
            raise RequestError(f"'{text}' is no goal.", "Write it as buy:+5% or next_item:-1%.")
        return cls(match["task"].strip(), float(match["change"]) / 100)


def tune(
    path: str | Path,
    goal: Aim,
    limits: Sequence[Aim] = (),
    *,
    data: str | Path | None = None,
    k: int = 10,
    save: bool = False,
) -> dict[str, Any]:
    """Return the weights that reach a goal within limits, and what they do to users that had no say in them.

    {"goal", "limits", "weights", "before", "mode" (of before), "objectives": {task: {"before", "after", "difference",
    "low", "high", "verdict"}}, "reached", "kept", "front", "knee", "now", "users", "segments" (those with weights of
    their own, and of how many test questions), "saved"}. Weights are chosen on validation questions and judged on test
    questions, of other users: where both are about the same users, these are halved by the hash of their ids. What is
    judged are lists as they are served, before and after, with limits, segments, quotas and popularity.
    Differences are of means over test questions, with 95 % intervals over users. verdict: `reached` or `kept` where the
    whole interval says so, `likely` where only the mean does, `missed` otherwise; None for objectives without an aim.

    save: put weights and record into the folder in one step, unless an aim was missed. Raises RequestError where the
    model ranks by fewer than two tasks, where an aim names none of them, and where a rule would override the weights.
    """
    folder, study, _ = reread(path, data=data)
    loaded = load(folder.path, data=data).loaded
    tasks = _objectives(loaded, [goal, *limits])
    _check_rules(loaded, tasks)
    valid, test = questions_of_others(study, loaded)
    cached, group_U = cached_scores(loaded, tasks, valid, k=k), _groups(loaded, valid)
    now = served_worth(loaded, tasks, valid, k=k)
    tried, found = _search(loaded, cached, group_U, now, goal, limits, valid.histories, k=k)
    weights = tried.weights[found]
    before, after = (served_worth(each, tasks, test, k=k) for each in (loaded, with_weights(loaded, weights)))
    aims = {aim.task: aim for aim in (*limits, goal)}
    objectives = {
        task: _told_change(before[:, at], after[:, at], test.users, aims.get(task), goal=task == goal.task)
        for at, task in enumerate(tasks)
    }
    verdicts = {task: each["verdict"] for task, each in objectives.items()}
    standing = weigh(loaded, Question(), NOBODY)
    own = {task: standing.weights.get(task, 0.0) for task in tasks}
    record: dict[str, Any] = {
        "goal": vars(goal),
        "limits": [vars(limit) for limit in limits],
        "k": k,
        "weights": weights,
        "before": own,
        "mode": standing.mode,
        "objectives": objectives,
        "reached": verdicts[goal.task] == "reached",
        "kept": all(verdicts[limit.task] != "missed" for limit in limits),
        **_front(tried, tasks),
        "now": {"weights": own, "objectives": dict(zip(tasks, now.mean(axis=0).tolist(), strict=True))},
        "users": {"valid": len(set(valid.users)), "test": len(set(test.users))},
        "segments": _segments(loaded, tasks, test),
    }
    record["saved"] = save and record["kept"] and verdicts[goal.task] != "missed"
    if record["saved"]:
        content = tomllib.loads(folder.text(layout.PROJECT))
        blend = content.setdefault("blend", {})
        blend |= {"mode": "log", "weights": {**blend.get("weights", {}), **weights}}
        update_folder(folder.path, {layout.PROJECT: tomli_w.dumps(content), layout.TUNED: record})
        report(folder.path, data=data)
    return record


def with_weights(loaded: Loaded, weights: Mapping[str, float]) -> Loaded:
    """Return a model whose project gives lists these weights, as a saved tuning does."""
    blend = loaded.blend
    return replace(loaded, blend=blend.model_copy(update={"mode": "log", "weights": {**blend.weights, **weights}}))


def _who_says(loaded: Loaded, asked: Questions) -> list[tuple[str, ...]]:
    """Who has a say in each user's weights, a segment among them."""
    logged = with_weights(loaded, {})
    return [weigh(logged, Question(now=each.now), each).told for each in asked.histories]


def _groups(loaded: Loaded, asked: Questions) -> NDArray[np.int64]:
    """Per question the first one for whose user weights come to the same: users of a segment share theirs."""
    first = dict[tuple[str, ...], int]()
    return np.array([first.setdefault(each, row) for row, each in enumerate(_who_says(loaded, asked))])


def _segments(loaded: Loaded, tasks: Sequence[str], asked: Questions) -> dict[str, int]:
    """How many questions come from segments with weights of their own, which stand before the tuned ones."""
    own = {name: f"segment {name}" for name, each in loaded.blend.segments.items() if set(each) & set(tasks)}
    said = _who_says(loaded, asked)
    counts = {name: sum(who in each for each in said) for name, who in own.items()}
    return {name: count for name, count in counts.items() if count}


def _check_rules(loaded: Loaded, tasks: Sequence[str]) -> None:
    for rule in loaded.blend.rules:
        named = [task for task in rule.weights if task in tasks]
        if named:
            raise RequestError(
                f"The rule '{rule.name}' of [blend] sets the weight of '{named[0]}' while it holds, whatever is tuned.",
                "Leave the weights of lists out of the rules, or tune a folder whose project has none.",
            )


def _objectives(loaded: Loaded, aims: Sequence[Aim]) -> list[str]:
    tasks = [name for name, view in loaded.scorer.tasks.items() if view.ranks_items]
    if len(tasks) < 2 or ranking_task(loaded.scorer.tasks) is None:
        listed = ", ".join(tasks) or "none"
        raise RequestError(
            f"Weights are tuned among a ranking and tasks about users and items; this model has: {listed}.",
            "Train it with a next_item task and, for instance, a binary or rating task on events.",
        )
    for aim in aims:
        if aim.task not in tasks:
            hint = nearest(aim.task, tasks).strip()
            raise RequestError(f"'{aim.task}' is no objective of lists; known: {', '.join(tasks)}.", hint)
    if len({aim.task for aim in aims}) < len(aims):
        raise RequestError("A task is named twice among goal and limits.", "Name each once.")
    return tasks


@dataclass(frozen=True)
class _Tried:
    """Weights as they would be saved, limits included, and (W, O) the objectives of each, mean over users."""

    weights: Sequence[Mapping[str, float]]
    value_WO: FloatArray


def _search(
    loaded: Loaded,
    cached: Cached,
    group_U: NDArray[np.int64],
    now_UO: FloatArray,
    goal: Aim,
    limits: Sequence[Aim],
    histories: Sequence[History],
    *,
    k: int,
) -> tuple[_Tried, int]:
    """Return what was tried, and the best: aims met with the least loss, else the nearest to them."""
    tasks, aims = cached.tasks, (goal, *limits)
    start = _row(weigh(loaded, Question(), NOBODY, mode="log").weights, tasks)
    tried: dict[tuple[float, ...], tuple[FloatArray, tuple[bool, bool, float]]] = {}

    def worth(own_UO: FloatArray, weight_O: FloatArray) -> tuple[bool, bool, float]:
        change = own_UO - now_UO
        slack = {aim.task: _slack(change, now_UO, tasks.index(aim.task), aim) for aim in aims}
        kept = all(slack[limit.task] >= 0 for limit in limits)
        reached = slack[goal.task] >= 0
        spare = [slack[limit.task] for limit in limits] or [-abs(np.log((weight_O + 0.01) / (start + 0.01))).sum()]
        return kept, reached, min(spare) if kept and reached else min(slack.values())

    def take(rows: FloatArray) -> FloatArray:
        """Judge weightings as they would serve; the best so far comes back."""
        for row in rows:
            try:
                weight_O = _standing(loaded, row, tasks, cached.ranking)
                weight_UO = _by_group(loaded, weight_O, tasks, group_U, histories)
            except RequestError:  # limits, or a segment's own weights, leave nothing that counts
                continue
            key = tuple(weight_O.tolist())
            if key in tried:
                continue
            own_UO = judge(cached, weight_UO, k=k)
            tried[key] = own_UO.mean(axis=0), worth(own_UO, weight_O / weight_O.sum())
        return np.array(max(tried, key=lambda each: tried[each][1]))

    best = take(np.concatenate([start[None], weightings(len(start), TRIED)]))
    best = take(weightings(len(start), NEARBY, seed=1, around=best / best.sum()))
    names = [dict(zip(tasks, key, strict=True)) for key in tried]
    return _Tried(names, np.stack([value for value, _ in tried.values()])), list(tried).index(tuple(best.tolist()))


def _row(weights: Mapping[str, float], tasks: Sequence[str]) -> FloatArray:
    found = np.array([weights.get(task, 0.0) for task in tasks])
    return found / found.sum()


def _standing(loaded: Loaded, row: FloatArray, tasks: Sequence[str], ranking: str | None) -> FloatArray:
    """A weighting as lists would have it once it is saved."""
    found = weigh(with_weights(loaded, told(row, tasks, ranking)), Question(), NOBODY).weights
    return np.array([found.get(task, 0.0) for task in tasks])


def _by_group(
    loaded: Loaded,
    weight_O: FloatArray,
    tasks: Sequence[str],
    group_U: NDArray[np.int64],
    histories: Sequence[History],
) -> FloatArray:
    """(U, O): what a weighting comes to for each user, whose segment may have weights of its own."""
    saved = with_weights(loaded, dict(zip(tasks, weight_O.tolist(), strict=True)))
    firsts, at = np.unique(group_U, return_inverse=True)
    weight_GO = np.zeros((len(firsts), len(tasks)))
    for group, first in enumerate(firsts.tolist()):
        found = weigh(saved, Question(now=histories[first].now), histories[first]).weights
        weight_GO[group] = [found.get(task, 0.0) for task in tasks]
    return weight_GO[at] if len(firsts) > 1 else weight_GO[0]


def _slack(difference_UO: FloatArray, now_UO: FloatArray, at: int, aim: Aim) -> float:
    """By how much an aim is met for sure, in parts of what the objective is now; below 0 where it is not."""
    own, base = difference_UO[:, at], float(now_UO[:, at].mean())
    error = float(own.std(ddof=1)) / np.sqrt(len(own)) if len(own) > 1 else np.inf
    return float((own.mean() - SURE * error) / max(base, 1e-12) - aim.change)


def _told_change(
    before_U: FloatArray, after_U: FloatArray, users: Sequence[str], aim: Aim | None, *, goal: bool
) -> dict[str, Any]:
    found = _paired(before_U, after_U, users)
    low, high = found.interval()
    record = {"before": found.twin, "after": found.joint, "difference": found.difference, "low": low, "high": high}
    if aim is None:
        return {**record, "verdict": None}
    least = aim.change * found.twin
    sure = low >= least
    verdict = ("reached" if goal else "kept") if sure else "likely" if found.difference >= least else "missed"
    return {**record, "verdict": verdict}


def _paired(before_U: FloatArray, after_U: FloatArray, users: Sequence[str]) -> PairedDifference:
    own = after_U - before_U
    _, unit_U = np.unique(np.asarray(users), return_inverse=True)
    return summarise(
        np.array([own.mean()]),
        unit_variance=clustered_variance(own, unit_U),
        units=int(unit_U.max()) + 1,
        questions=len(own),
        levels=(float(after_U.mean()), float(before_U.mean())),
    )


def _front(tried: _Tried, tasks: Sequence[str]) -> dict[str, Any]:
    def point(at: int) -> dict[str, Any]:
        return {"weights": tried.weights[at], "objectives": dict(zip(tasks, tried.value_WO[at].tolist(), strict=True))}

    return {
        "front": [point(int(at)) for at in np.flatnonzero(front(tried.value_WO))],
        "knee": point(knee(tried.value_WO)),
    }
