"""Ask one model for different lists: what comes next, and what will be rated highly.

python examples/certify_frames.py          first, it writes runs/bookshop
python examples/recommend_with_weights.py
"""

from __future__ import annotations

import motet


def main() -> None:
    """Print the list of one reader under three weightings, with reasons."""
    bundle = motet.load("runs/bookshop")
    for weights in ({"next_item": 1.0}, {"next_item": 1.0, "rating": 2.0}, {"next_item": 0.0, "rating": 1.0}):
        print(f"\nweights {weights}")
        for item in bundle.recommend("r7", k=3, weights=weights, explain=True).items:
            print(f"  {item.item:5} {item.score:8.3f}  {'; '.join(item.reasons)}")


if __name__ == "__main__":
    main()
