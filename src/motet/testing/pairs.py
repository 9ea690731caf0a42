"""Paired comparisons with a known truth: what intervals are held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from motet.evaluate import PairedDifference, Predictions, compare
from motet.schema import Binary, Number, Relation

LEVEL = 10.0
"""The twin's mean absolute error."""


@dataclass(frozen=True)
class World:
    """How joint and twin truly differ. Variances are of the mean over all users, so that they can be compared.

    effect: the true difference, in standard errors of the users. seeds: variance between seeds. luck: of users who fare
    better with one seed and worse with another. Both as multiples of the users' own variance, which is 1 / users.
    """

    users: int = 200
    effect: float = 0.0
    seeds: float = 0.0
    luck: float = 0.0

    @property
    def truth(self) -> float:
        """The true difference, positive where joint is better."""
        return self.effect / np.sqrt(self.users)

    @property
    def unit(self) -> float:
        """What widths are counted in: the standard error of the mean over users."""
        return float(1 / np.sqrt(self.users))

    def draw(self, rng: np.random.Generator, seeds: int) -> PairedDifference:
        """Return a comparison over so many seeds, judged by mae."""
        own_u = rng.normal(0, 1, self.users)
        seed_s = rng.normal(0, np.sqrt(self.seeds / self.users), seeds)
        luck_su = rng.normal(0, np.sqrt(self.luck), (seeds, self.users))
        difference_su = self.truth + own_u + seed_s[:, None] + luck_su
        twin = _errors(np.full((seeds, self.users), LEVEL))
        return compare(_errors(LEVEL - difference_su), twin)


class Alike:
    """Joint and twin are drawn alike, so that the true difference is none; widths are told as they are."""

    truth: ClassVar[float] = 0.0
    unit: ClassVar[float] = 1.0


@dataclass(frozen=True)
class RankingWorld(Alike):
    """Yes-or-no questions that both models rank equally well on the whole, judged by auc, which is no mean.

    users: each with `questions` questions, three in ten of them with a yes. apart: how far a yes stands above a no, in
    standard deviations of a question's difficulty, which both models share. taste: the standard deviation, over users,
    of what each model sees in a user more or less. seeds: likewise from seed to seed, of what it sees in all.
    """

    users: int = 200
    questions: int = 4
    apart: float = 1.5
    taste: float = 0.5
    seeds: float = 0.0

    def draw(self, rng: np.random.Generator, seeds: int) -> PairedDifference:
        """Return a comparison over so many seeds, judged by auc."""
        shape = (self.users, self.questions)
        label, shared = rng.random(shape) < 0.3, rng.normal(0, 1, shape)

        def model() -> list[Predictions]:
            own_u = rng.normal(0, self.taste, (self.users, 1))
            apart_s = self.apart + rng.normal(0, self.seeds, seeds)
            return [_ranked(label, (each + own_u) * label + shared + rng.normal(0, 0.3, shape)) for each in apart_s]

        return compare(model(), model())


@dataclass(frozen=True)
class PairWorld(Alike):
    """Yes-or-no questions about pairs of users, which both models answer equally well on the whole.

    users, questions: how many; the two users of a question are drawn by chance. metric: what it is judged by. taste:
    the standard deviation, over users, of what each model sees in a user's pairs more or less, on either side of them;
    every pair has something of its own besides. luck: the share of this own variance (.1) that is drawn anew for every
    seed. busy: the standard deviation of the logarithm of how often a user is drawn. both: whether judges are told the
    second users, or the first ones alone.
    """

    users: int = 300
    questions: int = 1_500
    metric: str = "auc"
    taste: float = 1.0
    busy: float = 0.0
    luck: float = 0.1
    both: bool = True

    def draw(self, rng: np.random.Generator, seeds: int) -> PairedDifference:
        """Return a comparison over so many seeds."""
        often_u = np.exp(rng.normal(0, self.busy, self.users))
        pair_q2 = rng.choice(self.users, (self.questions, 2), p=often_u / often_u.sum())
        pair_q2 = pair_q2[pair_q2[:, 0] != pair_q2[:, 1]]
        label, shared = rng.random(len(pair_q2)) < 0.5, rng.normal(0, 1, len(pair_q2))
        names = pair_q2.astype(str)
        blank = Predictions(Relation(name="friend", table="friends"), "binary", names[:, 0])
        blank = replace(blank, other_n=names[:, 1] if self.both else None, label=label.astype(np.float32))

        lasting, anew = np.sqrt(0.1 * np.array([1 - self.luck, self.luck]))

        def model() -> list[Predictions]:
            own_u, own_q = rng.normal(0, self.taste, self.users), rng.normal(0, lasting, len(label))
            sign, seen = 2 * label - 1, 0.75 + own_u[pair_q2].sum(axis=1) / 2
            logits = [sign * seen + shared + own_q + rng.normal(0, anew, len(label)) for _ in range(seeds)]
            return [replace(blank, score=(1 / (1 + np.exp(-each))).astype(np.float32)) for each in logits]

        return compare(model(), model(), metric=self.metric)


Worlds = World | RankingWorld | PairWorld


def coverage(world: Worlds, *, seeds: int, draws: int, rng: np.random.Generator) -> tuple[float, float]:
    """Return how often the 95 % interval holds the truth, and its median width in the world's unit."""
    held, width = [], []
    for _ in range(draws):
        low, high = world.draw(rng, seeds).interval()
        held.append(low <= world.truth <= high)
        width.append((high - low) / world.unit)
    return float(np.mean(held)), float(np.median(width))


def _ranked(label_uq: np.ndarray, score_uq: np.ndarray) -> Predictions:
    """Answers to yes-or-no questions of users."""
    unit_n = np.repeat(np.arange(len(label_uq)), label_uq.shape[1]).astype(str)
    task = Binary(name="yes", column="yes", table="rows")
    chance = 1 / (1 + np.exp(-score_uq.ravel()))
    return Predictions(
        task, "binary", unit_n, score=chance.astype(np.float32), label=label_uq.ravel().astype(np.float32)
    )


def _errors(error_su: np.ndarray) -> Sequence[Predictions]:
    """Predictions per seed that are off by these errors."""
    unit_n = np.arange(error_su.shape[1]).astype(str)
    blank = np.zeros(error_su.shape[1], np.float32)
    task = Number(name="number", column="number")
    return [Predictions(task, "number", unit_n, score=row.astype(np.float32), label=blank) for row in error_su]
