"""Moments as people send them: Unix seconds, milliseconds, ISO dates."""

from __future__ import annotations

from datetime import UTC, datetime

from motet.errors import RequestError

SECONDS_BELOW = 100_000_000_000
"""Numbers below this are seconds: as milliseconds they would lie before 1974."""


def milliseconds(moment: int | str | None) -> int | None:
    """Return a moment in milliseconds since 1970 UTC; an ISO date without a zone is UTC."""
    if moment is None:
        return None
    if isinstance(moment, int):
        return moment * 1000 if abs(moment) < SECONDS_BELOW else moment
    try:
        found = datetime.fromisoformat(moment)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return round(found.timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise RequestError(
            "A time is neither a number nor an ISO date.", "For instance 2026-05-01T12:00:00Z."
        ) from None
