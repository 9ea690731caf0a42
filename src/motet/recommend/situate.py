"""What a question amounts to: whose history, from which source, which weights, which items may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from motet.errors import RequestError
from motet.recommend.blend import ranking_task
from motet.recommend.filter import passing
from motet.recommend.loaded import Loaded
from motet.recommend.port import History
from motet.recommend.question import Question
from motet.recommend.quotas import Quotas, quotas_of
from motet.recommend.ranked import ListSource
from motet.recommend.session import history_of
from motet.recommend.weigh import Weighing, weigh

QUERY = "query"
"""The name under which a query counts among the weights and scores; its weight is 1 unless the question says."""


@dataclass(frozen=True)
class Situation:
    """A question with everything that was looked up for it.

    weighing: which tasks count, and how much. allowed_I: the items that may be shown. quotas: how many of each content
    type, or None.
    """

    question: Question
    history: History
    source: ListSource
    weighing: Weighing
    allowed_I: NDArray[np.bool_]
    quotas: Quotas | None = None

    @property
    def weights(self) -> Mapping[str, float]:
        """Task → weight (or value) of those that count."""
        return self.weighing.weights

    @property
    def knows_user(self) -> bool:
        """Whether the history or the profile says anything."""
        return self.history.tells_something or self.history.has_profile


def situate(loaded: Loaded, question: Question) -> Situation:
    """Return the situation of a question; raises RequestError where it cannot be answered."""
    history = history_of(question, users=loaded.users, catalogue=loaded.catalogue, scorer=loaded.scorer)
    source = _source(question, history)
    quotas = quotas_of(loaded.catalogue, loaded.blend.types, question.types, question.k)
    allowed_I = allowed_items(loaded, question, history)
    return Situation(question, history, source, _weighing(loaded, question, history), allowed_I, quotas)


def _source(question: Question, history: History) -> ListSource:
    if question.query is not None:
        return "query"
    if history.tells_something:
        return "history"
    return "profile" if history.has_profile else "popular"


def _weighing(loaded: Loaded, question: Question, history: History) -> Weighing:
    """What counts; a query counts as one more task, and suffices where no task ranks items."""
    tasks = loaded.scorer.tasks
    known = history.tells_something or history.has_profile
    if question.query is None or QUERY in tasks:
        return weigh(loaded, question, history)
    if question.values:
        raise RequestError("A list for a query has weights, no values.", "Leave the values or the query away.")
    wanted = dict(question.weights)
    share = float(wanted.pop(QUERY, 1.0))
    asked = replace(question, weights=wanted)
    if share == 0:
        return weigh(loaded, asked, history)
    ranks = any(view.ranks_items for view in tasks.values())
    found = weigh(loaded, asked, history, mode="log") if ranks or wanted else Weighing({}, ("default",))
    weights = dict(found.weights)
    if not known:
        # Of a stranger the ranking knows only what is popular, which says nothing about the query.
        weights.pop(ranking_task(tasks) or "", None)
    return replace(found, weights={**weights, QUERY: share})


def allowed_items(loaded: Loaded, question: Question, history: History) -> NDArray[np.bool_]:
    """Return (I,): whether each item may be on the list: available, let through, wanted, not excluded, not had."""
    catalogue, tasks = loaded.catalogue, loaded.scorer.tasks
    allowed_I = catalogue.available_I & passing(catalogue, question.filters)
    if question.only is not None:
        named, wanted = catalogue.codes(question.only), np.zeros(len(catalogue), np.bool_)
        wanted[named[named >= 0]] = True
        allowed_I &= wanted
    excluded = catalogue.codes(question.exclude)
    allowed_I[excluded[excluded >= 0]] = False
    ranking = ranking_task(tasks)
    repeats = tasks[ranking].repeats if ranking else "mask"
    if (repeats if question.seen == "auto" else question.seen) == "mask":
        allowed_I[history.item_L[history.item_L >= 0]] = False
        allowed_I[history.had_n[history.had_n >= 0]] = False
    return allowed_I
