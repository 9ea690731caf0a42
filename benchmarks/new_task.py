"""Claim: on an old model a new task needs a tenth of the labels that it needs from scratch.

    python benchmarks/new_task.py --data DIR [--recipe clothing] [--task recommended] [--shares 1,3,10,30,100]
        [--trunk frozen] [--runs runs/new_task] [--set KEY=VALUE] [--results benchmarks/results/new_task.md]

The recipe without the task is trained once; then the task joins it with a share of its training labels, and is trained
alone with the same labels. One seed. All are asked the same test questions. A finished old model is not trained again.
"""

import argparse
import os
import platform
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import tomli_w

from motet.schema import Project, parse_override
from motet.schema.project import set_dotted
from motet.workflow import add_tasks, train

ROOT = Path(__file__).resolve().parent.parent


def split_recipe(name: str, task: str, changes: list[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the recipe without a task, and the task."""
    content = tomllib.loads((ROOT / "recipes" / f"{name}.toml").read_text(encoding="utf-8"))
    for key, value in map(parse_override, changes):
        set_dotted(content, key, value)
    return content, content["tasks"].pop(task)


def old_model(content: dict[str, Any], given: argparse.Namespace) -> Path:
    """Return the folder of the model that knows all other tasks."""
    out = given.runs / f"{given.recipe}-without-{given.task}"
    if not (out / "manifest.json").exists():
        train(Project(**content, root=Path(given.data)), out)
    return out


def row_of(old: Path, task: dict[str, Any], share: float, given: argparse.Namespace) -> dict[str, Any]:
    """Return what the task reaches with a share of its labels, on the old model and alone."""
    file = given.runs / f"{given.task}-{share:g}.toml"
    file.write_text(tomli_w.dumps({"tasks": {given.task: {**task, "label_share": share}}}), encoding="utf-8")
    out = given.runs / f"{given.task}-{share:g}"
    return add_tasks(old, file, out, trunk=given.trunk, data=given.data).to_json()["added"][given.task]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=not os.environ.get("MOTET_DATA"), default=os.environ.get("MOTET_DATA"))
    parser.add_argument("--recipe", default="clothing")
    parser.add_argument("--task", default="recommended")
    parser.add_argument("--shares", default="1,3,10,30,100")
    parser.add_argument("--trunk", default="frozen", choices=("frozen", "shared"))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--runs", type=Path, default=Path("runs/new_task"))
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results" / "new_task.md")
    given = parser.parse_args()
    given.runs.mkdir(parents=True, exist_ok=True)
    content, task = split_recipe(given.recipe, given.task, given.set)
    old = old_model(content, given)
    machine = f"{date.today()}, {os.cpu_count()} cores, {platform.machine()}, one seed"
    lines = ["# A new task on an old model", "", f"{machine}. {given.recipe}: {given.task}, trunk {given.trunk}.", ""]
    lines += ["| labels | from scratch | on the old model | difference [95 % interval] |", "|---|---|---|---|"]
    for share in (float(each) / 100 for each in given.shares.split(",")):
        row = row_of(old, task, share, given)
        interval = f"{row['difference']:+.4f} [{row['low']:+.4f}, {row['high']:+.4f}] {row['verdict']}"
        lines.append(f"| {share:.0%} | {row['running']:.4f} | {row['updated']:.4f} | {interval} |")
        given.results.parent.mkdir(parents=True, exist_ok=True)
        given.results.write_text("\n".join([*lines, ""]), encoding="utf-8")
        print(lines[-1], flush=True)


if __name__ == "__main__":
    main()
