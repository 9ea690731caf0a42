"""Requests for lists become questions whole, and histories are checked at the door."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from motet.errors import RequestError
from motet.serve.routes._asking import listing, question_of
from motet.serve.wire.lists import RankIn, RecommendIn


def service(*, history: int = 3, behaviour: str | None = None) -> Any:
    """Return as much of a service as a question needs."""
    users = SimpleNamespace(columns=SimpleNamespace(columns=["text"]), overlay=SimpleNamespace(behaviour=behaviour))
    running = SimpleNamespace(bundle=SimpleNamespace(loaded=SimpleNamespace(users=users)))
    return SimpleNamespace(running=running, bounds=SimpleNamespace(history=history))


def test_every_wish_of_a_request_reaches_the_question() -> None:
    asked = RecommendIn.model_validate(
        {
            "user": "ann",
            "history": ["milk", {"item": "bread", "text": "fresh"}],
            "k": 4,
            "weights": {"buy": 2.0},
            "filters": {"price": {"max": 3}, "shop": "north"},
            "exclude": ["tea"],
            "query": "breakfast",
        }
    )
    question = listing(asked, service(), diversity=0.5)
    assert (question.user, question.k, question.query, question.diversity) == ("ann", 4, "breakfast", 0.5)
    assert list(question.history) == ["milk", {"item": "bread", "text": "fresh"}]
    assert dict(question.filters) == {"price": {"max": 3}, "shop": "north"}
    assert dict(question.weights) == {"buy": 2.0}
    assert list(question.exclude) == ["tea"]


def test_a_history_that_is_too_long_is_refused() -> None:
    asked = RankIn(items=["a"], history=["a", "b"])
    assert question_of(asked, service(history=2), only=["a"]).only == ["a"]
    with pytest.raises(RequestError, match="longer than 1"):
        question_of(asked, service(history=1))


def test_values_that_the_model_does_not_know_are_refused() -> None:
    unknown = RankIn.model_validate({"items": ["a"], "history": [{"item": "a", "values": {"colour": "red"}}]})
    with pytest.raises(RequestError, match="no such value"):
        question_of(unknown, service())
    behaviour = RankIn.model_validate({"items": ["a"], "history": [{"item": "a", "behaviour": "buy"}]})
    with pytest.raises(RequestError, match="nothing of behaviours"):
        question_of(behaviour, service())
