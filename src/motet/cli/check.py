"""motet check: read every table, set bad rows aside, divide, look for leaks, count labels. Loads no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from motet.cli.answer import Answer, Tone
from motet.cli.grid import grid, kept_aside, number
from motet.cli.options import Data, ProjectFile, Settings, read_project
from motet.cli.verb import verb

if TYPE_CHECKING:
    from motet.data.leakage import Finding

QUARANTINE = "quarantine.parquet"
FIRST_BAD = 5

Quarantine = Annotated[
    Path | None,
    typer.Option("--out", "-o", metavar="FILE", help=f"Where bad rows go. [default: {QUARANTINE} beside PROJECT]"),
]


@verb(
    "motet check motet.toml",
    "motet check motet.toml --data /data/shop --json",
    "motet check motet.toml --set split.kind=time --out bad-rows.parquet",
)
def check(
    tone: Tone, project: ProjectFile, data: Data = None, out: Quarantine = None, settings: Settings = None
) -> Answer:
    """Read and check the tables of a project.

    Bad rows are kept aside in a parquet file with table, file, row, column and reason; the first five are shown. Inputs
    that give a label away are refused by name. What may be a mistake is named and stays in: ids that no table lists,
    moments and grades apart from all others. Shows how many labels each task has to learn from and to be judged by.
    """
    from motet.cli.watching import watching
    from motet.data import check_leakage, divide, read_tables
    from motet.data.oddities import oddities
    from motet.stages.counts import doubtful_labels, table_counts, task_counts
    from motet.stages.setting_aside import refused_rows_to, set_aside
    from motet.stages.settings import check_settings
    from motet.tasks.make import all_examples

    declared = read_project(project, data, settings)
    check_settings(declared)
    place = out or project.parent / QUARANTINE
    with watching(tone) as watch, refused_rows_to(place):
        tables = read_tables(declared, on_progress=watch.reading)
        aside = set_aside(tables, place)
        division = divide(declared, tables)
        findings = check_leakage(division)
        examples = all_examples(division)
        tasks, doubtful = task_counts(examples), doubtful_labels(examples)
    found = {
        "tables": table_counts(tables),
        "tasks": tasks,
        "split": declared.resolved_split(),
        "removed": dict(division.removed),
        "suspicious": [_finding(finding) for finding in findings],
        "doubtful": doubtful,
        "odd": [asdict(each) for each in oddities(declared, tables)],
        "quarantine": None if aside is None else str(aside),
        "first_bad": tables.quarantine.head(FIRST_BAD).to_dicts(),
    }
    again = f"{project}{f' --data {data}' if data else ''}"
    following = f"next: motet certify {again} --out runs/{declared.project.name}"
    return Answer(f"{render(found)}\n\n{following}", found)


def render(found: Mapping[str, Any]) -> str:
    """Return what was found, for people."""
    parts = [_tables(found["tables"])]
    bad = sum(table["quarantined"] for table in found["tables"].values())
    if found["quarantine"]:
        shown = [f"  {each['file']}:{each['row']}  {_fault(each)}" for each in found["first_bad"]]
        more = [f"  and {bad - len(shown):,} more"] if bad > len(shown) else []
        parts.append("\n".join([kept_aside(bad, found["quarantine"]), *shown, *more]))
    outliers = [
        f"{name}.{column} {count:,}"
        for name, table in found["tables"].items()
        for column, count in table["outliers"].items()
    ]
    if outliers:
        parts.append("values far from the rest (they stay in): " + ", ".join(outliers))
    parts.append(_tasks(found["tasks"], found["split"]))
    if found["removed"]:
        parts.append("left out: " + ", ".join(f"{count:,} {reason}" for reason, count in found["removed"].items()))
    for each in found["suspicious"]:
        word = "allowed" if each["allowed"] else "suspicious"
        parts.append(f"{word}: {each['message']}.")
    if found["odd"]:
        parts.append("\n  ".join(["odd (it stays in):", *(each["message"] for each in found["odd"])]))
    for task, words in found["doubtful"].items():
        for label, count in words.items():
            parts.append(
                f"doubtful: '{label}' is a label of task '{task}' like any other ({count:,} times). "
                "Where it means unknown, leave those cells empty."
            )
    return "\n\n".join(parts)


def _fault(bad: Mapping[str, Any]) -> str:
    return f"{bad['column']}: {bad['reason']}" if bad["column"] else str(bad["reason"])


def _tables(tables: Mapping[str, Any]) -> str:
    rows = [
        [name, *(number(table[key]) for key in ("rows_read", "rows", "duplicates", "quarantined"))]
        for name, table in tables.items()
    ]
    return grid(("table", "rows read", "kept", "duplicates", "bad"), rows, right=(1, 2, 3, 4))


def _tasks(tasks: Mapping[str, Any], split: str) -> str:
    rows = [
        [
            name,
            *(number(task[part]) for part in ("train", "valid", "test")),
            f"{100 * task['coverage']:.1f} %",
            _left(task),
        ]
        for name, task in tasks.items()
    ]
    header = (f"task (split: {split})", "train", "valid", "test", "labelled", "left out")
    return grid(header, rows, right=(1, 2, 3, 4))


def _left(task: Mapping[str, Any]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in task["left_out"].items() if count) or "-"


def _finding(finding: Finding) -> dict[str, Any]:
    fields = ("task", "table", "column", "measure", "score", "allowed")
    return {**{name: getattr(finding, name) for name in fields}, "message": str(finding)}
