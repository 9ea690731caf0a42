"""motet compare, in words and as JSON."""

import json

import pytest

from motet.cli.compare import render
from motet.cli.main import main


def run(name, score=0.5):
    return {
        "name": name,
        "score": score,
        "bytes": 3 * 2**20,
        "parameters": 1200,
        "train_seconds": 75.0,
        "latency_ms": None,
        "encoder": "minilm:1",
        "motet": "0.1.0",
    }


FOUND = {
    "runs": [run("old"), run("new", 0.6)],
    "tasks": {
        "buy": {
            "metric": "mae",
            "lower_is_better": True,
            "values": [2.0, 1.5],
            "differences": [0.0, 0.5],
            "paired": [None, {"low": -0.25, "high": 1.25}],
        },
        "rest": {
            "metric": None,
            "lower_is_better": False,
            "values": [None, 1.0],
            "differences": [None, None],
            "paired": [None, None],
        },
    },  # fmt: skip
    "overall": {"tasks": ["buy"], "scores": [0.5, 0.6]},
    "settings": {"trunk.width": [16, None]},
    "notes": ["A note."],
}


def test_words_line_up_and_need_no_colour():
    lines = render(FOUND).splitlines()
    assert lines[0].split() == ["task", "metric", "old", "new", "difference"]
    assert lines[1].split() == ["buy", "mae", "(an", "error)", "2.0000", "1.5000", "+0.5000", "[-0.2500,", "+1.2500]"]
    assert lines[2].split() == ["rest", "-", "-", "1.0000", "-"]
    assert lines[3].split() == ["overall", "score", "of", "1", "of", "2", "tasks", "0.5000", "0.6000", "+0.1000"]
    assert lines[4] == "Differences are to old, signed so that positive is better."
    assert "\x1b" not in render(FOUND)
    assert any(line.split() == ["trunk.width", "16", "not", "set"] for line in lines)
    assert lines[-1] == "A note."


def test_the_command_writes_the_page_and_one_object(tmp_path, capsys, monkeypatch):
    folders = []
    record = {**FOUND, "tasks": {}, "overall": {"tasks": [], "scores": [0.5, 0.6]}, "settings": {}}
    monkeypatch.setattr("motet.report.comparison.compare_folders", lambda given: folders.extend(given) or record)
    page = tmp_path / "deep" / "c.html"
    assert main(["compare", "a", "b", "--out", str(page), "--json"]) == 0
    assert [str(each) for each in folders] == ["a", "b"]
    told = json.loads(capsys.readouterr().out)
    assert told["page"] == str(page) and told["runs"][1]["name"] == "new"
    assert page.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("given", [["compare"], ["compare", "only"]])
def test_too_few_folders_are_a_mistake(given, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(given) == 2
