"""One model, several lists: weights belong to the request. And: which weightings no other beats in every objective.

python examples/certify_frames.py --quick    first, it writes runs/bookshop
python examples/weights_and_front.py
"""

from __future__ import annotations

import numpy as np

import motet
from motet.recommend.pareto import front

TASKS = ("next_item", "rating")
READERS = [f"r{number}" for number in range(50)]


def show(bundle: motet.recommend.Bundle, weights: dict[str, float]) -> None:
    """Print one reader's list, with what each objective adds to a score."""
    print(f"\nweights {weights}")
    for one in bundle.recommend("r7", k=3, weights=weights).items:
        parts = ", ".join(f"{task} {part:+.2f}" for task, part in one.contributions.items())
        print(f"  {one.item:5} {one.score:8.3f} = {parts}")


def worth(bundle: motet.recommend.Bundle, weights: dict[str, float]) -> list[float]:
    """Return each objective's mean probability over the readers' lists: what the model expects of them."""
    asked = {task: weights[task] or 1e-9 for task in TASKS}  # what weighs nothing is not told
    lists = bundle.recommend_many(READERS, k=10, weights=asked)
    return [float(np.mean([one.scores[task] for each in lists for one in each.items])) for task in TASKS]


def main() -> None:
    """Print three lists of one reader, then a sweep of weightings with those on the front marked."""
    bundle = motet.load("runs/bookshop")
    for weights in ({"next_item": 1.0}, {"next_item": 1.0, "rating": 2.0}, {"next_item": 0.0, "rating": 1.0}):
        show(bundle, weights)
    sweep = [{"next_item": 1.0, "rating": rating} for rating in (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)]
    found = np.array([worth(bundle, weights) for weights in sweep])
    print(f"\nrating's weight  {'  '.join(TASKS)}  (* no other weighting is better in both)")
    for weights, values, best in zip(sweep, found, front(found), strict=True):
        print(f"  {weights['rating']:12}  {'     '.join(f'{value:.4f}' for value in values)} {'*' if best else ''}")


if __name__ == "__main__":
    main()
