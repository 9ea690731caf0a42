"""What a list's scores lose when one past event, one thing said of an item, or the memory is left out.

Every variant is answered by the model itself, all of them in one batch, so that a loss is a fact about the model and
no guess (leave-one-out, or ablation).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.recommend.blend import as_probability, blend, contributions
from motet.recommend.insight import MEMORY, Insight
from motet.recommend.loaded import Loaded
from motet.recommend.popular import popularity_scores
from motet.recommend.port import History
from motet.recommend.shortlist import Shortlist

Scores = NDArray[np.float64]

EXPLAINED = 100
"""Items of a list that are explained, the first ones."""
CELLS = 2**24
"""Scores of the catalogue that are held at once."""


@dataclass(frozen=True)
class Losses:
    """What k items' scores lose without something, (k,), in all and by task."""

    total_k: Scores
    objectives: Mapping[str, Scores]


@dataclass(frozen=True)
class LeftOut:
    """events: by place in the history, 0 the oldest. traits: by name. memory: without it; share_k: its share."""

    events: Mapping[int, Losses]
    traits: Mapping[str, Losses]
    memory: Losses | None = None
    share_k: Scores | None = None


def without_event(history: History, place: int) -> History:
    """Return a history in which one event never was."""
    kept = np.delete(np.arange(len(history)), place)
    return part_of(history, kept)


def part_of(history: History, kept: NDArray[np.int64]) -> History:
    """Return a history with some of its events, in order."""
    return replace(
        history,
        item_L=history.item_L[kept],
        columns=history.columns[kept] if history.columns.width else history.columns,
        time_L=None if history.time_L is None else history.time_L[kept],
        text_LD=None if history.text_LD is None else history.text_LD[kept],
    )


def telling_events(history: History, most: int) -> list[int]:
    """Return the places of the latest events that have an item or a text, the latest first."""
    known = history.item_L >= 0
    if history.text_LD is not None:
        known = known | history.text_LD.any(axis=1)
    return np.flatnonzero(known)[::-1][:most].tolist()


def left_out(loaded: Loaded, top: Shortlist, *, most: int) -> LeftOut:
    """Return what the items of a short list lose. most: how many of the latest events are left out, one by one."""
    history = top.situation.history
    places = telling_events(history, most)
    variants = [history, *(without_event(history, place) for place in places)]
    p_Vk = probabilities(loaded, top, variants)
    base = {task: p[0] for task, p in p_Vk.items()}
    events = {
        place: _losses(top, base, {task: p[row] for task, p in p_Vk.items()}) for row, place in enumerate(places, 1)
    }
    scorer = loaded.scorer
    if not isinstance(scorer, Insight) or not len(top):
        return LeftOut(events, {})
    states = scorer.states([history])
    items_1k = top.items_n[None, :]
    traits = {name: _losses(top, base, _blanked(loaded, top, states, base, name)) for name in scorer.traits}
    ranking = _ranking(loaded, top)
    share = scorer.memory_share(states, items_1k) if ranking and top.situation.knows_user else None
    if share is None:
        return LeftOut(events, traits)
    without = _blanked(loaded, top, states, base, MEMORY)
    return LeftOut(events, traits, _losses(top, base, without), share[0].astype(np.float64))


def probabilities(loaded: Loaded, top: Shortlist, histories: Sequence[History]) -> dict[str, Scores]:
    """Return what the weighted tasks say of a list's items, (V, k) by task, were the history another one."""
    size = max(1, CELLS // max(len(loaded.catalogue), 1))
    parts = [_probabilities(loaded, top, histories[start : start + size]) for start in range(0, len(histories), size)]
    return {task: np.concatenate([part[task] for part in parts]) for task in parts[0]}


def scores_of(top: Shortlist, p: Mapping[str, Scores]) -> Scores:
    """Return the score of a list's items for other probabilities, (…, k)."""
    weighing = top.situation.weighing
    return blend(weighing.weights, p, mode=weighing.mode) - top.penalty_n


def _probabilities(loaded: Loaded, top: Shortlist, histories: Sequence[History]) -> dict[str, Scores]:
    scorer, shape = loaded.scorer, (len(histories), len(top))
    states = scorer.states(histories)
    items_Vk = np.broadcast_to(top.items_n, shape).astype(np.int32)
    found: dict[str, Scores] = {}
    for task in top.situation.weights:
        view = scorer.tasks.get(task)
        if view is None:  # a query, which does not look at the history
            found[task] = np.broadcast_to(top.probability[task], shape).astype(np.float64)
        elif view.output == "ranking":
            found[task] = _ranked(loaded, scorer.next_item_scores(states), histories, top)
        else:
            found[task] = _answered(loaded, task, scorer.task_scores(task, states, items_Vk))
    return found


def _ranked(loaded: Loaded, log_VI: NDArray[np.float32], histories: Sequence[History], top: Shortlist) -> Scores:
    """A ranking's probabilities; of somebody of whom nothing is left it knows what is popular, as in any list."""
    log_Vk = log_VI[:, top.items_n].astype(np.float64)
    popular_k = popularity_scores(loaded.catalogue.popularity_I)[top.items_n]
    for row, history in enumerate(histories):
        if not (history.tells_something or history.has_profile):
            log_Vk[row] = popular_k
    return np.exp(np.minimum(np.nan_to_num(log_Vk, nan=-1e30, neginf=-1e30), 0.0))


def _answered(loaded: Loaded, task: str, answer: NDArray[np.float32]) -> Scores:
    view = loaded.scorer.tasks[task]
    p = as_probability(view, answer)
    return loaded.calibration(task).probability(p) if view.output == "ordinal" else p


def _blanked(loaded: Loaded, top: Shortlist, states: Any, base: Mapping[str, Scores], trait: str) -> dict[str, Scores]:
    """The probabilities of a list's items when each of them lacks a trait; what does not read it says the same."""
    scorer, items_1k = loaded.scorer, top.items_n[None, :]
    assert isinstance(scorer, Insight)
    found = dict(base)
    for task in base:
        view = scorer.tasks.get(task)
        ranks = view is not None and view.output == "ranking"
        if view is None or (ranks and not top.situation.knows_user) or (trait == MEMORY and not ranks):
            continue
        answer = scorer.blanked_scores(task, states, items_1k, trait)
        if ranks:
            found[task] = np.exp(np.minimum(answer[0].astype(np.float64), 0.0))
        else:
            found[task] = _answered(loaded, task, answer)[0]
    return found


def _ranking(loaded: Loaded, top: Shortlist) -> bool:
    tasks = loaded.scorer.tasks
    return any(name in tasks and tasks[name].output == "ranking" for name in top.situation.weights)


def _losses(top: Shortlist, base: Mapping[str, Scores], other: Mapping[str, Scores]) -> Losses:
    weighing = top.situation.weighing
    one, two = (contributions(weighing.weights, p, mode=weighing.mode) for p in (base, other))
    by_task = {task: one[task] - two[task] for task in one}
    total = sum(by_task.values(), start=np.zeros(len(top)))
    return Losses(total, by_task)
