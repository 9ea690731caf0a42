"""Users as they are now: what the model folder knew of them, and what the log has said since.

The log is read in the request, so that whoever asks after a confirmed event finds it, in every process.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from motet.recommend import Catalogue, History, Scorer, UserStates
from motet.recommend.session import appended
from motet.serve.fitted import row_of
from motet.store import LoggedEvent, Store

SOONEST = 100_000_000_000
"""Moments below this many milliseconds, in 1973, would be taken for seconds."""


@dataclass(frozen=True)
class Overlay:
    """What is laid over the users of a folder.

    store: whose log is read. catalogue, scorer: of the model that reads it. behaviour: the events' column that tells
    what was done. most: events of a user's log that the model reads, the last ones; those before keep their items off
    lists. since: events of the log up to this number are in the folder already, with the users that it knows.
    """

    store: Store
    catalogue: Catalogue
    scorer: Scorer
    behaviour: str | None
    most: int
    since: int = 0


@dataclass(frozen=True)
class LiveUsers(UserStates):
    """The users of a folder with their log. Who was forgotten is unknown at once."""

    overlay: Overlay | None = None

    @classmethod
    def over(cls, known: UserStates, overlay: Overlay) -> LiveUsers:
        """Return the users with what lies over them; the arrays are shared."""
        names = UserStates.__dataclass_fields__
        live = cls(**{name: getattr(known, name) for name in names}, overlay=overlay)
        live.__dict__["index"] = known.index
        return live

    def history(self, user: str | None) -> History:
        """Return what is known of a user by now. Raises RequestError for what is no id."""
        over = self.overlay
        if user is None or over is None:
            return super().history(user)
        if over.store.is_forgotten(user):
            return super().history(None)
        history = super().history(user)
        since = over.since if user in self.index else 0
        logged = over.store.history(user, limit=over.most)
        events = self._unknown([event for event in logged if event.seq > since], history)
        if events:
            told = [self._mapping(event) for event in events]
            history = appended(history, told, users=self, catalogue=over.catalogue, scorer=over.scorer)
            history = _in_order(history) if self.time_unit == "ms" else history
        if len(logged) == over.most:
            history = replace(history, had_n=over.catalogue.codes(over.store.items_had(user)))
        held = over.store.user(user)
        return history if held is None else self._with_profile(history, held.profile)

    def _unknown(self, events: list[LoggedEvent], history: History) -> list[LoggedEvent]:
        """The events that the folder's tables did not hold as well: same item, moment and behaviour. One row of a table
        stands for one event of the log.
        """
        over, time_L = self.overlay, history.time_L
        if over is None or time_L is None or self.time_unit != "ms" or not events:
            return events
        same = np.isin(time_L, [event.time for event in events])
        if not same.any():
            return events
        column = over.behaviour if over.behaviour in history.columns.columns else None
        done = [None] * len(time_L) if column is None else history.columns[column].to_list()
        rows = zip(history.item_L.tolist(), time_L.tolist(), done, same.tolist(), strict=True)
        had = Counter((item, time, behaviour) for item, time, behaviour, near in rows if near)
        left = []
        for event, item in zip(
            events, over.catalogue.codes(event.item or "" for event in events).tolist(), strict=True
        ):
            key = (item, event.time, None if column is None else event.behaviour)
            if had[key] > 0:
                had[key] -= 1
            else:
                left.append(event)
        return left

    def _mapping(self, event: LoggedEvent) -> dict[str, Any]:
        """An event as the history takes it: only columns that the model knows."""
        values = dict(event.values)
        if event.behaviour is not None and self.overlay is not None and self.overlay.behaviour is not None:
            values[self.overlay.behaviour] = event.behaviour
        told = row_of(values, self.columns.schema)
        if event.item is not None:
            told["item"] = event.item
        if event.text:
            told["text"] = event.text
        if self.time_unit == "ms":
            told["time"] = min(max(event.time, SOONEST), 2**61)
        return told

    def _with_profile(self, history: History, profile: Any) -> History:
        if not self.profiles.width:
            return history
        known = history.profile.row(0, named=True) if history.profile.height else {}
        row = {**known, **row_of(profile, self.profiles.schema)}
        frame = pl.DataFrame({name: [row.get(name)] for name in self.profiles.columns}, schema=self.profiles.schema)
        return replace(history, profile=frame)


def _in_order(history: History) -> History:
    """The history by time: an event may come to the log late, and be older than what the folder knew."""
    assert history.time_L is not None
    if (np.diff(history.time_L) >= 0).all():
        return history
    order = np.argsort(history.time_L, kind="stable")
    return replace(
        history,
        item_L=history.item_L[order],
        columns=history.columns[order] if history.columns.width else history.columns,
        time_L=history.time_L[order],
        text_LD=None if history.text_LD is None else history.text_LD[order],
    )
