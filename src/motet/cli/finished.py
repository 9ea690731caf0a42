"""What is said at the end of a run: where the folder is, and what to try next."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motet.cli.grid import grid, kept_aside, number

if TYPE_CHECKING:
    from motet.evaluate import Evaluation
    from motet.schema import Project
    from motet.workflow import Result


def places(path: Path) -> dict[str, Any]:
    """Return where the folder and its report are."""
    from motet.artifact import layout

    report = path / layout.REPORT
    return {"path": str(path), "report": str(report) if report.is_file() else None}


def leftovers(result: Result) -> dict[str, Any]:
    """Return how many bad rows were kept aside and where, what was chosen where something was open, and what all folds
    found where there are some.
    """
    aside = None if result.quarantine is None else str(result.quarantine)
    chosen = {"chosen": dict(result.chosen)} if result.chosen else {}
    folds = {"over_folds": dict(result.folds)} if result.folds else {}
    return {"bad_rows": result.bad_rows, "quarantine": aside, **chosen, **folds}


def chosen_lines(result: Result) -> str:
    """Return a line per kind that was chosen where the project says `auto`, and an empty one after; or nothing."""
    lines = [f"{section}.kind = {each['kind']}: {each['why']}" for section, each in result.chosen.items()]
    return "\n".join([*lines, "", ""]) if lines else ""


def folds_table(result: Result) -> str:
    """Return the mean of every metric over folds, with its interval; or nothing."""
    if not result.folds:
        return ""
    rows = [
        [task, name, *(number(each[key]) for key in ("mean", "low", "high"))]
        for task, metrics in result.folds["tasks"].items()
        for name, each in metrics.items()
    ]
    heads = ("task", "metric", f"mean of {result.folds['count']} folds", "low", "high")
    return f"\n\n{grid(heads, rows, right=(2, 3, 4))}"


def whereabouts(path: Path, project: Project, result: Result | None = None) -> str:
    """Return the lines that say where everything is, bad rows included, and which commands can be tried next.

    Only tasks that the folder answers are named: of a task trained alone, it and no other.
    """
    found = places(path)
    lines = [f"model folder: {found['path']}"]
    if result is not None and result.quarantine is not None:
        lines.insert(0, kept_aside(result.bad_rows, result.quarantine))
    if found["report"]:
        lines.append(f"report: {found['report']}")
    answered = project.judged if result is None else result.evaluation.tasks
    kinds = {name: getattr(task, "kind", "") for name, task in project.tasks.items() if name in answered}
    ranks = "next_item" in kinds.values()
    other = next((name for name, kind in kinds.items() if kind != "next_item"), None)
    tries = [f"motet evaluate {path}"]
    tries += [f"motet recommend {path} --user USER -k 10 --explain"] if ranks else []
    tries += [f"motet predict {path} --task {other} --help"] if other else []
    return "\n".join([*lines, "next: " + "\n      ".join(tries)])


def metrics_table(evaluation: Evaluation) -> str:
    """Return a row per task with all its metrics (before → after calibration), and the overall row."""
    rows = [
        [task, number(evaluation.questions[task]), _listed(values, evaluation.uncalibrated.get(task, {}))]
        for task, values in evaluation.tasks.items()
    ]
    overall = evaluation.overall
    rows.append(["overall", number(int(overall["questions"])), f"score {number(overall['score'])}"])
    return grid(("task", "questions", "metrics"), rows, right=(1,))


def _listed(values: Mapping[str, float], before: Mapping[str, float]) -> str:
    """Metrics with their values; of those that calibration changed, the value before it, too."""
    return "  ".join(
        f"{name} {f'{number(before[name])} → ' if name in before else ''}{number(value)}"
        for name, value in values.items()
    )
