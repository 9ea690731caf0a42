"""The catalogue: which items there are, what they are like, how often they were chosen, whether they may be shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.artifact import Folder, Part
from motet.artifact.layout import ATTRIBUTES, ITEMS
from motet.errors import ArtifactError

ITEM, POPULARITY, AVAILABLE, TITLE = "@item", "@popularity", "@available", "@title"


@dataclass(frozen=True)
class Catalogue:
    """I items. Every array of the model that counts items counts them in this order.

    ids: String. attributes: I rows; category columns String, tags List[String], numbers Float64, flags Boolean.
    popularity_I: int64, training events of the item. available_I: whether it may be shown.
    titles: String, what a reader would call the item (null: its id), or None.
    """

    ids: pl.Series
    attributes: pl.DataFrame = field(default_factory=pl.DataFrame)
    popularity_I: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    available_I: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))
    titles: pl.Series | None = None

    def __post_init__(self) -> None:
        num = len(self.ids)
        if len(self.popularity_I) == 0:
            object.__setattr__(self, "popularity_I", np.zeros(num, np.int64))
        if len(self.available_I) == 0:
            object.__setattr__(self, "available_I", np.ones(num, np.bool_))
        lengths = {len(self.popularity_I), len(self.available_I), num}
        lengths |= {len(self.attributes)} if self.attributes.width else set()
        lengths |= {len(self.titles)} if self.titles is not None else set()
        if lengths != {num}:
            raise ArtifactError(f"The catalogue's columns differ in length: {sorted(lengths)}.", "Train anew.")

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def index(self) -> dict[str, int]:
        """Item id → its number."""
        return {item: number for number, item in enumerate(self.ids.to_list())}

    @cached_property
    def shares(self) -> Mapping[str, Mapping[str, float]]:
        """Category or tags column → value → share of the items that have it."""
        shares = {}
        for column in self.attributes.iter_columns():
            if column.dtype in (pl.String, pl.List(pl.String)):
                values = column.list.unique().explode() if column.dtype != pl.String else column
                counts = values.drop_nulls().value_counts()
                shares[column.name] = dict(zip(counts[column.name], counts["count"] / len(column), strict=True))
        return shares

    def codes(self, items: Iterable[str]) -> NDArray[np.int32]:
        """Return the numbers of items, -1 for unknown ones."""
        return np.fromiter((self.index.get(str(item), -1) for item in items), np.int32)

    def title(self, number: int) -> str:
        """Return what a reader would call an item."""
        title = self.titles[number] if self.titles is not None else None
        return str(self.ids[number]) if title is None else str(title)

    def to_parts(self) -> dict[str, Part]:
        """Return the catalogue as parts of a model folder."""
        index = pl.DataFrame({ITEM: self.ids, POPULARITY: self.popularity_I, AVAILABLE: self.available_I})
        keys = [self.ids.alias(ITEM)] + ([] if self.titles is None else [self.titles.alias(TITLE)])
        return {ITEMS: index, ATTRIBUTES: pl.DataFrame([*keys, *self.attributes.get_columns()])}

    @classmethod
    def from_folder(cls, folder: Folder) -> Catalogue:
        """Return the catalogue that `to_parts` wrote."""
        index, attributes = folder.frame(ITEMS), folder.frame(ATTRIBUTES)
        try:
            same = index[ITEM].equals(attributes[ITEM])
            popularity, available = index[POPULARITY].to_numpy(), index[AVAILABLE].to_numpy()
        except pl.exceptions.ColumnNotFoundError as error:
            raise ArtifactError(f"The catalogue lacks a column: {error}.", "Train anew.") from None
        if not same:
            raise ArtifactError("The index and the attributes name different items.", "Train anew.")
        return cls(
            ids=index[ITEM],
            attributes=attributes.drop(ITEM, TITLE, strict=False),
            popularity_I=popularity.astype(np.int64),
            available_I=available.astype(np.bool_),
            titles=attributes[TITLE] if TITLE in attributes.columns else None,
        )
