import pytest

from motet.errors import ProjectError
from motet.schema import Project, RetrieveConfig

TABLES = {"events": {"path": "x", "user": "u", "item": "i", "columns": {"r": "number"}}}
TASKS = {"r": {"kind": "rating", "column": "r"}}


def test_sizes_and_floor_are_read_and_checked() -> None:
    project = Project(tables=TABLES, tasks=TASKS, retrieve={"exact": 1_000, "recall": 0.9})
    assert project.retrieve == RetrieveConfig(exact=1_000, recall=0.9)
    for wrong in ({"recall": 1.5}, {"probes": 0}, {"exact": -1}, {"cells": 3}):
        with pytest.raises(ProjectError):
            Project(tables=TABLES, tasks=TASKS, retrieve=wrong)
