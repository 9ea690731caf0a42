"""A tiny shop with every kind of table, and something to learn for every kind of task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

KINDS: dict[str, tuple[str, ...]] = {
    "kitchen": ("pan", "kettle", "spoon", "oven", "cup"),
    "garden": ("spade", "seed", "hose", "rake", "pot"),
    "music": ("violin", "drum", "flute", "piano", "string"),
    "sport": ("ball", "racket", "shoe", "goal", "net"),
}
"""What items are, and the words of their titles."""

BRANDS = {"kitchen": "Alder", "garden": "Birch", "music": "Cedar", "sport": "Dune"}
PRICES = {"kitchen": 20.0, "garden": 8.0, "music": 60.0, "sport": 35.0}
AGES = ("young", "grown", "old", "young")
CLUBS = ("cooks", "growers", "players", "movers")
GOOD, BAD = ("lovely", "sturdy", "perfect", "bright"), ("broken", "dull", "useless", "flimsy")
START, DAYS, DAY = 1_700_000_000, 100, 86_400
FAVOURITE = 8.0
"""How much more often a user takes an item of the kind that they like best."""


@dataclass(frozen=True)
class _World:
    """What nobody sees: the kind of each item, the taste of each user."""

    kind_i: NDArray[np.int64]
    taste_u: NDArray[np.int64]
    rng: np.random.Generator


def tiny_shop(seed: int = 0, *, users: int = 80, items: int = 60) -> dict[str, pl.DataFrame]:
    """Return the tables events, items, users, reviews and friends of a made-up shop; equal arguments give equal tables.

    Every user likes one kind of item best, and takes, buys and praises that kind more. Titles, brands and prices tell
    an item's kind; ages and clubs hint at a user's taste. Events last 100 days, in seconds since 1970. A row without
    an item is a search, with a word of the kind that the user likes; ratings are given for about half of the rest.
    Friends mostly like the same kind.
    """
    rng = np.random.default_rng(seed)
    world = _World(np.arange(items) % len(KINDS), np.arange(users) % len(KINDS), rng)
    catalogue = _items(world)
    events = _events(world)
    return {
        "events": events,
        "items": catalogue,
        "users": _users(world),
        "reviews": _reviews(world, events),
        "friends": _friends(world),
    }


def _items(world: _World) -> pl.DataFrame:
    names = list(KINDS)
    rows = []
    for item, kind in enumerate(world.kind_i):
        name = names[kind]
        words = world.rng.permutation(KINDS[name])[:3]
        brand = BRANDS[name] if world.rng.random() < 0.9 else str(world.rng.choice(list(BRANDS.values())))
        tags = [name, "gift"] if world.rng.random() < 0.3 else [name]
        price = round(float(PRICES[name] * world.rng.lognormal(0, 0.2)), 2)
        rows.append((f"i{item:03d}", f"{' '.join(words)} model {item}", brand, tags, price))
    return pl.DataFrame(rows, schema=["item", "title", "brand", "categories", "price"], orient="row")


def _users(world: _World) -> pl.DataFrame:
    def hint(words: tuple[str, ...], taste: int) -> str:
        return words[taste] if world.rng.random() < 0.85 else str(world.rng.choice(words))

    rows = [(f"u{user:03d}", hint(AGES, taste), hint(CLUBS, taste)) for user, taste in enumerate(world.taste_u)]
    return pl.DataFrame(rows, schema=["user", "age_group", "club"], orient="row")


def _events(world: _World) -> pl.DataFrame:
    rng, words = world.rng, list(KINDS.values())
    rows: list[tuple[str | int | float | None, ...]] = []
    for user, taste in enumerate(world.taste_u):
        liked_i = world.kind_i == taste
        weight_i = np.where(liked_i, FAVOURITE, 1.0)
        count = min(int(rng.integers(6, 15)), len(weight_i))
        taken = rng.choice(len(weight_i), size=count, replace=False, p=weight_i / weight_i.sum())
        for item, moment in zip(taken, np.sort(rng.integers(0, DAYS * DAY, count)), strict=True):
            time = START + int(moment)
            if rng.random() < 0.15:
                rows.append((f"u{user:03d}", None, time - 60, "search", None, str(rng.choice(words[taste]))))
            event = "buy" if rng.random() < (0.7 if liked_i[item] else 0.2) else "view"
            stars = float(np.clip(rng.normal(4.4 if liked_i[item] else 2.2, 0.7), 1, 5).round())
            rating = stars if rng.random() < 0.6 else None
            rows.append((f"u{user:03d}", f"i{item:03d}", time, event, rating, None))
    schema = {
        "user": pl.String,
        "item": pl.String,
        "time": pl.Int64,
        "event": pl.String,
        "rating": pl.Float64,
        "query": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _reviews(world: _World, events: pl.DataFrame) -> pl.DataFrame:
    """One text for every bought item, happy or not; stars say the same, now and then one off."""
    rng = world.rng
    rows = []
    for user, item, time in events.filter(pl.col("event") == "buy").select("user", "item", "time").iter_rows():
        happy = bool(rng.random() < 0.6)
        said = " ".join(rng.permutation(GOOD if happy else BAD)[:2])
        kind = list(KINDS)[world.kind_i[int(item[1:])]]
        stars = int(np.clip((5 if happy else 1) + rng.integers(-1, 2), 1, 5))
        rows.append((user, item, time + DAY // 2, f"a {said} thing for {kind}", happy, stars))
    schema = ["user", "item", "time", "text", "recommended", "stars"]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _friends(world: _World) -> pl.DataFrame:
    """Every user names three others, as a rule of the same taste; a friendship that both name stands twice."""
    rng, taste_u = world.rng, world.taste_u
    rows = []
    for user, taste in enumerate(taste_u):
        alike_u = np.where(taste_u == taste, 1.0, 0.03)
        alike_u[user] = 0.0
        some = rng.choice(len(taste_u), size=min(3, len(taste_u) - 1), replace=False, p=alike_u / alike_u.sum())
        rows += [(f"u{user:03d}", f"u{other:03d}") for other in some]
    return pl.DataFrame(rows, schema=["user", "friend"], orient="row")
