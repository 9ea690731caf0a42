"""Fusion of members: one score from the answers of several models and classic recommenders.

B = users, I = items, M = members, F = features, C = classes, n = questions.

A ranking looks at each member in five ways: its log-probability, its score in standard deviations of the row, its
probability, and its place on the list, reciprocal (Cormack, Clarke and Büttcher 2009) and counted (Borda). Voting,
averaging and stacking differ only in how these are weighed, so that one formula serves them all:
Σ (weight + slope · c) · feature, where c tells how long the history is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.errors import ArtifactError
from motet.recommend.calibrated import log_odds

FEATURES = ("log", "standard", "share", "place", "borda")
LISTED, PLACE = 100, 60.0
"""Only the first hundred of a member have a place; the reciprocal is PLACE / (PLACE + rank)."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Spread:
    """How a member's raw scores become probabilities. log: they are log-probabilities already; otherwise each row is
    standardised, and divided by the temperature.
    """

    log: bool
    temperature: float = 1.0


@dataclass(frozen=True)
class RankingMix:
    """How the members of a ranking are weighed.

    weight_MF, slope_MF: of each member's features. centre, scale: c = (log(1 + items of the history) − centre) / scale.
    temperature: what the sum is divided by to be a log-probability up to a constant.
    """

    spreads: tuple[Spread, ...]
    weight_MF: NDArray[np.float64]
    slope_MF: NDArray[np.float64]
    centre: float = 0.0
    scale: float = 1.0
    temperature: float = 1.0

    def contexts(self, length_B: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return c of histories with so many items."""
        return (np.log1p(length_B) - self.centre) / self.scale

    def mixed(self, features_MFBI: Floats, length_B: NDArray[np.integer]) -> Floats:
        """Return the sums (B, I), not divided by the temperature."""
        found = np.zeros(features_MFBI.shape[2:], np.float32)
        context_B = self.contexts(length_B).astype(np.float32)
        for member, feature in zip(*np.nonzero((self.weight_MF != 0) | (self.slope_MF != 0)), strict=True):
            weight_B = self.weight_MF[member, feature] + self.slope_MF[member, feature] * context_B
            found += weight_B.astype(np.float32)[:, None] * features_MFBI[member, feature]
        return found

    def log_probabilities(
        self, raw: Sequence[Floats], length_B: NDArray[np.integer], seen: Sequence[NDArray[np.integer]] | None
    ) -> Floats:
        """Return (B, I), each row's exponentials summing to 1, from the members' raw scores."""
        mixed = self.mixed(features(raw, self.spreads, seen), length_B)
        return log_softmax(mixed / np.float32(self.temperature))

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "spreads": [vars(each) for each in self.spreads],
            "weights": self.weight_MF.tolist(),
            "slopes": self.slope_MF.tolist(),
            "centre": self.centre,
            "scale": self.scale,
            "temperature": self.temperature,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> RankingMix:
        """Return what `to_json` wrote; raises ArtifactError for anything else."""
        try:
            spreads = tuple(Spread(bool(each["log"]), float(each["temperature"])) for each in told["spreads"])
            shape = (len(spreads), len(FEATURES))
            weight, slope = (np.array(told[key], np.float64).reshape(shape) for key in ("weights", "slopes"))
            numbers = [float(told[key]) for key in ("centre", "scale", "temperature")]
            if not np.isfinite([*weight.ravel(), *slope.ravel(), *numbers]).all() or min(numbers[1:]) <= 0:
                raise ValueError("a weight is no number, or a scale is not above 0")
            return cls(spreads, weight, slope, *numbers)
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"A mix of members cannot be read: {error}.", "Fuse anew.") from None


@dataclass(frozen=True)
class AnswerMix:
    """How the answers of members to a task are weighed. bias: added at the end, where there is one number to add to.

    binary, tags: log-odds are summed. class, ordinal: log-probabilities are. number: values are.
    """

    weight_M: NDArray[np.float64]
    bias: float = 0.0

    def mixed(self, output: str, answers: Sequence[NDArray[np.floating]]) -> Floats:
        """Return the mixed answers, in the shape of each member's."""
        told = np.stack([_opened(output, each) for each in answers])
        total = np.tensordot(self.weight_M, told, axes=1) + self.bias
        if output in ("binary", "tags"):
            return np.asarray(1.0 / (1.0 + np.exp(-np.clip(total, -30, 30))), np.float32)
        return total.astype(np.float32) if output == "number" else np.exp(log_softmax(total.astype(np.float32)))

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"weights": self.weight_M.tolist(), "bias": self.bias}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> AnswerMix:
        """Return what `to_json` wrote; raises ArtifactError for anything else."""
        try:
            found = cls(np.array(told["weights"], np.float64), float(told["bias"]))
            if found.weight_M.ndim != 1 or not np.isfinite([*found.weight_M, found.bias]).all():
                raise ValueError("a weight is no number")
            return found
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"A mix of members cannot be read: {error}.", "Fuse anew.") from None


def features(raw: Sequence[Floats], spreads: Sequence[Spread], seen: Sequence[NDArray[np.integer]] | None) -> Floats:
    """Return (M, F, B, I), what a mix looks at. seen: items that leave the list, and have no place on it."""
    return np.stack([member_features(each, spread, seen) for each, spread in zip(raw, spreads, strict=True)])


def member_features(raw_BI: Floats, spread: Spread, seen: Sequence[NDArray[np.integer]] | None) -> Floats:
    """Return (F, B, I) for one member."""
    raw_BI = np.nan_to_num(raw_BI.astype(np.float32), nan=-1e6, neginf=-1e6, posinf=1e6)
    standard = standardised(np.maximum(raw_BI, -60.0) if spread.log else raw_BI)
    log = raw_BI if spread.log else log_softmax(standard / np.float32(spread.temperature))
    place, borda = _places(raw_BI, seen)
    return np.stack([np.maximum(log, -60.0), standard, np.exp(log), place, borda])


def standardised(raw_BI: Floats) -> Floats:
    """Return each row with mean 0 and standard deviation 1; a row without differences becomes 0."""
    centred = raw_BI - raw_BI.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1, keepdims=True)
    return np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-12)


def log_softmax(scores_BI: Floats) -> Floats:
    """Return log-probabilities, rows' exponentials summing to 1."""
    shifted = scores_BI - scores_BI.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)), np.float32)


def leading(raw_BI: Floats, seen: Sequence[NDArray[np.integer]] | None, most: int) -> NDArray[np.int64]:
    """Return (B, most): the best items of each row, best first, without those seen; equal ones go by index."""
    loss = -raw_BI.astype(np.float32)
    for row, items in enumerate(seen or ()):
        loss[row, items[items >= 0]] = np.inf
    most = min(most, loss.shape[1])
    chosen = np.sort(np.argpartition(loss, most - 1, axis=1)[:, :most], axis=1)
    order = np.argsort(np.take_along_axis(loss, chosen, 1), axis=1, kind="stable")
    return np.take_along_axis(chosen, order, 1)


def _places(raw_BI: Floats, seen: Sequence[NDArray[np.integer]] | None) -> tuple[Floats, Floats]:
    """Reciprocal places and Borda counts; equal scores share the place of the last of them, and those that say
    nothing (a row's lowest score) have none.
    """
    place, borda = np.zeros_like(raw_BI), np.zeros_like(raw_BI)
    best = leading(raw_BI, seen, LISTED)
    lowest = raw_BI.min(axis=1, keepdims=True)
    shown_BI = raw_BI.copy()
    for row, items in enumerate(seen or ()):
        shown_BI[row, items[items >= 0]] = lowest[row]
    score = np.take_along_axis(shown_BI, best, 1)
    # the last index with the same score: scores fall along a row
    same = np.cumsum(np.diff(score, axis=1, prepend=score[:, :1]) != 0, axis=1)
    width = best.shape[1]
    last = np.zeros_like(best)
    np.put_along_axis(last, same, np.broadcast_to(np.arange(width), best.shape), 1)
    rank = np.take_along_axis(last, same, 1)
    says = score > lowest
    np.put_along_axis(place, best, np.where(says, PLACE / (PLACE + rank), 0.0).astype(np.float32), 1)
    np.put_along_axis(borda, best, np.where(says, 1.0 - rank / LISTED, 0.0).astype(np.float32), 1)
    return place, borda


def _opened(output: str, answer: NDArray[np.floating]) -> NDArray[np.float64]:
    if output in ("binary", "tags"):
        return log_odds(np.clip(answer, 1e-6, 1 - 1e-6))
    if output == "number":
        return np.asarray(answer, np.float64)
    return np.log(np.clip(np.asarray(answer, np.float64), 1e-6, 1.0))


def opened(output: str, answers: Sequence[NDArray[np.floating]]) -> NDArray[np.float64]:
    """Return the answers on the scale on which they are summed, the members on a last axis."""
    return np.stack([_opened(output, each) for each in answers], axis=-1)
