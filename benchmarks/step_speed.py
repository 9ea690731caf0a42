"""Claim: the fused, chunked softmax is far quicker than the naive loss, and a step is mostly matrix products.

    python benchmarks/step_speed.py [--items 12101] [--width 64] [--targets 900] [--rounds 9] [--threads N]
        [--results benchmarks/results]

The loss alone, forward and backward: microseconds per target of the naive cross-entropy, of the fused one in fp32 and
in bf16, and of the loss against shared sampled negatives that larger catalogues get. Then whole steps of a ranking's
training on made-up histories, and the share of them that the bare matrix products of a step would take at the speed
that such products have here (those of the loss in the loss's own precision). All take turns; shown are medians of CPU
time, which other programs disturb less.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import polars as pl
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

import motet
from motet.model.heads._softmax import CHUNK, fused_cross_entropy, has_fast_bf16, sampled_cross_entropy
from motet.model.heads.ranking import FULL_SOFTMAX, NEGATIVES
from motet.stages.arms import arm_shape, new_balancer, new_model
from motet.train.optimizers import build_optimizer
from motet.train.step import take_step
from motet.workflow import check, prepare
from recipes import commit, machine

ROOT = Path(__file__).resolve().parent.parent
TASK, LENGTH = "next_item", 9
Work = Callable[[], object]


def losses(given: argparse.Namespace) -> dict[str, Work]:
    """Return the losses, forward and backward, on the same made-up states."""
    generator = torch.Generator().manual_seed(0)
    states = torch.randn(given.targets, given.width, generator=generator, requires_grad=True)
    items = torch.randn(given.items, given.width, generator=generator, requires_grad=True)
    bias = torch.zeros(given.items, requires_grad=True)
    target = torch.randint(0, given.items, (given.targets,), generator=generator)
    counts, leaves = torch.ones(given.items), (states, items, bias)

    def both(loss: Callable[[], Tensor]) -> Work:
        return lambda: torch.autograd.grad(loss(), leaves)

    return {
        "naive, fp32": both(lambda: F.cross_entropy(states @ items.t() + bias, target)),
        "fused, fp32": both(lambda: fused_cross_entropy(*leaves, target, dtype=torch.float32)),
        "fused, bf16": both(lambda: fused_cross_entropy(*leaves, target, dtype=torch.bfloat16)),
        f"{NEGATIVES:,} sampled negatives": both(
            lambda: sampled_cross_entropy(*leaves, target, counts, negatives=min(NEGATIVES, given.items))
        ),
    }


class Steps:
    """Whole steps of training a ranking alone: trunk, loss, clipping and optimiser."""

    def __init__(self, given: argparse.Namespace) -> None:
        rng = np.random.default_rng(0)
        users = max(64, 40 * given.targets // LENGTH)
        size = users * LENGTH
        # every item once, so that the catalogue is whole
        item = np.concatenate([np.arange(given.items), rng.integers(0, given.items, max(0, size - given.items))])[:size]
        moment = np.tile(np.arange(LENGTH), users)
        events = pl.DataFrame(
            {"user": np.repeat(np.arange(users), LENGTH), "item": rng.permutation(item), "time": moment}
        )
        table = {"frame": events, "user": "user", "item": "item", "time": "time"}
        project = motet.Project(
            tables={"events": table},
            tasks={TASK: {"kind": "next_item", "memory": "off"}},
            trunk={"width": given.width},
            train={"device": "cpu", "batch": given.targets},
        )
        self.study = prepare(check(project))
        shape = arm_shape(self.study, TASK)
        self.model = new_model(self.study, shape, seed=0).train()
        self.optimizer, self.balancer = build_optimizer(self.model, project.train), new_balancer(self.study, shape)
        self.batches = next(iter(self.study.plan.epoch(0, 0, {TASK})))[1]
        self.targets = sum(each.targets[TASK].count for batch in self.batches for each in batch.blocks)
        self.num_items = self.study.shape.num_items

    def __call__(self) -> None:
        """Take a step."""
        take_step(
            self.model,
            self.batches,
            self.study.tensors,
            self.balancer,
            self.optimizer,
            teachers={},
            clip=5.0,
            seed=(0, 0, 0),
        )

    def operations(self) -> int:
        """Return the floating-point operations of a step's matrix products."""
        with FlopCounterMode(display=False) as counter:
            self()
        return int(counter.get_total_flops())


def products(given: argparse.Namespace) -> dict[str, tuple[Work, float]]:
    """Return bare matrix products and their operations: the loss's in both precisions, and the trunk's."""
    chunk, items = torch.randn(CHUNK, given.width), torch.randn(given.width, given.items)
    rows, block = torch.randn(1024, given.width), torch.randn(given.width, 4 * given.width)
    low = (chunk.bfloat16(), items.bfloat16())
    return {
        "loss, fp32": (lambda: chunk @ items, 2.0 * CHUNK * given.width * given.items),
        "loss, bf16": (lambda: low[0] @ low[1], 2.0 * CHUNK * given.width * given.items),
        "trunk, fp32": (lambda: [rows @ block for _ in range(20)], 20 * 2.0 * 1024 * given.width * 4 * given.width),
    }


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Return medians over rounds in which everything is done once."""
    steps, bare = Steps(given), products(given)
    works: dict[str, Work] = {**losses(given), **{name: work for name, (work, _) in bare.items()}, "step": steps}
    taken: dict[str, list[float]] = {name: [] for name in works}
    for number in range(given.rounds + 1):
        for name, work in works.items():
            began = time.process_time()
            work()
            if number:  # the first round warms up
                taken[name].append(time.process_time() - began)
    seconds = {name: median(each) for name, each in taken.items()}
    speed = {name: operations / seconds[name] for name, (_, operations) in bare.items()}
    whole, fast = steps.operations(), has_fast_bf16()
    of_loss = 6.0 * steps.targets * given.width * steps.num_items if steps.num_items <= FULL_SOFTMAX else 0.0
    limit = of_loss / speed["loss, bf16" if fast else "loss, fp32"] + (whole - of_loss) / speed["trunk, fp32"]
    return {
        "items": given.items,
        "width": given.width,
        "targets": given.targets,
        "threads": torch.get_num_threads(),
        "bf16_in_hardware": fast,
        "us_per_target": {name: round(1e6 * seconds[name] / given.targets, 1) for name in losses(given)},
        "gigaflops": {name: round(each / 1e9, 1) for name, each in speed.items()},
        "step": {
            "targets": steps.targets,
            "us_per_target": round(1e6 * seconds["step"] / steps.targets, 1),
            "products_us_per_target": round(1e6 * limit / steps.targets, 1),
            "share": round(limit / seconds["step"], 3),
        },
    }


def page(found: dict[str, Any], given: argparse.Namespace) -> str:
    """Return the result in Markdown."""
    used, step = "fused, bf16" if found["bf16_in_hardware"] else "fused, fp32", found["step"]
    bf16 = "yes, and used" if found["bf16_in_hardware"] else "no, so products are in fp32"
    naive = found["us_per_target"]["naive, fp32"]
    command = f"python benchmarks/step_speed.py --items {given.items} --width {given.width} --targets {given.targets}"
    lines = ["# Speed of a training step", ""]
    lines += [
        f"{date.today()}, commit {commit()}, {machine()}, {found['threads']} thread(s); bf16 in hardware: {bf16}.",
        "",
    ]
    lines += ["```", f"{command} --rounds {given.rounds} --threads {found['threads']}", "```", ""]
    lines += [
        f"| loss of {found['targets']:,} targets × {found['items']:,} items × {found['width']} | CPU µs per target |"
    ]
    lines[-1] += " naive / it |"
    lines += ["|---|---|---|"]
    for name, value in found["us_per_target"].items():
        lines.append(f"| {f'**{name}** (used here)' if name == used else name} | {value:.1f} | {naive / value:.2f} |")
    speeds = ", ".join(f"{name} {each:.0f}" for name, each in found["gigaflops"].items())
    lines += ["", f"Bare matrix products, GFLOP per CPU second: {speeds}.", ""]
    lines += [
        f"A whole step ({step['targets']:,} targets, histories of {LENGTH}): {step['us_per_target']:.1f} CPU µs per"
    ]
    lines += [
        f"target, of which bare matrix products would take {step['products_us_per_target']:.1f} ({step['share']:.0%})."
    ]
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=12_101)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--targets", type=int, default=900)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    found = measure(given)
    print(json.dumps(found))
    given.results.mkdir(parents=True, exist_ok=True)
    (given.results / "step_speed.md").write_text(page(found, given))


if __name__ == "__main__":
    main()
