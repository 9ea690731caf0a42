import pytest

from motet.language.stop_words import STOP_WORDS


@pytest.mark.parametrize("word", ["not", "no", "never", "don't", "very", "too", "不", "没", "没有", "很", "太", "非常"])
def test_what_reviews_turn_on_stays(word):
    assert word not in STOP_WORDS


def test_both_languages_are_there():
    assert {"the", "and", "的", "我们"} <= STOP_WORDS
