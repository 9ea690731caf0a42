"""Claim: training through the language model, and together, reads texts better than frozen vectors and TF-IDF do.

    python benchmarks/text.py --data DIR [--recipes clothing,shopping_zh] [--ways frozen,lora,full] [--seeds 3]
        [--rows N] [--set KEY=VALUE]... [--runs runs/text] [--results benchmarks/results/text.md]

Every task's twin and the joint model are trained in every way and with every seed; all read the same rows in the same
steps. Beside them stand linear models on TF-IDF, on the frozen model's vectors, and on both. All metrics are of the
test rows, as the mean over seeds; minutes are of CPU time, encoding left out. Finished arms are kept in RUNS and not
trained again, and an interrupted one goes on after its last whole pass. --rows takes that many rows, evenly spread
over each table.
"""

import argparse
import json
import os
import platform
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse

from motet.baseline._linear import linear_scores
from motet.baseline._texts import words_of
from motet.baseline.linear_text import tfidf
from motet.evaluate import Predictions, compare, find
from motet.evaluate.standard import metrics_of
from motet.schema import TEST, TRAIN, VALID, Project, parse_override
from motet.stages.outcomes import Outcome, run_arm
from motet.stages.same_run import check_same_project
from motet.stages.study import Study
from motet.train.events import EpochDone, StepDone
from motet.transfer.verdict import judge
from motet.workflow import check, prepare

ROOT = Path(__file__).resolve().parent.parent
LINEAR = ("TF-IDF", "frozen vectors", "both")
"""What linear models read."""
Scores = dict[str, dict[str, float]]
"""Task → metric → value on test, and `minutes` of CPU time."""


class Clock:
    """Keeps the CPU seconds of an arm in a file, across interruptions; tells how it comes along."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name, self.since = path, name, time.process_time()
        self.before = json.loads(path.read_text()) if path.exists() else 0.0

    def step(self, done: StepDone) -> None:
        """Say nothing."""

    def epoch(self, done: EpochDone) -> None:
        """Note the time, print the scores."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.before + time.process_time() - self.since))
        scores = " ".join(f"{task} {score:.4f}" for task, score in done.scores.items())
        print(f"{self.name} epoch {done.epoch + 1}: {scores} ({done.seconds:.0f} s)", file=sys.stderr, flush=True)

    @property
    def minutes(self) -> float:
        """Return what was noted."""
        return float(json.loads(self.path.read_text())) / 60 if self.path.exists() else float("nan")


def thinned(recipe: Path, given: argparse.Namespace) -> Path:
    """Return the folder of the data, or of a copy with so many rows of each table."""
    if given.rows is None:
        return Path(given.data)
    folder: Path = given.runs / f"rows {given.rows}"
    for table in Project.read(recipe, data=given.data).tables.values():
        source, target = Path(given.data) / str(table.path), folder / str(table.path)
        if not target.exists():
            frame = pl.read_parquet(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            frame[np.linspace(0, frame.height - 1, min(given.rows, frame.height)).astype(int)].write_parquet(target)
    return folder


def study_of(recipe: Path, data: Path, way: str, changes: Mapping[str, Any]) -> Study:
    """Return the recipe's study with a language model that is trained in one way."""
    return prepare(check(Project.read(recipe, data=data, overrides={"encoder.tune": way, **changes})))


def arm(study: Study, name: str, seeds: Sequence[int], work: Path) -> tuple[list[Outcome], float]:
    """Train an arm with every seed, or read what was trained before; and its CPU minutes, mean over seeds."""
    found, minutes = [], []
    for seed in seeds:
        clock = Clock(work / "clocks" / f"{name} {seed}.json", f"{work.parent.name} {work.name} {name} seed {seed}")
        found.append(run_arm(study, name, seed, work=work, listeners=[clock]))
        minutes.append(clock.minutes)
    return found, float(np.mean(minutes))


def metrics(made: Sequence[Predictions], minutes: float) -> dict[str, float]:
    """Return every metric, mean over seeds."""
    found = {name: float(np.mean([find(name).value(each) for each in made])) for name in metrics_of(made[0])}
    return {**found, "minutes": minutes}


def linear(study: Study, task: str, blank: Predictions) -> dict[str, dict[str, float]]:
    """Return the scores of linear models, by what they read. blank: a model's answers to the test questions."""
    examples, labels = study.examples[task], study.features.state.labels[task]
    words = words_of(examples, study.division)
    vectors = study.features.arrays.rows[study.features.state.views[task].name].text
    if words is None or vectors is None or examples.output in ("ranking", "tags"):
        return {}
    rows = [np.flatnonzero(examples.part_n == part) for part in (TRAIN, VALID, TEST)]
    began = time.process_time()
    terms = tfidf(words, rows, language=study.project.project.language)
    reading = time.process_time() - began
    dense = [sparse.csr_matrix(vectors[examples.row_n[at]]) for at in rows]
    both = [sparse.hstack(pair).tocsr() for pair in zip(terms, dense, strict=True)]
    given = dict(zip(LINEAR, (terms, dense, both), strict=True))
    code = labels.encode(examples.label)
    found = {}
    for name, (train, valid, test) in given.items():
        began = time.process_time()
        score = linear_scores(labels, (train, code[rows[0]]), (valid, code[rows[1]]), test)
        seconds = time.process_time() - began + (0 if name == "frozen vectors" else reading)
        found[name] = metrics([replace(blank, score=score)], seconds / 60)
    return found


def run(recipe: str, given: argparse.Namespace) -> list[str]:
    """Return one recipe's tables in Markdown."""
    path, seeds = ROOT / "recipes" / f"{recipe}.toml", range(given.seeds)
    data, changes = thinned(path, given), dict(parse_override(text) for text in given.set)
    folder = given.runs / f"{recipe}{'' if given.rows is None else f' {given.rows}'}"
    rows: dict[str, Scores] = {}
    tests: dict[str, dict[str, list[Predictions]]] = {}
    for way in given.ways.split(","):
        study = study_of(path, data, way, changes)
        work = folder / way
        check_same_project(work, study.project.to_toml())
        joint, minutes = arm(study, "joint", seeds, work)
        tests[way] = {task: [each.answers[task]["test"] for each in joint] for task in study.project.judged}
        for task, made in tests[way].items():
            twins, own = arm(study, task, seeds, work)
            rows.setdefault(f"{way}, twin", {})[task] = metrics([each.answers[task]["test"] for each in twins], own)
            rows.setdefault(f"{way}, joint", {})[task] = metrics(made, minutes)
        if not set(LINEAR) & set(rows):
            for task in study.project.judged:
                for name, scores in linear(study, task, tests[way][task][0]).items():
                    rows.setdefault(name, {})[task] = scores
    order = [*(name for name in LINEAR if name in rows), *(name for name in rows if name not in LINEAR)]
    lines = [f"## {recipe}{'' if given.rows is None else f', {given.rows:,} rows'}, {given.seeds} seeds", ""]
    for task in next(iter(rows.values())):
        lines += table(task, {name: rows[name][task] for name in order if task in rows[name]})
    return [*lines, *against(tests, study.project.certify.margin)]


def table(task: str, rows: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return a task's table: a row per method, a column per metric."""
    names = [name for name in next(iter(rows.values())) if name != "minutes"]
    lines = [f"### {task}", "", f"| | {' | '.join(names)} | CPU minutes |", f"|---|{'---|' * (len(names) + 1)}"]
    for method, values in rows.items():
        cells = [f"{values[name]:.4f}" for name in names]
        lines.append(f"| {method} | {' | '.join(cells)} | {values['minutes']:.1f} |")
    return [*lines, ""]


def against(tests: Mapping[str, Mapping[str, list[Predictions]]], margin: float) -> list[str]:
    """Return how joint models in other ways differ from the frozen one, with intervals."""
    if "frozen" not in tests or len(tests) < 2:
        return []
    lines = ["### joint, against frozen", "", "| way | task | frozen | trained | difference [95 % interval] |"]
    lines.append("|---|---|---|---|---|")
    for way, made in tests.items():
        if way == "frozen":
            continue
        found = judge({task: compare(each, tests["frozen"][task]) for task, each in made.items()}, margin=margin)
        for task, one in found.items():
            interval = f"{one.difference:+.4f} [{one.low:+.4f}, {one.high:+.4f}]"
            lines.append(f"| {way} | {task} | {one.twin:.4f} | {one.joint:.4f} | {interval} |")
    return [*lines, ""]


def heading(given: argparse.Namespace) -> list[str]:
    """Return what stands above the tables."""
    command = ["python", "benchmarks/text.py", "--data", "DIR", "--recipes", given.recipes, "--ways", given.ways]
    command += ["--seeds", str(given.seeds), *([] if given.rows is None else ["--rows", str(given.rows)])]
    command += [word for each in given.set for word in ("--set", each)]
    return [
        "# Reading texts: frozen and trained, alone and together",
        "",
        f"{date.today()}, {os.cpu_count()} cores, {platform.machine()}. On test, mean over seeds, before any repair. A",
        "joint model's minutes are of all its tasks together. Made by:",
        "",
        "```",
        shlex.join(command),
        "```",
        "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=not os.environ.get("MOTET_DATA"), default=os.environ.get("MOTET_DATA"))
    parser.add_argument("--recipes", default="clothing,shopping_zh")
    parser.add_argument("--ways", default="frozen,lora,full")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=None)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of the project")
    parser.add_argument("--runs", type=Path, default=Path("runs/text"))
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results" / "text.md")
    given = parser.parse_args()
    lines = heading(given)
    for recipe in given.recipes.split(","):
        lines += run(recipe, given)
        given.results.parent.mkdir(parents=True, exist_ok=True)
        given.results.write_text("\n".join(lines))


if __name__ == "__main__":
    main()
