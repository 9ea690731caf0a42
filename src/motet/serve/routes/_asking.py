"""Requests for lists, as questions that `recommend` answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from motet.errors import RequestError
from motet.recommend import Question
from motet.serve.running import Running
from motet.serve.service import Service
from motet.serve.wire.lists import Asked, PastEvent, Range, RecommendIn


def listing(asked: RecommendIn, own: Service, **more: Any) -> Question:
    """Return a request for the best items of the catalogue as a question."""
    filters = {name: _filter(wanted) for name, wanted in asked.filters.items()}
    types = None if asked.types is None else asked.types.model_dump(exclude_unset=True)
    own_fields = {"query": asked.query, "k": asked.k, "exclude": asked.exclude, "seen": asked.seen}
    return question_of(asked, own, filters=filters, types=types, **own_fields, **more)


def question_of(asked: Asked, own: Service, **more: Any) -> Question:
    """Return what the request says of the person and of the weighing, and `more`, as a question.

    RequestError where a history is too long or tells of values that this model does not know.
    """
    running = own.running
    columns = running.bundle.loaded.users.columns.columns
    most = own.bounds.history
    if len(asked.history) > most:
        raise RequestError(f"A history of {len(asked.history):,} events is longer than {most:,}.", "Shorten it.")
    behaviour = _behaviour(running)
    return Question(
        user=asked.user,
        history=[_past(event, behaviour, columns) for event in asked.history],
        profile=asked.profile,
        now=asked.now,
        weights=asked.weights,
        values=asked.values,
        popularity=asked.popularity,
        at=asked.at,
        explain=asked.explain,
        language=asked.language,
        **more,
    )


def _behaviour(running: Running) -> str | None:
    overlay = getattr(running.bundle.loaded.users, "overlay", None)
    return overlay.behaviour if overlay is not None else None


def _past(event: str | PastEvent, behaviour: str | None, columns: Sequence[str]) -> str | dict[str, Any]:
    if isinstance(event, str):
        return event
    told = dict(event.values)
    if event.behaviour is not None:
        if behaviour is None:
            raise RequestError("This model knows nothing of behaviours.", "Leave them out.")
        told[behaviour] = event.behaviour
    for name in told:
        if name not in columns:
            known = ", ".join(columns) or "nothing"
            raise RequestError(f"An event has no such value here; known: {known}.", "Leave it out.")
    keys = {"item": event.item, "time": event.time, "text": event.text}
    return {**told, **{name: value for name, value in keys.items() if value is not None}}


def _filter(wanted: Any) -> Any:
    return wanted.model_dump(exclude_none=True) if isinstance(wanted, Range) else wanted
