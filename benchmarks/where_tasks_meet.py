"""Claim: what balancers compare, tasks' gradients where the views begin, stands for their gradients at the weights.

    python benchmarks/where_tasks_meet.py [--passes 12] [--most 60] [--results benchmarks/results]

A joint model is trained on two made-up shops. At every step the tasks of the pass with histories are compared in three
ways: at all weights that they share, which costs a backward pass of the trunk per task; as linear maps over what their
views read in common, which is what balancers are given; and at the single states and vectors themselves. Shown is how
the cosines between pairs of tasks, and the lengths, go together with those at the weights.
"""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import torch
from torch import Tensor

import motet
from motet.features.batch import Batch
from motet.model.assemble import MotetModel
from motet.model.cut import Cut
from motet.stages.arms import new_model
from motet.stages.study import Study
from motet.testing.study import tiny_study
from motet.train.balance import BALANCERS
from motet.train.gradients import task_gradients
from motet.train.optimizers import build_optimizer
from motet.train.step import take_step
from motet.workflow import check, prepare

ROOT = Path(__file__).resolve().parent.parent
CLEAR = 0.1
TRAIN = {"batch": 512, "device": "cpu"}
WEIGHTS, MAPS, STATES = "all shared weights", "maps over what views share", "single states and vectors"


class Held(Cut):
    """A cut that gives the gradients at the common tensors as they are."""

    def at_common(self, at_leaves: list[Tensor | None]) -> list[Tensor | None]:
        known = [(above, each) for above, each in zip(self.above, at_leaves, strict=True) if each is not None]
        outputs, arriving = zip(*known, strict=True)
        return list(torch.autograd.grad(outputs, self.common, arriving, retain_graph=True, allow_unused=True))


def shop(users: int = 300, items: int = 150, length: int = 20) -> Study:
    """Users and items with tastes, of which what is had, rated, liked, and who one is, are noisy readings."""
    rng = np.random.default_rng(0)
    taste, kind = rng.normal(size=(users, 6)), rng.normal(size=(items, 6))
    share = np.exp(taste @ kind.T)
    item = np.concatenate([rng.choice(items, size=length, p=row / row.sum()) for row in share])
    user = np.repeat(np.arange(users), length)
    match = taste[user] * kind[item]
    time = np.tile(np.arange(length), users) * 86_400 + 1_600_000_000
    rating = match.sum(1) + 0.5 * rng.normal(size=len(item))
    liked = match[:, :3].sum(1) + 0.5 * rng.normal(size=len(item)) > 0
    events = pl.DataFrame({"user": user, "item": item, "time": time, "rating": rating, "liked": liked})
    people = pl.DataFrame({"user": np.arange(users), "club": taste[:, 0] > 0, "age": 30 + 8 * taste[:, 1]})
    keys = {"user": "user", "item": "item", "time": "time"}
    tables = {
        "events": {"frame": events, **keys, "columns": {"liked": "flag", "rating": "number"}},
        "users": {"frame": people, "user": "user", "columns": {"club": "flag", "age": "number"}},
    }
    tasks = {
        "next": {"kind": "next_item"},
        "liked": {"kind": "binary", "column": "liked"},
        "rating": {"kind": "number", "column": "rating"},
        "club": {"kind": "binary", "table": "users", "column": "club"},
        "age": {"kind": "number", "table": "users", "column": "age"},
    }
    return prepare(check(motet.Project(tables=tables, tasks=tasks, train=TRAIN)))


def tiny() -> Study:
    return tiny_study(tasks=("next_item", "rating", "buy", "club"), settings={"train": TRAIN})


@dataclass(frozen=True)
class Found:
    """Cosines of all pairs and logarithms of lengths, by what was compared; one row per step."""

    cosines: dict[str, list[np.ndarray]]
    lengths: dict[str, list[np.ndarray]]

    def note(self, kind: str, gramian_KK: Tensor) -> None:
        length = gramian_KK.diagonal().clamp(min=1e-30).sqrt()
        cosine = (gramian_KK / length[:, None] / length).numpy()
        self.cosines.setdefault(kind, []).append(np.array([cosine[p] for p in combinations(range(len(length)), 2)]))
        self.lengths.setdefault(kind, []).append((length.log() - length.log().mean()).numpy())


def measure(study: Study, passes: int, most: int) -> Found:
    model = new_model(study, study.shape, seed=0).train()
    optimizer, tasks = build_optimizer(model, study.project.train), study.shape.tasks
    constants, weights = ({name: getattr(t, key) for name, t in tasks.items()} for key in ("constant_loss", "weight"))
    balancer = BALANCERS.get("sum")(constants, weights, study.project.balance)
    found = Found({}, {})
    for step, batches in enumerate(steps(study, passes)):
        for batch in batches:
            names = {name for block in batch.blocks for name in block.targets}
            if batch.segments is not None and names == set(tasks) and step < most:
                for kind, cut in ((MAPS, Cut()), (STATES, Held())):
                    torch.manual_seed(step)
                    losses = model.losses(batch, study.tensors, cut=cut)
                    found.note(kind, task_gradients(model, losses, cut).gramian())
                torch.manual_seed(step)
                found.note(WEIGHTS, at_weights(model, model.losses(batch, study.tensors)))
        take_step(model, batches, study.tensors, balancer, optimizer, teachers={}, clip=5.0, seed=(0, 0, step))
    return found


def steps(study: Study, passes: int) -> Iterator[list[Batch]]:
    for epoch in range(passes):
        for _, batches in study.plan.epoch(0, epoch, study.shape.tasks):
            yield batches


def at_weights(model: MotetModel, losses: Mapping[str, Tensor]) -> Tensor:
    shared = model.shared()
    own = [torch.autograd.grad(each, shared, retain_graph=True, materialize_grads=True) for each in losses.values()]
    flat = torch.stack([torch.cat([gradient.flatten() for gradient in each]) for each in own])
    return flat @ flat.T


def rows(name: str, found: Found) -> list[str]:
    true, true_length = np.stack(found.cosines[WEIGHTS]), np.concatenate(found.lengths[WEIGHTS])
    clear = np.abs(true) > CLEAR
    made = []
    for kind in (WEIGHTS, MAPS, STATES):
        cosine, length = np.stack(found.cosines[kind]), np.concatenate(found.lengths[kind])
        together = np.corrcoef(cosine.ravel(), true.ravel())[0, 1]
        same = (np.sign(cosine) == np.sign(true))[clear].mean()
        lengths = np.corrcoef(length, true_length)[0, 1]
        size = np.abs(cosine).mean()
        made.append(f"| {name} | {kind} | {size:.3f} | {together:.2f} | {same:.0%} | {lengths:.2f} |")
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passes", type=int, default=12)
    parser.add_argument("--most", type=int, default=60)
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    given = parser.parse_args()
    lines = ["# Where tasks are compared", "", f"{date.today()}.", ""]
    lines += ["```", f"python benchmarks/where_tasks_meet.py --passes {given.passes} --most {given.most}", "```", ""]
    lines += [
        "Cosines between the gradients of two tasks, and lengths, against those at all weights that the tasks share.",
        "",
        f"| shop | compared at | mean size of cosines | correlation | same sign, beyond ±{CLEAR} | log lengths |",
        "|---|---|---|---|---|---|",
    ]
    for name, study in (("tiny, 4 tasks", tiny()), ("tastes, 5 tasks", shop())):
        lines += rows(name, measure(study, given.passes, given.most))
    given.results.mkdir(parents=True, exist_ok=True)
    out = given.results / "where_tasks_meet.md"
    out.write_text("\n".join(lines) + "\n")
    print(out.read_text())


if __name__ == "__main__":
    main()
