"""Questions about pairs of users: two depend on each other where they share a user, on whichever side of the pair.

With influences g (evaluate/influence.py), the variance is the sum of g·g′ over all questions that share a user: every
user's sum squared, less each pair's sum squared, which both of its users counted. Where the users of one side never
stand on the other, this is V(first) + V(second) − V(pair) of Cameron, Gelbach & Miller 2011. Friends are one
population, and that formula would miss a user who is first here and second there. Source: Fafchamps & Gubert 2007;
Aronow, Samii & Assenova 2015, arXiv:1312.3398. Users' sums are those of a jackknife, as MacKinnon, Nielsen & Webb 2024
advise (arXiv:2406.08880): a user in many pairs pulls the mean towards their own.
"""

# n = questions, U = users, D = pairs of users

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from motet.evaluate.predictions import Predictions

FloatArray = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Sides:
    """The two users of each question, in one numbering of all users, and how many there are.

    fewer: how many users the side with fewer of them has; degrees of freedom go by it.
    """

    first_n: Numbers
    second_n: Numbers
    users: int
    fewer: int


def sides_of(predictions: Predictions) -> Sides | None:
    """Return who is asked about; None where questions are not about pairs."""
    if predictions.other_n is None:
        return None
    names, both = np.unique(np.concatenate([predictions.unit_n, predictions.other_n]), return_inverse=True)
    first_n, second_n = both[: len(predictions)], both[len(predictions) :]
    return Sides(first_n, second_n, len(names), min(len(np.unique(first_n)), len(np.unique(second_n))))


def variance_over_pairs(influence_n: FloatArray, sides: Sides) -> float:
    """Return the variance of a metric, or of a difference, whose influences these are; NaN ones are left out.

    Never below the variance with the first users, the second users, or the pairs as the only units. NaN with fewer than
    two users on a side, and where one user is in every question: nothing then tells how another would do.
    """
    counts_n = ~np.isnan(influence_n)
    influence_n, first_n, second_n = influence_n[counts_n], sides.first_n[counts_n], sides.second_n[counts_n]
    one_way = [_one_way(influence_n, each) for each in (first_n, second_n)]
    count_U = np.bincount(first_n, minlength=sides.users) + np.bincount(second_n, minlength=sides.users)
    share_U = count_U / max(1, len(influence_n))
    if np.isnan(one_way).any() or (share_U >= 1).any():
        return math.nan
    sum_U = np.bincount(first_n, influence_n, sides.users) + np.bincount(second_n, influence_n, sides.users)
    _, pair_n = np.unique(
        np.minimum(first_n, second_n) * sides.users + np.maximum(first_n, second_n), return_inverse=True
    )
    of_pairs = float((np.bincount(pair_n, influence_n) ** 2).sum())
    of_users = float(((sum_U / (1 - share_U)) ** 2).sum())
    return max(of_users - of_pairs, of_pairs, *one_way)


def _one_way(influence_n: FloatArray, unit_n: Numbers) -> float:
    """The variance if questions shared nothing but this; NaN with fewer than two units."""
    _, unit_n = np.unique(unit_n, return_inverse=True)
    sum_U = np.bincount(unit_n, influence_n)
    return float((sum_U**2).sum()) * len(sum_U) / (len(sum_U) - 1) if len(sum_U) > 1 else math.nan
