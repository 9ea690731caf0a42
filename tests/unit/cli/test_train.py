from pathlib import Path
from typing import Any

import pytest

from motet import workflow
from motet.workflow import Result

from .conftest import Say
from .test_finished import EVALUATION


def test_train(say: Say, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def trained(project: Any, out: Path, **options: Any) -> Result:
        asked.update(options, epochs=project.train.epochs, root=project.root, out=out)
        options["watch"].reading("events")
        return Result(out, EVALUATION, None)

    monkeypatch.setattr(workflow, "train", trained)
    out = tmp_path / "run"
    said = say("train", shop, "-o", out, "--single", "stars", "--set", "train.epochs=3", "--resume", "--json")
    assert said.code == 0 and said.err == "reading events\n"
    assert (asked["single"], asked["resume"], asked["epochs"], asked["out"]) == ("stars", True, 3, out)
    found = said.json
    assert found["tasks"] == {"rating": {"mae": 0.5, "qwk": None}} and found["overall"]["score"] == 0.25
    assert found["path"] == str(out) and found["seconds"] >= 0
    said = say("train", shop, "--out", out, "--data", tmp_path, "--quiet")
    assert "mae 0.5000" in said.out and f"model folder: {out}" in said.out and said.err == ""
    assert asked["root"] == tmp_path and not asked["resume"] and asked["single"] is None
