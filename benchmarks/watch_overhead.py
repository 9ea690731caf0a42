"""Claim: watching a joint run (gradients, look-ahead affinity, gates) costs at most 10 % of its training time.

    python benchmarks/watch_overhead.py [--project FILE DATA]... [--looks 9] [--write]

Trains made-up shops of 2, 4 and 9 tasks, and the given projects, and times steps and looks of the same run in turn. A
look comes after every third step here, so that there are many of both; the cost is that of one look per interval,
median over median, which a busy machine moves less than a difference of totals would. Gates are part of a step: what
their record costs is a step of an MMoE that keeps it over one that does not. Prints a table; --write puts it into
benchmarks/results/watch_overhead.md.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

from motet.model.assemble import MotetModel
from motet.schema import Project
from motet.stages.arms import new_balancer, new_model
from motet.stages.looking import judge_batches
from motet.stages.study import Study
from motet.testing.project import tiny_in_memory
from motet.testing.tables import tiny_shop
from motet.train.optimizers import build_optimizer
from motet.train.step import take_step
from motet.train.watch import Watcher, default_interval
from motet.workflow import check, prepare

SHOPS = {
    "shop, 2 tasks": ("next_item", "rating"),
    "shop, 4 tasks": ("next_item", "rating", "buy", "sentiment"),
    "shop, 9 tasks": ("next_item", "rating", "buy", "interest", "brand", "categories", "price", "sentiment", "club"),
}
SETTINGS = {"trunk": {"width": 64, "layers": 2, "max_history": 30}, "train": {"device": "cpu"}}
APART, WARM_UP = 3, 4
HEAD = "| run | tasks | steps in a pass | step, ms | look, ms | look / step | steps between looks | watching |"


def main() -> None:
    options = _options()
    lines = [HEAD, "|---|---|---|---|---|---|---|---|"]
    for name, study in _studies(options):
        lines.append(_row(name, study, options.looks))
        print(lines[-1], flush=True)
    gates = _gate_cost(options.looks)
    told = f"Recording what gates choose takes {gates:+.1%} of a step (MMoE, 4 tasks, median over median)."
    print(told)
    if options.write:
        _write([*lines, "", told])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--project", nargs=2, type=Path, action="append", default=[], metavar=("FILE", "DATA"))
    parser.add_argument("--looks", type=int, default=9)
    parser.add_argument("--users", type=int, default=2_000)
    parser.add_argument("--write", action="store_true")
    return parser.parse_args()


def _studies(options: argparse.Namespace) -> Iterator[tuple[str, Study]]:
    frames = tiny_shop(users=options.users, items=1_500)
    for name, tasks in SHOPS.items():
        yield name, _shop(frames, tasks)
    for path, data in options.project:
        yield path.stem, prepare(check(Project.read(path, data=data)))


def _shop(frames: Any, tasks: tuple[str, ...], **settings: Any) -> Study:
    return prepare(check(tiny_in_memory(frames, tasks=tasks, settings={**SETTINGS, **settings})))


def _row(name: str, study: Study, looks: int) -> str:
    tasks = list(study.shape.tasks)
    every = default_interval(len(tasks))
    model = new_model(study, study.shape, seed=0)
    watcher = Watcher(model, judge_batches(study, tasks), every=every)
    step, look = _timed(study, model, watcher, looks)
    cells = [name, len(tasks), study.plan.steps, f"{1e3 * step:.0f}", f"{1e3 * look:.0f}", f"{look / step:.1f}"]
    return "| " + " | ".join(map(str, [*cells, every, f"{look / (every * step):.1%}"])) + " |"


def _timed(study: Study, model: MotetModel, watcher: Watcher, looks: int) -> tuple[float, float]:
    """Return the median seconds of a step and of a look."""
    steps, looked = [], []
    for number, (batches, seconds, weights) in enumerate(_steps(study, model)):
        if number >= WARM_UP:
            steps.append(seconds)
        if number >= WARM_UP and number % APART == 0:
            began = time.perf_counter()
            watcher.look(batches, study.tensors, weights=weights, teachers={})
            looked.append(time.perf_counter() - began)
        if len(looked) == looks:
            return statistics.median(steps), statistics.median(looked)
    raise AssertionError("steps never end")


def _steps(study: Study, model: MotetModel) -> Iterator[tuple[Any, float, dict[str, float]]]:
    """Train for ever; yield each step's batches, seconds and weights."""
    config = study.project.train
    optimizer, balancer = build_optimizer(model, config), new_balancer(study, study.shape)
    epoch = 0
    while True:
        for step, batches in study.plan.epoch(0, epoch, list(study.shape.tasks)):
            if not batches:
                continue
            model.train()
            began = time.perf_counter()
            result = take_step(
                model, batches, study.tensors, balancer, optimizer, teachers={}, clip=config.clip, seed=(0, epoch, step)
            )
            yield batches, time.perf_counter() - began, result.weights
        epoch += 1


def _gate_cost(looks: int) -> float:
    """Return what recording gates adds to a step, as a share of it; steps with and without take turns."""
    study = _shop(tiny_shop(users=2_000, items=1_500), SHOPS["shop, 4 tasks"], sharing={"kind": "mmoe"})
    model = new_model(study, study.shape, seed=0)
    record = model.sharing.record_gate
    kept: dict[bool, list[float]] = {True: [], False: []}
    for number, (_, seconds, _) in enumerate(_steps(study, model)):
        recording = number % 2 == 0
        if number >= WARM_UP:
            kept[recording].append(seconds)
        model.sharing.record_gate = (lambda *a, **k: None) if recording else record  # of the next step
        if len(kept[False]) == 4 * looks:
            return statistics.median(kept[True]) / statistics.median(kept[False]) - 1
    raise AssertionError("steps never end")


def _write(lines: list[str]) -> None:
    threads = f"{torch.get_num_threads()} thread(s)"
    head = [
        "# What watching costs",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, `python benchmarks/watch_overhead.py`, {threads}. Medians of",
        "steps and looks that took turns in one run; the last column is the claim: at most 10 %.",
        "",
    ]
    Path(__file__).with_name("results").joinpath("watch_overhead.md").write_text("\n".join([*head, *lines, ""]))


if __name__ == "__main__":
    main()
