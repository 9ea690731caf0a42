"""A student of a language model: a table of static word vectors, fitted to what the model says of a project's texts.

Reading a text is a look-up and a sum, tens of times faster than the teacher. Every known word begins at its
teacher's vector of the word alone, frequent ones with less weight (as distilled static models do: model2vec, Tulkens &
van Dongen 2024; weights after Arora et al. 2017, "a simple but tough-to-beat baseline"); a ridge regression then moves
words, pairs and pieces of words to where the sums are nearest to the teacher's vectors of whole texts. No torch.

n = texts, V = units (see `_units`), K = numbers per unit, D = length of the teacher's vectors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.language.clean import head_and_tail
from motet.language.encoders._about import About
from motet.language.encoders._fitted import MAX_CHARACTERS, Fitted, way_to_cut
from motet.language.encoders._protocol import ENCODERS, Encoder
from motet.language.encoders._ridge import best_penalty, ridge
from motet.language.encoders._units import Units, fit_units
from motet.language.tokenise import pieces, words
from motet.schema import EncoderConfig

NUMBERS = 256
"""Of each unit, in the teacher's principal directions."""
MOST_TEXTS = 60_000
COMMON = 1e-3
"""A word that is this share of all words counts half."""
LEVELS = 127

Matrix = NDArray[np.float32]
Teach = Callable[[Sequence[str]], Matrix]


class Student(Fitted):
    """Sums of static vectors, of unit length, in the space of the teacher's.

    State: `cut` (simple, jieba or characters), `words`, `pairs`, `pieces` (the units), `codes` (V, K int8) and `scale`
    (V,), `basis` (K, D), `mean` (D,), `teacher` (its id) and `agreement`: the mean cosine with the teacher on texts
    that were held out while it was measured.

    find: the teacher of such texts, for `fit`; `ask`, which may be set, asks it.
    """

    name, unfitted = "student", "The student has not been taught yet."
    pretrained = False
    about = About("static word vectors, taught by a language model", "as its teacher", "any", "", "", None, None, None)

    def __init__(self, find: Callable[[Sequence[str]], Encoder]) -> None:
        super().__init__()
        self.ask: Callable[[Encoder, Sequence[str]], Matrix] = lambda teacher, texts: teacher.encode(texts)
        self._find = find

    @property
    def width(self) -> int:
        """Length of a vector: the teacher's."""
        return len(self._state["mean"]) if self._state else self._find([]).width

    @property
    def agreement(self) -> float:
        """The mean cosine with the teacher's vectors of texts that it had not learned from."""
        return float(self._state["agreement"])

    def fit(self, texts: Sequence[str]) -> None:
        """Learn from the language model that reads such texts: minilm, or e5 where some are Chinese."""
        teacher = self._find(texts)
        chosen = thinned(texts)
        self.learn(chosen, self.ask(teacher, chosen), teacher.id, lambda some: self.ask(teacher, some))

    def learn(self, texts: Sequence[str], vectors_nD: Matrix, teacher: str, of_words: Teach) -> None:
        """Learn to answer as a teacher. vectors_nD: its vectors of the texts. of_words: asks it about single words."""
        told = np.flatnonzero(vectors_nD.any(axis=1))
        texts, wanted_nD = [texts[row] for row in told.tolist()], vectors_nD[told]
        cut = way_to_cut(texts)
        split = [_cut(text, cut) for text in texts]
        units, mean = fit_units(split), wanted_nD.mean(0) if len(wanted_nD) else np.zeros(vectors_nD.shape[1])
        basis_KD = _axes(wanted_nD - mean)
        wanted_nK = ((wanted_nD - mean) @ basis_KD.T).astype(np.float32)
        counts_nV = units.rows(split)
        start_VK = _first_guess(units, counts_nV, wanted_nK, _centred(of_words(units.words)) @ basis_KD.T)
        penalty = best_penalty(counts_nV, wanted_nK, start_VK)
        learned: dict[str, Any] = {"cut": cut, "teacher": teacher}
        learned |= {name: list(getattr(units, name)) for name in ("words", "pairs", "pieces")}
        arrays = {"basis": basis_KD.astype(np.float32), "mean": mean.astype(np.float32)}

        def taught(rows: NDArray[np.bool_]) -> dict[str, Any]:
            table_VK = ridge(counts_nV[rows], wanted_nK[rows], start_VK, penalty=penalty)
            return {**learned, **arrays, **_levels(table_VK)}

        held = np.arange(len(texts)) % 10 == 9
        self._take_over({**taught(~held), "agreement": 0.0})
        agreement = self._agreement(counts_nV[held], wanted_nD[held])
        self._take_over({**taught(np.ones(len(texts), bool)), "agreement": agreement})

    def keep_words(self, texts: Sequence[str]) -> None:
        """Put away the words and pairs that none of these texts holds; the texts' own vectors stay what they are."""
        state, units = self._state, self._units
        rows = units.rows([_cut(text, state["cut"]) for text in texts])
        seen = np.asarray(rows.sum(axis=0)).ravel() > 0
        seen[len(units.words) + len(units.pairs) :] = True
        left = units.without(~seen)
        names = {"words": list(left.words), "pairs": list(left.pairs)}
        self._take_over({**state, **names, "codes": np.where(seen[:, None], state["codes"], 0).astype(np.int8)})

    def _take_over(self, state: dict[str, Any]) -> None:
        self._state = state
        self._units = Units(tuple(state["words"]), tuple(state["pairs"]), tuple(state["pieces"]))
        self._table_VK = state["codes"].astype(np.float32) * state["scale"][:, None]
        digest = hashlib.sha256(repr([state[name] for name in ("cut", "words", "pairs", "pieces")]).encode())
        for name in ("codes", "scale", "basis", "mean"):
            digest.update(np.ascontiguousarray(state[name]).tobytes())
        self._digest = digest.hexdigest()[:16]

    def _encode(self, texts: Sequence[str]) -> Matrix:
        split = [_cut(text, self._state["cut"]) for text in texts]
        return self._vectors(self._units.rows(split), np.fromiter((bool(tokens) for tokens in split), bool, len(split)))

    def _agreement(self, counts_nV: Any, wanted_nD: Matrix) -> float:
        """The mean cosine; 0 where nothing was held out."""
        if not len(wanted_nD):
            return 0.0
        found_nD = self._vectors(counts_nV, np.ones(len(wanted_nD), bool))
        return round(float((found_nD * wanted_nD).sum(1).mean()), 4)

    def _vectors(self, counts_nV: Any, told_n: NDArray[np.bool_]) -> Matrix:
        found: Matrix = (counts_nV @ self._table_VK) @ self._state["basis"] + self._state["mean"]
        length = np.linalg.norm(found, axis=1)
        found[~told_n | (length < 1e-8)] = 0
        return (found / np.maximum(length, 1e-8)[:, None]).astype(np.float32)


@ENCODERS.register("student")
def student(config: EncoderConfig) -> Student:
    """Return a student that is yet to be taught; `max_tokens` is its teacher's."""

    def find(texts: Sequence[str]) -> Encoder:
        from motet.language.encoders.e5 import e5
        from motet.language.encoders.minilm import minilm

        return minilm(config) if way_to_cut(texts) == "simple" else e5(config)

    return Student(find)


def thinned(texts: Sequence[str]) -> list[str]:
    """Return the distinct texts, evenly spaced where there are more than a student learns from."""
    distinct = list(dict.fromkeys(text for text in texts if text.strip()))
    return distinct[:: max(1, -(-len(distinct) // MOST_TEXTS))]


def _cut(text: str, cut: str) -> list[str]:
    text = head_and_tail(text, MAX_CHARACTERS)
    return pieces(text) if cut == "characters" else words(text, "zh" if cut == "jieba" else "en")


def _axes(centred_nD: NDArray[Any]) -> NDArray[np.float64]:
    """Return (K, D): the directions in which vectors differ most, fewer where there are fewer texts."""
    covariance = centred_nD.T.astype(np.float64) @ centred_nD
    variance, axes = np.linalg.eigh(covariance)
    order = np.argsort(-variance, kind="stable")[: min(NUMBERS, max(1, len(centred_nD)))]
    axes = axes[:, order]
    largest = axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])]
    found: NDArray[np.float64] = (axes * np.where(largest < 0, -1.0, 1.0)).T
    return found


def _centred(vectors: Matrix) -> Matrix:
    return vectors - vectors.mean(0) if len(vectors) else vectors


def _first_guess(units: Units, counts_nV: Any, wanted_nK: Matrix, words_WK: NDArray[Any]) -> Matrix:
    """Return (V, K): words at their teacher's vectors, pieces at the mean of their words, as long as fits the texts."""
    seen_V = np.asarray(counts_nV.sum(axis=0)).ravel()
    often_W = seen_V[: len(units.words)] / max(float(seen_V.sum()), 1e-9)
    start_WK = (words_WK * (COMMON / (COMMON + often_W))[:, None]).astype(np.float32)
    pairs_PK = np.zeros((len(units.pairs), start_WK.shape[1]), np.float32)
    start_VK = np.concatenate([start_WK, pairs_PK, units.spelt() @ start_WK]).astype(np.float32)
    summed_nK = counts_nV @ start_VK
    size = float((summed_nK**2).sum())
    return start_VK * np.float32((summed_nK * wanted_nK).sum() / size if size > 0 else 1.0)


def _levels(table_VK: Matrix) -> dict[str, NDArray[Any]]:
    """Return int8 rows with a scale each."""
    scale_V = np.maximum(np.abs(table_VK).max(axis=1, initial=0.0) / LEVELS, 1e-12).astype(np.float32)
    return {"codes": np.rint(table_VK / scale_V[:, None]).astype(np.int8), "scale": scale_V}
