"""The whole story for projects in which nothing is text: events alone, and rows alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import tomli_w

import motet
from motet.cli.main import main
from motet.schema import Project
from motet.testing import tiny_shop

pytestmark = pytest.mark.slow

SETTINGS: dict[str, Any] = {
    "trunk": {"width": 16, "layers": 1},
    "train": {"epochs": 1, "batch": 256, "device": "cpu"},
    "certify": {"seeds": 2},
}


def events_only(folder: Path) -> dict[str, Any]:
    tiny_shop()["events"].select("user", "item", "time", "rating").drop_nulls("item").write_csv(folder / "events.csv")
    keys = {"user": "user", "item": "item", "time": "time"}
    tables = {"events": {"path": "events.csv", **keys, "columns": {"rating": "number"}}}
    tasks = {"next_item": {"kind": "next_item"}, "stars": {"kind": "rating", "column": "rating"}}
    return {"tables": tables, "tasks": tasks, **SETTINGS}


def rows_only(folder: Path) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    age, works = rng.integers(18, 80, 400), rng.choice(["office", "field", "home"], 400)
    earns = np.where((age > 40) & (works != "home"), "yes", "no")
    hours = 10 + 20 * (works == "office") + rng.normal(0, 3, 400)
    frame = pl.DataFrame({"age": age, "works": works, "earns": earns, "hours": hours.round(1)})
    frame.write_csv(folder / "people.csv")
    columns = {"age": "number", "works": "category", "earns": "flag", "hours": "number"}
    tasks = {
        "earns": {"kind": "binary", "table": "people", "column": "earns"},
        "hours": {"kind": "number", "table": "people", "column": "hours"},
    }
    return {"tables": {"people": {"path": "people.csv", "columns": columns}}, "tasks": tasks, **SETTINGS}


PROJECTS = {"events": events_only, "rows": rows_only}


@pytest.fixture(scope="module", params=list(PROJECTS))
def certified(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Return which project it is, and the folder that the command line packed for it."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "motet.toml").write_text(tomli_w.dumps(PROJECTS[request.param](folder)))
    assert main(["certify", str(folder / "motet.toml"), "--out", str(folder / "model")]) == 0
    return request.param, folder / "model"


ASKED: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {
    "events": ("stars", ("--user", "u001", "--item", "i003"), {"users": ["u001"], "items": ["i003"]}),
    "rows": ("hours", ("--input", "one.csv"), {"rows": [{"age": 50, "works": "office"}]}),
}


def test_what_was_packed_answers(
    certified: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, model = certified
    task, options, questions = ASKED[name]
    monkeypatch.chdir(tmp_path)
    Path("one.csv").write_text("age,works\n50,office\n")
    capsys.readouterr()
    assert main(["predict", str(model), "--task", task, *options, "--json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)["predictions"]
    (answer,) = motet.load(model).predict(task, **questions)
    assert shown == pytest.approx(json.loads(json.dumps(answer.to_json()))) and shown["value"] is not None
    if name == "events":
        assert main(["recommend", str(model), "--user", "u001", "-k", "3", "--json"]) == 0
        assert len(json.loads(capsys.readouterr().out)["items"]) == 3


def test_what_was_packed_is_judged_anew(certified: tuple[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    _, model = certified
    saved = json.loads((model / "evaluation" / "metrics.json").read_text())["tasks"]
    again = motet.evaluate(model)
    assert set(again.tasks) == set(saved)
    for task, values in again.tasks.items():
        shown = {key: value for key, value in saved[task].items() if value is not None}
        assert shown == pytest.approx({key: values[key] for key in shown}, abs=1e-4), task
    capsys.readouterr()
    assert main(["evaluate", str(model), "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)["tasks"]) == set(saved)


@pytest.mark.parametrize("name", list(PROJECTS))
def test_the_python_interface_tells_the_same_story(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where no language model is installed."""
    monkeypatch.setattr("motet.language.encoders.minilm.PACKAGE", "not_installed_here")
    sections = PROJECTS[name](tmp_path)
    result = motet.certify(Project(**sections, root=tmp_path), tmp_path / "model")
    assert result.certificate is not None and set(result.evaluation.tasks) == set(sections["tasks"])
    task, _, questions = ASKED[name]
    assert result.bundle().predict(task, **questions)[0].value is not None
