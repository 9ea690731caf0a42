from pathlib import Path

import pytest

from motet.cli import doctor as module
from motet.cli.doctor import dependencies, encoders

from .conftest import Say


def test_a_sound_machine(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path / "cache"))
    said = say("doctor", "--json")
    found = said.json
    assert said.code == 0 and found["ok"] and found["problems"] == []
    assert found["machine"]["cores"] >= 1 and found["dependencies"]["polars"] is not None
    assert found["cache"] == {"path": str(tmp_path / "cache"), "writable": True, "reason": None}
    assert found["encoders"]["lexical"]["available"] and found["device"]["chosen"] in ("cpu", "cuda")
    assert "everything that a run needs is here" in say("doctor").out


def test_a_cache_that_cannot_be_written(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path / "file" / "cache"))
    said = say("doctor")
    assert said.code == 2 and "problem: " in said.out and "set MOTET_CACHE" in said.out


def test_extras_say_how_they_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        "numpy>=1",
        'jieba>=0.42; extra == "language"',
        'tool>=1; extra == "dev"',
        "motet[language]; extra == 'demo'",
        'toys==1; extra == "demo"',
    ]
    monkeypatch.setattr(module.metadata, "requires", lambda name: lines)
    monkeypatch.setattr(module, "installed", lambda name: None if name == "toys" else "1.0")
    core, extras = dependencies()
    assert core == {"numpy": "1.0"}
    assert extras == {
        "demo": {
            "installed": False,
            "packages": {"toys": None, "jieba": "1.0"},
            "install": "pip install -e '.[demo]'",
        },
        "language": {"installed": True, "packages": {"jieba": "1.0"}, "install": None},
    }


def test_a_missing_dependency_is_a_problem(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "dependencies", lambda: ({"numpy": None}, {}))
    said = say("doctor", "--json")
    assert said.code == 2 and said.json["problems"] == ["numpy is not installed: pip install numpy"]


def test_an_encoder_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("motet.language.encoders.minilm.find_spec", lambda name: None)
    found = encoders()["minilm"]
    assert not found["available"] and ".[language]" in found["reason"]


def test_what_is_missing_but_optional_is_advice_and_no_failure(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(module, "_memory", lambda: 1.9)
    monkeypatch.setitem(module.PROGRAMS, "postgresql", (lambda: None, "a store", "apt install postgresql"))  # type: ignore[arg-type]
    said = say("doctor", "--json")
    found = said.json
    assert said.code == 0 and found["ok"]
    assert found["programs"]["chromium"]["path"] is None
    assert any("1.9 GiB" in each for each in found["advice"])
    assert "apt install postgresql, for a store" in found["advice"]
    shown = say("doctor").out
    assert "optional: apt install chromium" in shown and "chromium" in shown and "missing (optional)" in shown
