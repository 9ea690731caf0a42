"""Known sources, turned into plain tables for the recipes: data that install with a package, or that the user has."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from motet.data.sources.movies import write_movies
from motet.data.sources.reviews import write_reviews
from motet.data.sources.shop import write_shop

SOURCES: Mapping[str, Callable[..., None]] = {"shop": write_shop, "movies": write_movies, "reviews": write_reviews}
"""Short name → function that writes the source's tables into a folder."""

__all__ = ["SOURCES", "write_movies", "write_reviews", "write_shop"]
