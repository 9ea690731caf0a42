"""A ranking's scores in NumPy, as its head makes them: states · items, readiness to return, and the memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from motet.features.memory import RESEMBLES, Recall
from motet.recommend.fusion import log_softmax
from motet.recommend.port import History

SELDOM = 0.1
"""An item that came after training has the bias below which a tenth of the catalogue lies."""
Floats = NDArray[np.float32]


def rank_scores(
    state_nd: Floats,
    vectors_Id: Floats,
    own: Mapping[str, Floats],
    histories: Sequence[History],
    recall: Recall | None,
    window: int,
) -> Floats:
    """Return scores (n, I) of the catalogue. own: the head's arrays. window: how many events of a past count."""
    num = len(vectors_Id) - 1
    bias = own["bias"]
    if num > len(bias):
        later = np.sort(bias)[int(SELDOM * (len(bias) - 1))]
        bias = np.concatenate([bias, np.full(num - len(bias), later, np.float32)])
    scores = state_nd @ vectors_Id[1:].T + bias
    past = past_of(histories, window) if "repeats" in own or "gate" in own else None
    if "repeats" in own and past is not None:
        often, lately = own["repeats"]
        row, item, count, nearness = past
        shift = own["shift"]
        ready = often + np.where(item + 1 < len(shift), shift[np.minimum(item + 1, len(shift) - 1)], shift[0])
        np.add.at(scores, (row, item), ready * np.log1p(count) + lately * nearness)
    if "trust" in own and recall is not None:
        pairs = recall.pairs()
        value = np.where(pairs.kind_p == RESEMBLES, own["trust"][1], own["trust"][0]) * pairs.value_p
        np.add.at(scores, (pairs.row_p, pairs.item_p), value)
    if "gate" in own and recall is not None and own["gate"][:3].any():
        return _mixed(scores, recall, past if "repeats" in own else None, own["gate"])
    return scores


def past_of(histories: Sequence[History], window: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats]:
    """Return (question, item, how often, 1 / how many events ago it was last) of every pair, sorted."""
    rows, items, counts, nears = [], [], [], []
    for row, history in enumerate(histories):
        last = history.item_L[max(0, len(history) - window) :]
        ago = len(last) - np.arange(len(last))
        known = last >= 0
        item, place, count = np.unique(last[known], return_inverse=True, return_counts=True)
        near = np.zeros(len(item), np.float32)
        np.maximum.at(near, place, (1.0 / ago[known]).astype(np.float32))
        rows.append(np.full(len(item), row))
        items.append(item)
        counts.append(count)
        nears.append(near)
    empty = [np.zeros(0)]
    joined = [np.concatenate([*each, *empty]) for each in (rows, items, counts, nears)]
    row_p, item_p, count_p, near_p = joined
    return row_p.astype(np.int64), item_p.astype(np.int64), count_p.astype(np.float32), near_p.astype(np.float32)


def _mixed(scores: Floats, recall: Recall, past: tuple[NDArray[Any], ...] | None, gate: Floats) -> Floats:
    """Log-probabilities of the mixture of a network's scores and what is recalled (see model.heads._mix)."""
    n, num = scores.shape
    trusted, decay, shrink = gate[:3], float(gate[3]), float(gate[4])
    follows, resembles = recall.shares(decay=decay, shrink=shrink)
    for each in (follows, resembles):
        each.resize((n, num))
    own = sparse.csr_array((n, num), dtype=np.float32)
    if past is not None:
        row, item, count, _ = past
        share = (count / np.bincount(row, count, minlength=n)[row]).astype(np.float32)
        own = sparse.coo_array((share, (row, item)), shape=(n, num)).tocsr()
    extra = (trusted[0] * follows + trusted[1] * resembles + trusted[2] * own).tocsr()
    row_p, item_p = np.repeat(np.arange(n), np.diff(extra.indptr)), extra.indices
    value_p = extra.data.astype(np.float32)
    mass_n = np.log1p(np.bincount(row_p, value_p, minlength=n)).astype(np.float32)
    log_nI = log_softmax(scores) - mass_n[:, None]
    with np.errstate(divide="ignore"):
        log_nI[row_p, item_p] = np.logaddexp(log_nI[row_p, item_p], np.log(value_p) - mass_n[row_p])
    return log_nI
