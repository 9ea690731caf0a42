"""Claim: on plain rows the joint model is ahead of the multi-task models of torch-rechub and NextRec.

    python benchmarks/peers_rows.py --data DIR [--recipe census] [--methods motet,lightgbm,rechub_mmoe,…] [--seeds 1]
        [--python PATH | --environment FOLDER] [--runs runs/peers_rows] [--write]

Hands every peer the rows, columns and split of our own recipe and trains it in an environment of its own, made in
FOLDER by pip on first use (or PATH: a Python that has them already). All are judged by the same code on the same test
rows. Prints one JSON line per run; a run that stands in RUNS is not made again. --write puts the table into
benchmarks/results/peers_<recipe>.md. One thread each.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from motet.evaluate import Predictions, find
from motet.schema import TEST, TRAIN, VALID, Project
from motet.stages.answer import questions_of_role
from motet.stages.outcomes import run_arm
from motet.stages.study import Study
from motet.workflow import check, prepare

ROOT = Path(__file__).resolve().parent.parent
SIDE = Path(__file__).with_name("_peers_rows.py")
PACKAGES = ("torch==2.13.0", "torch-rechub==0.9.0", "nextrec==0.6.14", "lightgbm==4.7.0")
NAMES = {
    "motet": "Motet, joint",
    "lightgbm": "LightGBM 4.7, one per task",
    "rechub_mmoe": "torch-rechub 0.9 MMoE",
    "rechub_ple": "torch-rechub 0.9 PLE",
    "nextrec_mmoe": "NextRec 0.6.14 MMoE",
    "nextrec_ple": "NextRec 0.6.14 PLE",
}
PARTS = {TRAIN: 0, VALID: 1, TEST: 2}
THREADS = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}


def main() -> None:
    given = _options()
    lines = given.runs / f"{given.recipe}.jsonl"
    found = [json.loads(line) for line in lines.read_text().splitlines()] if lines.exists() else []
    wanted = [(method, seed) for seed in range(given.seeds) for method in given.methods.split(",")]
    missing = [each for each in wanted if not any((row["method"], row["seed"]) == each for row in found)]
    study = prepare(check(_project(given))) if missing else None
    given.runs.mkdir(parents=True, exist_ok=True)
    for method, seed in missing:
        assert study is not None
        row = {"recipe": given.recipe, "method": method, "seed": seed, **measured(study, method, seed, given)}
        print(json.dumps(row), flush=True)
        with lines.open("a") as file:
            file.write(json.dumps(row) + "\n")
        found.append(row)
    if given.write:
        target = ROOT / "benchmarks" / "results" / f"peers_{given.recipe}.md"
        target.write_text("\n".join(page(given.recipe, found)))


def _project(given: argparse.Namespace) -> Project:
    return Project.read(ROOT / "recipes" / f"{given.recipe}.toml", data=given.data)


def measured(study: Study, method: str, seed: int, given: argparse.Namespace) -> dict[str, Any]:
    """Return a run's test metrics by task, its CPU seconds of training, and its number of parameters."""
    if method == "motet":
        began = time.process_time()
        outcome = run_arm(study, "joint", seed)
        row: dict[str, Any] = {
            "cpu_seconds": round(time.process_time() - began, 1),
            "parameters": outcome.parameters,
        }
        answers = {task: each["test"] for task, each in outcome.answers.items()}
        return row | {"tasks": {task: _metrics(each) for task, each in answers.items()}}
    rows, scores = given.runs / f"{given.recipe}.npz", given.runs / f"{method}.npy"
    if not rows.exists():
        np.savez(rows, **export(study))
    command = [_python(given), str(SIDE), method, str(rows), str(seed), str(scores)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, **THREADS})
    score_nT = np.load(scores)
    tasks = {task: _metrics(_judged(study, task, score_nT[:, k])) for k, task in enumerate(study.examples)}
    return {**json.loads(done.stdout.splitlines()[-1]), "tasks": tasks}


def export(study: Study) -> dict[str, Any]:
    """Return the rows as the peers take them: raw numbers, codes that begin at 0 in each column, labels, parts."""
    views = {view.name: view for view in study.features.state.views.values()}
    if [view.sources for view in views.values()] != [("row",)]:
        raise SystemExit("The recipe's tasks must all look at the plain rows of one table.")
    view = next(iter(views.values()))
    state, frame = study.features.state.rows[view.name], study.division.inputs[view.table]
    sizes_C = np.array([len(values) + 2 for values in state.categories.values()])
    shift_C = np.concatenate([[0], np.cumsum(sizes_C)[:-1]]) if len(sizes_C) else np.zeros(0)
    labels, parts = [], []
    for examples in study.examples.values():
        if examples.output != "binary" or not np.array_equal(examples.row_n, np.arange(frame.height)):
            raise SystemExit(f"Task '{examples.task}' must be binary and every row must have its label.")
        labels.append(examples.label.to_numpy().astype(np.float32))
        parts.append(examples.part_n)
    assert all(np.array_equal(part, parts[0]) for part in parts), "the tasks have one split"
    return {
        "numbers_nF": frame.select(list(state.numbers)).cast(float).to_numpy().astype(np.float32),
        "codes_nC": state.encode(frame).codes_nC - shift_C.astype(np.int32),
        "sizes_C": sizes_C,
        "labels_nT": np.stack(labels, axis=1),
        "part_n": np.vectorize(PARTS.get)(parts[0]).astype(np.int8),
    }


def _judged(study: Study, task: str, score_n: np.ndarray) -> Predictions:
    examples, chosen = study.examples[task], questions_of_role(study, task, "test")
    return Predictions(
        task=study.project.tasks[task],
        output="binary",
        unit_n=examples.unit.gather(chosen).to_numpy().astype(str),
        score=score_n.astype(np.float32),
        label=examples.label.gather(chosen).to_numpy().astype(np.float32),
    )


def _metrics(predictions: Predictions) -> dict[str, float]:
    return {name: round(find(name).value(predictions), 5) for name in ("auc", "log_loss")}


def _python(given: argparse.Namespace) -> str:
    """Return the peers' own Python, made on first use."""
    if given.python:
        return str(given.python)
    python = given.environment / "bin" / "python"
    ready = given.environment / "ready"
    if not ready.exists():
        subprocess.run([sys.executable, "-m", "venv", str(given.environment)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PACKAGES], check=True, stdout=sys.stderr)
        ready.touch()
    return str(python)


def page(recipe: str, found: Sequence[dict[str, Any]]) -> list[str]:
    """Return the table in Markdown: means over each method's seeds."""
    tasks = list(found[0]["tasks"])
    heads = [f"{task}: AUC / log-loss" for task in tasks]
    lines = [f"# {recipe}: Motet beside other libraries", ""]
    lines += [f"{date.today()}, {os.cpu_count()} CPU cores, {platform.machine()}, one thread for each run.", ""]
    seeds = max(row["seed"] for row in found) + 1
    lines += ["```", f"python benchmarks/peers_rows.py --data DIR --recipe {recipe} --seeds {seeds} --write", "```", ""]
    lines += [f"| | {' | '.join(heads)} | seeds | CPU s | parameters |", f"|---|{'---|' * (len(tasks) + 3)}"]
    for method, name in NAMES.items():
        rows = [row for row in found if row["method"] == method]
        if rows:
            cells = [f"{_mean(rows, task, 'auc'):.4f} / {_mean(rows, task, 'log_loss'):.4f}" for task in tasks]
            seconds = np.mean([row["cpu_seconds"] for row in rows])
            size = f"{rows[0]['parameters']:,}" + (" trees" if method == "lightgbm" else "")
            lines.append(f"| {name} | {' | '.join(cells)} | {len(rows)} | {seconds:.0f} | {size} |")
    return [
        *lines,
        "",
        "The same rows, columns and split for all, judged by the same code on test; means over seeds. The networks of",
        "both libraries: embeddings of 8, four experts (PLE: one shared, two per task) of 128 and 64, towers of 32,",
        "dropout .2, Adam at .001, batches of 1,024, at most 20 passes, stopped after three without a better score",
        "(torch-rechub: of the first task). LightGBM: 1,500 trees at most, rate .03, stopped on log-loss.",
        "CPU seconds are those of training with its judging.",
        "",
    ]


def _mean(rows: Sequence[dict[str, Any]], task: str, metric: str) -> float:
    return float(np.mean([row["tasks"][task][metric] for row in rows]))


def _options() -> argparse.Namespace:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "motet" / "peers_rows"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=not os.environ.get("MOTET_DATA"), default=os.environ.get("MOTET_DATA"))
    parser.add_argument("--recipe", default="census")
    parser.add_argument("--methods", default=",".join(NAMES))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--python", type=Path)
    parser.add_argument("--environment", type=Path, default=cache)
    parser.add_argument("--runs", type=Path, default=Path("runs/peers_rows"))
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
