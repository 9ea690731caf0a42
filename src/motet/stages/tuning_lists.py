"""The lists of users who were asked what came next: as they are served, and their scores kept for many weightings.

U = questions, O = objectives, n = candidates of a user.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from motet.data.hashing import parity
from motet.errors import RequestError
from motet.recommend import History, Loaded, Question
from motet.recommend.blend import FLOOR, ranking_task
from motet.recommend.engine import scored, shown
from motet.recommend.pareto import Cached
from motet.recommend.quotas import quotas_of
from motet.recommend.shortlist import Shortlist, rescored, shortlists
from motet.recommend.situate import Situation, allowed_items
from motet.recommend.weigh import Weighing, weigh
from motet.stages.answer import questions_of_role
from motet.stages.study import Study

AT_ONCE = 128
VALID_QUESTIONS, TEST_QUESTIONS = 1_000, 4_000

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Questions:
    """Users as they were when an item came: their ids, their histories until then, and that item's number."""

    users: Sequence[str]
    histories: Sequence[History]
    target_U: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.users)


def questions_of_others(study: Study, loaded: Loaded) -> tuple[Questions, Questions]:
    """Return validation and test questions that have no user in common.

    Where the split has the same users in both, one half of them is asked the first, the other half the second, by the
    parity of the sha1 of their ids. Raises RequestError where there are too few of either.
    """
    ranking = ranking_task(loaded.scorer.tasks)
    assert ranking is not None, "checked before"
    valid, test = (questions_of_role(study, ranking, role) for role in ("valid", "test"))
    examples, events = study.examples[ranking], study.division.events
    user_n, cut_n = examples.user_n, examples.cut_n
    assert user_n is not None and cut_n is not None and events is not None
    if len(np.intersect1d(user_n[valid], user_n[test])):
        half = parity(events.users)
        valid, test = valid[half[user_n[valid]] == 0], test[half[user_n[test]] == 1]
    if min(len(valid), len(test)) < 2:
        raise RequestError(
            f"There are {len(valid)} validation and {len(test)} test questions of different users; expected 2 of each.",
            "Train on more users.",
        )

    def asked(chosen: NDArray[np.int64], most: int) -> Questions:
        chosen = chosen[np.linspace(0, len(chosen) - 1, min(most, len(chosen))).astype(np.int64)]
        users, cuts = events.users.gather(user_n[chosen]).to_list(), cut_n[chosen].tolist()
        histories = [until(loaded.users.history(user), cut) for user, cut in zip(users, cuts, strict=True)]
        return Questions(users, histories, examples.label.gather(chosen).to_numpy().astype(np.int64))

    return asked(valid, VALID_QUESTIONS), asked(test, TEST_QUESTIONS)


def served_worth(loaded: Loaded, tasks: Sequence[str], asked: Questions, *, k: int) -> FloatArray:
    """Return (U, O): what the lists that are served are worth to each objective, as `pareto.judge` has it."""
    ranking = ranking_task(loaded.scorer.tasks)
    worth = np.zeros((len(asked), len(tasks)))
    for begin in range(0, len(asked), AT_ONCE):
        situations = [_situation(loaded, history, k) for history in asked.histories[begin : begin + AT_ONCE]]
        states = loaded.scorer.states([each.history for each in situations])
        lists = [shown(loaded, short) for short in scored(loaded, situations, states)]
        lists = rescored(loaded, lists, states, lambda short: [task for task in tasks if task not in short.probability])
        for row, short in enumerate(lists, begin):
            hits = np.flatnonzero(short.items_n == asked.target_U[row])
            gain = 1.0 / np.log2(hits[0] + 2.0) if len(hits) else 0.0
            for at, task in enumerate(tasks):
                p_k = np.clip(short.probability[task], FLOOR, 1.0)
                worth[row, at] = gain if task == ranking else float(p_k.mean()) if len(p_k) else 0.0
    return worth


def _situation(loaded: Loaded, history: History, k: int) -> Situation:
    question = Question(k=k, now=history.now)
    quotas = quotas_of(loaded.catalogue, loaded.blend.types, None, k)
    weighing = weigh(loaded, question, history)
    return Situation(question, history, "history", weighing, allowed_items(loaded, question, history), quotas)


def cached_scores(loaded: Loaded, tasks: Sequence[str], asked: Questions, *, k: int) -> Cached:
    """Return the scores of the candidates that users would be served if the ranking had weight 1, without quotas."""
    ranking = ranking_task(loaded.scorer.tasks)
    assert ranking is not None, "checked before"
    wanted = [task for task in tasks if task != ranking]
    weighing = Weighing({ranking: 1.0}, (), "log", loaded.blend.popularity)
    lists: list[Shortlist] = []
    for begin in range(0, len(asked), AT_ONCE):
        part = asked.histories[begin : begin + AT_ONCE]
        situations = [replace(_situation(loaded, each, k), weighing=weighing, quotas=None) for each in part]
        states = loaded.scorer.states(part)
        lists += rescored(loaded, shortlists(loaded, situations, states), states, lambda _: wanted)
    longest = max((len(each) for each in lists), default=0)
    log_p = np.full((len(tasks), len(lists), longest), np.log(FLOOR), np.float32)
    penalty = np.zeros((len(lists), longest), np.float32)
    real, place = np.zeros((len(lists), longest), np.bool_), np.full(len(lists), -1, np.int64)
    for row, short in enumerate(lists):
        real[row, : len(short)], penalty[row, : len(short)] = True, short.penalty_n
        for at, task in enumerate(tasks):
            log_p[at, row, : len(short)] = np.log(np.clip(short.probability[task], FLOOR, 1.0))
        hits = np.flatnonzero(short.items_n == asked.target_U[row])
        place[row] = hits[0] if len(hits) else -1
    return Cached(tuple(tasks), log_p, real, place, ranking, penalty)


def until(history: History, cut: int) -> History:
    """Return a history as it was when its event number `cut` came."""
    time = history.time_L
    return replace(
        history,
        item_L=history.item_L[:cut],
        columns=history.columns[:cut] if history.columns.width else history.columns,
        time_L=None if time is None else time[:cut],
        now=int(time[cut]) if time is not None and cut < len(time) else None,
        text_LD=None if history.text_LD is None else history.text_LD[:cut],
    )
