"""Claim: labels that `motet suggest-labels` asks for are worth more than labels of random rows.

    python benchmarks/active.py --data DIR [--task department] [--rounds 100,200,400] [--pool 4000] [--seeds 2]
        [--epochs 15] [--encoder lexical] [--ways random,uncertainty,diversity,both]

One task of the clothing reviews. All ways begin with the same random rows of a pool; before each further round the
model that was trained on the labels so far is asked which rows of the pool come next. Prints the task's main metric on
the test rows after each round, the mean over seeds.
"""

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from motet.schema import TRAIN, Project
from motet.stages.suggesting import suggest
from motet.workflow import check, train

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = {"title": "text", "review_text": "text"}


def project_of(frame: pl.DataFrame, task: str, declared: Mapping[str, object], asked: argparse.Namespace) -> Project:
    """Return the project of one task over these rows."""
    column = str(declared["column"])
    meaning = {"class": "category", "rating": "number", "number": "number", "binary": "flag"}[str(declared["kind"])]
    return Project(
        tables={"reviews": {"frame": frame, "columns": {**COLUMNS, column: meaning}, "dedupe": False}},
        tasks={task: {**declared, "table": "reviews"}},
        encoder={"name": asked.encoder},
        train={"epochs": asked.epochs, "patience": 5, "device": "cpu", "batch": 64},
        trunk={"width": 32},
    )


def curve(way: str, seed: int, frame: pl.DataFrame, pool: np.ndarray, asked: argparse.Namespace) -> list[float]:
    """Return the task's main metric on test rows after each round."""
    declared = Project.read(ROOT / "recipes" / "clothing.toml", data=asked.data).tasks[asked.task]
    task = {"kind": declared.kind, "column": declared.column}  # type: ignore[attr-defined]
    rng = np.random.default_rng(seed)
    known: list[int] = []
    found: list[float] = []
    with tempfile.TemporaryDirectory() as runs:
        bundle = None
        for size in asked.rounds:
            left = np.setdiff1d(pool, known)
            if bundle is None or way == "random":
                new = rng.choice(left, size - len(known), replace=False)
            else:
                new = left[suggest(bundle, asked.task, frame[left], n=size - len(known), by=way).rows]
            known += new.tolist()
            hidden = np.zeros(frame.height, bool)
            hidden[np.setdiff1d(pool, known)] = True
            labels = pl.when(pl.Series(hidden)).then(None).otherwise(pl.col(str(task["column"])))
            project = project_of(frame.with_columns(labels.alias(str(task["column"]))), asked.task, task, asked)
            project = project.model_copy(update={"train": project.train.model_copy(update={"seed": seed})})
            result = train(project, Path(runs) / str(size))
            found.append(float(result.evaluation.tasks[asked.task][asked.metric]))
            bundle = result.bundle()
    return found


def main() -> None:
    """Print the curves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--task", default="department")
    parser.add_argument("--metric", default="accuracy")
    parser.add_argument("--rounds", default="100,200,400", type=lambda text: [int(one) for one in text.split(",")])
    parser.add_argument("--pool", type=int, default=4000)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--encoder", default="lexical")
    parser.add_argument("--ways", default="random,uncertainty,diversity,both")
    asked = parser.parse_args()
    recipe = Project.read(ROOT / "recipes" / "clothing.toml", data=asked.data)
    frame = check(recipe).tables.frame("reviews").head(asked.pool)
    declared = recipe.tasks[asked.task]
    column = declared.column  # type: ignore[attr-defined]
    frame = frame.select(*COLUMNS, column).drop_nulls(column)
    task = {"kind": declared.kind, "column": column}
    division = check(project_of(frame, asked.task, task, asked)).division
    pool = np.flatnonzero(division.task_parts[asked.task] == TRAIN)
    print(f"{len(pool):,} rows in the pool; {asked.metric} of {asked.task} on test rows, mean of {asked.seeds} seeds")
    print("| way |", " | ".join(map(str, asked.rounds)), "|")
    for way in asked.ways.split(","):
        means = np.mean([curve(way, seed, frame, pool, asked) for seed in range(asked.seeds)], axis=0)
        print(f"| {way} |", " | ".join(f"{value:.3f}" for value in means), "|", flush=True)


if __name__ == "__main__":
    main()
