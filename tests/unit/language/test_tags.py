from importlib.util import find_spec

import pytest

from motet.errors import MissingExtra
from motet.language import tags as module
from motet.language.tags import parts_of_speech


def test_chinese_words_have_classes():
    assert parts_of_speech("質量很好", "zh") == ["n", "d", "a"]


@pytest.mark.skipif(find_spec("textblob") is None, reason="textblob is not installed")
def test_english_words_have_classes():
    found = parts_of_speech("She bought a red dress.", "en")
    assert found[0] == "PRP" and "JJ" in found and "DT" in found
    assert parts_of_speech("only English", "multi")


def test_nothing_has_none():
    assert parts_of_speech(" ", "zh") == parts_of_speech("", "en") == []


def test_without_textblob_it_names_the_extra(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    module._english.cache_clear()
    try:
        with pytest.raises(MissingExtra, match=r"textblob.*\.\[tags\]"):
            parts_of_speech("word", "en")
    finally:
        module._english.cache_clear()
