"""Golden requests: what a model has to answer before it may serve."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.errors import ArtifactError, MotetError, RequestError, StoreError
from motet.recommend import Bundle, Question, RankedList, recommend_many
from motet.recommend.situate import situate

RECENT = 20
LENGTH = 10
PROBES = 3


class RecentShapes:
    """The last questions that were answered, without anything about users: weights, filters, lengths."""

    def __init__(self) -> None:
        self._shapes: deque[Question] = deque(maxlen=RECENT)

    def note(self, question: Question) -> None:
        """Keep the shape of a question."""
        kept = ("k", "weights", "filters", "explain", "diversity", "seen", "language", "values", "popularity", "types")
        self._shapes.append(Question(**{name: getattr(question, name) for name in kept}))

    def __iter__(self) -> Iterator[Question]:
        return iter(list(self._shapes))


def fitting(bundle: Bundle, recent: Iterable[Question]) -> list[Question]:
    """Return those shapes that a bundle can be asked at all: it has the tasks that they weigh, the columns they filter.

    Nobody is there to decide about a model that another process has activated: a question that was asked of the model
    before it, and cannot be asked any more, is no reason to refuse it for ever.
    """
    return [shape for shape in recent if _fits(bundle, shape)]


def _fits(bundle: Bundle, shape: Question) -> bool:
    try:
        situate(bundle.loaded, shape)
    except RequestError:
        return False
    return True


def check_golden(bundle: Bundle, recent: Iterable[Question] = ()) -> int:
    """Return how many golden requests a bundle answered; raises ArtifactError where one of them fails.

    recent: shapes of questions that the model before it answered. Each is asked for users that the folder knows, and
    for a stranger; every other task is asked once. Before that, what the model itself says of items is looked at: lists
    go on without a number that is none. Raises StoreError where the store fails meanwhile: that says nothing about it.
    """
    _check_raw(bundle)
    loaded = bundle.loaded
    users: list[str | None] = [*loaded.users.users.head(PROBES).to_list(), None]
    asked = 0
    for shape in [Question(k=LENGTH), Question(k=LENGTH, explain=True, diversity=0.5), *recent]:
        if not any(view.ranks_items for view in loaded.scorer.tasks.values()):
            break
        questions = [Question(**{**vars(shape), "user": user}) for user in users]
        for question, found in zip(questions, _answered(bundle, questions), strict=True):
            _check_list(bundle, question, found)
            asked += 1
    for task, view in loaded.scorer.tasks.items():
        if view.output != "ranking":
            asked += _check_task(bundle, task)
    return asked


def _answered(bundle: Bundle, questions: list[Question]) -> list[RankedList]:
    try:
        return recommend_many(bundle.loaded, questions)
    except StoreError:
        raise
    except MotetError as error:
        raise _failed(f"a list: {error.message}") from None
    except Exception as error:
        raise _failed(f"a list: {type(error).__name__}") from error


def _check_list(bundle: Bundle, question: Question, found: RankedList) -> None:
    situation = situate(bundle.loaded, question)
    allowed = int(situation.allowed_I.sum())
    # Quotas of content types may leave a list shorter.
    if len(found) != min(question.k, allowed) and (situation.quotas is None or len(found) > question.k):
        raise _failed(f"a list: {len(found)} items where {min(question.k, allowed)} were to be had")
    for one in found.items:
        if not math.isfinite(one.score) or not all(map(math.isfinite, one.scores.values())):
            raise _failed("a list: a score is not a finite number")


def _check_task(bundle: Bundle, task: str) -> int:
    """Ask a task one question that can be made from what is known; where none can be made, it is not asked."""
    view, loaded = bundle.loaded.scorer.tasks[task], bundle.loaded
    told: dict[str, Any] = {}
    users, items = loaded.users.users.head(1).to_list(), loaded.catalogue.ids.head(1).to_list()
    if "history" in view.sources:
        told["users"] = users or ["nobody"]
    if "other" in view.sources:
        told["others"] = users or ["nobody"]
    if "item" in view.sources:
        if not items:
            return 0
        told["items"] = items
    if "row" in view.sources:
        columns = bundle.project.get("tables", {}).get(view.table, {}).get("columns", {})
        told["rows"] = [dict.fromkeys(columns)]
    elif "text" in view.sources and not ("item" in view.sources and view.table == "items"):
        told["texts"] = ["a"]
    try:
        (answer,) = bundle.predict(task, **told)
    except StoreError:
        raise
    except MotetError as error:
        raise _failed(f"'{task}': {error.message}") from None
    except Exception as error:
        raise _failed(f"'{task}': {type(error).__name__}") from error
    numbers = [number for number in (answer.probability, answer.value) if number is not None]
    if not numbers or not all(math.isfinite(number) for number in numbers):
        raise _failed(f"'{task}': its answer is no finite number")
    return 1


def _check_raw(bundle: Bundle) -> None:
    """Look at the model's own numbers for a few users and a stranger, before lists make the best of them."""
    scorer, catalogue, users = bundle.loaded.scorer, bundle.loaded.catalogue, bundle.loaded.users
    ranking = [name for name, view in scorer.tasks.items() if view.ranks_items]
    if not len(catalogue) or not ranking:
        return
    try:
        histories = [users.history(user) for user in [*users.users.head(PROBES).to_list(), None]]
        telling_B = np.array([history.tells_something for history in histories])
        states = scorer.states(histories)
        items_Bn = np.tile(np.arange(min(LENGTH, len(catalogue)), dtype=np.int32), (len(histories), 1))
        for name in ranking:
            if scorer.tasks[name].output == "ranking":
                _check_ranking(name, scorer.next_item_scores(states), telling_B)
            elif not np.isfinite(scorer.task_scores(name, states, items_Bn)).all():
                raise _failed(f"'{name}': what it says of items is no finite number")
    except (StoreError, ArtifactError):
        raise
    except MotetError as error:
        raise _failed(f"what it thinks of items: {error.message}") from None
    except Exception as error:
        raise _failed(f"what it thinks of items: {type(error).__name__}") from error
    if not np.isfinite(scorer.item_vectors).all():
        raise _failed("what items are near: their vectors are no finite numbers")


def _check_ranking(task: str, log_BI: NDArray[np.float32], telling_B: NDArray[np.bool_]) -> None:
    """An item may be impossible, but probabilities are numbers, and not the same for all items after any history."""
    if np.isnan(log_BI).any() or np.isposinf(log_BI).any() or np.isneginf(log_BI).all(axis=1).any():
        raise _failed(f"'{task}': what it says of items is no finite number")
    told_BI = log_BI[telling_B]
    if told_BI.shape[1] > 1 and len(told_BI) and (told_BI.max(axis=1) == told_BI.min(axis=1)).all():
        raise _failed(f"'{task}': it says the same of all items, to everybody")


def _failed(reason: str) -> ArtifactError:
    return ArtifactError(
        f"The model does not answer {reason}.", "It is not activated; take another folder, or train anew."
    )
