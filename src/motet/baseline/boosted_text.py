"""boosted text: gradient-boosted trees on frequent words and plain columns, where LightGBM is installed."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from motet.baseline._frequent import asks_little, inputs
from motet.baseline._half import choosing
from motet.baseline._linear import thinned
from motet.baseline._protocol import BASELINES, Answer
from motet.baseline.boosted import MAX_CLASSES, MIN_ROWS, boosted
from motet.data import Division
from motet.errors import install
from motet.features.labels import Labels
from motet.schema import TRAIN
from motet.tasks import Examples

MAX_ROWS = 60_000


@BASELINES.register("boosted_text")
class BoostedText:
    """Trees on the 1,000 most frequent words beside columns; the number of rounds is chosen on half A."""

    name = "LightGBM on words"
    cheap = False

    def applies(self, examples: Examples, division: Division) -> bool:
        """Return whether LightGBM is there, and the question shows words and asks for few classes."""
        reads = "text" in examples.sources or ("item" in examples.sources and "history" not in examples.sources)
        if not reads or self.refusal(examples, division):
            return False
        enough = int((examples.part_n == TRAIN).sum()) >= MIN_ROWS
        return enough and asks_little(examples, division, most=MAX_CLASSES)

    def refusal(self, examples: Examples, division: Division) -> str:
        """Return what is missing, or an empty string."""
        return "" if find_spec("lightgbm") is not None else f"LightGBM needs an extra. {install('boosted')}"

    def answer(self, examples: Examples, labels: Labels, division: Division, at: NDArray[np.int64]) -> Answer:
        """Return probabilities or values."""
        train = thinned(np.flatnonzero(examples.part_n == TRAIN), MAX_ROWS)
        judged = thinned(choosing(examples), MAX_ROWS)
        encoded = labels.encode(examples.label)
        if labels.output in ("class", "ordinal"):
            train, judged = train[encoded[train] >= 0], judged[encoded[judged] >= 0]
        matrices = inputs(examples, division, [train, judged, at])
        return Answer(score=boosted(labels, (matrices[0], encoded[train]), (matrices[1], encoded[judged]), matrices[2]))
