"""Claim: a full ranking costs at most twice the bare matrix product with its top-k, in bounded memory.

    python benchmarks/ranking.py [--users 10000] [--items 100000] [--width 64] [--seen 10] [--rounds 5] [--threads N]
        [--results benchmarks/results]

Ours is what judges a ranking: scores with their biases, items of the past struck out, the rank of the target with ties
against us, and the ten best in a settled order. Bare is `states @ items.T` and `topk`, in the block size that is best
for it here. Both take turns; shown is the median of the rounds' ratios of CPU time, and the memory that ours takes at
its peak beyond what it is given. The claim is about 100,000 users; the ratio does not depend on how many there are.
"""

import argparse
import json
import os
import resource
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median

import numpy as np
import torch
from torch import Tensor, nn

from motet.model.heads.ranking import RankingHead
from motet.stages.answer import LIST_LENGTH, RANK_CELLS
from motet.stages.listing import best_items
from motet.tasks.ranking import target_ranks
from recipes import commit, machine

ROOT = Path(__file__).resolve().parent.parent
BLOCKS = (64, 128, 256, 512)


class World:
    """Made-up states of users and vectors of items (row 0 is nothing), targets, and what each user has seen."""

    def __init__(self, given: argparse.Namespace) -> None:
        generator, rng = torch.Generator().manual_seed(0), np.random.default_rng(0)
        self.states_nd = torch.randn(given.users, given.width, generator=generator)
        self.vectors_Id = torch.randn(given.items + 1, given.width, generator=generator)
        self.target_n = rng.integers(0, given.items, given.users)
        self.seen = list(rng.integers(0, given.items, (given.users, given.seen)))
        self.head = _head(given.items)


def _head(num_items: int) -> RankingHead:
    """A ranking without memory and without repeats, as scoring needs it."""
    head = RankingHead.__new__(RankingHead)
    nn.Module.__init__(head)
    head.bias = nn.Parameter(torch.randn(num_items, generator=torch.Generator().manual_seed(1)))
    head.repeats = head.memory = head.mix = None
    return head.eval()


@torch.inference_mode()
def ours(world: World) -> None:
    """Rank every target and list the ten best, block by block, as `stages.answer` does."""
    step = max(1, RANK_CELLS // (len(world.vectors_Id) - 1))
    for begin in range(0, len(world.states_nd), step):
        part = slice(begin, begin + step)
        scores = world.head.compare(world.states_nd[part], None, world.vectors_Id).float()
        target_ranks(scores.numpy(), world.target_n[part], seen=world.seen[part])
        best_items(scores, LIST_LENGTH, seen=world.seen[part])


@torch.inference_mode()
def bare(states_nd: Tensor, items_dI: Tensor, block: int) -> None:
    """The matrix product and the ten best, nothing else."""
    for begin in range(0, len(states_nd), block):
        (states_nd[begin : begin + block] @ items_dI).topk(LIST_LENGTH, dim=1)


def seconds(work: Callable[[], None]) -> float:
    """Return the CPU seconds that it took; other programs disturb them less than the clock."""
    began = time.process_time()
    work()
    return time.process_time() - began


def peak_megabytes() -> float:
    """Return the largest memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(given: argparse.Namespace) -> dict[str, float]:
    """Return medians of seconds and of ratios, and the peak beyond the inputs."""
    world = World(given)
    before = peak_megabytes()
    ours(world)
    peak = peak_megabytes() - before
    items_dI = world.vectors_Id[1:].t()
    some = world.states_nd[: max(BLOCKS)]
    block = min(BLOCKS, key=lambda size: min(seconds(lambda: bare(some, items_dI, size)) for _ in range(3)))
    rounds = []
    for number in range(given.rounds):
        sides = [lambda: ours(world), lambda: bare(world.states_nd, items_dI, block)]
        taken = {side: seconds(sides[side]) for side in ((0, 1) if number % 2 else (1, 0))}
        rounds.append((taken[0], taken[1]))
    return {
        "users": given.users,
        "items": given.items,
        "width": given.width,
        "threads": torch.get_num_threads(),
        "block_of_bare": block,
        "ours_seconds": round(median(own for own, _ in rounds), 3),
        "bare_seconds": round(median(other for _, other in rounds), 3),
        "ratio": round(median(own / other for own, other in rounds), 3),
        "ratio_least": round(min(own / other for own, other in rounds), 3),
        "ratio_most": round(max(own / other for own, other in rounds), 3),
        "peak_megabytes": round(peak),
    }


def page(found: dict[str, float], given: argparse.Namespace) -> str:
    """Return the result in Markdown."""
    command = f"python benchmarks/ranking.py --users {given.users} --items {given.items} --width {given.width}"
    return f"""# Full ranking against the bare matrix product

{date.today()}, commit {commit()}, {machine()}, {found["threads"]} thread(s).

```
{command} --seen {given.seen} --rounds {given.rounds} --threads {found["threads"]}
```

| {given.users:,} users × {given.items:,} items × {given.width} | CPU seconds | ms per user |
|---|---|---|
| scores, ranks with ties against us, ten best, {given.seen} seen items struck out | {found["ours_seconds"]:.2f} | \
{1000 * found["ours_seconds"] / given.users:.2f} |
| `states @ items.T` and `topk({LIST_LENGTH})`, blocks of {found["block_of_bare"]} | {found["bare_seconds"]:.2f} | \
{1000 * found["bare_seconds"] / given.users:.2f} |

Ratio {found["ratio"]:.2f} (median of {given.rounds} rounds taken in turn; {found["ratio_least"]:.2f} to \
{found["ratio_most"]:.2f}). Peak memory of ours beyond its inputs: {found["peak_megabytes"]:.0f} MB.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--seen", type=int, default=10, help="items of each user's past")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    found = measure(given)
    print(json.dumps(found))
    given.results.mkdir(parents=True, exist_ok=True)
    (given.results / "ranking.md").write_text(page(found, given))


if __name__ == "__main__":
    main()
