"""Find what lists should weigh for a stated goal on validation users, and certify it on users that had no say."""

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

from motet.artifact import Folder, Part, layout, update_folder
from motet.errors import RequestError
from motet.evaluate.paired import PairedDifference, summarise
from motet.recommend import History, Loaded, Question, load
from motet.recommend.blend import FLOOR, ranking_task, resolve_weights
from motet.recommend.pareto import Cached, front, judge, knee, means, told, weightings
from motet.recommend.shortlist import Shortlist, rescored, shortlists
from motet.recommend.situate import Situation, allowed_items
from motet.recommend.weigh import Weighing
from motet.registry import nearest
from motet.stages.answer import Role, questions_of_role
from motet.stages.exampling import report
from motet.stages.judging import reread
from motet.stages.study import Study

CANDIDATES, AT_ONCE = 500, 128
VALID_USERS, TEST_USERS = 1_000, 4_000
TRIED, NEARBY = 256, 128
SURE = 1.645
"""A weighting counts as fit where it is, by so many standard errors, even on validation users."""

FloatArray = NDArray[np.float64]
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

    {"goal", "limits", "weights", "before", "objectives": {task: {"before", "after", "difference", "low", "high",
    "verdict"}}, "reached", "kept", "front", "knee", "users", "saved"}. Differences are of means over test users, with
    95 % intervals. verdict: `reached` or `kept` where the whole interval says so, `likely` where only the mean does,
    `missed` otherwise; None for objectives without an aim.

    save: put weights and record into the folder in one step, unless an aim was missed. Raises RequestError where the
    model ranks by fewer than two tasks, or an aim names none of them.
    """
    folder, study, _ = reread(path, data=data)
    bundle = load(folder.path, data=data)
    tasks = _objectives(bundle.loaded, [goal, *limits])
    valid = cached_scores(study, bundle.loaded, tasks, "valid", most=VALID_USERS)
    start = _current(bundle.loaded, tasks)
    tried, found = _search(valid, start, goal, limits, k=k)
    ranking = ranking_task(bundle.loaded.scorer.tasks)
    rounded = told(found, tasks, ranking)
    found = np.array([rounded[task] for task in tasks])  # what is certified is what is told
    test = cached_scores(study, bundle.loaded, tasks, "test", most=TEST_USERS)
    before, after = judge(test, start, k=k), judge(test, found, k=k)
    aims = {aim.task: aim for aim in (*limits, goal)}
    objectives = {
        task: _told_change(before[:, at], after[:, at], aims.get(task), goal=task == goal.task)
        for at, task in enumerate(tasks)
    }
    verdicts = {task: each["verdict"] for task, each in objectives.items()}
    record: dict[str, Any] = {
        "goal": vars(goal),
        "limits": [vars(limit) for limit in limits],
        "k": k,
        "weights": rounded,
        "before": told(start, tasks, ranking),
        "objectives": objectives,
        "reached": verdicts[goal.task] == "reached",
        "kept": all(verdicts[limit.task] != "missed" for limit in limits),
        **_front(valid, tried, start, ranking, k=k),
        "users": {"valid": len(valid.target_U), "test": len(test.target_U)},
    }
    record["saved"] = save and record["kept"] and verdicts[goal.task] != "missed"
    if record["saved"]:
        update_folder(folder.path, lambda now: _with_weights(now, record))
        report(folder.path, data=data)
    return record


def _with_weights(folder: Folder, record: dict[str, Any]) -> dict[str, Part]:
    """The parts of a folder that change when tuned weights become its own."""
    content = tomllib.loads(folder.text(layout.PROJECT))
    blend = content.setdefault("blend", {})
    blend |= {"mode": "log", "weights": {**blend.get("weights", {}), **record["weights"]}}
    return {layout.PROJECT: tomli_w.dumps(content), layout.TUNED: record}


def cached_scores(study: Study, loaded: Loaded, tasks: Sequence[str], role: Role, *, most: int) -> Cached:
    """Return the scores of the candidates that users of a role would be served, their histories cut where it asks."""
    ranking = ranking_task(loaded.scorer.tasks)
    assert ranking is not None, "checked before"
    chosen = questions_of_role(study, ranking, role, most=most)
    examples = study.examples[ranking]
    assert examples.user_n is not None and examples.cut_n is not None and study.division.events is not None
    users = study.division.events.users.gather(examples.user_n[chosen]).to_list()
    target = examples.label.gather(chosen).to_numpy()
    wanted = [task for task in tasks if task != ranking]
    lists: list[Shortlist] = []
    for begin in range(0, len(chosen), AT_ONCE):
        part = slice(begin, begin + AT_ONCE)
        asked = zip(users[part], examples.cut_n[chosen[part]].tolist(), strict=True)
        situations = [_situation(loaded, _until(loaded.users.history(user), cut), ranking) for user, cut in asked]
        states = loaded.scorer.states([each.history for each in situations])
        lists += rescored(loaded, shortlists(loaded, situations, states), states, lambda _: wanted)
    longest = max((len(each) for each in lists), default=0)
    log_p = np.full((len(tasks), len(lists), longest), np.log(FLOOR), np.float32)
    real, place = np.zeros((len(lists), longest), np.bool_), np.full(len(lists), -1, np.int64)
    for row, short in enumerate(lists):
        real[row, : len(short)] = True
        for at, task in enumerate(tasks):
            log_p[at, row, : len(short)] = np.log(np.clip(short.probability[task], FLOOR, 1.0))
        hits = np.flatnonzero(short.items_n == target[row])
        place[row] = hits[0] if len(hits) else -1
    return Cached(tuple(tasks), log_p, real, place, ranking)


def _situation(loaded: Loaded, history: History, ranking: str) -> Situation:
    question = Question(candidates=CANDIDATES, k=1)
    return Situation(
        question, history, "history", Weighing({ranking: 1.0}, ()), allowed_items(loaded, question, history)
    )


def _until(history: History, cut: int) -> History:
    """A history as it was when its next event came."""
    time = history.time_L
    return replace(
        history,
        item_L=history.item_L[:cut],
        columns=history.columns[:cut] if history.columns.width else history.columns,
        time_L=None if time is None else time[:cut],
        now=int(time[cut]) if time is not None and cut < len(time) else None,
        text_LD=None if history.text_LD is None else history.text_LD[:cut],
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


def _current(loaded: Loaded, tasks: Sequence[str]) -> FloatArray:
    known = {task: weight for task, weight in loaded.blend.weights.items() if task in tasks}
    weights = resolve_weights(loaded.scorer.tasks, known)
    found = np.array([weights.get(task, 0.0) for task in tasks])
    return found / found.sum()


def _search(
    cached: Cached, start: FloatArray, goal: Aim, limits: Sequence[Aim], *, k: int
) -> tuple[FloatArray, FloatArray]:
    """Return all weightings that were tried, and the best: aims met with the least loss, else the nearest to them."""
    now = judge(cached, start, k=k)

    def worth(weight_O: FloatArray) -> tuple[bool, bool, float]:
        own = judge(cached, weight_O, k=k) - now
        slack = {aim.task: _slack(own, now, cached.tasks.index(aim.task), aim) for aim in (goal, *limits)}
        kept = all(slack[limit.task] >= 0 for limit in limits)
        reached = slack[goal.task] >= 0
        spare = [slack[limit.task] for limit in limits] or [-abs(np.log((weight_O + 0.01) / (start + 0.01))).sum()]
        return kept, reached, min(spare) if kept and reached else min(slack.values())

    tried = np.concatenate([start[None], weightings(len(start), TRIED)])
    best = max(tried, key=worth)
    near = weightings(len(start), NEARBY, seed=1, around=best)
    tried = np.concatenate([tried, near])
    return tried, max([best, *near], key=worth)


def _slack(difference_UO: FloatArray, now_UO: FloatArray, at: int, aim: Aim) -> float:
    """By how much an aim is met for sure, in parts of what the objective is now; below 0 where it is not."""
    own, base = difference_UO[:, at], float(now_UO[:, at].mean())
    error = float(own.std(ddof=1)) / np.sqrt(len(own)) if len(own) > 1 else np.inf
    return float((own.mean() - SURE * error) / max(base, 1e-12) - aim.change)


def _told_change(before_U: FloatArray, after_U: FloatArray, aim: Aim | None, *, goal: bool) -> dict[str, Any]:
    found = _paired(before_U, after_U)
    low, high = found.interval()
    record = {"before": found.twin, "after": found.joint, "difference": found.difference, "low": low, "high": high}
    if aim is None:
        return {**record, "verdict": None}
    least = aim.change * found.twin
    sure = low >= least
    verdict = ("reached" if goal else "kept") if sure else "likely" if found.difference >= least else "missed"
    return {**record, "verdict": verdict}


def _paired(before_U: FloatArray, after_U: FloatArray) -> PairedDifference:
    own = after_U - before_U
    variance = float(own.var(ddof=1) / len(own)) if len(own) > 1 else float("nan")
    return summarise(
        np.array([own.mean()]),
        unit_variance=variance,
        units=len(own),
        questions=len(own),
        levels=(float(after_U.mean()), float(before_U.mean())),
    )


def _front(cached: Cached, tried: FloatArray, start: FloatArray, ranking: str | None, *, k: int) -> Mapping[str, Any]:
    value_WO = means(cached, tried, k=k)
    on, bend = front(value_WO), knee(value_WO)

    def point(at: int) -> dict[str, Any]:
        values = dict(zip(cached.tasks, value_WO[at].tolist(), strict=True))
        return {"weights": told(tried[at], cached.tasks, ranking), "objectives": values}

    return {"front": [point(int(at)) for at in np.flatnonzero(on)], "knee": point(bend), "now": point(0)}
