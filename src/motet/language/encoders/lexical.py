"""The lexical encoder: TF-IDF of words and characters, reduced to 128 dimensions. No language model.

Latent semantic analysis (Deerwester et al. 1990). It shows what a language model adds, and it needs nothing but
scikit-learn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from motet.language.clean import folded, head_and_tail
from motet.language.encoders._about import About
from motet.language.encoders._fitted import MAX_CHARACTERS, Fitted, way_to_cut
from motet.language.encoders._protocol import ENCODERS
from motet.language.tokenise import pieces, words
from motet.schema import EncoderConfig

WIDTH = 128
MAX_FEATURES = 20_000
MAX_FIT_TEXTS = 200_000


class Lexical(Fitted):
    """TF-IDF → truncated SVD, fitted on training texts.

    State: `word_terms` and `char_terms` (the vocabularies), `idf` (both, in that order), `components`
    (terms, 128), and how texts are cut (`cut`: simple, jieba or characters).
    """

    name, unfitted = "lexical", "The lexical encoder has not read any text yet."
    width = WIDTH
    pretrained = False
    about = About("TF-IDF, no language model", "Apache-2.0", "any", "", "", None, WIDTH, 0)

    def fit(self, texts: Sequence[str]) -> None:
        """Learn vocabularies, idf and components; from evenly spaced texts where there are more than 200,000."""
        step = max(1, -(-len(texts) // MAX_FIT_TEXTS))
        chosen = [_plain(text) for text in texts[::step]]
        cut = way_to_cut(chosen)
        counts, terms = zip(*(_count(chosen, cut, part) for part in ("word", "char")), strict=True)
        document_frequency = np.concatenate([np.bincount(each.indices, minlength=each.shape[1]) for each in counts])
        idf = np.log((1 + len(chosen)) / (1 + document_frequency)) + 1
        weighted = _weigh(counts[0], counts[1], idf)
        self._take_over(
            {
                "cut": cut,
                "word_terms": terms[0],
                "char_terms": terms[1],
                "idf": idf.astype(np.float32),
                "components": _components(weighted),
            }
        )

    def keep_words(self, texts: Sequence[str]) -> None:
        """Put away the words that none of these texts holds; the texts' own vectors stay what they are."""
        state = self._state
        counts, terms = _count([_plain(text) for text in texts], state["cut"], "word", list(state["word_terms"]))
        seen = np.asarray(counts.sum(axis=0)).ravel() > 0 if counts.shape[1] else np.zeros(0, bool)
        kept = [term if held else f"\x00{at}" for at, (term, held) in enumerate(zip(terms, seen, strict=True))]
        self._take_over({**state, "word_terms": kept})

    def _take_over(self, state: dict[str, Any]) -> None:
        self._state = state
        digest = hashlib.sha256(repr((state["cut"], state["word_terms"], state["char_terms"])).encode())
        digest.update(np.ascontiguousarray(state["idf"]).tobytes())
        digest.update(np.ascontiguousarray(state["components"]).tobytes())
        self._digest = digest.hexdigest()[:16]

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        state, texts = self._state, [_plain(text) for text in texts]
        counted = [_count(texts, state["cut"], part, list(state[f"{part}_terms"]))[0] for part in ("word", "char")]
        projected = _weigh(counted[0], counted[1], state["idf"]) @ state["components"]
        length = np.linalg.norm(projected, axis=1, keepdims=True)
        return np.divide(projected, length, out=np.zeros_like(projected), where=length > 1e-8).astype(np.float32)


@ENCODERS.register("lexical")
def lexical(config: EncoderConfig) -> Lexical:
    """Return a lexical encoder that is yet to be fitted; `max_tokens` does not concern it."""
    return Lexical()


def _plain(text: str) -> str:
    """Return bounded, lower-case text with single blanks."""
    return " ".join(folded(head_and_tail(text, MAX_CHARACTERS)).split())


def _count(
    texts: Sequence[str], cut: str, part: str, terms: Sequence[str] | None = None
) -> tuple[sp.csr_matrix, list[str]]:
    """Return (texts × terms) counts and the terms; a given vocabulary is kept, else one is learned."""
    from sklearn.feature_extraction.text import CountVectorizer

    if terms is not None and not terms:
        return sp.csr_matrix((len(texts), 0), dtype=np.float32), []
    vocabulary = None if terms is None else {term: index for index, term in enumerate(terms)}
    shared = {"vocabulary": vocabulary, "dtype": np.float32, "max_features": MAX_FEATURES}
    if part == "word":
        cutters = {"jieba": lambda text: words(text, "zh"), "characters": pieces, "simple": lambda t: words(t, "en")}
        vectorizer = CountVectorizer(analyzer=cutters[cut], **shared)
    elif cut == "simple":
        vectorizer = CountVectorizer(analyzer="char_wb", ngram_range=(2, 4), lowercase=False, **shared)
    else:
        vectorizer = CountVectorizer(analyzer="char", ngram_range=(1, 3), lowercase=False, **shared)
    try:
        counts = vectorizer.transform(texts) if terms is not None else vectorizer.fit_transform(texts)
    except ValueError as error:
        if "empty vocabulary" not in str(error):
            raise
        return sp.csr_matrix((len(texts), 0), dtype=np.float32), []
    return sp.csr_matrix(counts), list(terms if terms is not None else vectorizer.get_feature_names_out())


def _weigh(word: sp.csr_matrix, char: sp.csr_matrix, idf: NDArray[np.float32]) -> sp.csr_matrix:
    """Return (1 + log tf)·idf, each family of unit length, side by side."""
    from sklearn.preprocessing import normalize

    parts = []
    for counts, weight in ((word, idf[: word.shape[1]]), (char, idf[word.shape[1] :])):
        weighted = counts.astype(np.float32)
        weighted.data = (1 + np.log(weighted.data)) * weight[weighted.indices].astype(np.float32)
        parts.append(normalize(weighted) if weighted.shape[1] else weighted)
    return sp.csr_matrix(sp.hstack(parts), dtype=np.float32)


def _components(weighted: sp.csr_matrix) -> NDArray[np.float32]:
    """Return (terms, 128): the leading right singular vectors, filled with zeros where there are fewer."""
    from sklearn.utils.extmath import randomized_svd

    components = np.zeros((weighted.shape[1], WIDTH), np.float32)
    rank = min(WIDTH, *weighted.shape)
    if rank:
        _, _, right = randomized_svd(weighted, rank, n_iter=4, random_state=0)
        largest = right[np.arange(rank), np.abs(right).argmax(1)]
        components[:, :rank] = (right * np.where(largest < 0, -1, 1)[:, None]).T
    return components
