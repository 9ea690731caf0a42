"""Write the tables of a small made-up bookshop: purchases with ratings, books, reviews.

    python examples/bookshop.py shop

Readers have two favourite genres and rate books of those genres higher; a review's words say how it went. So every
task has something to learn, and the tasks have something in common.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import polars as pl

GENRES = {
    "crime": ("Murder", "Detective", "Witness", "Alibi", "Poison"),
    "travel": ("Harbour", "Railway", "Island", "Desert", "Compass"),
    "cooking": ("Kitchen", "Bread", "Pepper", "Orchard", "Feast"),
    "science": ("Atom", "Planet", "Gene", "Number", "Signal"),
    "poetry": ("Moon", "Silence", "River", "Winter", "Sparrow"),
}
ANYWHERE = ("Garden", "Letter", "House")
FIRST = ("The Last", "A Quiet", "The Hidden", "Notes on the", "Beyond the", "My First", "The Long")
GOOD = ("wonderful", "could not put it down", "a joy", "beautifully told", "better than I hoped")
BAD = ("dull", "a waste of time", "gave up halfway", "clumsy", "not what was promised")
PLAIN = ("arrived on a rainy day", "a present from my sister", "read it on the train", "the second one I own")


def bookshop(readers: int = 600, seed: int = 0) -> dict[str, pl.DataFrame]:
    """Return the tables events, items and reviews."""
    rng = np.random.default_rng(seed)
    items = _books(rng)
    events = _purchases(items, readers, rng)
    return {"events": events, "items": items, "reviews": _reviews(events, rng)}


def _books(rng: np.random.Generator) -> pl.DataFrame:
    titles = [
        (f"{first} {word}", genre) for genre, words in GENRES.items() for word in words + ANYWHERE for first in FIRST
    ]
    return pl.DataFrame(
        {
            "book": [f"b{number}" for number in range(len(titles))],
            "title": [title for title, _ in titles],
            "genre": [genre for _, genre in titles],
            "price": np.round(rng.gamma(6.0, 3.0, len(titles)) + 4, 2),
        }
    )


def _purchases(items: pl.DataFrame, readers: int, rng: np.random.Generator) -> pl.DataFrame:
    genre = items["genre"].to_numpy()
    appeal = rng.gamma(2.0, 1.0, len(items))
    rows = []
    for reader in range(readers):
        favourites = rng.choice(list(GENRES), 2, replace=False)
        wanted = appeal * np.where(np.isin(genre, favourites), 12.0, 1.0)
        chosen = rng.choice(len(items), int(rng.integers(8, 20)), replace=False, p=wanted / wanted.sum())
        day = int(rng.integers(0, 300))
        for book in chosen:
            day += int(rng.integers(1, 9))
            liking = 2.4 + 1.4 * float(genre[book] in favourites) + 0.25 * appeal[book] + rng.normal(0, 0.7)
            rows.append((f"r{reader}", f"b{book}", 1_600_000_000 + 86_400 * day, int(np.clip(round(liking), 1, 5))))
    return pl.DataFrame(rows, schema=["reader", "book", "time", "stars"], orient="row")


def _reviews(events: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    told = events.sample(fraction=0.4, seed=1)
    texts = []
    for stars in told["stars"]:
        said = rng.choice(GOOD if stars + rng.normal(0, 0.6) > 3.2 else BAD, 2, replace=False)
        texts.append(", ".join(rng.permutation([*said, rng.choice(PLAIN)])))
    return pl.DataFrame({"review": texts, "recommended": (told["stars"] >= 4).to_list()})


def main() -> None:
    """Write the tables as csv files into the folder named on the command line."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "shop")
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in bookshop().items():
        table.write_csv(folder / f"{name}.csv")
        print(f"{folder / name}.csv: {table.height} rows")


if __name__ == "__main__":
    main()
