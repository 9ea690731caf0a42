"""Claim: next items are ranked better than by any published model and any untrained graph, in minutes on two cores.

    python benchmarks/next_item.py --data DIR --set beauty|sports|movies|shop [--seeds 3] [--split leave_one_out|time]
        [--rows ids,attributes,text,tasks,memory_alone,memory] [--untrained popularity,item-kNN,EASE,'untrained graph']
        [--set-key KEY=VALUE]... [--runs runs/next_item] [--results benchmarks/results/next_item.md]

Prints a JSON line per run: recall@10, ndcg@10 and mrr over the whole catalogue, ties against the method, with targets
that repeat the item just before apart; minutes of wall and CPU (training, judging every pass and answering), and of the
encoder. Each row adds something to the one before and is compared with it on the same questions: mean and 95 % interval
over users and seeds. The methods that nobody trains stand in the same run, judged by the same code.

`shop` asks for any next purchase, and for those that are new to the household (what it had is then off the list). It
reads the demo's tables: --data ~/.cache/motet/demo/shop after `motet demo shop`. Finished runs are kept in RUNS and not
made again; an arm that was interrupted goes on after its last whole pass. The table is written anew after each row.
"""

import argparse
import json
import os
import platform
import shlex
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from _next_item import (
    AFTER,
    ARMS,
    METRICS,
    ROOT,
    SPLITS,
    Kept,
    Meter,
    Questions,
    digest,
    project_of,
    questions_of,
    ranking_of,
)
from _untrained import MAKERS, World, tune
from motet.evaluate import Predictions, compare
from motet.model.heads._mix import Gate
from motet.schema import parse_override
from motet.stages.answer import answer
from motet.stages.guarding import guard
from motet.stages.outcomes import Outcome, run_arm
from motet.stages.same_run import check_same_project
from motet.stages.study import Study, make_study
from motet.tasks.make import all_examples
from motet.workflow import check
from recipes import commit, machine

USUAL = "ids,attributes,text,tasks,memory_alone,memory"


class Bench:
    """One set under one split: its studies, made when they are wanted, and its finished runs."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.given = given
        self.folder: Path = given.runs / f"{given.set}-{given.split}"
        changes = dict(parse_override(each) for each in given.set_key)
        if changes:
            self.folder = self.folder.with_name(" ".join([self.folder.name, *sorted(given.set_key)]).replace("/", "_"))
        self.changes = changes
        inputs = {"words", *(arm.inputs for arm in ARMS.values())}
        named = {each: digest(project_of(given.set, given.split, each, given.data, changes)) for each in inputs}
        projects = {row: named[arm.inputs] for row, arm in ARMS.items()} | dict.fromkeys(MAKERS, named["words"])
        self.kept = Kept(self.folder / "runs", projects)
        self.study = lru_cache(maxsize=2)(self._study)
        self.encoder_seconds: dict[str, float] = {}

    def _study(self, inputs: str) -> Study:
        """Read, divide, encode; the encoder's time is kept, because a second run finds the vectors."""
        given, note = self.given, self.folder / inputs / "encoder.json"
        project = project_of(given.set, given.split, inputs, given.data, self.changes)
        check_same_project(self.folder / inputs, project.to_toml())
        division = check(project).division
        began, ended = time.perf_counter(), [0.0]
        ended[0] = began

        def told(what: str, done: int, total: int) -> None:
            ended[0] = time.perf_counter()

        study = make_study(division, cache=self.folder / "vectors", on_progress=told)
        guard(study)
        if not note.exists():
            note.write_text(json.dumps(ended[0] - began))
        self.encoder_seconds[inputs] = json.loads(note.read_text())
        return study

    def row(self, row: str, seed: int) -> None:
        """Train what a row needs, unless it stands in RUNS."""
        if self.kept.line(row, seed) is not None:
            return
        arm = ARMS[row]
        study, work = self.study(arm.inputs), self.folder / arm.inputs
        task = ranking_of(study.project)
        alone, taken = trained(study, task, seed, work)
        outcome = alone
        if arm.joint:
            outcome, more = trained(study, "joint", seed, work, first=alone)
            taken = {key: taken[key] + more[key] for key in taken}
        questions = questions_of(study.examples[task], study.division, study.project.tasks[task])
        rank_n, new_rank_n, gate = network_ranks(study, outcome, task, questions, memory=arm.memory)
        line = {
            **self.about(row, seed),
            **questions.said(rank_n, new_rank_n),
            "wall_minutes": round(taken["wall"] / 60, 2),
            "cpu_minutes": round(taken["cpu"] / 60, 2),
            "encoder_minutes": round(self.encoder_seconds[arm.inputs] / 60, 2),
            "passes": int(taken["passes"]),
            "parameters": outcome.parameters,
            **({"gate": [round(each, 4) for each in gate]} if gate and arm.memory else {}),
        }
        self.kept.keep(row, seed, line, rank_n)

    def untrained(self, name: str) -> None:
        """Fit, tune and judge a method that nobody trains, unless it stands in RUNS."""
        if self.kept.line(name, 0) is not None:
            return
        world, questions = self.world
        tuned = tune(name, world)
        if tuned is None:
            print(f"# {name}: left out, {world.num_items:,} items are too many for its dense square", flush=True)
            return
        began = time.perf_counter()
        rank_n = tuned.ranks(world, questions.at, mask=world.mask)
        new_rank_n = tuned.ranks(world, questions.at, mask=True) if questions.returning else None
        line = {
            **self.about(name, 0),
            **questions.said(rank_n, new_rank_n),
            "cpu_minutes": round(tuned.cpu_seconds / 60, 2),
            "answering_minutes": round((time.perf_counter() - began) / 60, 2),
            "config": tuned.config,
            "tried": tuned.tried,
            "valid_ndcg@10": round(tuned.valid, 5),
        }
        self.kept.keep(name, 0, line, rank_n)

    @cached_property
    def world(self) -> tuple[World, Questions]:
        """The ranking with all that is said of its items, as the methods that nobody trains know it."""
        given = self.given
        project = project_of(given.set, given.split, "words", given.data, self.changes)
        division, task = check(project).division, ranking_of(project)
        examples = all_examples(division)[task]
        questions = questions_of(examples, division, project.tasks[task])
        return World(examples, division, mask=not questions.returning), questions

    def about(self, row: str, seed: int) -> dict[str, Any]:
        """Return what every line begins with."""
        packages = {name: version(name) for name in ("motet", "torch", "numpy", "scipy")}
        return {
            "set": self.given.set,
            "split": self.given.split,
            "row": row,
            "seed": seed,
            "commit": commit(),
            "project": self.kept.projects[row],
            "versions": {"python": platform.python_version(), **packages},
            "threads": os.environ.get("OMP_NUM_THREADS", str(os.cpu_count())),
        }


def trained(
    study: Study, arm: str, seed: int, work: Path, first: Outcome | None = None
) -> tuple[Outcome, dict[str, float]]:
    """Return an arm and what it took, the time of its judging included; a finished one is read."""
    meter = Meter(work / f"meter-{'joint' if arm == 'joint' else 'alone'}-{seed}.json", f"{work.name} {arm} {seed}")
    done = meter.taken.get("done")
    outcome = run_arm(study, arm, seed, work=work, listeners=[meter], first=first)
    if not done:
        meter.taken["done"] = 1
        meter.mark()
    return outcome, {key: meter.taken[key] for key in ("wall", "cpu", "passes")}


def network_ranks(
    study: Study, outcome: Outcome, task: str, questions: Questions, *, memory: bool
) -> tuple[np.ndarray, np.ndarray | None, tuple[float, ...] | None]:
    """Return ranks, ranks with the past off the list where items may return, and how far the memory was believed."""
    mix = getattr(outcome.model.head(task), "mix", None)
    gate = None if mix is None else mix.get()
    if mix is not None and not memory:
        mix.set(Gate())
    masked = study.project.tasks[task].model_copy(update={"repeats": "mask"})
    project = study.project.model_copy(update={"tasks": {**study.project.tasks, task: masked}})
    plain = answer(study, outcome.model, task, questions.at)
    new = answer(replace(study, project=project), outcome.model, task, questions.at) if questions.returning else None
    if mix is not None:
        mix.set(gate)
    shown = None if gate is None else (gate.follows, gate.resembles, gate.own, gate.decay, gate.shrink)
    return plain.rank_n, None if new is None else new.rank_n, shown  # type: ignore[return-value]


def table(bench: Bench) -> list[str]:
    """Return a set's table in Markdown, from the runs that are kept."""
    given, kept = bench.given, bench.kept
    seeds = {row: [seed for seed in range(given.seeds) if kept.line(row, seed)] for row in (*ARMS, *MAKERS)}
    lines = {row: [kept.line(row, seed) or {} for seed in found] for row, found in seeds.items() if found}
    if not lines:
        return []
    first = next(iter(lines.values()))[0]
    new = "new_to_the_user" in first
    heads = ["", "recall@10", "ndcg@10", "mrr", *(["new: recall@10", "new: ndcg@10"] if new else [])]
    heads += ["ndcg@10 against", "wall min", "CPU min", "encoder min", "seeds"]
    out = [f"## {given.set}, split {given.split.replace('_', ' ')}", ""]
    out += [f"{first['questions']:,} questions; {first['immediate_repeats']:,} ask for the item just before.", ""]
    out += [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    best = max((row for row in MAKERS if row in lines), key=lambda row: lines[row][0]["ndcg@10"], default=None)
    for row in (*MAKERS, *ARMS):
        if row in lines:
            cells = [ARMS[row].says if row in ARMS else row, *(_mean(lines[row], name) for name in METRICS)]
            if new:
                apart = [each["new_to_the_user"] for each in lines[row]]
                cells += [_mean(apart, "recall@10"), _mean(apart, "ndcg@10")]
            against = [each for each in (AFTER.get(row), best if row.startswith("memory") else None) if each in lines]
            cells.append("; ".join(_difference(bench, row, each, seeds) for each in against) or "–")
            cells += [_mean(lines[row], key, 1) for key in ("wall_minutes", "cpu_minutes", "encoder_minutes")]
            out.append(f"| {' | '.join([*cells, str(len(lines[row])) if row in ARMS else '–'])} |")
    return [*out, ""]


def _difference(bench: Bench, row: str, other: str, seeds: Mapping[str, list[int]]) -> str:
    both = [seed for seed in seeds[row] if seed in seeds[other] or other in MAKERS]
    if not both:
        return "–"
    questions = bench.world[1]
    one = compare(
        [_answers(bench, questions, row, seed) for seed in both],
        [_answers(bench, questions, other, 0 if other in MAKERS else seed) for seed in both],
        metric="ndcg@10",
    )
    low, high = one.interval()
    name = other if other in MAKERS else other.replace("_", " ")
    return f"{name}: {one.difference:+.4f} [{low:+.4f}, {high:+.4f}]"


def _answers(bench: Bench, questions: Questions, row: str, seed: int) -> Predictions:
    return questions.answered(bench.kept.ranks(row, seed))


def _mean(lines: list[dict[str, Any]], key: str, digits: int = 4) -> str:
    found = [each[key] for each in lines if key in each]
    return f"{np.mean(found):.{digits}f}" if found else "–"


def write(bench: Bench) -> None:
    """Put the set's table into the page, beside those of the other sets."""
    given, page = bench.given, bench.given.results
    parts = bench.folder.parent / "tables"
    parts.mkdir(parents=True, exist_ok=True)
    threads = os.environ.get("OMP_NUM_THREADS", os.cpu_count())
    head = f"{date.today()}, commit {commit()}, {machine()}, {threads} thread(s)."
    command = ["python", "benchmarks/next_item.py", "--data", "DIR", "--set", given.set, "--split", given.split]
    command += ["--seeds", str(given.seeds), "--rows", given.rows]
    command += [word for each in given.set_key for word in ("--set-key", each)]
    body = table(bench)
    body[1:1] = ["", head, "", "```", shlex.join(command), "```"]
    (parts / f"{bench.folder.name}.md").write_text("\n".join(body))
    lines = [
        "# Next item",
        "",
        "Full ranking over the whole catalogue, ties against the method, items of the past off the list (in `shop`",
        "they may return). Means over seeds; differences of ndcg@10 with 95 % intervals over users and seeds (of one",
        "seed: over users). Untrained methods: settings chosen on validation, their CPU minutes include that. Minutes",
        "of a row with other tasks or memory are those of the whole run from scratch, judging every pass and answering",
        "included, the encoder apart.",
        "",
    ]
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text("\n".join([*lines, *(path.read_text() for path in sorted(parts.glob("*.md")))]).rstrip() + "\n")


def options() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=not os.environ.get("MOTET_DATA"), default=os.environ.get("MOTET_DATA"))
    parser.add_argument("--set", default="beauty", choices=list(SPLITS))
    parser.add_argument("--split", choices=("leave_one_out", "time"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rows", default=USUAL, help="of " + ", ".join(ARMS))
    parser.add_argument("--untrained", default=",".join(MAKERS))
    parser.add_argument("--set-key", action="append", default=[], metavar="KEY=VALUE", help="a setting of the project")
    parser.add_argument("--runs", type=Path, default=Path("runs/next_item"))
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results" / "next_item.md")
    given = parser.parse_args()
    given.split = given.split or SPLITS[given.set][0]
    if given.split not in SPLITS[given.set]:
        parser.error(f"{given.set} has no split {given.split}; choose {' or '.join(SPLITS[given.set])}")
    return given


def main() -> None:
    bench = Bench(options())
    for name in filter(None, bench.given.untrained.split(",")):
        bench.untrained(name)
        write(bench)
    for seed in range(bench.given.seeds):
        for row in filter(None, bench.given.rows.split(",")):
            bench.row(row, seed)
            write(bench)


if __name__ == "__main__":
    main()
