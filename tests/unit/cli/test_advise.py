import json
import tomllib

import pytest

from motet import workflow
from motet.testing.project import tiny_project
from motet.transfer.advise import Gain, PairFacts, TaskFacts, advise


@pytest.fixture
def asked(monkeypatch):
    """What the workflow was asked, and advice that takes no time."""
    seen = []

    def answer(project, *, watch=None):
        seen.append(project)
        tasks = [
            TaskFacts("buy", "binary", 700, 0.5, 20, project.tasks["buy"].value),
            TaskFacts("rating", "rating", 300, 0.5, 20),
        ]
        harm = PairFacts("buy", "rating", "row", 1.0, 0.3, "cramer_v", 300, 0.5, Gain(0.2, 0.01), Gain(-0.4, 0.01), 0.1)
        return advise(tasks, [harm], passes=2.0, seconds=1.0)

    monkeypatch.setattr(workflow, "advise", answer)
    return seen


@pytest.fixture
def project(tmp_path):
    return tiny_project(tmp_path / "shop", tasks=("rating", "buy"))


def test_the_advice_is_printed_with_the_next_command(say, asked, project):
    said = say("advise", project)
    assert said.code == 0 and "buy · rating" in said.out and "alone: rating" in said.out
    assert f"next: motet certify {project} --out runs/tiny" in said.out


def test_json_holds_everything(say, asked, project):
    found = say("advise", project, "--json", "--quiet", "--set", "tasks.buy.value=4").json
    assert found["main"]["task"] == "buy" and found["path"] is None
    assert found["sharing"]["valves"] == {"rating": 0.3} and found["balance"]["main"] == "buy"
    assert tomllib.loads(found["lines"])["sharing"]["kind"] == found["sharing"]["kind"]


def test_a_project_file_is_written_and_runs(say, asked, project, tmp_path):
    out = tmp_path / "elsewhere" / "advised.toml"
    said = say("advise", project, "--out", out)
    read, before = tomllib.loads(out.read_text()), tomllib.loads(project.read_text())
    assert read["sharing"] == {"kind": "shared_bottom", "valves": {"rating": 0.3}}
    assert {name: read[name] for name in before if name not in ("sharing", "balance")} == {
        name: before[name] for name in before if name not in ("sharing", "balance")
    }
    assert f"--data {project.parent}" in said.out, "its tables are where they were"
    assert say("check", out, "--data", project.parent).code == 0


def test_a_file_is_not_overwritten_unasked(say, asked, project, tmp_path):
    out = tmp_path / "mine.toml"
    out.write_text("mine")
    said = say("advise", project, "--out", out, "--json")
    assert said.code == 2 and "--force" in json.loads(said.out)["error"]["remedy"] and not asked
    assert say("advise", project, "--out", out, "--force").code == 0 and out.read_text() != "mine"
