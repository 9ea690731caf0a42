from pathlib import Path

import pytest

from .conftest import Say


def test_all_are_listed(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path))
    found = say("encoders", "--json").json["encoders"]
    assert {"minilm", "e5", "smollm2", "lexical"} <= set(found)
    assert found["minilm"]["width"] == 384 and found["minilm"]["texts_per_second"] is None
    shown = say("encoders").out
    assert "all-MiniLM-L6-v2" in shown and "titles/s" in shown


def test_speed_is_measured_and_shown(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from motet.language import cards

    monkeypatch.setenv("MOTET_CACHE", str(tmp_path))
    monkeypatch.setattr(cards, "LEAST_SECONDS", 0.0)
    speed = say("encoders", "lexical", "--measure", "--json").json["encoders"]["lexical"]["texts_per_second"]
    assert speed > 0
    assert say("encoders", "lexical", "--json").json["encoders"]["lexical"]["texts_per_second"] == speed


def test_an_unknown_one_is_refused(say: Say) -> None:
    said = say("encoders", "minilmm", "--json")
    assert said.code == 2 and "Did you mean 'minilm'" in said.json["error"]["remedy"]
