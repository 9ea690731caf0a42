"""Fuse the members of a ranking: weights fitted on validation half A over the union of what the members list.

n = questions, C = candidates, K = M members × F features, I = items.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from motet.data.hashing import remainders
from motet.evaluate.calibrators import TemperatureSearch
from motet.evaluate.calibrators.choose import by_temperature
from motet.evaluate.stack import fit_choice, simplex
from motet.recommend.fusion import FEATURES, RankingMix, Spread, features, leading, log_softmax, standardised
from motet.tasks import target_ranks, top_items

LISTED, CUT = 40, 10
"""Candidates are the union of each member's first forty; gains are counted to the tenth place, as ndcg@10 does."""

FOLDS, DRAWS = 3, 120
STRENGTHS = (1e-3, 1e-2)
CELLS = 3_000_000
CHOOSING, TEMPERED = 2_500, 400

Floats = NDArray[np.float32]
Weights = NDArray[np.float64]


class RankingMember(Protocol):
    """One member: its name, whether it answers in log-probabilities, and raw scores (B, I) of questions."""

    name: str
    log: bool

    def scores(self, block: NDArray[np.int64]) -> Floats:
        """Return the scores of the examples in `block`."""
        ...


@dataclass(frozen=True)
class Questions:
    """What members are asked: positions among the examples, true items, units, and what each user had."""

    at: NDArray[np.int64]
    target_n: NDArray[np.int64]
    unit_n: NDArray[np.str_]
    had: Callable[[NDArray[np.int64]], list[NDArray[np.int64]]]
    mask: bool
    num_items: int

    def blocks(self, cells: int) -> list[slice]:
        """Return slices of the questions, each of about so many cells of scores."""
        size = max(1, cells // max(1, self.num_items))
        return [slice(start, start + size) for start in range(0, len(self.at), size)]

    def thinned(self, most: int) -> Questions:
        """Return at most so many of the questions, evenly."""
        if len(self.at) <= most:
            return self
        kept = np.linspace(0, len(self.at) - 1, most).astype(np.int64)
        return Questions(self.at[kept], self.target_n[kept], self.unit_n[kept], self.had, self.mask, self.num_items)


@dataclass(frozen=True)
class Candidates:
    """What the members say of the union of what they list. x: features divided by nothing yet, (n, C, M, F)."""

    x_nCMF: Floats
    real_nC: NDArray[np.bool_]
    place_n: NDArray[np.int64]
    length_n: NDArray[np.int64]
    fold_n: NDArray[np.int64]

    def gains(self, score_nC: Floats) -> Weights:
        """Return the discounted gain of each question's true item; ties count against it."""
        score = np.where(self.real_nC, score_nC, -np.inf)
        own = score[np.arange(len(score)), np.maximum(self.place_n, 0)]
        rank = (score >= own[:, None]).sum(axis=1) - 1
        return np.where((self.place_n >= 0) & (rank < CUT), 1.0 / np.log2(rank + 2.0), 0.0)


@dataclass(frozen=True)
class Fitted:
    """A way to weigh. name: what it is. gain: on half A, by questions that had no say in its weights."""

    name: str
    weight_MF: Weights
    slope_MF: Weights
    gain: float


def spreads_of(members: Sequence[RankingMember], questions: Questions) -> tuple[Spread, ...]:
    """Return how each member's raw scores become probabilities: a temperature by the log loss on half A."""
    found = []
    for member in members:
        if member.log:
            found.append(Spread(True))
            continue
        search = TemperatureSearch()
        some = questions.thinned(TEMPERED)
        for part in some.blocks(CELLS):
            search.add(standardised(member.scores(some.at[part])), some.target_n[part])
        found.append(Spread(False, search.best()[0]))
    return tuple(found)


def candidates_of(members: Sequence[RankingMember], spreads: Sequence[Spread], questions: Questions) -> Candidates:
    """Return the candidates of questions with their features."""
    pieces = []
    for part in questions.blocks(CELLS // (len(members) * len(FEATURES))):
        at = questions.at[part]
        raw = [member.scores(at) for member in members]
        had = questions.had(at)
        seen = had if questions.mask else None
        told = features(raw, spreads, seen)
        tops = np.concatenate([leading(each, seen, LISTED) for each in raw], axis=1)
        for row in range(len(at)):
            items = np.unique(tops[row])
            if seen is not None:
                items = np.setdiff1d(items, seen[row])
            pieces.append((items, told[:, :, row, items], len(had[row])))
    widest = max((len(items) for items, *_ in pieces), default=1)
    num, count = len(members), len(pieces)
    x = np.zeros((count, widest, num, len(FEATURES)), np.float32)
    real, place = np.zeros((count, widest), np.bool_), np.full(count, -1, np.int64)
    for row, (items, told, _) in enumerate(pieces):
        x[row, : len(items)] = told.transpose(2, 0, 1)
        real[row, : len(items)] = True
        hits = np.flatnonzero(items == questions.target_n[row])
        place[row] = hits[0] if len(hits) else -1
    length = np.array([length for *_, length in pieces], np.int64)
    return Candidates(x, real, place, length, _folds(questions.unit_n))


def fit_ways(known: Candidates, names: Sequence[str], method: str, *, only: str | None = None) -> list[Fitted]:
    """Return the ways to weigh that a method may choose from, simple ones first.

    vote: reciprocal or counted places, all members alike. mean: weights of log-probabilities, standardised scores or
    probabilities. stack: a conditional logit over all features, with or without the length of the history; the best
    mean; and every member alone, so that the choice is never worse than the best member on half A.
    only: the name of one way, to fit it alone.
    """
    ways: list[Fitted] = []
    if method != "vote":
        ways += [_alone(known, names, member) for member in range(len(names))]
    if method == "vote":
        ways += [_voted(known, len(names), feature) for feature in ("place", "borda")]
    if method in ("mean", "stack") and len(names) > 1:
        ways += [
            _mean(known, len(names), feature)
            for feature in ("log", "standard", "share")
            if only in (None, f"mean of {feature}")
        ]
    if method == "stack" and len(names) > 1:
        for context in (False, True):
            for strength in STRENGTHS:
                name = _stack_name(context, strength)
                if only in (None, name):
                    ways.append(_stacked(known, len(names), context, strength))
    return ways if only is None else [way for way in ways if way.name == only] or ways


def best_way(ways: Sequence[Fitted]) -> Fitted:
    """Return the way with the largest gain on half A; of equal ones the first."""
    return max(ways, key=lambda way: way.gain)


def mix_of(way: Fitted, spreads: Sequence[Spread], known: Candidates) -> RankingMix:
    """Return a way to weigh as it serves; not tempered yet."""
    centre, scale = _context_scale(known.length_n)
    return RankingMix(tuple(spreads), way.weight_MF, way.slope_MF, centre, scale)


def tempered(mix: RankingMix, members: Sequence[RankingMember], questions: Questions) -> RankingMix:
    """Return the mix with the temperature of the least log loss on half A."""
    some, search = questions.thinned(TEMPERED), TemperatureSearch()
    for part in some.blocks(CELLS // len(members)):
        score, _ = mixed_scores(mix, members, some, part)
        search.add(log_softmax(score), some.target_n[part])
    found = by_temperature(search)
    return RankingMix(mix.spreads, mix.weight_MF, mix.slope_MF, mix.centre, mix.scale, found.temperature)


def mixed_scores(
    mix: RankingMix, members: Sequence[RankingMember], questions: Questions, part: slice
) -> tuple[Floats, list[NDArray[np.int64]] | None]:
    """Return scores (B, I) of a slice of questions, and what each user had where that leaves the list."""
    at = questions.at[part]
    had = questions.had(at)
    seen = had if questions.mask else None
    told = features([member.scores(at) for member in members], mix.spreads, seen)
    return mix.mixed(told, np.array([len(each) for each in had])), seen


@dataclass(frozen=True)
class Ranked:
    """Ranks of true items by name of the way; lists of one of them."""

    rank: Mapping[str, NDArray[np.int64]]
    top_nK: NDArray[np.int32]


def ranked_by(
    mixes: Mapping[str, RankingMix],
    members: Sequence[RankingMember],
    questions: Questions,
    *,
    listing: str,
    k: int = 10,
) -> Ranked:
    """Return the ranks of the true items among all items, by every mix and every member (`member NAME`)."""
    names = [*mixes, *(f"member {member.name}" for member in members)]
    rank = {name: np.zeros(len(questions.at), np.int64) for name in names}
    top = np.zeros((len(questions.at), min(k, questions.num_items)), np.int32)
    spreads = next(iter(mixes.values())).spreads
    for part in questions.blocks(CELLS // len(members)):
        at, target = questions.at[part], questions.target_n[part]
        had = questions.had(at)
        seen = had if questions.mask else None
        raw = [member.scores(at) for member in members]
        told, length = features(raw, spreads, seen), np.array([len(each) for each in had])
        for name, mix in mixes.items():
            score = mix.mixed(told, length)
            rank[name][part] = target_ranks(score, target, seen=seen)
            if name == listing:
                top[part] = top_items(score, k, seen=seen)
        for member, each in zip(members, raw, strict=True):
            rank[f"member {member.name}"][part] = target_ranks(each, target, seen=seen)
    return Ranked(rank, top)


def _alone(known: Candidates, names: Sequence[str], member: int) -> Fitted:
    weight = np.zeros((len(names), len(FEATURES)))
    weight[member, FEATURES.index("log")] = 1.0
    gain = known.gains(known.x_nCMF[:, :, member, 0]).mean()
    return Fitted(f"{names[member]} alone", weight, np.zeros_like(weight), float(gain))


def _voted(known: Candidates, num: int, feature: str) -> Fitted:
    weight = np.zeros((num, len(FEATURES)))
    weight[:, FEATURES.index(feature)] = 1.0
    gain = known.gains(known.x_nCMF[:, :, :, FEATURES.index(feature)].sum(axis=2)).mean()
    return Fitted(f"vote by {feature}", weight, np.zeros_like(weight), float(gain))


def _mean(known: Candidates, num: int, feature: str) -> Fitted:
    x, tried = known.x_nCMF[:, :, :, FEATURES.index(feature)], simplex(num, DRAWS)
    gain_Wn = np.stack([known.gains(x @ each.astype(np.float32)) for each in tried])
    held = 0.0
    for fold in range(FOLDS):
        own = known.fold_n == fold
        chosen = int(gain_Wn[:, ~own].mean(axis=1).argmax()) if (~own).any() else 0
        held += float(gain_Wn[chosen, own].sum())
    weight = np.zeros((num, len(FEATURES)))
    weight[:, FEATURES.index(feature)] = tried[int(gain_Wn.mean(axis=1).argmax())]
    return Fitted(f"mean of {feature}", weight, np.zeros_like(weight), held / max(1, len(known.fold_n)))


def _stack_name(context: bool, strength: float) -> str:
    return f"stack{' by history' if context else ''}, strength {strength:g}"


def _stacked(known: Candidates, num: int, context: bool, strength: float) -> Fitted:
    width = num * len(FEATURES)
    x = known.x_nCMF.reshape(*known.real_nC.shape, width)
    sd = x[known.real_nC].std(axis=0).astype(np.float64)
    x = np.divide(x, sd, out=np.zeros_like(x), where=sd > 1e-9)
    if context:
        centre, scale = _context_scale(known.length_n)
        own = ((np.log1p(known.length_n) - centre) / scale).astype(np.float32)
        x = np.concatenate([x, x * own[:, None, None]], axis=2)
    held = 0.0
    for fold in range(FOLDS):
        inside = known.fold_n == fold
        w = fit_choice(x[~inside], known.real_nC[~inside], known.place_n[~inside], strength=strength)
        gain = known.gains(x @ w.astype(np.float32))
        held += float(gain[inside].sum())
    w = fit_choice(x, known.real_nC, known.place_n, strength=strength)
    parts = [w[:width], w[width:] if context else np.zeros(width)]
    weight, slope = (
        np.divide(each, sd, out=np.zeros(width), where=sd > 1e-9).reshape(num, len(FEATURES)) for each in parts
    )
    return Fitted(_stack_name(context, strength), weight, slope, held / max(1, len(known.fold_n)))


def _context_scale(length_n: NDArray[np.int64]) -> tuple[float, float]:
    told = np.log1p(length_n)
    return (float(told.mean()), max(float(told.std()), 1e-6)) if len(told) else (0.0, 1.0)


def _folds(unit_n: NDArray[np.str_]) -> NDArray[np.int64]:
    """Folds of whole units; half A is a remainder by 2, so the digits after it are taken."""
    import polars as pl

    return remainders(pl.Series(unit_n)) // 4 % FOLDS
