"""Claim: a balancer that looks at gradients never costs one backward pass of the trunk per task.

    python benchmarks/balance_overhead.py [--rounds 7] [--steps 4] [--results benchmarks/results]

Eight yes-or-no tasks stand on one trunk (made-up events; the default width, layers and history). Every balancer takes
some optimiser steps in turn, round after round, on the same batches. Shown are medians over rounds: of the seconds, and
of the ratios to `sum` within a round. The last row is what is avoided: a backward pass through everything for every
task, and no balancing done with it.
"""

import argparse
import os
import platform
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

import numpy as np
import polars as pl
import torch

import motet
from motet.errors import MissingExtra
from motet.features.batch import Batch
from motet.stages.arms import new_model
from motet.stages.study import Study
from motet.train.balance import BALANCERS, looks_at_gradients, looks_at_norms
from motet.train.optimizers import build_optimizer
from motet.train.step import take_step
from motet.workflow import check, prepare

ROOT = Path(__file__).resolve().parent.parent
TASKS = 8
NAIVE = "one pass per task"


def events(users: int = 600, items: int = 300, length: int = 30) -> pl.DataFrame:
    rng = np.random.default_rng(0)
    count = users * length
    item = rng.integers(items, size=count)
    taste = rng.normal(size=(items, TASKS))
    answers = taste[item] + rng.normal(size=(count, TASKS)) > 0
    keys = {
        "user": np.repeat(np.arange(users), length),
        "item": item,
        "time": np.tile(np.arange(length), users) * 86_400 + 1_600_000_000,
    }
    return pl.DataFrame({**keys, **{f"a{task}": answers[:, task] for task in range(TASKS)}})


def study() -> Study:
    names = [f"a{task}" for task in range(TASKS)]
    table = {"frame": events(), "user": "user", "item": "item", "time": "time", "columns": dict.fromkeys(names, "flag")}
    tasks = {name: {"kind": "binary", "column": name} for name in names}
    train = {"batch": 512, "device": "cpu"}
    return prepare(check(motet.Project(tables={"events": table}, tasks=tasks, train=train)))


Take = Callable[[list[Batch], int], None]


def stepper(made: Study, kind: str) -> tuple[Take, str]:
    """Return a function that takes one step with a balancer, and what the balancer looks at."""
    model = new_model(made, made.shape, seed=0).train()
    optimizer = build_optimizer(model, made.project.train)
    tasks = made.shape.tasks
    config = made.project.balance.model_copy(update={"kind": kind})
    constants, weights = (
        {name: getattr(each, key) for name, each in tasks.items()} for key in ("constant_loss", "weight")
    )
    balancer = BALANCERS.get(kind)(constants, weights, config)

    def take(batches: list[Batch], step: int) -> None:
        seed = (0, 0, step)
        result = take_step(model, batches, made.tensors, balancer, optimizer, teachers={}, clip=5.0, seed=seed)
        assert not result.skipped and len(result.losses) == TASKS

    looks = "gradients" if looks_at_gradients(balancer) else "losses"
    return take, "gradients, now and then" if looks_at_norms(balancer) else looks


def naive(made: Study) -> Take:
    """Return a function that goes back through trunk and heads once per task."""
    model = new_model(made, made.shape, seed=0).train()
    optimizer = build_optimizer(model, made.project.train)

    def take(batches: list[Batch], step: int) -> None:
        optimizer.zero_grad(set_to_none=True)
        for batch in batches:
            for loss in model.losses(batch, made.tensors).values():
                loss.backward(retain_graph=True)
        optimizer.step()

    return take


def measure(rounds: int, steps: int) -> dict[str, tuple[str, list[float]]]:
    """Return, per balancer, what it looks at and its seconds per step, one number per round."""
    made = study()
    batches = [
        batch for _, batch in zip(range(steps), (b for _, b in made.plan.epoch(0, 0, made.shape.tasks)), strict=False)
    ]
    known: dict[str, tuple[Take, str]] = {}
    for kind in BALANCERS.names():
        try:
            known[kind] = stepper(made, kind)
        except MissingExtra as error:
            print(f"{kind}: left out, {error} {error.remedy}")
    known[NAIVE] = (naive(made), "nothing")
    found: dict[str, list[float]] = {kind: [] for kind in known}
    for turn in range(rounds + 1):
        for kind, (take, _) in known.items():
            began = time.perf_counter()
            for step, batch in enumerate(batches):
                take(batch, step)
            if turn:  # the first round warms up
                found[kind].append((time.perf_counter() - began) / steps)
    return {kind: (known[kind][1], seconds) for kind, seconds in found.items()}


def machine() -> str:
    info = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return f"{os.cpu_count()} cores of {names[0] if names else platform.machine()}, {torch.get_num_threads()} thread(s)"


def page(found: dict[str, tuple[str, list[float]]], rounds: int, steps: int) -> str:
    base = found["sum"][1]
    lines = ["# Overhead of balancers", "", f"{date.today()}, {machine()}.", ""]
    lines += ["```", f"python benchmarks/balance_overhead.py --rounds {rounds} --steps {steps}", "```", ""]
    lines += [f"{TASKS} tasks on one trunk; medians of {rounds} rounds of {steps} optimiser steps, taken in turn.", ""]
    lines += ["| balancer | looks at | ms per step | least | most | ratio to sum |", "|---|---|---|---|---|---|"]
    rows = sorted(found.items(), key=lambda entry: (entry[0] == NAIVE, median(entry[1][1])))
    for kind, (looks, seconds) in rows:
        ratio = median(own / other for own, other in zip(seconds, base, strict=True))
        middle, low, high = (1000 * value for value in (median(seconds), min(seconds), max(seconds)))
        lines.append(f"| {kind} | {looks} | {middle:.1f} | {low:.1f} | {high:.1f} | {ratio:.2f} |")
    lines += [
        "",
        f"`{NAIVE}`: a backward pass through trunk and heads for each of the {TASKS} tasks, without balancing.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    given = parser.parse_args()
    given.results.mkdir(parents=True, exist_ok=True)
    out = given.results / "balance_overhead.md"
    out.write_text(page(measure(given.rounds, given.steps), given.rounds, given.steps))
    print(out.read_text())


if __name__ == "__main__":
    main()
