import numpy as np
import polars as pl
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from motet.features import similar
from motet.features.item_words import words_of_items
from motet.features.similar import nearest_by_words

WORDS = pl.Series(["red wool hat", "red wool scarf", "blue wool hat", None, "green pan", "green pot", "red hat"])


def test_cosines_are_those_of_tfidf():
    found = nearest_by_words(WORDS, neighbours=10).toarray()
    vectors = TfidfVectorizer(min_df=2, sublinear_tf=True).fit_transform(WORDS.fill_null("").to_list()).toarray()
    wanted = vectors @ vectors.T
    np.fill_diagonal(wanted, 0.0)
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert not found[3].any() and not found[:, 3].any()


def test_the_nearest_stay_and_ties_go_by_place(monkeypatch):
    words = pl.Series(["a1 b1", "a1 b1", "a1 b1", "a1 c1", "c1 d1", "d1 b1"])
    whole = nearest_by_words(words, neighbours=9).toarray()
    few = nearest_by_words(words, neighbours=1)
    assert np.diff(few.indptr).max() == 1
    assert few.toarray()[0].argmax() == 1 and few.toarray()[2].argmax() == 0  # equals: the first
    monkeypatch.setattr(similar, "BLOCK", 2)
    np.testing.assert_allclose(nearest_by_words(words, neighbours=9).toarray(), whole, atol=1e-6)


@pytest.mark.parametrize("words", [pl.Series([None, None], dtype=pl.String), pl.Series(["one", "two"])])
def test_where_no_word_is_shared_nothing_is_alike(words):
    assert nearest_by_words(words, neighbours=3).nnz == 0


def test_words_of_items_name_their_columns(study):
    words = words_of_items(study.division)
    assert len(words) == len(study.division.events.items)
    assert words.drop_nulls().str.contains("brand_").any() and "brand_" not in "".join(
        words_of_items(study.division, hidden={"brand"}).drop_nulls()
    )
