from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from motet import workflow
from motet.evaluate import Evaluation
from motet.evaluate.evaluation import SLICE_COLUMNS

from .conftest import Say
from .test_finished import EVALUATION


def test_evaluate(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    slices = pl.DataFrame([("rating", "item", "cold", "mae", None, 12)], schema=SLICE_COLUMNS, orient="row")

    def judged(path: Path, **options: Any) -> Evaluation:
        asked.update(options, path=path)
        return replace(EVALUATION, slices=slices)

    monkeypatch.setattr(workflow, "evaluate", judged)
    said = say("evaluate", tmp_path, "--split", "valid", "--data", "there", "--json")
    assert asked == {"path": tmp_path, "split": "valid", "data": Path("there")}
    assert said.json["tasks"] == {"rating": {"mae": 0.5, "qwk": None}} and said.json["overall"]["score"] == 0.25
    said = say("evaluate", tmp_path)
    assert said.out.splitlines()[-1].split() == ["rating", "item", "cold", "mae", "-", "12"]
    assert asked["split"] == "test" and asked["data"] is None


def test_an_unknown_split_is_refused(say: Say, tmp_path: Path) -> None:
    said = say("evaluate", tmp_path, "--split", "train")
    assert said.code == 2 and "known: test, valid" in said.err
