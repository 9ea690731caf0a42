"""The pairs of users that a model answers relations from; `forget` erases a user's."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from motet.artifact import Folder, Part
from motet.artifact.layout import RELATIONS

_SCHEMA = {"relation": pl.String, "user": pl.String, "other": pl.String}


@dataclass(frozen=True)
class Relations:
    """Known pairs: relation (its table), user, other; all String."""

    pairs: pl.DataFrame

    @classmethod
    def empty(cls) -> Relations:
        """Return no pairs at all."""
        return cls(pl.DataFrame(schema=_SCHEMA))

    @classmethod
    def from_folder(cls, folder: Folder) -> Relations:
        """Return what `to_parts` wrote; nothing for a folder without relations."""
        return cls(folder.frame(RELATIONS)) if folder.has(RELATIONS) else cls.empty()

    def to_parts(self) -> dict[str, Part]:
        """Return the pairs as a part of a model folder."""
        return {RELATIONS: self.pairs}

    def of(self, relation: str) -> pl.DataFrame:
        """Return the pairs of one relation: user, other."""
        return self.pairs.filter(pl.col("relation") == relation).select("user", "other")

    def without(self, user: str) -> Relations:
        """Return the pairs of everybody else."""
        return Relations(self.pairs.filter((pl.col("user") != user) & (pl.col("other") != user)))
