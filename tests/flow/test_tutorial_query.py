"""The tutorial's own question about its own shop, as its reader would ask it."""

import contextlib
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from motet.features.likeness import answer_scores
from motet.features.whitening import fit_whitening
from motet.language.encoders import ENCODERS
from motet.schema import EncoderConfig

TUTORIAL = (Path(__file__).parents[2] / "docs" / "tutorial" / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    code = re.search(r'```python title="shop.py"\n(.*?)```', TUTORIAL, re.S)[1]
    with contextlib.chdir(tmp_path_factory.mktemp("tutorial")):
        exec(code, {})
        books = pl.read_csv("books.csv")
    encoder = ENCODERS.get("minilm")(EncoderConfig())
    read = np.asarray(encoder.encode(books["title"].to_list()), np.float32)
    whitening = fit_whitening(read, width=32)

    def ask(query):
        raw = np.asarray(encoder.encode([query]), np.float32)
        return answer_scores(whitening.apply(read), whitening.apply(raw), raw, whitening)[0]

    return books, ask


def test_the_first_answer_is_of_the_asked_kind(shop):
    books, ask = shop
    query = re.search(r'--query "([^"]+)"', TUTORIAL)[1]
    assert "detective" in query and "alibi" in query
    for place in np.argsort(-ask(query))[:3]:
        assert books["genre"][int(place)] == "crime"
        assert "detective" in books["title"][int(place)].lower() or "alibi" in books["title"][int(place)].lower()


@pytest.mark.parametrize("query", ["zzz qqq", "without", "asdf"])
def test_a_query_without_sense_moves_nothing(shop, query):
    books, ask = shop
    assert ask(query) == pytest.approx(-np.log(len(books)))
