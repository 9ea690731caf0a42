"""Certify tasks whose tables are data frames, and print the certificate.

    python examples/certify_frames.py

Takes a few minutes on two cores; the model goes to runs/bookshop, where the other examples find it.
"""

from __future__ import annotations

from bookshop import bookshop

import motet


def project() -> motet.Project:
    """Return the bookshop's project: three tables, five tasks."""
    frames = bookshop()
    columns = {
        "events": {"stars": "number"},
        "items": {"title": "text", "genre": "category", "price": "number"},
        "reviews": {"review": "text", "recommended": "flag"},
    }
    keys = {"events": {"user": "reader", "item": "book", "time": "time"}, "items": {"id": "book"}, "reviews": {}}
    return motet.Project(
        tables={name: {"frame": frames[name], **keys[name], "columns": columns[name]} for name in frames},
        tasks=[
            motet.NextItem(),
            motet.Rating(column="stars"),
            motet.Interest(column="items.genre"),
            motet.ClassTask(name="genre", table="items", column="genre"),
            motet.Binary(name="recommended", table="reviews", column="recommended"),
        ],
        train={"epochs": 15},
    )


def main() -> None:
    """Certify, and print who gained, who lost, and what ships."""
    result = motet.certify(project(), out="runs/bookshop")
    print(result.certificate)


if __name__ == "__main__":
    main()
