import pytest

from motet.errors import MissingExtra
from motet.language.encoders import minilm as module
from motet.schema import EncoderConfig


def test_a_kitten_is_nearer_to_a_cat_than_tax_is():
    cat, kitten, tax = module.minilm(EncoderConfig()).encode(["cat", "kitten", "tax"])
    assert cat @ kitten > 0.7
    assert cat @ tax < 0.4


def test_max_tokens_changes_the_id_and_is_bounded_by_the_model():
    short, default, long = (module.minilm(EncoderConfig(max_tokens=most)) for most in (8, 128, 8_192))
    assert len({short.id, default.id, long.id}) == 3
    assert long.max_tokens == 256


def test_without_its_wheel_it_names_the_extra(monkeypatch):
    monkeypatch.setattr(module, "PACKAGE", "no_such_package_at_all")
    with pytest.raises(MissingExtra, match=r"minilm.*pip install -e '\.\[language\]'"):
        module.minilm(EncoderConfig())
