"""als: implicit matrix factors by alternating least squares (Hu, Koren and Volinsky 2008), by the library implicit."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from motet.baseline._lists import best_of, had, listed, ranks_items
from motet.baseline._protocol import BASELINES, Answer
from motet.data import Division
from motet.errors import install
from motet.features.labels import Labels
from motet.recommend.classic import Classic, Factors
from motet.tasks import Examples

FACTORS, ROUNDS = 64, 15
ALPHAS, STRENGTHS = (2.0, 10.0, 40.0), (1.0, 10.0, 100.0)


@BASELINES.register("als")
class Als:
    """64 factors; the confidence in what a user had and the regularisation are chosen on half A."""

    name = "ALS"
    cheap = False

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether the library is there and the task ranks items."""
        return ranks_items(examples, division) and not self.refusal(examples, division)

    def refusal(self, examples: Examples, division: Division) -> str:
        """Return what is missing, or an empty string."""
        return "" if find_spec("implicit") is not None else f"ALS needs an extra. {install('members')}"

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return ranks and lists; users are folded in from the history that the question shows."""
        return listed(self, examples, division, at)

    def fitted(self, examples: Examples, division: Division) -> Classic:
        """Return the recommender."""
        return best_of(_tried(had(division)), examples, division)


def _tried(matrix: sparse.csr_array) -> Iterator[Classic]:
    from implicit.cpu.als import AlternatingLeastSquares

    for alpha, strength in product(ALPHAS, STRENGTHS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it advises on the threads of libraries that other parts use
            model = AlternatingLeastSquares(
                factors=min(FACTORS, *matrix.shape),
                regularization=strength,
                alpha=alpha,
                iterations=ROUNDS,
                num_threads=1,  # the order of sums would differ from run to run
                random_state=0,
            )
            model.fit(sparse.csr_matrix(matrix), show_progress=False)
        yield Factors(np.asarray(model.item_factors, np.float32), alpha, strength)
