"""What next_item.py measures with: the sets and their arms, the questions, ranks that are kept, and what they say."""

import json
import sys
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.baseline._past import Pasts
from motet.data import Division
from motet.evaluate import Predictions, find
from motet.schema import ITEMS, TEST, Project, TaskBase
from motet.tasks import Examples
from motet.train.events import EpochDone, StepDone

ROOT = Path(__file__).resolve().parent.parent
METRICS = ("recall@10", "ndcg@10", "mrr")
SPLITS = {
    "beauty": ("leave_one_out",),
    "sports": ("leave_one_out",),
    "movies": ("leave_one_out", "time"),
    "shop": ("time",),
}
"""The sets (each the recipe of its name) and the splits that fit them, the usual one first. The times of `beauty` and
`sports` are places in a history; `shop` has a task with a window, which only a split by time divides."""

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Arm:
    """A row of the table. inputs: which project it is trained on. joint: with the other tasks. memory: mixed in."""

    inputs: str
    joint: bool
    memory: bool
    says: str


ARMS = {
    "ids": Arm("ids", False, False, "ids only"),
    "attributes": Arm("attributes", False, False, "+ attributes (counted words, no language model)"),
    "words": Arm("words", False, False, "+ all texts as counted words, no language model"),
    "text": Arm("whole", False, False, "+ texts and language model"),
    "tasks": Arm("whole", True, False, "+ the other tasks (joint)"),
    "memory_alone": Arm("whole", False, True, "text, + memory (alone)"),
    "memory": Arm("whole", True, True, "+ memory (joint): the recipe"),
    "offset": Arm("offset", True, True, "the recipe, memory as an offset in training"),
}
AFTER = {
    "attributes": "ids",
    "words": "attributes",
    "text": "attributes",
    "tasks": "text",
    "memory_alone": "text",
    "memory": "tasks",
    "offset": "memory",
}
"""The row that each row is compared with."""


def project_of(name: str, split: str, inputs: str, data: str, changes: Mapping[str, Any]) -> Project:
    """Return a set's recipe with the inputs of an arm; all but `whole` and `offset` have the ranking alone."""
    text = (ROOT / "recipes" / f"{name}.toml").read_text(encoding="utf-8")
    content: dict[str, Any] = tomllib.loads(text)
    task = next(key for key, each in content["tasks"].items() if each["kind"] == "next_item")
    content["split"] = {**content.get("split", {}), "kind": split}
    content["tasks"][task]["memory"] = "offset" if inputs == "offset" else "mix"
    if inputs not in ("whole", "offset"):
        content["tasks"] = {task: content["tasks"][task]}
        content.setdefault("encoder", {})["name"] = "lexical"
        columns = content["tables"][ITEMS].get("columns", {})
        kept = {"ids": lambda _: False, "attributes": lambda meaning: meaning != "text", "words": lambda _: True}[
            inputs
        ]
        content["tables"][ITEMS]["columns"] = {key: each for key, each in columns.items() if kept(_meaning(each))}
        if inputs == "ids":
            content["tables"] = {key: {**each, "columns": {}} for key, each in content["tables"].items()}
    for key, value in changes.items():
        _set(content, key, value)
    return Project(**content, root=Path(data))


def digest(project: Project) -> str:
    """Return a short name of all that a project says."""
    return sha1(project.to_toml().encode()).hexdigest()[:10]


def _meaning(column: Any) -> str:
    return str(column["meaning"] if isinstance(column, dict) else column)


def _set(content: dict[str, Any], key: str, value: Any) -> None:
    *parents, last = key.split(".")
    for parent in parents:
        content = content.setdefault(parent, {})
    content[last] = value


def ranking_of(project: Project) -> str:
    """Return the name of the project's ranking."""
    return next(name for name, task in project.tasks.items() if task.kind == "next_item")  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Questions:
    """The n test questions of a ranking. again_n: the target is the item just before. new_n: the user never had it."""

    at: Rows
    task: TaskBase
    unit_n: NDArray[np.str_]
    target_n: Rows
    again_n: NDArray[np.bool_]
    new_n: NDArray[np.bool_]
    num_items: int

    @property
    def returning(self) -> bool:
        """Whether items may return to the list."""
        return bool(getattr(self.task, "repeats", "mask") == "allow")

    def answered(self, rank_n: Rows, chosen: NDArray[np.bool_] | None = None) -> Predictions:
        """Return ranks of the (chosen) questions as the judges read them."""
        kept = slice(None) if chosen is None else chosen
        return Predictions(self.task, "ranking", self.unit_n[kept], rank_n=rank_n[kept], num_items=self.num_items)

    def said(self, rank_n: Rows, new_rank_n: Rows | None) -> dict[str, Any]:
        """Return the metrics: of all questions, of those that do not ask for the item just before, of new items.

        new_rank_n: ranks with all items of the past off the list; only those of new items are read.
        """
        row = {**_metrics(self.answered(rank_n)), "ties": "against", "questions": len(rank_n)}
        row["immediate_repeats"] = int(self.again_n.sum())
        if self.again_n.any():
            row["without_immediate_repeats"] = _metrics(self.answered(rank_n, ~self.again_n))
        if new_rank_n is not None:
            new = self.answered(new_rank_n, self.new_n)
            row["new_to_the_user"] = {**_metrics(new), "questions": int(self.new_n.sum())}
        return row


def questions_of(examples: Examples, division: Division, task: TaskBase) -> Questions:
    """Return the test questions of a ranking."""
    assert division.events is not None
    at = np.flatnonzero(examples.part_n == TEST)
    target_n = examples.label.to_numpy()[at].astype(np.int64)
    past = Pasts(division.events).of(examples, at)
    hit = past.item == target_n[past.row]
    again_n, had_n = (np.zeros(len(at), bool) for _ in range(2))
    again_n[past.row[hit & (past.age == 0)]] = True
    had_n[past.row[hit]] = True
    unit_n = examples.unit.gather(at).to_numpy().astype(str)
    return Questions(at, task, unit_n, target_n, again_n, ~had_n & (target_n >= 0), len(division.events.items))


def _metrics(answers: Predictions) -> dict[str, float]:
    return {name: round(float(find(name).value(answers)), 5) for name in METRICS}


class Kept:
    """Lines and ranks of finished runs in a folder, a file of each for a row and seed.

    projects: by row, the digest of the project that it is to come from; a run of another one does not count.
    """

    def __init__(self, folder: Path, projects: Mapping[str, str]) -> None:
        self.folder, self.projects = folder, projects
        folder.mkdir(parents=True, exist_ok=True)

    def line(self, row: str, seed: int) -> dict[str, Any] | None:
        """Return what a finished run printed, or None."""
        path = self.folder / f"{row}-{seed}.json"
        found = json.loads(path.read_text()) if path.exists() else {}
        return found if found.get("project") == self.projects[row] else None

    def ranks(self, row: str, seed: int) -> Rows:
        """Return the ranks of a finished run."""
        with np.load(self.folder / f"{row}-{seed}.npz") as file:
            ranks: Rows = file["rank"]
        return ranks

    def keep(self, row: str, seed: int, line: Mapping[str, Any], rank_n: Rows) -> None:
        """Keep a run and print its line."""
        np.savez(self.folder / f"{row}-{seed}.npz", rank=rank_n)
        (self.folder / f"{row}-{seed}.json").write_text(json.dumps(line))
        print(json.dumps(line), flush=True)


class Meter:
    """Wall and CPU seconds of an arm, kept after every pass, so that an interrupted one goes on counting."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self.taken = json.loads(path.read_text()) if path.exists() else {"wall": 0.0, "cpu": 0.0, "passes": 0}
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def mark(self) -> dict[str, float]:
        """Count what went by since the last mark."""
        wall, cpu = time.perf_counter(), time.process_time()
        self.taken["wall"] += wall - self._wall
        self.taken["cpu"] += cpu - self._cpu
        self._wall, self._cpu = wall, cpu
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(self.taken))
        return dict(self.taken)

    def step(self, done: StepDone) -> None:
        """Say nothing."""

    def epoch(self, done: EpochDone) -> None:
        """Tell the pass on standard error, and count it."""
        self.taken["passes"] = done.epoch + 1
        scores = " ".join(f"{task} {score:.4f}" for task, score in done.scores.items())
        print(f"{self.name} pass {done.epoch + 1}: {scores} ({done.seconds:.0f} s)", file=sys.stderr, flush=True)
        self.mark()
