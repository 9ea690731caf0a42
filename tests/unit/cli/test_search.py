import json
from pathlib import Path

import pytest

from motet.cli.main import main
from motet.cli.search import render
from motet.schema import Project
from motet.stages.best import Searched
from motet.testing import tiny_project

SETTINGS = {
    "train": {"epochs": 1, "batch": 512, "device": "cpu"},
    "trunk": {"width": 8, "layers": 1},
    "search": {"space": {"train.learning_rate": [0.001, 0.01]}},
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tiny_project(tmp_path / "shop", users=40, items=30, tasks=("rating",), settings=SETTINGS)


def test_a_search_answers_in_json(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "search"
    given = ["search", str(project), "--out", str(out), "--trials", "2", "--sampler", "random", "--json", "--quiet"]
    assert main([*given, "--budget", "10m"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["trials"] == 2 and found["sampler"] == "random" and found["gain"] >= 0
    assert Path(found["project"]).is_file() and Path(found["page"]).is_file()


@pytest.mark.parametrize(
    ("more", "words"),
    [(["--budget", "soon"], "budget"), (["--sampler", "guess"], "search.sampler"), (["--jobs", "0"], "jobs")],
)
def test_mistakes_are_one_line(
    more: list[str], words: str, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["search", str(project), "--out", str(tmp_path / "search"), *more, "--quiet"]) == 2
    error = capsys.readouterr().err.strip()
    assert words in error and len(error.splitlines()) == 1


def test_without_optuna_the_extra_is_named(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    assert main(["search", str(project), "--out", str(tmp_path / "search"), "--quiet"]) == 2
    assert "pip install -e '.[search]'" in capsys.readouterr().err


def test_what_was_found_in_words(project: Path, tmp_path: Path) -> None:
    trials = [{"score": 0.0}, {"score": 0.02}, {"score": None}]
    record = {
        "trials": trials,
        "passes": 4,
        "best": 1,
        "gain": 0.02,
        "changes": {"trunk.dropout": {"from": None, "to": 0.25}},
        "importance": {"trunk.dropout": 1.0},
    }
    text = render(Searched(tmp_path, Project.read(project), {"trunk.dropout": 0.25}, 0.02, record))
    assert "2 of 3 trials" in text and "trial 1 is +2.00 %" in text and "chosen by itself" in text
    assert f"motet certify {tmp_path / 'best.toml'}" in text
    nothing = render(Searched(tmp_path, Project.read(project), {}, 0.0, {**record, "changes": {}, "importance": {}}))
    assert "nothing better" in nothing
