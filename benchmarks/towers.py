"""Claim: which text tower and which history trunk reads best, twins of one seed, everything else alike.

    python benchmarks/towers.py --data DIR [--text clothing,shopping_zh] [--history beauty] [--rows N] [--epochs N]
        [--encoder NAME] [--set KEY=VALUE] [--runs runs/towers] [--results benchmarks/results/towers.md]

Every task of a text recipe is trained alone with each text tower, and the first ranking of a behaviour recipe with each
history trunk. Finished arms are kept in RUNS and not trained again. --rows takes so many rows of the text tables.
"""

import argparse
import os
import platform
import time
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from motet.model.trunk.readers import READERS
from motet.model.trunk.towers import TOWERS
from motet.schema import Project, parse_override
from motet.stages.judging import judged
from motet.stages.outcomes import run_arm
from motet.stages.study import Study
from motet.workflow import check, prepare

ROOT = Path(__file__).resolve().parent.parent


def study_of(recipe: str, changes: Mapping[str, Any], given: argparse.Namespace) -> Study:
    """Return the recipe's study with these keys."""
    keys = dict(parse_override(text) for text in given.set) | dict(changes)
    if given.epochs:
        keys["train.epochs"] = given.epochs
    if given.encoder:
        keys["encoder.name"] = given.encoder
    project = Project.read(ROOT / "recipes" / f"{recipe}.toml", data=given.data, overrides=keys)
    if given.rows and "trunk.text" in changes:
        tables = {name: fewer(spec, given) for name, spec in project.tables.items()}
        project = project.model_copy(update={"tables": tables})
    return prepare(check(project))


def fewer(spec: Any, given: argparse.Namespace) -> Any:
    """Return a table of at most --rows rows, the same ones in every run."""
    frame = pl.read_parquet(Path(given.data) / spec.path)
    kept = frame.sample(min(given.rows, frame.height), seed=0)
    return spec.model_copy(update={"path": None, "frame": kept})


def rows_of(recipe: str, key: str, kinds: Sequence[str], tasks: Sequence[str], given: argparse.Namespace) -> list[str]:
    """Return a row of the table for each task, a column for each kind; and the seconds that training took."""
    found: dict[tuple[str, str], str] = {}
    for kind in kinds:
        study = study_of(recipe, {key: kind}, given)
        for task in tasks or study.project.judged:
            begin = time.process_time()
            outcome = run_arm(study, task, 0, work=given.runs / recipe / f"{key}-{kind}-{given.rows}-{given.epochs}")
            seconds = time.process_time() - begin
            told = judged(study, {task: outcome.answers[task]["test"]}, {}, None).tasks[task]
            main = next(name for name in study.project.tasks[task].metrics or told if name in told)
            found[task, kind] = f"{main} {told[main]:.4f} ({seconds:.0f} s)"
            print(recipe, key, kind, task, found[task, kind], flush=True)
    names = list(dict.fromkeys(task for task, _ in found))
    return [f"| {recipe}.{task} | {' | '.join(found[task, kind] for kind in kinds)} |" for task in names]


def table(key: str, kinds: Sequence[str], rows: Sequence[str]) -> list[str]:
    return [f"## `{key}`", "", f"| task | {' | '.join(kinds)} |", "|---" * (len(kinds) + 1) + "|", *rows, ""]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=not os.environ.get("MOTET_DATA"), default=os.environ.get("MOTET_DATA"))
    parser.add_argument("--text", default="clothing,shopping_zh")
    parser.add_argument("--history", default="beauty")
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=0)
    parser.add_argument("--encoder", default="")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--runs", type=Path, default=Path("runs/towers"))
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results" / "towers.md")
    given = parser.parse_args()
    lines = [
        "# Text towers and history trunks",
        "",
        f"{date.today()}, {os.cpu_count()} cores, {platform.machine()}. Twins, one seed, test; in brackets CPU seconds",
        f"(0: the arm was read). Rows: {given.rows or 'all'}; encoder: {given.encoder or 'of the recipe'}.",
        "",
    ]
    rows: list[str] = []
    for recipe in filter(None, given.text.split(",")):
        rows += rows_of(recipe, "trunk.text", TOWERS.names(), (), given)
    lines += table("trunk.text", TOWERS.names(), rows) if rows else []
    rows = []
    for recipe in filter(None, given.history.split(",")):
        tasks = Project.read(ROOT / "recipes" / f"{recipe}.toml", data=given.data).tasks
        ranking = next(name for name, task in tasks.items() if task.kind == "next_item")
        rows += rows_of(recipe, "trunk.history", READERS.names(), (ranking,), given)
    lines += table("trunk.history", READERS.names(), rows) if rows else []
    given.results.parent.mkdir(parents=True, exist_ok=True)
    given.results.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
