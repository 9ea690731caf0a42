import pytest

from motet.errors import MissingExtra
from motet.language import chinese as module
from motet.language.chinese import HAN, simplified


def test_traditional_becomes_simplified():
    assert simplified("質量與物流都很好 abc 😀") == "质量与物流都很好 abc 😀"
    assert simplified("已经简化") == "已经简化"


def test_chinese_characters_are_known():
    assert HAN.search("ab猫") and HAN.search("𠮷") and not HAN.search("abc カタ, 😀")


def test_without_opencc_it_names_the_extra(monkeypatch):
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    module._table.cache_clear()
    try:
        with pytest.raises(MissingExtra, match=r"opencc.*\.\[language\]"):
            simplified("猫")
    finally:
        module._table.cache_clear()
