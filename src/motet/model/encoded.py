"""Users as serving holds them, as arrays: the same that training made of the same events. NumPy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.features.batch import FeatureArrays, Segments
from motet.features.columns import Plain
from motet.features.history import EventArrays, gap_bucket, gaps_within
from motet.features.memory import Memory, Recall, Recent
from motet.features.prepare import event_arrays
from motet.features.recalling import recent_of
from motet.model.parts import Served
from motet.recommend.port import History


@dataclass(frozen=True)
class Encoded:
    """B users: the events they did, their profiles, where each one's state will stand, what they recall."""

    arrays: FeatureArrays
    segments: Segments
    state_B: NDArray[np.int64]
    gap_B: NDArray[np.int64] | None
    recall: Recall | None = None


def encoded(histories: Sequence[History], served: Served, max_history: int) -> Encoded:
    """Return the histories as arrays, the last `max_history` events of each."""
    state = served.state
    kept = [_last(history, max_history) for history in histories]
    lengths = np.array([len(history) for history in kept], np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    item_N = np.concatenate([np.zeros(0, np.int32), *[history.item_L for history in kept]])
    columns = [history.columns for history in kept if len(history)]
    frame = pl.concat(columns) if columns and columns[0].width else pl.DataFrame({"@": item_N})
    gaps = [_gaps_between(h, timed=state.timed)[len(h) - len(k) :] for h, k in zip(histories, kept, strict=True)]
    gap_N = np.concatenate([np.zeros(0, np.int32), *gaps])
    events = _events(kept, item_N, gap_N, state.events.encode(frame) if state.events else None, served)
    profiles = None
    if state.users is not None:
        rows = [h.profile.head(1) if h.profile.height else pl.DataFrame({"@": [0]}) for h in histories]
        profiles = state.users.encode(pl.concat(rows, how="diagonal_relaxed")).with_empty_first()
    width = int(lengths.max(initial=0))
    step = np.arange(width)
    event_BL = np.where(step[None, :] < lengths[:, None], starts[:-1, None] + step[None, :] + 1, 0)
    user_B = np.arange(1, len(kept) + 1) if profiles is not None else np.zeros(len(kept), np.int64)
    return Encoded(
        FeatureArrays(None, events, profiles, {}),
        Segments(event_BL.astype(np.int64), user_B.astype(np.int64)),
        np.arange(len(kept)) * (width + 1) + lengths,
        _gaps_now(kept, timed=state.timed),
        None if served.memory is None else Recall(served.memory, _recent(served.memory, histories)),
    )


def _recent(memory: Memory, histories: Sequence[History]) -> Recent:
    """The last items of the histories; those that came after training are not in the memory."""
    known = len(memory.total_I)
    return recent_of([np.where(each.item_L < known, each.item_L, -1) for each in histories])


def _last(history: History, most: int) -> History:
    keep = slice(max(0, len(history) - most), len(history))
    return replace(
        history,
        item_L=history.item_L[keep],
        columns=history.columns[keep] if history.columns.width else history.columns,
        time_L=None if history.time_L is None else history.time_L[keep],
        text_LD=None if history.text_LD is None else history.text_LD[keep],
    )


def _gaps_between(history: History, *, timed: bool) -> NDArray[np.int32]:
    """Buckets of the time since the event before; of the whole history, so that its last events know it, too."""
    if not timed or history.time_L is None:
        return np.zeros(len(history), np.int32)
    return gaps_within(history.time_L, np.array([0, len(history)]))


def _gaps_now(histories: Sequence[History], *, timed: bool) -> NDArray[np.int64] | None:
    """Buckets of the time since the last event; where no moment is given, the last event is now."""
    if not timed:
        return None
    elapsed = [
        h.now - int(h.time_L[-1]) if h.now is not None and h.time_L is not None and len(h.time_L) else 0
        for h in histories
    ]
    known = np.array([len(history) > 0 for history in histories])
    return np.where(known, gap_bucket(np.asarray(elapsed, np.int64)), 0).astype(np.int64)


def _events(
    kept: Sequence[History], item_N: NDArray[np.int32], gaps: NDArray[np.int32], plain: Plain | None, served: Served
) -> EventArrays:
    none = Plain(
        np.zeros((len(item_N), 0), np.int32),
        np.zeros((len(item_N), 0), np.float32),
        np.zeros(0, np.int32),
        np.zeros(len(item_N) + 1, np.int64),
    )
    arrays = event_arrays(item_N, gaps, plain if plain is not None else none, None, None, served.state.whitening)
    texts = [history.text_LD for history in kept]
    if any(text is not None and text.any() for text in texts):
        width = arrays.text_vectors.shape[1]
        rows = [
            text if text is not None else np.zeros((len(h), width), np.float32)
            for text, h in zip(texts, kept, strict=True)
        ]
        vectors = np.concatenate([np.zeros((1, width), np.float32), *rows])
        present = vectors.any(axis=1)
        arrays = replace(
            arrays,
            text_vectors=vectors.astype(np.float32),
            text_N=np.where(present, np.arange(len(vectors)), 0).astype(np.int32),
        )
    return arrays
