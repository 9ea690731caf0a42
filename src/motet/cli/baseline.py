"""motet baseline: what simple methods reach on every task."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from motet.cli.answer import Answer, Tone, plain, write_line
from motet.cli.grid import grid, number
from motet.cli.options import Data, ProjectFile, Settings, read_project
from motet.cli.verb import verb

Tasks = Annotated[list[str] | None, typer.Option("--task", metavar="TASK", help="One task only. Repeatable.")]
Methods = Annotated[
    str | None, typer.Option("--methods", metavar="A,B,…", help="Only these methods, by short name (default: all).")
]
Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Where the result goes, as JSON.")]


@verb(
    "motet baseline motet.toml",
    "motet baseline motet.toml --task next_item --methods popularity,item_knn,ease,als,graph",
    "motet baseline motet.toml --data /data/shop --json --quiet > baselines.json",
)
def baseline(
    tone: Tone,
    project: ProjectFile,
    task: Tasks = None,
    methods: Methods = None,
    data: Data = None,
    out: Out = None,
    settings: Settings = None,
) -> Answer:
    """Show what simple methods reach on every task, judged on test as a trained model is.

    They learn from training rows; their settings are chosen on validation half A, as a model's are. The best on that
    half stands first. Certificates hold the best of those that take seconds.
    """
    from motet.stages.baselining import judge_baselines
    from motet.workflow import check

    checked = check(read_project(project, data, settings))
    named = None if methods is None else [each.strip() for each in methods.split(",") if each.strip()]

    def say(asked: str, method: str) -> None:
        if not (tone.quiet or tone.as_json):
            write_line(f"{asked}: {method}", error=True)

    found = judge_baselines(checked.division, tasks=task, methods=named, on_method=say)
    told = {"tasks": {name: each.to_json() for name, each in found.items()}}
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(plain(told), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return Answer(render(told["tasks"]), told)


def render(tasks: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a table per task, the best method on validation first, and what was left out."""
    parts = []
    for task, found in tasks.items():
        names = list(dict.fromkeys(name for each in found["methods"].values() for name in each["test"]))
        names = [found["metric"], *(name for name in names if name != found["metric"])]
        rows = [
            [
                short,
                number(each["valid"]),
                *(number(each["test"].get(name)) for name in names),
                f"{each['seconds']:.1f}",
            ]
            for short, each in found["methods"].items()
        ]
        heads = (task, "on A", *names, "seconds")
        lines = [grid(heads, rows, right=range(1, len(heads)))]
        lines += [f"left out: {short} ({reason})" for short, reason in found["skipped"].items()]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)
