"""What a service is told at its start: which model, which store, which door, and how much of everything."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Bounds:
    """Everything that could grow has an end.

    body_bytes: of a request. batch: events of one request. history: events that a request may bring along.
    questions: of one prediction. log_events: events of a user's log that a list is made from.
    rate, burst: requests a second of one key, and how many at once, in each process. concurrency: requests under way
    in one process. waiting: requests that wait for the model. together: lists that the model makes at once.
    threads: that ask the model. seconds: a request may take; body_seconds: its body may take to arrive;
    swap_seconds: changing the model may take; drain_seconds: requests under way have after SIGTERM.
    streams: runs that are followed at once in one process; stream_seconds: before each of them has to ask again.
    follow_seconds: between two looks for what other processes did. key_seconds: how long a key is believed unseen.
    """

    body_bytes: int = 2_000_000
    batch: int = 1_000
    history: int = 1_000
    questions: int = 1_000
    log_events: int = 1_000
    rate: float = 1_000.0
    burst: int = 2_000
    concurrency: int = 256
    waiting: int = 128
    together: int = 32
    threads: int = 2
    seconds: float = 30.0
    body_seconds: float = 10.0
    swap_seconds: float = 900.0
    drain_seconds: float = 25.0
    follow_seconds: float = 0.25
    key_seconds: float = 1.0
    streams: int = 16
    stream_seconds: float = 15.0


@dataclass(frozen=True)
class Settings:
    """Where a service takes its model and its log from, and where it listens.

    folder: of the model. store: a file or URL. data: where a model's encoder may lie. models: the folder under which
    others may be activated, by default the one that holds `folder`. open_without_key: nobody is asked for a key;
    allowed on the loopback address only. runs: the folder whose training runs are shown, by default the one that holds
    `folder`. quiet: only warnings and errors are logged.
    """

    folder: str
    store: str
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    open_without_key: bool = False
    data: str | None = None
    models: str | None = None
    runs: str | None = None
    quiet: bool = False
    bounds: Bounds = field(default_factory=Bounds)

    def to_json(self) -> str:
        """Return the settings as text, for processes that are started beside this one."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """Return what `to_json` wrote."""
        fields: dict[str, Any] = json.loads(text)
        return cls(**{**fields, "bounds": Bounds(**fields["bounds"])})
