"""A question's candidates with what every objective says of them: enough to blend a list again elsewhere, at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from motet.recommend.blend import ranking_task
from motet.recommend.loaded import Loaded
from motet.recommend.popular import popularity_scores
from motet.recommend.question import Question
from motet.recommend.quotas import Quotas
from motet.recommend.ranked import ListSource
from motet.recommend.shortlist import Shortlist, rescored, shortlists
from motet.recommend.situate import QUERY, Situation, situate
from motet.recommend.weigh import Weighing
from motet.schema import Limit

MOST = 1_000
"""Candidates that are told; a list without a ranking among its weights has more of them."""


@dataclass(frozen=True)
class Candidates:
    """n candidates, those first that a list would be made from first. Every column has n entries.

    numbers: places in the catalogue, by which equal scores are ordered last. probability: task → p. preselect: the
    tasks by whose log p they were chosen. popular: log of each item's share of all events, which `popularity` times
    counts against it. may_count: the tasks that can be weighted for this question. weighing: what counts by now;
    limits: the project's bounds of weights. complete: whether other weights choose among the same candidates, as long
    as one of `preselect` counts and popularity stays; never where quotas of content types choose, too. quotas: these.
    """

    items: tuple[str, ...]
    numbers: tuple[int, ...]
    source: ListSource
    weighing: Weighing
    probability: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    preselect: tuple[str, ...] = ()
    popular: tuple[float, ...] = ()
    may_count: tuple[str, ...] = ()
    limits: Mapping[str, Limit] = field(default_factory=dict)
    complete: bool = True
    quotas: Quotas | None = None


def candidates(loaded: Loaded, question: Question) -> Candidates:
    """Return the candidates of a question; raises RequestError where it cannot be answered.

    With the weights of the question, `blend` of the columns orders them exactly as the list is ordered.
    """
    situation = situate(loaded, question)
    limits = loaded.blend.limits
    if not situation.allowed_I.any():
        return Candidates((), (), situation.source, situation.weighing, limits=limits, may_count=_tasks(loaded, None))
    states = loaded.scorer.states([situation.history])
    short = shortlists(loaded, [situation], states)[0]
    known = tuple(short.probability)
    complete = situation.quotas is None and len(known) == 1 and known[0] in situation.weights and len(short) <= MOST
    short = short.at(np.arange(min(len(short), MOST)))
    short = rescored(loaded, [short], states, lambda each: _missing(loaded, each))[0]
    numbers = short.items_n.tolist()
    return Candidates(
        items=tuple(loaded.catalogue.ids[short.items_n].to_list()),
        numbers=tuple(numbers),
        source=situation.source,
        weighing=situation.weighing,
        probability={name: tuple(p.tolist()) for name, p in short.probability.items()},
        preselect=known,
        popular=tuple(popularity_scores(loaded.catalogue.popularity_I)[short.items_n].astype(np.float64).tolist()),
        may_count=_tasks(loaded, situation),
        limits=limits,
        complete=complete,
        quotas=situation.quotas,
    )


def _missing(loaded: Loaded, short: Shortlist) -> list[str]:
    """Every task that could be weighted and was not asked yet."""
    return [name for name, view in loaded.scorer.tasks.items() if view.ranks_items and name not in short.probability]


def _tasks(loaded: Loaded, situation: Situation | None) -> tuple[str, ...]:
    """The tasks that can be weighted. Of a stranger with a query, the ranking says nothing."""
    names = [name for name, view in loaded.scorer.tasks.items() if view.ranks_items]
    if situation is None or situation.question.query is None or QUERY in loaded.scorer.tasks:
        return tuple(names)
    ranking = None if situation.knows_user else ranking_task(loaded.scorer.tasks)
    return (QUERY, *(name for name in names if name != ranking))
