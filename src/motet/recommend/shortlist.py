"""The candidates of a question, and asking the tasks about them for many users at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.recommend.blend import as_probability, ranking_task
from motet.recommend.catalogue import Catalogue
from motet.recommend.loaded import Loaded
from motet.recommend.popular import popularity_scores
from motet.recommend.port import Leading, Leads, TaskView, Wanted
from motet.recommend.question import Question
from motet.recommend.quotas import enough
from motet.recommend.retrieve import best
from motet.recommend.situate import QUERY, Situation

MIN_CANDIDATES = 200
MAX_RESCORED = 50_000
"""Without a ranking among the weights, this many items (by rank or popularity) are scored by the other tasks."""

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Shortlist:
    """n candidates of one situation.

    items_n: their numbers. rank_n: the score by which they were preselected. probability: task → p of each. penalty_n:
    what their popularity counts against them.
    """

    situation: Situation
    items_n: NDArray[np.int32]
    rank_n: Scores
    probability: Mapping[str, Scores]
    penalty_n: Scores

    def __len__(self) -> int:
        return len(self.items_n)

    def at(self, places: NDArray[np.int64]) -> Shortlist:
        """Return the candidates at these places, in this order."""
        probability = {name: p[places] for name, p in self.probability.items()}
        penalty_n = self.penalty_n[places]
        return Shortlist(self.situation, self.items_n[places], self.rank_n[places], probability, penalty_n)


def shortlists(loaded: Loaded, situations: Sequence[Situation], states: Any) -> list[Shortlist]:
    """Preselect candidates by what is known of every item: the ranking, the query, or popularity.

    Where nothing but the ranking counts, a scorer of a large catalogue may find its best items in its own way.
    """
    ranking = ranking_task(loaded.scorer.tasks)
    led = _led(loaded, situations, states, ranking)
    if all(each is not None for each in led):
        return [each for each in led if each is not None]
    popular_I = popularity_scores(loaded.catalogue.popularity_I)
    next_BI = loaded.scorer.next_item_scores(states) if ranking else None
    queries = [s.question.query for s in situations if s.question.query is not None]
    answers = iter(loaded.scorer.query_scores(queries)) if queries else iter(())
    lists = []
    for b, situation in enumerate(situations):
        found = led[b]
        if found is not None:
            lists.append(found)
            continue
        known_I = {}
        if ranking is not None and next_BI is not None:
            known_I[ranking] = next_BI[b] if situation.knows_user else popular_I
        if situation.question.query is not None:
            known_I[QUERY] = next(answers)
        finite_I = {name: _finite(score_I) for name, score_I in known_I.items()}
        lists.append(_shortlist(loaded.catalogue, situation, finite_I, popular_I))
    return lists


def _led(
    loaded: Loaded, situations: Sequence[Situation], states: Any, ranking: str | None
) -> Sequence[Shortlist | None]:
    """Shortlists of those situations in which the order is the ranking's own, where the scorer finds its best items."""
    if ranking is None or not isinstance(loaded.scorer, Leading):
        return [None] * len(situations)
    wanted = [
        Wanted(each.allowed_I, _candidates(each.question)) if _ranks_alone(each, ranking) else None
        for each in situations
    ]
    found = loaded.scorer.leading(states, wanted) if any(each is not None for each in wanted) else wanted
    lists: list[Shortlist | None] = []
    for situation, leads in zip(situations, found, strict=True):
        lists.append(_of_leads(situation, leads, ranking) if isinstance(leads, Leads) else None)
    return lists


def _ranks_alone(situation: Situation, ranking: str) -> bool:
    """Whether candidates are those that the ranking places first."""
    asked = situation.question.query is not None or situation.quotas is not None
    plain = situation.weighing.popularity == 0 and not asked
    return plain and situation.knows_user and situation.weights.get(ranking, 0) > 0


def _of_leads(situation: Situation, leads: Leads, ranking: str) -> Shortlist:
    log_n, weight = _finite(leads.log_n), situation.weights[ranking]
    rank_n = weight * (np.exp(log_n) if situation.weighing.mode == "value" else log_n)
    at = best(rank_n, np.ones(len(rank_n), np.bool_), _candidates(situation.question))
    p_n = np.exp(np.minimum(log_n[at], 0.0))
    return Shortlist(situation, leads.items_n[at], rank_n[at], {ranking: p_n}, np.zeros(len(at)))


def _candidates(question: Question) -> int:
    """How many candidates a question is answered from."""
    return max(question.candidates or max(MIN_CANDIDATES, 5 * question.k), question.k)


def rescored(
    loaded: Loaded, lists: Sequence[Shortlist], states: Any, wanted: Callable[[Shortlist], Sequence[str]]
) -> list[Shortlist]:
    """Return the lists with the probabilities of the tasks that `wanted` names for each.

    All users are asked at once; shorter lists are padded with item 0, whose answers are dropped.
    """
    tasks = dict.fromkeys(name for short in lists for name in wanted(short))
    longest = max((len(short) for short in lists), default=0)
    if not tasks or longest == 0:
        return [_with(short, {name: np.zeros(0) for name in wanted(short)}) for short in lists]
    items_Bn = np.zeros((len(lists), longest), np.int32)
    for b, short in enumerate(lists):
        items_Bn[b, : len(short)] = short.items_n
    views = loaded.scorer.tasks
    p_Bn = {name: _probability(loaded, name, views[name], states, items_Bn) for name in tasks}
    return [
        _with(short, {name: p_Bn[name][b, : len(short)] for name in wanted(short)}) for b, short in enumerate(lists)
    ]


def _probability(loaded: Loaded, task: str, view: TaskView, states: Any, items_Bn: NDArray[np.int32]) -> Scores:
    """A task's calibrated probabilities; a scorer's answers of yes and no are calibrated already."""
    p_Bn = as_probability(view, loaded.scorer.task_scores(task, states, items_Bn))
    return loaded.calibration(task).probability(p_Bn) if view.output == "ordinal" else p_Bn


def _shortlist(
    catalogue: Catalogue, situation: Situation, known_I: Mapping[str, Scores], popular_I: NDArray[np.float32]
) -> Shortlist:
    weights, question = situation.weights, situation.question
    counting = [name for name in known_I if weights.get(name, 0) > 0]
    num = _candidates(question)
    penalty_I = situation.weighing.popularity * _finite(popular_I)
    if counting and situation.weighing.mode == "value":
        rank_I = sum((weights[name] * np.exp(known_I[name]) for name in counting), start=-penalty_I)
    elif counting:
        rank_I = sum((weights[name] * known_I[name] for name in counting), start=-penalty_I)
        if counting == [QUERY] and not np.ptp(known_I[QUERY]):  # like no item: what is popular, as for any stranger
            rank_I = _finite(popular_I)
    else:
        rank_I = next(iter(known_I.values()), _finite(popular_I))
        num = max(num, MAX_RESCORED)
    items_n = best(rank_I, situation.allowed_I, num)
    if situation.quotas is not None:
        items_n = _of_every_type(catalogue, situation, rank_I, items_n)
    probability = {name: np.exp(np.minimum(score_I[items_n], 0.0)) for name, score_I in known_I.items()}
    return Shortlist(situation, items_n, rank_I[items_n], probability, penalty_I[items_n])


def _of_every_type(
    catalogue: Catalogue, situation: Situation, rank_I: Scores, items_n: NDArray[np.int32]
) -> NDArray[np.int32]:
    """The candidates with enough of every type that has a quota, and of those that have none, best first."""
    quotas, allowed_I, num = situation.quotas, situation.allowed_I, len(items_n)
    assert quotas is not None
    having_IT = quotas.having(catalogue)
    groups = [items_n, best(rank_I, allowed_I & ~having_IT.any(axis=1), min(num, enough(situation.question.k)))]
    for at in range(len(quotas.names)):
        groups.append(best(rank_I, allowed_I & having_IT[:, at], min(num, enough(quotas.most[at]))))
    together = np.unique(np.concatenate(groups))
    return together[np.argsort(-rank_I[together], kind="stable")].astype(np.int32)


def _with(short: Shortlist, more: Mapping[str, Scores]) -> Shortlist:
    return replace(short, probability={**short.probability, **more})


def _finite(score_I: NDArray[np.float32]) -> Scores:
    """Log-probabilities in float64; what is not a number, or minus infinity, becomes very small."""
    return np.nan_to_num(score_I.astype(np.float64), nan=-1e30, neginf=-1e30, posinf=0.0)
