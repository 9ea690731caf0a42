"""A tiny shop: tables with structure in them, and a project file, made in a blink. For tests and first steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

BRANDS = ("Alder", "Birch", "Cedar", "Dune")
WORDS = (("bread", "rye", "oven"), ("milk", "cream", "cold"), ("soap", "clean", "bath"), ("apple", "fresh", "tree"))

PROJECT = """\
[project]
name = "tiny"

[tables.events]
path = "events.csv"
user = "user"
item = "item"
time = "time"
[tables.events.columns]
stars = "number"

[tables.items]
path = "items.csv"
id = "item"
[tables.items.columns]
title = "text"
brand = "category"
price = "number"

[tables.reviews]
path = "reviews.csv"
[tables.reviews.columns]
text = "text"
happy = "flag"

[tasks.next_item]
kind = "next_item"

[tasks.stars]
kind = "rating"
column = "stars"

[tasks.brand]
kind = "class"
table = "items"
column = "brand"
split = { fractions = [0.6, 0.2, 0.2] }

[tasks.happy]
kind = "binary"
table = "reviews"
column = "happy"

[encoder]
name = "lexical"

[trunk]
width = 16
layers = 1

[train]
epochs = 2

[certify]
seeds = 2
"""


def write_tiny_shop(folder: str | Path, *, users: int = 60, items: int = 40, seed: int = 0) -> Path:
    """Write events.csv, items.csv, reviews.csv and motet.toml into `folder`; return the project file.

    Each item belongs to one of four groups, whose words are in its title; each user likes one group best, buys there
    mostly, and gives more stars there. Reviews tell in words whether they are happy.
    """
    folder, rng = Path(folder), np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    group_i, likes_u = np.arange(items) % 4, np.arange(users) % 4
    _items(group_i, rng).write_csv(folder / "items.csv")
    _events(group_i, likes_u, rng).write_csv(folder / "events.csv")
    _reviews(4 * users, rng).write_csv(folder / "reviews.csv")
    project = folder / "motet.toml"
    project.write_text(PROJECT, encoding="utf-8")
    return project


def _items(group_i: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "item": [f"i{number:02d}" for number in range(len(group_i))],
            "title": [" ".join(rng.permutation(WORDS[group])) + f" no {at}" for at, group in enumerate(group_i)],
            "brand": [BRANDS[group] for group in group_i],
            "price": (1 + 9 * rng.random(len(group_i))).round(2),
        }
    )


def _events(group_i: np.ndarray, likes_u: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    rows = []
    for user, likes in enumerate(likes_u):
        weight_i = np.where(group_i == likes, 8.0, 1.0)
        bought = rng.choice(len(group_i), size=int(rng.integers(6, 13)), replace=False, p=weight_i / weight_i.sum())
        for moment, item in enumerate(bought):
            stars = int(np.clip(rng.normal(4.3 if group_i[item] == likes else 2.3, 0.7), 1, 5).round())
            rows.append((f"u{user:02d}", f"i{item:02d}", 1_600_000_000 + 86_400 * moment + user, stars))
    return pl.DataFrame(rows, schema=["user", "item", "time", "stars"], orient="row")


def _reviews(count: int, rng: np.random.Generator) -> pl.DataFrame:
    happy = rng.random(count) < 0.5
    words = {True: ("lovely", "good", "again"), False: ("awful", "broken", "never")}
    texts = [f"{' '.join(rng.permutation(words[bool(yes)]))} order {at}" for at, yes in enumerate(happy)]
    return pl.DataFrame({"text": texts, "happy": ["yes" if yes else "no" for yes in happy]})
