"""Many weightings judged at once on cached scores, and those that no other beats in every objective.

O = objectives, U = users, n = candidates of a user, W = weightings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Cached:
    """The scores of some users' candidates, kept so that a weighting costs no model.

    tasks: the objectives. log_p_OUn: log of each candidate's calibrated, clipped probability. real_Un: whether a place
    holds a candidate. target_U: the place of the item that came, -1 where it is not among them. ranking: the objective
    that is judged by that item, None for none. penalty_Un: what popularity counts against each, None for nothing.
    """

    tasks: tuple[str, ...]
    log_p_OUn: NDArray[np.float32]
    real_Un: NDArray[np.bool_]
    target_U: NDArray[np.int64]
    ranking: str | None
    penalty_Un: NDArray[np.float32] | None = None

    def of(self, users: NDArray[np.int64]) -> Cached:
        """Return the same of some users."""
        penalty = None if self.penalty_Un is None else self.penalty_Un[users]
        own = self.log_p_OUn[:, users], self.real_Un[users], self.target_U[users]
        return Cached(self.tasks, *own, self.ranking, penalty)


def judge(cached: Cached, weight_O: FloatArray, *, k: int = 10) -> FloatArray:
    """Return (U, O): what each user's first k of a weighting, the same for all or (U, O), are worth to each objective.

    The ranking objective is the ndcg of the item that came; any other the mean probability over the list.
    """
    weight_O, log_p_OUn = weight_O.astype(np.float32), cached.log_p_OUn
    score_Un: NDArray[np.float32]
    if weight_O.ndim == 2:
        score_Un = np.einsum("uo,oun->un", weight_O, log_p_OUn)
    else:
        score_Un = np.tensordot(weight_O, log_p_OUn, axes=1)  # type: ignore[assignment]
    if cached.penalty_Un is not None:
        score_Un -= cached.penalty_Un
    score_Un[~cached.real_Un] = -np.inf
    k = min(k, score_Un.shape[1])
    top_Uk = np.argpartition(-score_Un, k - 1, axis=1)[:, :k] if k < score_Un.shape[1] else _all(score_Un)
    kept_Uk = np.take_along_axis(cached.real_Un, top_Uk, 1)
    found = np.zeros((len(score_Un), len(cached.tasks)))
    for place, task in enumerate(cached.tasks):
        if task == cached.ranking:
            found[:, place] = _gain(score_Un, cached.target_U, k)
        else:
            p_Uk = np.exp(np.take_along_axis(cached.log_p_OUn[place], top_Uk, 1).astype(np.float64)) * kept_Uk
            found[:, place] = p_Uk.sum(axis=1) / np.maximum(kept_Uk.sum(axis=1), 1)
    return found


def weightings(num_objectives: int, count: int, *, seed: int = 0, around: FloatArray | None = None) -> FloatArray:
    """Return (W, O) weights, each row summing to 1: the objectives alone, then mixtures of all sizes.

    Half of the mixtures are spread evenly (Dirichlet), half over orders of magnitude, because a task often needs a
    small weight only. around: mixtures near this one instead.
    """
    rng = np.random.default_rng(seed)
    if around is not None:
        found = np.maximum(around, 1e-3) * np.exp(rng.normal(size=(count, num_objectives)) * 0.5)
        return found / found.sum(axis=1, keepdims=True)
    rest = max(0, count - num_objectives)
    even = rng.dirichlet(np.ones(num_objectives), rest // 2)
    wide = 10.0 ** rng.uniform(-2.5, 0.0, (rest - rest // 2, num_objectives))
    found = np.concatenate([np.eye(num_objectives), even, wide])[:count]
    return found / found.sum(axis=1, keepdims=True)


def front(value_WO: FloatArray) -> NDArray[np.bool_]:
    """Return which weightings no other beats: at least as good in every objective and better in one."""
    kept = np.ones(len(value_WO), np.bool_)
    for place, own in enumerate(value_WO):
        kept[place] = not ((value_WO >= own).all(axis=1) & (value_WO > own).any(axis=1)).any()
    return kept


def knee(value_WO: FloatArray) -> int:
    """Return the weighting where the front bends most: the largest sum of objectives, each from worst 0 to best 1."""
    on = np.flatnonzero(front(value_WO))
    own = value_WO[on]
    spread = own.max(axis=0) - own.min(axis=0)
    scaled = np.divide(own - own.min(axis=0), spread, out=np.zeros_like(own), where=spread > 0)
    return int(on[scaled.sum(axis=1).argmax()])


def means(cached: Cached, weight_WO: FloatArray, *, k: int = 10) -> FloatArray:
    """Return (W, O): every weighting's objectives, mean over users."""
    return np.stack([judge(cached, weight_O, k=k).mean(axis=0) for weight_O in weight_WO])


def told(weight_O: FloatArray, tasks: Sequence[str], ranking: str | None) -> dict[str, float]:
    """Return weights by task with the ranking's brought to 1 where it has any, three digits each, zeros included."""
    scale = float(weight_O[list(tasks).index(ranking)]) if ranking is not None and ranking in tasks else 0.0
    scale = scale if scale > 1e-3 else float(weight_O.max())
    return {task: float(f"{weight / scale:.3g}") for task, weight in zip(tasks, weight_O, strict=True)}


def _gain(score_Un: NDArray[np.float32], target_U: NDArray[np.int64], k: int) -> FloatArray:
    """Ties count against the item that came."""
    own_U = score_Un[np.arange(len(score_Un)), np.maximum(target_U, 0)]
    rank_U = (score_Un >= own_U[:, None]).sum(axis=1) - 1
    return np.where((target_U >= 0) & (rank_U < k), 1.0 / np.log2(rank_U + 2.0), 0.0)


def _all(score_Un: NDArray[np.float32]) -> NDArray[np.int64]:
    return np.broadcast_to(np.arange(score_Un.shape[1]), score_Un.shape)
