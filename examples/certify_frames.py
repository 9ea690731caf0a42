"""Certify tasks whose tables are data frames, and print the certificate.

    python examples/certify_frames.py            some minutes on two cores
    python examples/certify_frames.py --quick    half a minute: fewer readers, passes and seeds, wider intervals

The model goes to runs/bookshop, where the other examples find it.
"""

from __future__ import annotations

import argparse
from typing import Any

from bookshop import bookshop

import motet

QUICK: dict[str, Any] = {
    "train": {"epochs": 3},
    "trunk": {"width": 32, "layers": 1},
    "certify": {"seeds": 2, "ladder": ["private", "twin"]},
}


def project(*, quick: bool = False) -> motet.Project:
    """Return the bookshop's project: three tables, five tasks."""
    frames = bookshop(readers=120 if quick else 600)
    columns = {
        "events": {"stars": "number"},
        "items": {"title": "text", "genre": "category", "price": "number"},
        "reviews": {"review": "text", "recommended": "flag"},
    }
    keys = {"events": {"user": "reader", "item": "book", "time": "time"}, "items": {"id": "book"}, "reviews": {}}
    return motet.Project(
        project={"name": "bookshop"},
        tables={name: {"frame": frames[name], **keys[name], "columns": columns[name]} for name in frames},
        tasks=[
            motet.NextItem(),
            motet.Rating(column="stars"),
            motet.Interest(column="items.genre"),
            motet.ClassTask(name="genre", table="items", column="genre"),
            motet.Binary(name="recommended", table="reviews", column="recommended"),
        ],
        **(QUICK if quick else {"train": {"epochs": 15}}),
    )


def main() -> None:
    """Certify, and print who gained, who lost, and what ships."""
    parser = argparse.ArgumentParser(description="Certify the bookshop's tasks.")
    parser.add_argument("--quick", action="store_true", help="fewer readers, passes and seeds")
    result = motet.certify(project(quick=parser.parse_args().quick), out="runs/bookshop")
    print(result.certificate)


if __name__ == "__main__":
    main()
