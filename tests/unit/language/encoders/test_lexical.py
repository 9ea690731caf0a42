import numpy as np
import pytest

from motet.errors import MissingExtra, RequestError
from motet.language import has_segmenter
from motet.language.encoders import _fitted
from motet.language.encoders import lexical as module
from motet.language.encoders.lexical import Lexical

TEXTS = [
    *("red summer dress", "blue summer dress", "long winter dress", "warm winter coat", "leather boots"),
    *("nail polish red", "nail polish blue", "hair brush", "hair dryer", "shampoo for hair", "winter boots"),
]
CHINESE = ["质量很好", "质量很差", "酒店房间很大", "酒店服务不好", "苹果很甜", "苹果不新鲜"]


@pytest.fixture
def fitted():
    encoder = Lexical()
    encoder.fit(TEXTS)
    return encoder


def test_texts_with_shared_words_are_closer(fitted):
    dress, other_dress, brush = fitted.encode(["green summer dress", "red dress", "a new hair brush"])
    assert dress @ other_dress > dress @ brush + 0.2


def test_misspelt_words_are_found_by_their_characters(fitted):
    misspelt, right, other = fitted.encode(["shampooo", "shampoo", "leather"])
    assert misspelt @ right > 0.8 > misspelt @ other


def test_with_few_texts_the_angles_of_tf_idf_survive(fitted):
    """128 dimensions hold eleven texts exactly, so inner products are those of joined TF-IDF."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    word = TfidfVectorizer(token_pattern=r"\w+", sublinear_tf=True).fit_transform(TEXTS)
    char = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True).fit_transform(TEXTS)
    joined = hstack([word, char]).toarray() / np.sqrt(2)
    vectors = fitted.encode(TEXTS)
    np.testing.assert_allclose(vectors @ vectors.T, joined @ joined.T, atol=1e-4)


def test_it_must_be_fitted_first():
    with pytest.raises(RequestError, match="not read any text"):
        Lexical().encode(["dress"])


def test_unknown_words_give_zeros(fitted):
    assert not fitted.encode(["0123456789", "..."]).any()


@pytest.mark.parametrize("texts", [[], ["", ""], ["one text"]])
def test_little_to_learn_is_no_error(texts):
    encoder = Lexical()
    encoder.fit(texts)
    vectors = encoder.encode(["one text", ""])
    assert vectors.shape == (2, 128)
    assert vectors[0].any() == (texts == ["one text"])


@pytest.mark.skipif(not has_segmenter(), reason="jieba is not installed")
def test_chinese_is_cut_by_jieba_and_restored_only_with_it(monkeypatch):
    encoder = Lexical()
    encoder.fit(CHINESE)
    assert encoder.state()["cut"] == "jieba"
    assert "酒店" in encoder.state()["word_terms"]
    monkeypatch.setattr(_fitted, "has_segmenter", lambda: False)
    with pytest.raises(MissingExtra, match="jieba"):
        Lexical().restore(encoder.state())


def test_without_jieba_chinese_is_cut_into_characters(monkeypatch):
    monkeypatch.setattr(_fitted, "has_segmenter", lambda: False)
    encoder = Lexical()
    encoder.fit(CHINESE)
    assert encoder.state()["cut"] == "characters"
    good, hotel, apple = encoder.encode(["质量好", "酒店大", "苹果"])
    assert encoder.encode(["酒店"])[0] @ hotel > encoder.encode(["酒店"])[0] @ good
    assert apple.any()


def test_many_texts_are_sampled_evenly(monkeypatch):
    monkeypatch.setattr(module, "MAX_FIT_TEXTS", 6)
    sampled, chosen = Lexical(), Lexical()
    sampled.fit(TEXTS)
    chosen.fit(TEXTS[::2])
    assert sampled.id == chosen.id


def test_chunks_change_nothing(fitted, monkeypatch):
    whole = fitted.encode(TEXTS)
    monkeypatch.setattr(_fitted, "CHUNK", 3)
    np.testing.assert_allclose(fitted.encode(TEXTS), whole, atol=1e-6)


def test_id_follows_what_was_learned(fitted):
    other = Lexical()
    other.fit(TEXTS[:-1])
    assert Lexical().id == "lexical"
    assert fitted.id.startswith("lexical:")
    assert other.id != fitted.id
