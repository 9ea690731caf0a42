"""Known sources: data that install with a package, turned into plain tables for the recipes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from motet.data.sources.shop import write_shop

SOURCES: Mapping[str, Callable[..., None]] = {"shop": write_shop}
"""Short name → function that writes the source's tables into a folder."""

__all__ = ["SOURCES", "write_shop"]
