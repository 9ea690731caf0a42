"""From what a request says of a user to a history: stored events, then those of the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.errors import RequestError
from motet.recommend.catalogue import Catalogue
from motet.recommend.port import History, Scorer
from motet.recommend.question import Question
from motet.recommend.state import UserStates
from motet.registry import nearest

_OWN_KEYS = ("item", "time", "text")
_SECONDS_BELOW = 100_000_000_000
"""Moments below this are seconds since 1970: as milliseconds they would lie before 1974."""


def history_of(question: Question, *, users: UserStates, catalogue: Catalogue, scorer: Scorer) -> History:
    """Return the history that a question is about: the stored one, then the session's events, and the profile."""
    history = users.history(question.user)
    if question.history:
        events = [_as_mapping(event) for event in question.history]
        history = appended(history, events, users=users, catalogue=catalogue, scorer=scorer)
    if question.profile:
        profile = _typed([question.profile], users.profiles, what="A profile")
        history = replace(history, profile=profile)
    return replace(history, now=question.now)


def _as_mapping(event: str | Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(event, Mapping):
        return dict(event)
    return {"item": event}


def appended(
    history: History, events: Sequence[dict[str, Any]], *, users: UserStates, catalogue: Catalogue, scorer: Scorer
) -> History:
    """Return a history followed by events: mappings with `item`, `time`, `text` and the events' own columns."""
    own = [{key: value for key, value in event.items() if key not in _OWN_KEYS} for event in events]
    columns = _typed(own, users.columns, what="An event", extra=_OWN_KEYS)
    item_L = catalogue.codes("" if event.get("item") is None else event["item"] for event in events)
    return replace(
        history,
        item_L=np.concatenate([history.item_L, item_L]),
        columns=pl.concat([history.columns, columns]) if users.columns.width else history.columns,
        time_L=_times(history.time_L, [event.get("time") for event in events], unit=users.time_unit),
        text_LD=_texts(history, [event.get("text") for event in events], scorer=scorer),
    )


def _typed(
    rows: Sequence[Mapping[str, Any]], like: pl.DataFrame, *, what: str, extra: Sequence[str] = ()
) -> pl.DataFrame:
    """The rows as a frame with the columns of `like`; a value that does not fit is named."""
    known = [*extra, *like.columns]
    for row in rows:
        for key in row:
            if key not in like.columns:
                message = f"{what} has no '{key}' here; known: {', '.join(known) or 'nothing'}."
                raise RequestError(message, nearest(str(key), known).strip() or "Leave it out.")
    if not like.width:
        return like.head(0)
    columns = []
    for name, kind in like.schema.items():
        try:
            columns.append(pl.Series(name, [row.get(name) for row in rows], dtype=kind, strict=True))
        except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
            raise RequestError(f"{what} has a '{name}' that does not fit: expected {kind}.", "Correct it.") from None
    frame = pl.DataFrame(columns)
    numbers = [name for name, kind in frame.schema.items() if kind.is_float()]
    return frame.with_columns(pl.when(pl.col(name).is_finite()).then(pl.col(name)) for name in numbers)


def _times(before_L: NDArray[np.int64] | None, given: Sequence[Any], *, unit: str) -> NDArray[np.int64] | None:
    """Times of all events; one that is not given is that of the event before (in an order: one more)."""
    if before_L is None:
        return None
    last = int(before_L[-1]) if len(before_L) else next((_moment(t, unit) for t in given if t is not None), 0)
    times = []
    for value in given:
        last = _moment(value, unit) if value is not None else last + (unit == "order")
        times.append(last)
    return np.concatenate([before_L, np.asarray(times, np.int64)])


def _moment(value: Any, unit: str) -> int:
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return round(moment.timestamp() * 1000)
        whole = int(value)
    except (TypeError, ValueError, OverflowError):
        raise RequestError(f"An event has a time that is none: {value!r}.", "Give a number or an ISO date.") from None
    if abs(whole) >= 2**62:
        raise RequestError(f"An event has a time beyond all measure: {value!r}.", "Give milliseconds.")
    return whole * 1000 if unit == "ms" and abs(whole) < _SECONDS_BELOW else whole


def _texts(history: History, given: Sequence[Any], *, scorer: Scorer) -> NDArray[np.float32] | None:
    if history.text_LD is None:
        return None
    words = {place: str(text) for place, text in enumerate(given) if text}
    new_LD = np.zeros((len(given), history.text_LD.shape[1]), np.float32)
    if words:
        new_LD[list(words)] = scorer.encode(list(words.values()))
    return np.concatenate([history.text_LD, new_LD])
