"""Ask a model's other tasks: about a text, an item, a user and an item.

python examples/certify_frames.py --quick    first, it writes runs/bookshop
python examples/predict.py
"""

from __future__ import annotations

import motet


def main() -> None:
    """Print one answer of each kind."""
    bundle = motet.load("runs/bookshop")
    texts = ["beautifully told, a joy", "dull, gave up halfway"]
    for text, answer in zip(texts, bundle.predict("recommended", texts), strict=True):
        print(f"recommended?  {answer.probability:.2f}  {text}")
    print("genre of b3: ", bundle.predict("genre", items="b3")[0].label)
    print("r7 on b3:    ", round(bundle.predict("rating", users="r7", items="b3")[0].value or 0.0, 2), "stars")
    print("r7 next:     ", bundle.predict("interest", users="r7")[0].label)


if __name__ == "__main__":
    main()
