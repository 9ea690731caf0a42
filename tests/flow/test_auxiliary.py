"""A masked column helps in the joint model, and appears nowhere as a task of its own."""

import json

from motet.testing.project import tiny_in_memory
from motet.workflow import certify


def test_an_auxiliary_task_has_no_twin_and_no_row_of_its_own(tmp_path):
    settings = {"train": {"epochs": 1, "batch": 256, "device": "cpu"}, "certify": {"seeds": 2}}
    project = tiny_in_memory(tasks=("rating", "price"), settings=settings)
    sections = project.model_dump(exclude={"tables"}, exclude_none=True)
    sections["tasks"]["masked"] = {"kind": "masked", "table": "items", "column": "brand"}
    tables = {
        name: {**spec.model_dump(exclude_none=True), "frame": spec.frame} for name, spec in project.tables.items()
    }
    found = certify(type(project)(**{**sections, "tables": tables}), tmp_path / "out")
    assert set(found.certificate.tasks) == {"rating", "price"} == set(found.evaluation.tasks)
    assert found.certificate.auxiliary == ("masked",)
    assert any("neither judged nor counted: masked" in claim for claim in found.certificate.claims())
    record = json.loads((found.path / "evaluation" / "certificate.json").read_text())
    assert record["auxiliary"] == ["masked"] and set(record["tasks"]) == {"rating", "price"}
    assert "neither judged nor counted: masked" in (found.path / "report.html").read_text()
