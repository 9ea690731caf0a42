"""The whole story on the command line, with real training on a tiny shop."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from motet.cli.main import main
from motet.testing.shop import write_tiny_shop

pytestmark = pytest.mark.slow


def asked(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    """Return the one JSON object that a command prints; fails where it does not succeed."""
    capsys.readouterr()
    code = main([*(str(each) for each in arguments), "--json"])
    captured = capsys.readouterr()
    assert code == 0, captured.out
    return json.loads(captured.out)


def test_from_tables_to_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project, model = write_tiny_shop(tmp_path / "shop"), tmp_path / "model"
    certified = asked(capsys, "certify", project, "--out", model, "--set", "train.epochs=1")
    assert set(certified["tasks"]) == {"next_item", "stars", "brand", "happy"}
    assert {task["verdict"] for task in certified["tasks"].values()} <= {"improved", "not worse", "unclear"}
    assert (model / "manifest.json").is_file() and not (tmp_path / "model.work").exists()

    judged = asked(capsys, "evaluate", model)
    saved = json.loads((model / "evaluation" / "metrics.json").read_text())
    for task, values in judged["tasks"].items():
        assert values == pytest.approx(saved["tasks"][task], abs=1e-4, nan_ok=True), task
    assert 0 <= judged["tasks"]["next_item"]["ndcg@10"] <= 1 and "score" in judged["overall"]

    found = asked(capsys, "recommend", model, "--user", "u01", "-k", 5, "--explain", "--weights", "next_item=1,stars=1")
    assert found["source"] == "history" and len(found["items"]) == 5
    had = pl.read_csv(project.parent / "events.csv").filter(pl.col("user") == "u01")["item"].to_list()
    assert not set(had) & {one["item"] for one in found["items"]}
    assert all(set(one["scores"]) >= {"next_item", "stars"} for one in found["items"])
    assert any(one["reasons"] for one in found["items"])
    assert asked(capsys, "recommend", model, "--query", "soap", "-k", 3)["source"] == "query"

    (happy,) = asked(capsys, "predict", model, "--task", "happy", "--text", "lovely good again")["predictions"]
    assert 0 <= happy["probability"] <= 1 and happy["label"] in ("yes", "no")
    (stars,) = asked(capsys, "predict", model, "--task", "stars", "--user", "u01", "--item", "i02")["predictions"]
    assert 1 <= stars["value"] <= 5
    (brand,) = asked(capsys, "predict", model, "--task", "brand", "--item", "i03")["predictions"]
    assert brand["label"] in ("Alder", "Birch", "Cedar", "Dune"), "its title stands in the catalogue"
    assert main(["predict", str(model), "--task", "brand", "--item", "i99"]) == 2
    assert "no item 'i99'" in capsys.readouterr().err
    answers = asked(capsys, "predict", model, "--task", "brand", "--input", project.parent / "items.csv")["predictions"]
    assert len(answers) == 40 and {each["label"] for each in answers} <= {"Alder", "Birch", "Cedar", "Dune"}


def test_one_task_alone_and_a_run_that_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project, model = write_tiny_shop(tmp_path / "shop"), tmp_path / "model"
    with (project.parent / "reviews.csv").open("a") as stream:
        stream.write("dull,perhaps\n")
    common = ("train", project, "--out", model, "--single", "happy", "--set", "train.epochs=1")
    first = asked(capsys, *common)
    assert set(first["tasks"]) == {"happy"} and first["path"] == str(model)
    aside = tmp_path / "model.quarantine.parquet"
    assert first["bad_rows"] == 1 and first["quarantine"] == str(aside)
    assert pl.read_parquet(aside)["reason"].to_list() == ["not a yes or no: 'perhaps'"]
    assert asked(capsys, *common, "--resume")["tasks"] == first["tasks"]
    assert set(asked(capsys, "evaluate", model)["tasks"]) == {"happy"}
    assert asked(capsys, "predict", model, "--task", "happy", "--text", "awful")["predictions"][0]["label"]
    assert main(["recommend", str(model), "--user", "u01"]) == 2, "nothing in it ranks items"
    assert main(["train", str(project), "--out", str(model), "--single", "happi"]) == 2
    assert "Did you mean 'happy'?" in capsys.readouterr().err
