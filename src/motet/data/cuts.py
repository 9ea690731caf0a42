"""Parts of events whose order is known: the last ones of each user, or everything after a moment.

N = events, U = users. Events stand one user after the other in time order; starts_U1 are the U + 1 offsets.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.data.tables import TimeUnit
from motet.errors import DataError, ProjectError
from motet.schema import TEST, TRAIN, VALID, SplitSpec

FEWEST_EVENTS = 3
"""A user with fewer events serves training only."""

HELD_SHARE = 0.1
DEFAULT_FRACTIONS = (0.8, 0.1, 0.1)
_CUT = 'For instance: cut = ["2024-01-01", "2024-02-01"]'
_SECONDS_BELOW = 10**11
"""Moments below this cannot be milliseconds of a present day (they would lie before 1973): they are seconds."""


def leave_one_out(starts_U1: NDArray[np.int64], counts_N: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return the part of each event: per user the last one is test, the one before it validation.

    counts_N: whether an event counts (has an item). The others take the part of the user's next event that counts,
    or of the last one where none follows, so that they never stand in the history of an earlier target.
    """
    behind_N, total_N = _places(starts_U1, counts_N)
    return _from_behind(behind_N, total_N, held_N=np.ones_like(behind_N))


def last_fraction(starts_U1: NDArray[np.int64], counts_N: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return the part of each event: per user the last 10 % are test, the 10 % before validation.

    Shares are rounded (halves to even) and at least one event each; counts_N as in `leave_one_out`.
    """
    behind_N, total_N = _places(starts_U1, counts_N)
    return _from_behind(behind_N, total_N, held_N=np.maximum(1, np.rint(total_N * HELD_SHARE)).astype(np.int64))


def after_moments(time_N: NDArray[np.int64], valid: int, test: int) -> NDArray[np.int8]:
    """Return TRAIN before the moment `valid`, VALID from there on, TEST from the moment `test` on."""
    return (time_N >= valid).astype(np.int8) + (time_N >= test).astype(np.int8)


def find_boundaries(split: SplitSpec, times: pl.Series, *, unit: TimeUnit) -> tuple[int, int, int]:
    """Return the first moment of validation, the first of test, and the last of all.

    With fractions, a moment belongs to training if it and all before it hold at most that share of the events (and
    so for validation): no moment is cut. Each part that has a share gets at least one moment.
    Raises DataError where the events show too few moments, or where a cut leaves a part empty.
    """
    if split.cut is None:
        return _by_fractions(times, split.fractions or DEFAULT_FRACTIONS)
    valid, test = (_moment(value, unit) for value in split.cut)
    moments = times.to_numpy()
    if valid > test:
        raise ProjectError(
            f"[split] cut holds {list(split.cut)}, but validation must begin before test.", "Swap the two moments."
        )
    part = after_moments(moments, valid, test)
    empty = [name for name, value in (("training", TRAIN), ("test", TEST)) if not (part == value).any()]
    if empty or (valid < test and not (part == VALID).any()):
        cut = " and ".join(_written(moment, unit) for moment in (valid, test))
        ran = (
            " to ".join(_written(int(moment), unit) for moment in (moments.min(), moments.max()))
            if len(moments)
            else ""
        )
        raise DataError(
            f"The cut {cut} leaves no events for {(empty or ['validation'])[0]}; "
            + (f"the events run from {ran}." if ran else "there are no events."),
            "Move the cut inside that range.",
        )
    return valid, test, int(moments.max())


def _places(starts: NDArray[np.int64], counts: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return, per event, how many of the user's counting events come after its own (or next) one, and their total."""
    running = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    length = np.diff(starts)
    last = np.repeat(running[starts[1:]], length)
    total = np.repeat(running[starts[1:]] - running[starts[:-1]], length)
    later = last - running[1:]
    return np.where(counts, later, np.maximum(later - 1, 0)), total


def _from_behind(behind: NDArray[np.int64], total: NDArray[np.int64], held_N: NDArray[np.int64]) -> NDArray[np.int8]:
    part = (behind < 2 * held_N).astype(np.int8) + (behind < held_N).astype(np.int8)
    part[total < FEWEST_EVENTS] = TRAIN
    return part


def _by_fractions(times: pl.Series, fractions: tuple[float, ...]) -> tuple[int, int, int]:
    moments = times.alias("time").value_counts().sort("time")
    moment, ends = moments["time"].to_numpy(), np.cumsum(moments["count"].to_numpy())
    wanted = sum(share > 0 for share in fractions)
    if len(moment) < wanted:
        raise DataError(
            f"The events show only {len(moment)} different moments; a split by time needs {wanted}.",
            'Choose kind = "random" or kind = "leave_one_out" under [split].',
        )
    # The sum of shares is rounded: .7 + .1 is a little less than .8 in binary.
    shares = np.round(np.cumsum(fractions), 9) * ends[-1] + 1e-6
    train = int(np.searchsorted(ends, shares[0], side="right"))
    valid = int(np.searchsorted(ends, shares[1], side="right"))
    train = min(max(train, int(fractions[0] > 0)), len(moment) - sum(share > 0 for share in fractions[1:]))
    valid = min(max(valid, train + int(fractions[1] > 0)), len(moment) - int(fractions[2] > 0))
    edge = np.append(moment, moment[-1] + 1)
    return int(edge[train]), int(edge[valid]), int(moment[-1])


def _written(moment: int, unit: TimeUnit) -> str:
    """Return a moment as people write it: a date, with the time of day where there is one."""
    if unit != "ms":
        return str(moment)
    try:
        written = datetime.fromtimestamp(moment / 1000, UTC).isoformat(" ", "seconds").removesuffix("+00:00")
    except (ValueError, OverflowError, OSError):
        return str(moment)
    return written.removesuffix(" 00:00:00")


def _moment(value: Any, unit: TimeUnit) -> int:
    """Return a moment of the project file in the events' unit."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | date):
        raise ProjectError(f"[split] cut holds {value!r}; expected numbers or ISO dates.", _CUT)
    if isinstance(value, int | float):
        return int(value * 1000) if unit == "ms" and abs(value) < _SECONDS_BELOW else int(value)
    if unit != "ms":
        raise ProjectError(
            f"[split] cut holds the date '{value}', but the events' time is a plain order.", "Cut at numbers."
        )
    try:
        parsed = datetime.fromisoformat(value if isinstance(value, str) else value.isoformat())
    except ValueError:
        raise ProjectError(f"[split] cut holds '{value}'; expected a number or an ISO date.", _CUT) from None
    return int((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp() * 1000)
