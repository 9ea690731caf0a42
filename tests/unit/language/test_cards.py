import json

import pytest

from language._tiny_model import write_tiny_bert
from motet.errors import MotetError
from motet.language import ENCODERS, load_encoder
from motet.language import cards as module
from motet.language.cards import about_of, cards
from motet.schema import EncoderConfig


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(module, "NUM_TITLES", 8)
    return tmp_path / "cache"


def test_every_short_name_has_a_card_and_nothing_is_unpacked(own_cache):
    found = {card.name: card for card in cards()}
    assert list(found) == ENCODERS.names()
    told = {name: card.about for name, card in found.items() if card.available}
    assert all(about.licence for about in told.values())
    assert all(about.width for name, about in told.items() if name != "student"), "a student is as wide as its teacher"
    assert found["minilm"].speed is None
    assert not own_cache.exists()
    json.dumps([card.to_json() for card in found.values()])


def test_minilms_card_is_what_its_folder_says():
    encoder = load_encoder(EncoderConfig(name="minilm"), language="en")
    folder, about = encoder.folder, encoder.about
    assert (about.width, about.longest, about.pooling, about.prefix) == (
        *(folder.width, folder.longest, folder.pooling, folder.prompt),
    )
    size = sum(file.stat().st_size for file in folder.path.rglob("*") if file.is_file())
    assert about.num_bytes == pytest.approx(size, rel=0.02)


def test_a_measured_speed_is_kept(tmp_path, own_cache):
    write_tiny_bert(tmp_path / "tiny", prompt="query: ")
    (card,) = cards([str(tmp_path / "tiny")], measure=True)
    assert card.speed > 0
    assert (card.about.width, card.about.longest, card.about.prefix) == (32, 64, "query: ")
    (again,) = cards([str(tmp_path / "tiny")])
    assert again.speed == card.speed
    (own_cache / module.SPEEDS).write_text("[1]")
    (fresh,) = cards(["lexical"])
    assert fresh.speed is None
    assert cards(["lexical"], measure=True)[0].speed > 0


def test_an_unknown_name_is_an_error_and_a_missing_package_is_told(monkeypatch):
    from motet.language.encoders import e5

    monkeypatch.setattr(e5, "PACKAGE", "no_such_package_at_all")
    (found,) = [card for card in cards() if card.name == "e5"]
    assert not found.available
    assert "pip install" in found.reason
    with pytest.raises(MotetError, match="minilmm"):
        cards(["minilmm"])


def test_about_a_causal_folder(tmp_path):
    from language._tiny_model import write_tiny_llama

    write_tiny_llama(tmp_path / "model")
    about = about_of(load_encoder(EncoderConfig(name=str(tmp_path / "model")), language="en"))
    assert about.pooling == "last"
    assert about.prefix == 'This text: "…" means in one word: "'
