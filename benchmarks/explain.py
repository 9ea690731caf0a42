"""Claim to test: the events that an explanation names first are those on which the score hangs.

    python benchmarks/explain.py --data DIR --model runs/shop [--model runs/beauty] [--users 300] [--events 10]

For each of a sample of users, the best item of their list is explained. Then past events are taken away one after the
other (deletion), or given back to a history without them (insertion), in three orders: by contribution, the latest
first, and at random. Deletion counts the score that is lost on the way, insertion the score that is gained: an order
that tells what matters loses and gains early. Both are means over the steps between nothing and everything, in units
of the score, per user; differences between orders come with 95 % bootstrap intervals over users. No label is read.
Writes RESULTS/explain.md.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from motet.recommend import Bundle, Question, load
from motet.recommend.leave_out import left_out, part_of, probabilities, scores_of, telling_events
from motet.recommend.shortlist import Shortlist, rescored, shortlists
from motet.recommend.situate import situate

RESULTS = Path(__file__).resolve().parent / "results"
ORDERS = ("contribution", "recency", "random")
FEWEST = 3
DRAWS = 4
RESAMPLES = 2_000


def best_item(bundle: Bundle, user: str) -> Shortlist:
    """Return the list of one user, cut to its best item."""
    loaded = bundle.loaded
    situation = situate(loaded, Question(user, k=1))
    states = loaded.scorer.states([situation.history])
    short = shortlists(loaded, [situation], states)
    (short,) = rescored(
        loaded, short, states, lambda one: [t for t in one.situation.weights if t not in one.probability]
    )
    return short.at(np.array([int(np.argmax(scores_of(short, short.probability)))]))


def orders_of(bundle: Bundle, top: Shortlist, most: int, rng: np.random.Generator) -> dict[str, list[list[int]]]:
    """Return orders of the latest events' places, the most important first."""
    places = telling_events(top.situation.history, most)
    lost = left_out(bundle.loaded, top, most=most).events
    by_loss = sorted(places, key=lambda place: -float(lost[place].total_k[0]))
    return {
        "contribution": [by_loss],
        "recency": [places],
        "random": [rng.permutation(places).tolist() for _ in range(DRAWS)],
    }


def walk(bundle: Bundle, top: Shortlist, orders: Sequence[list[int]]) -> tuple[float, float]:
    """Return (mean score lost while deleting, mean score gained while inserting) over the inner steps of orders."""
    history, n = top.situation.history, len(orders[0])
    every = np.arange(len(history))
    without = [np.setdiff1d(every, order[:step]) for order in orders for step in range(1, n)]
    given = [np.setdiff1d(every, order[step:]) for order in orders for step in range(1, n)]
    ends = [every, np.setdiff1d(every, orders[0])]
    p = probabilities(bundle.loaded, top, [part_of(history, kept) for kept in (*ends, *without, *given)])
    score = scores_of(top, p)[:, 0]
    full, none, steps = score[0], score[1], score[2:].reshape(2, -1)
    return float((full - steps[0]).mean()), float((steps[1] - none).mean())


def measure(bundle: Bundle, users: int, events: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Return by order (users, 2): score lost while deleting and gained while inserting."""
    rng = np.random.default_rng(seed)
    state = bundle.loaded.users
    long = np.flatnonzero(np.diff(state.starts) >= FEWEST)
    found: dict[str, list[tuple[float, float]]] = {order: [] for order in ORDERS}
    for number in rng.permutation(long).tolist():
        if len(found[ORDERS[0]]) == users:
            break
        top = best_item(bundle, str(state.users[number]))
        if len(telling_events(top.situation.history, events)) < FEWEST:
            continue
        for order, each in orders_of(bundle, top, events, rng).items():
            found[order].append(walk(bundle, top, each))
    return {order: np.asarray(each) for order, each in found.items()}


def interval(difference_u: NDArray[np.float64], rng: np.random.Generator) -> tuple[float, float, float]:
    """Return (mean, low, high) of a difference per user."""
    drawn = rng.integers(0, len(difference_u), (RESAMPLES, len(difference_u)))
    low, high = np.quantile(difference_u[drawn].mean(axis=1), (0.025, 0.975))
    return float(difference_u.mean()), float(low), float(high)


def rows_of(name: str, found: dict[str, NDArray[np.float64]]) -> list[str]:
    """Return lines of the results' table."""
    lines = []
    for curve, kind in enumerate(("deletion (lost)", "insertion (gained)")):
        mean = {order: f"{each[:, curve].mean():.3f}" for order, each in found.items()}
        cells = [name, str(len(found["random"])), kind, *(mean[order] for order in ORDERS)]
        for other in ("recency", "random"):
            difference = found["contribution"][:, curve] - found[other][:, curve]
            middle, low, high = interval(difference, np.random.default_rng(0))
            cells.append(f"{middle:+.3f} [{low:+.3f}, {high:+.3f}]")
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Measure every model, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="where the projects' tables are; only encoders in folders need it")
    parser.add_argument("--model", type=Path, action="append", required=True)
    parser.add_argument("--users", type=int, default=300)
    parser.add_argument("--events", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    lines = []
    for path in given.model:
        bundle = load(path, data=given.data, device="cpu")
        lines += rows_of(bundle.manifest.name, measure(bundle, given.users, given.events, given.seed))
        print("\n".join(lines[-2:]), flush=True)
    heads = ("model", "users", "curve", *ORDERS, "contribution − recency [95 %]", "contribution − random [95 %]")
    about = [
        "# Do explanations name the events that matter?",
        "",
        f"`python benchmarks/explain.py`, {date.today()}, {platform.machine()}, {os.cpu_count()} cores.",
        f"Of each user, the {given.events} latest events are taken away, or given back, one after the other. Numbers",
        "are units of the best item's score (log-probability); larger is better in both curves.",
        "",
        f"| {' | '.join(heads)} |",
        "|" + "---|" * len(heads),
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "explain.md").write_text("\n".join([*about, *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
