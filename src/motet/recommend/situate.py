"""What a question amounts to: whose history, from which source, which weights, which items may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motet.recommend.blend import ranking_task, resolve_weights
from motet.recommend.filter import passing
from motet.recommend.loaded import Loaded
from motet.recommend.port import History, TaskView
from motet.recommend.question import Question
from motet.recommend.ranked import ListSource
from motet.recommend.session import history_of

QUERY = "query"
"""The name under which a query counts among the weights and scores; its weight is 1 unless the question says."""


@dataclass(frozen=True)
class Situation:
    """A question with everything that was looked up for it.

    weights: those above zero. allowed_I: the items that may be shown.
    """

    question: Question
    history: History
    source: ListSource
    weights: Mapping[str, float]
    allowed_I: NDArray[np.bool_]

    @property
    def knows_user(self) -> bool:
        """Whether the history or the profile says anything."""
        return self.history.tells_something or self.history.has_profile


def situate(loaded: Loaded, question: Question) -> Situation:
    """Return the situation of a question; raises RequestError where it cannot be answered."""
    history = history_of(question, users=loaded.users, catalogue=loaded.catalogue, scorer=loaded.scorer)
    source = _source(question, history)
    weights = _weights(loaded.scorer.tasks, question, known=history.tells_something or history.has_profile)
    return Situation(question, history, source, weights, _allowed(loaded, question, history))


def _source(question: Question, history: History) -> ListSource:
    if question.query is not None:
        return "query"
    if history.tells_something:
        return "history"
    return "profile" if history.has_profile else "popular"


def _weights(tasks: Mapping[str, TaskView], question: Question, *, known: bool) -> dict[str, float]:
    """The weights that count; a query counts as one more task, and suffices where no task ranks items."""
    if question.query is None or QUERY in tasks:
        return resolve_weights(tasks, question.weights)
    wanted = dict(question.weights)
    share = float(wanted.pop(QUERY, 1.0))
    if share == 0:
        return resolve_weights(tasks, wanted)
    ranks = any(view.ranks_items for view in tasks.values())
    weights = resolve_weights(tasks, wanted) if ranks or wanted else {}
    if not known:
        # Of a stranger the ranking knows only what is popular, which says nothing about the query.
        weights.pop(ranking_task(tasks) or "", None)
    return {**weights, QUERY: share}


def _allowed(loaded: Loaded, question: Question, history: History) -> NDArray[np.bool_]:
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
    return allowed_I
