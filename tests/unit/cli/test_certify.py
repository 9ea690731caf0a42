import math
from pathlib import Path
from typing import Any

import pytest

from motet import workflow
from motet.transfer import Certificate
from motet.transfer.certificate import Comparison, Sharing, TaskCertificate
from motet.workflow import Result

from .conftest import Say
from .test_finished import EVALUATION


def certificate() -> Certificate:
    shipped = Comparison(0.5, 0.6, 0.1, 0.05, 0.15, math.nan, "improved")
    row = TaskCertificate("rating", "rating", "mae", shipped, shipped, None, 0.7, "item mean", {"mae": 0.6})
    return Certificate({"rating": row}, Sharing(1, 10, 20, 1.0, 2.0, 3.0, 4.0), (0, 1), 0.02)


def test_certify(say: Say, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def certified(project: Any, out: Path, **options: Any) -> Result:
        asked.update(options, seeds=project.certify.seeds)
        return Result(out, EVALUATION, certificate())

    monkeypatch.setattr(workflow, "certify", certified)
    said = say("certify", shop, "--out", tmp_path / "run", "--set", "certify.seeds=5", "--json")
    assert said.code == 0 and asked["seeds"] == 5 and not asked["resume"]
    task = said.json["tasks"]["rating"]
    expected = {
        "kind",
        "metric",
        "twin",
        "joint",
        "difference",
        "low",
        "high",
        "verdict",
        "repair",
        "initial",
        "baseline",
    }
    assert expected <= set(task) and task["verdict"] == "improved" and task["repair"] is None
    sharing = {"tasks_shared", "parameters", "twin_parameters", "train_seconds", "twin_seconds"}
    assert sharing | {"latency_ms", "twin_latency_ms"} <= set(said.json["sharing"])
    assert task["holm_low"] is None and said.json["path"] == str(tmp_path / "run")
    said = say("certify", shop, "--out", tmp_path / "run", "--resume")
    assert str(certificate()) in said.out and "next: motet evaluate" in said.out and asked["resume"]
