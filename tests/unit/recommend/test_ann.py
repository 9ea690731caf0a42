import sys

import numpy as np
import pytest

from motet.errors import MissingExtra
from motet.recommend.ann import build_index

RNG = np.random.default_rng(0)


def clustered(size: int = 6_000, width: int = 16) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    centres = 3 * RNG.standard_normal((40, width))
    vectors = (centres[RNG.integers(0, 40, size)] + RNG.standard_normal((size, width))).astype(np.float32)
    users = (centres[RNG.integers(0, 40, 50)] + RNG.standard_normal((50, width))).astype(np.float32)
    return vectors, RNG.standard_normal(size).astype(np.float32), users


def test_recall_is_what_it_finds_of_the_true_first_hundred() -> None:
    vectors, bias, users = clustered()
    index = build_index(vectors, bias, users, probes=8)
    true = np.argsort(-(users @ vectors.T + bias), axis=1)[:, :100]
    found = index.search(users, 100)
    assert index.recall == pytest.approx(np.mean([np.isin(t, f).mean() for t, f in zip(true, found, strict=True)]))
    assert 0.5 < index.recall < 1.0, "few enough cells are searched to miss some"
    assert build_index(vectors, bias, users, probes=4_000).recall == 1.0
    assert index.size == 6_000 and len(np.unique(index.sample_s)) == 6_000


def test_shapeless_vectors_are_found_less() -> None:
    size = 6_000
    vectors = RNG.standard_normal((size, 48)).astype(np.float32)
    index = build_index(vectors, np.zeros(size, np.float32), vectors[:40] * 0 + RNG.standard_normal((40, 48)), probes=8)
    assert index.recall < 0.7


def test_only_allowed_items_are_found() -> None:
    vectors, bias, users = clustered()
    index = build_index(vectors, bias, users, probes=8)
    allowed = np.zeros(len(vectors), np.bool_)
    allowed[::50] = True
    (found,) = index.search(users[:1], 100, allowed_I=allowed)
    assert allowed[found].all() and 0 < len(found) < 100, "the cells that are searched hold no more"


def test_without_faiss_it_says_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(MissingExtra, match="faiss"):
        build_index(*clustered(100), probes=1)
