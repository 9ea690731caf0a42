"""From questions to ranked lists: situate, preselect, rescore, blend, diversify, explain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.recommend.blend import blend, contributions
from motet.recommend.diversify import diversify
from motet.recommend.explain import Facts, explain
from motet.recommend.explained import explanations
from motet.recommend.loaded import Loaded
from motet.recommend.question import Question
from motet.recommend.quotas import fill, type_of
from motet.recommend.ranked import RankedItem, RankedList
from motet.recommend.shortlist import Shortlist, rescored, shortlists
from motet.recommend.situate import Situation, situate

POPULARITY = "popularity"
"""The name under which a penalty on popularity counts among the contributions."""

_CELLS = 2**24
"""Scores held at once: users are answered in groups of about this many divided by the catalogue's size."""


def recommend(loaded: Loaded, question: Question) -> RankedList:
    """Return the list that answers a question; raises RequestError where it cannot be answered."""
    return recommend_many(loaded, [question])[0]


def recommend_many(loaded: Loaded, questions: Sequence[Question]) -> list[RankedList]:
    """Return one list per question, in order; the model is asked about many users at a time."""
    size = max(1, min(256, _CELLS // max(len(loaded.catalogue), 1)))
    lists: list[RankedList] = []
    for start in range(0, len(questions), size):
        situations = [situate(loaded, question) for question in questions[start : start + size]]
        lists += _answer(loaded, situations)
    return lists


def _answer(loaded: Loaded, situations: Sequence[Situation]) -> list[RankedList]:
    if not any(situation.allowed_I.any() for situation in situations):
        return [RankedList((), situation.source) for situation in situations]
    states = loaded.scorer.states([situation.history for situation in situations])
    lists = scored(loaded, situations, states)
    tops = [shown(loaded, short) for short in lists]
    judges = [name for name, view in loaded.scorer.tasks.items() if view.ranks_items and view.output != "ranking"]
    tops = rescored(loaded, tops, states, lambda top: judges if top.situation.question.explain else ())
    return [_list(loaded, short, top) for short, top in zip(lists, tops, strict=True)]


def scored(loaded: Loaded, situations: Sequence[Situation], states: Any) -> list[Shortlist]:
    """Return the candidates of each situation with the answers of every task that counts there."""
    return rescored(loaded, shortlists(loaded, situations, states), states, _counting)


def _counting(short: Shortlist) -> list[str]:
    """The weighted tasks whose answers are still missing."""
    return [name for name in short.situation.weights if name not in short.probability]


def shown(loaded: Loaded, short: Shortlist) -> Shortlist:
    """Return the k best candidates with which quotas hold, in the order of the list.

    Equal scores go by the unclipped rank, then by the catalogue.
    """
    question, quotas = short.situation.question, short.situation.quotas
    diversity = float(question.diversity)
    score_n = scores(short)
    order = np.lexsort((short.items_n, -short.rank_n, -score_n))
    vectors = loaded.scorer.item_vectors
    if diversity > 0 and len(vectors) and len(order):
        pool = order[: max(50, 5 * question.k)]
        chosen = vectors[short.items_n[pool]]
        most = question.k if quotas is None else len(pool)
        diverse = pool[diversify(score_n[pool], chosen, k=most, diversity=diversity)]
        order = np.concatenate([diverse, order[len(pool) :]])
    if quotas is not None:
        order = order[fill(quotas.having(loaded.catalogue, short.items_n[order]), quotas, question.k)]
    return short.at(order[: question.k])


def scores(short: Shortlist) -> NDArray[np.float64]:
    """Return (n,): the scores by which candidates with all answers are ordered."""
    weighing = short.situation.weighing
    return blend(weighing.weights, short.probability, mode=weighing.mode) - short.penalty_n


def _contributions(short: Shortlist) -> dict[str, NDArray[np.float64]]:
    """What each task, and popularity where it counts, adds to the score of each item."""
    weighing = short.situation.weighing
    found = contributions(weighing.weights, short.probability, mode=weighing.mode)
    return {**found, POPULARITY: -short.penalty_n} if weighing.popularity > 0 else found


def _list(loaded: Loaded, short: Shortlist, top: Shortlist) -> RankedList:
    situation, quotas = top.situation, top.situation.quotas
    facts = _facts(loaded, short) if situation.question.explain else None
    others = [name for name in top.probability if name not in situation.weights and facts is not None]
    score_k = scores(top).tolist()
    parts = _contributions(top)
    why = explanations(loaded, top, score_k, parts) if facts is not None else None
    items = []
    for place, number in enumerate(top.items_n.tolist()):
        p = {name: float(top.probability[name][place]) for name in [*situation.weights, *others]}
        reasons = explain(loaded, facts, number, p) if facts is not None else ()
        own = {name: float(each[place]) for name, each in parts.items()}
        because = None if why is None else why[place]
        of = None if quotas is None else type_of(loaded.catalogue, quotas.column, number)
        items.append(RankedItem(str(loaded.catalogue.ids[number]), score_k[place], p, reasons, own, because, of))
    weighing = situation.weighing
    return RankedList(tuple(items), situation.source, dict(weighing.weights), weighing.told, weighing.mode)


def _facts(loaded: Loaded, short: Shortlist) -> Facts:
    situation = short.situation
    item_L = situation.history.item_L
    return Facts(
        source=situation.source,
        language=situation.question.language or loaded.language,
        had=tuple(dict.fromkeys(item_L[item_L >= 0][::-1].tolist())),
        weights=situation.weights,
        typical={name: float(p.mean()) for name, p in short.probability.items() if len(p)},
    )
