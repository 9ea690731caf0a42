"""Why an item is on a list, and which words an answer comes from.

python examples/certify_frames.py --quick    first, it writes runs/bookshop
python examples/explain.py
"""

from __future__ import annotations

import motet


def main() -> None:
    """Print the first item's explanation, part by part, then the words of a review that speak for and against."""
    bundle = motet.load("runs/bookshop")
    first = bundle.recommend("r7", k=1, weights={"next_item": 1.0, "rating": 1.0}, explain=True).items[0]
    assert first.explanation is not None
    print(f"{first.item}, score {first.score:.3f}")
    print("  by objective:", {task: round(part, 3) for task, part in first.explanation.objectives.items()})
    for event in first.explanation.events[:3]:
        print(f"  without “{event.title}”, {event.ago} events ago, it would lose {event.loses:+.3f}")
    for sentence in first.explanation.sentences:
        print(f"  - {sentence}")

    review = "beautifully told, but I gave up halfway"
    (told,) = bundle.explain("recommended", [review], method="leave_out")
    print(f"\n“{review}”: recommended, {told.scale}")
    for word in sorted(told.words, key=lambda each: -abs(each.amount))[:4]:
        print(f"  {word.amount:+.3f}  {word.word}")


if __name__ == "__main__":
    main()
