"""How much one call may bring, and how wrong a clock may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Limits:
    """Bounds of everything that comes in.

    id_length: of ids, behaviours and column names, in characters. text_length: of a text, in characters.
    values_bytes: of an event's, item's or user's columns together, as JSON. batch: events per call.
    waiting: events that may wait for their commit; beyond it StoreBusyError. future_seconds: how far a clock may be
    ahead; beyond it the time of arrival stands (`clamp`) or the event is refused (`refuse`). Past times are kept,
    however long ago. wait_seconds: how long a write waits for another process.
    """

    id_length: int = 256
    text_length: int = 20_000
    values_bytes: int = 16_384
    batch: int = 10_000
    waiting: int = 20_000
    future_seconds: float = 300.0
    future: Literal["clamp", "refuse"] = "clamp"
    wait_seconds: float = 10.0
