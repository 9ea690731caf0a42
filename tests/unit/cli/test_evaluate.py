from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from motet import workflow
from motet.artifact import layout, write_folder
from motet.evaluate import Evaluation
from motet.evaluate.evaluation import SLICE_COLUMNS

from .conftest import Say
from .test_finished import EVALUATION


def test_evaluate(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    folder = tmp_path / "shop"
    write_folder(folder, {}, name="shop", seed=0, runtime="torch", tasks={})
    slices = pl.DataFrame([("rating", "item", "cold", "mae", None, 12)], schema=SLICE_COLUMNS, orient="row")

    def judged(path: Path, **options: Any) -> Evaluation:
        asked.update(options, path=path)
        return replace(EVALUATION, slices=slices)

    monkeypatch.setattr(workflow, "evaluate", judged)
    said = say("evaluate", folder, "--split", "valid", "--data", "there", "--json")
    assert asked == {"path": folder, "split": "valid", "data": Path("there")}
    assert said.json["tasks"] == {"rating": {"mae": 0.5, "qwk": None}} and said.json["overall"]["score"] == 0.25
    said = say("evaluate", folder)
    assert said.out.splitlines()[-1].split() == ["rating", "item", "cold", "mae", "-", "12"]
    assert asked["split"] == "test" and asked["data"] is None


def test_of_several_seeds_it_is_said_whose_numbers_these_are(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "evaluate", lambda path, **options: EVALUATION)
    for seeds, noted in (([3, 4], True), ([3], False)):
        folder = tmp_path / str(len(seeds))
        parts = {layout.CERTIFICATE: {"tasks": {}, "seeds": seeds}}
        write_folder(folder, parts, name="shop", seed=3, runtime="torch", tasks={})
        said = say("evaluate", folder)
        assert ("ships, seed 3; the certificate shows means over 2 seeds." in said.out) == noted


def test_an_unknown_split_is_refused(say: Say, tmp_path: Path) -> None:
    said = say("evaluate", tmp_path, "--split", "train")
    assert said.code == 2 and "known: test, valid" in said.err
