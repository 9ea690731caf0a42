"""Served scores are those of the same folder in one's own process."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from benchmarks.drills._bench import Bench, Found, service

from motet.recommend import load

LISTS = 1_000
TOLERANCE = 1e-4


def run(bench: Bench) -> Found:
    folder, rng = bench.real(), random.Random(0)
    bundle = load(folder / "models" / "first")
    users, items = bundle.loaded.users.users.to_list(), bundle.loaded.catalogue.ids.to_list()
    worst, other, wanted = 0.0, 0.0, bench.times(LISTS)
    with service(folder) as running:
        for number in range(wanted):
            asked: dict[str, Any] = {
                "k": rng.randrange(1, 40),
                "weights": {"buy": rng.random(), "rating": rng.random()},
            }
            if number % 3:
                asked["user"] = rng.choice(users)
            else:
                asked["history"] = rng.sample(items, rng.randrange(1, 6))
            served = running.good("POST", "/v1/recommend", asked)["items"]
            worst = max(worst, _difference(served, bundle.recommend(**asked)))
            if number < 20:
                other = max(other, _difference(served, bundle.recommend(**{**asked, "weights": {"buy": 0.5}})))
    figure = f"{wanted:,} lists, greatest difference of a score {worst:.1e}"
    return Found(worst <= TOLERANCE, figure, other > TOLERANCE, f"{other:.1e} with other weights")


def _difference(served: list[dict[str, Any]], own: Any) -> float:
    """The greatest difference of scores, place by place; infinite where the lists are not of one length."""
    if len(served) != len(own.items):
        return float("inf")
    scores = np.array([[one["score"], mine.score] for one, mine in zip(served, own.items, strict=True)])
    mine = {one.item: one.score for one in own.items}
    same = [abs(one["score"] - mine.get(one["item"], np.inf)) for one in served]
    ties = float(np.abs(scores[:, 0] - scores[:, 1]).max(initial=0.0))
    return max(ties, max((each for each in same if np.isfinite(each)), default=0.0))
