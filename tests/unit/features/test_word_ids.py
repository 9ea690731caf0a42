import numpy as np
import pytest

from motet.features.word_ids import FIRST, UNKNOWN, WordIds, fit_words
from motet.language.tokenise import tokeniser

TEXTS = ["good small dress", "good dress", "small pan", "rare"]


@pytest.fixture
def ids():
    return fit_words(TEXTS, tokeniser("en"), most=8)


def of(ids, text):
    rows = ids.transform([text])
    return rows.ids.tolist()


def test_words_of_two_texts_are_known_and_stay_in_order(ids):
    assert ids.size == FIRST + 3
    good, small, dress = of(ids, "good small dress")
    assert len({good, small, dress}) == 3 and min(good, small, dress) >= FIRST
    assert of(ids, "dress good GOOD") == [dress, good, good]
    assert of(ids, "rare pan small") == [UNKNOWN, UNKNOWN, small]


def test_a_text_without_words_is_an_empty_row(ids):
    rows = ids.transform(["", "good", " !? ", "small dress"])
    assert rows.offsets.tolist() == [0, 0, 1, 1, 3] and len(rows) == 4
    assert len(ids.transform([])) == 0


def test_a_long_text_keeps_head_and_tail():
    texts = [" ".join(f"w{n}" for n in range(40))] * 2
    ids = fit_words(texts, tokeniser("en"), most=8)
    whole = WordIds(ids.buckets, 40, ids.tokenise)
    every = of(whole, texts[0])
    assert of(ids, texts[0]) == [*every[:6], *every[38:]]
    assert ids.truncated([texts[0], "w1 w2", " ".join(f"w{n}" for n in range(8))]) == 1


def test_a_word_that_texts_repeat_within_counts_once():
    assert fit_words(["one one one", "two"], tokeniser("en"), most=8).size == FIRST


def test_nothing_to_learn_from_leaves_unknown_words():
    ids = fit_words([], tokeniser("en"), most=8)
    assert of(ids, "some words") == [UNKNOWN, UNKNOWN]


def test_chinese_is_cut_into_words():
    pytest.importorskip("jieba")
    ids = fit_words(["这件衣服很好", "衣服很好看"], tokeniser("zh"), most=16)
    assert ids.size > FIRST and of(ids, "衣服")[0] >= FIRST


def test_what_was_fitted_comes_back(ids):
    fields, arrays = ids.to_parts()
    same = WordIds.from_parts(fields, arrays, tokenise=tokeniser("en"))
    assert same.most == 8 and np.array_equal(same.buckets, ids.buckets)
    assert of(same, TEXTS[0]) == of(ids, TEXTS[0])


def test_the_way_of_reading_comes_back():
    ids = fit_words(["the dress", "the dress"], tokeniser("en", stop_words=True), most=8)
    fields, arrays = ids.to_parts()
    same = WordIds.from_parts(fields, arrays, tokenise=tokeniser("en"))
    assert of(same, "the dress") == of(ids, "the dress") == [FIRST]
