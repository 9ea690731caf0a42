"""Plain columns to arrays: categories and flags as codes, numbers as piecewise-linear bins, tags as bags, and vectors.

Numbers follow Gorishniy et al. 2022 (arXiv:2203.05556): with quantile edges b_0 < … < b_T, the t-th feature is the
share of bin t that lies below the value, so that a linear layer becomes a piecewise-linear function. Frequent values
are edges of their own, and the quantiles are those of the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.features.vectors import VectorState, encode_vectors, fit_vectors
from motet.schema import TableSpec

NUM_BINS = 32
"""At most so many bins of a number (benchmarks/LOG.md)."""
MAX_CATEGORIES = 50_000
MISSING, UNKNOWN, FIRST = 0, 1, 2
"""Codes of every categorical column: missing, never seen in training (or once only), then the known values."""


@dataclass(frozen=True)
class Plain:
    """n encoded rows.

    codes_nC: int32, one column per categorical column, already shifted so that all columns share one table.
    bins_nB: float32, for each number its bins and, last, 1 where it is missing.
    tag_ids, tag_starts: int32 ids of all tags of all rows, and the n + 1 offsets of the rows.
    vectors_nV: float32, for each vector its standardised numbers and, last, 1 where it is known; None without vectors.
    """

    codes_nC: NDArray[np.int32]
    bins_nB: NDArray[np.float32]
    tag_ids: NDArray[np.int32]
    tag_starts: NDArray[np.int64]
    vectors_nV: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.tag_starts) - 1

    def with_empty_first(self) -> Plain:
        """Return the rows shifted down by one, with a row of nothing as row 0."""
        codes = np.zeros((len(self) + 1, self.codes_nC.shape[1]), np.int32)
        bins = np.zeros((len(self) + 1, self.bins_nB.shape[1]), np.float32)
        codes[1:], bins[1:] = self.codes_nC, self.bins_nB
        vectors = None if self.vectors_nV is None else np.pad(self.vectors_nV, ((1, 0), (0, 0)))
        return Plain(codes, bins, self.tag_ids, np.concatenate([[0], self.tag_starts]).astype(np.int64), vectors)

    def followed_by(self, other: Plain) -> Plain:
        """Return these rows and, after them, those of another one."""
        return Plain(
            np.concatenate([self.codes_nC, other.codes_nC]),
            np.concatenate([self.bins_nB, other.bins_nB]),
            np.concatenate([self.tag_ids, other.tag_ids]),
            np.concatenate([self.tag_starts, other.tag_starts[1:] + self.tag_starts[-1]]),
            None if self.vectors_nV is None else np.concatenate([self.vectors_nV, other.vectors_nV]),
        )


@dataclass(frozen=True)
class ColumnState:
    """How the plain columns of one table are encoded; fitted on training rows.

    categories: column → known values (codes from FIRST on). numbers: column → edges of its bins.
    tags: known tags as `column=tag`, over all tags columns. vectors: column → how its vectors are standardised.
    """

    categories: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, tuple[float, ...]]
    tags: tuple[str, ...]
    tag_columns: tuple[str, ...]
    vectors: Mapping[str, VectorState] = field(default_factory=dict)

    @property
    def vector_sizes(self) -> list[int]:
        """Numbers of each vector."""
        return [each.size for each in self.vectors.values()]

    @property
    def num_codes(self) -> int:
        """Rows of the shared table of codes."""
        return sum(len(values) + FIRST for values in self.categories.values())

    @property
    def num_bins(self) -> int:
        """Width of the encoded numbers."""
        return sum(len(edges) for edges in self.numbers.values())

    @property
    def columns(self) -> list[str]:
        """All columns that are encoded."""
        return [*self.categories, *self.numbers, *self.tag_columns, *self.vectors]

    def to_json(self) -> dict[str, Any]:
        """Return the state as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> ColumnState:
        """Return the state that `to_json` wrote."""
        return cls(
            categories={name: tuple(values) for name, values in fields["categories"].items()},
            numbers={name: tuple(edges) for name, edges in fields["numbers"].items()},
            tags=tuple(fields["tags"]),
            tag_columns=tuple(fields["tag_columns"]),
            vectors={name: VectorState.from_json(each) for name, each in fields.get("vectors", {}).items()},
        )

    def encode(self, frame: pl.DataFrame) -> Plain:
        """Return the rows of a frame as arrays; a column that the frame lacks is missing everywhere."""
        n = frame.height
        codes = np.zeros((n, len(self.categories)), np.int32)
        shift = 0
        for k, (name, values) in enumerate(self.categories.items()):
            codes[:, k] = shift + _codes(frame, name, values)
            shift += len(values) + FIRST
        bins = [_bins(frame, name, np.asarray(edges)) for name, edges in self.numbers.items()]
        ids, starts = _tags(frame, self.tag_columns, self.tags)
        vectors = encode_vectors(frame, self.vectors) if self.vectors else None
        return Plain(codes, np.concatenate([np.zeros((n, 0), np.float32), *bins], axis=1), ids, starts, vectors)


def fit_columns(frame: pl.DataFrame, spec: TableSpec, columns: Sequence[str]) -> ColumnState:
    """Return the encoding of `columns` (those with a plain meaning), fitted on the rows of `frame`."""
    chosen = set(columns)
    categories, numbers, tags = {}, {}, []
    for name in spec.of("category", "behaviour", "flag"):
        if name in chosen:
            categories[name] = _known(frame[name].cast(pl.String))
    for name in spec.of("number"):
        if name in chosen:
            edges = _edges(frame[name])
            if len(edges) > 1:
                numbers[name] = edges
    tag_columns = tuple(name for name in spec.of("tags") if name in chosen)
    for name in tag_columns:
        tags += [f"{name}={tag}" for tag in _known(frame[name].explode())]
    fitted = {name: fit_vectors(frame[name]) for name in spec.of("vector") if name in chosen}
    vectors = {name: each for name, each in fitted.items() if each is not None}
    return ColumnState(categories, numbers, tuple(tags), tag_columns, vectors)


def _known(values: pl.Series) -> tuple[str, ...]:
    """Values seen at least twice; where every value is rare, all of them."""
    counts = values.drop_nulls().value_counts().sort(["count", values.name], descending=[True, False])
    frequent = counts.filter(pl.col("count") >= 2)
    chosen = frequent if frequent.height else counts
    return tuple(chosen[values.name].head(MAX_CATEGORIES).to_list())


def _codes(frame: pl.DataFrame, name: str, values: Sequence[str]) -> NDArray[np.int32]:
    if name not in frame.columns:
        return np.zeros(frame.height, np.int32)
    index = {value: FIRST + k for k, value in enumerate(values)}
    series = frame[name].cast(pl.String)
    known = series.replace_strict(index, default=UNKNOWN, return_dtype=pl.Int32)
    return np.where(series.is_null().to_numpy(), MISSING, known.fill_null(MISSING).to_numpy()).astype(np.int32)


def _edges(series: pl.Series) -> tuple[float, ...]:
    """The values themselves where they are few; else the frequent ones, and quantiles of the others between them.

    A value that fills a bin alone (most people's spend is 0) would swallow several quantiles of the column, and what
    is left over for all other values could not tell them apart.
    """
    value, count = np.unique(series.drop_nulls().to_numpy(), return_counts=True)
    if len(value) > NUM_BINS + 1:
        frequent = count * NUM_BINS >= count.sum()
        others = np.repeat(value[~frequent], count[~frequent])
        shares = np.linspace(0, 1, NUM_BINS + 1 - int(frequent.sum()))
        value = np.union1d(value[frequent], np.quantile(others, shares, method="nearest"))
    return tuple(float(edge) for edge in value)


def _bins(frame: pl.DataFrame, name: str, edges: NDArray[np.float64]) -> NDArray[np.float32]:
    """len(edges) columns: one per bin and one for missing."""
    out = np.zeros((frame.height, len(edges)), np.float32)
    if name not in frame.columns:
        out[:, -1] = 1.0
        return out
    value = frame[name].cast(pl.Float64).to_numpy()
    known = ~np.isnan(value)
    width = np.diff(edges)
    out[known, :-1] = np.clip(value[known, None] - edges[:-1], 0.0, width) / width  # in this order nothing overflows
    out[~known, -1] = 1.0
    return out


def _tags(
    frame: pl.DataFrame, columns: Sequence[str], tags: Sequence[str]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    if not columns:
        return np.zeros(0, np.int32), np.zeros(frame.height + 1, np.int64)
    index = {tag: code for code, tag in enumerate(tags)}
    parts = []
    for name in columns:
        if name in frame.columns:
            pairs = pl.DataFrame({"row": np.arange(frame.height), "tag": frame[name]}).explode("tag").drop_nulls()
            parts.append(pairs.select("row", pl.format(f"{name}={{}}", "tag").alias("tag")))
    if not parts:
        return np.zeros(0, np.int32), np.zeros(frame.height + 1, np.int64)
    pairs = pl.concat(parts).with_columns(
        pl.col("tag").replace_strict(index, default=-1, return_dtype=pl.Int32).alias("code")
    )
    pairs = pairs.filter(pl.col("code") >= 0).unique(["row", "code"]).sort("row", "code")
    starts = np.zeros(frame.height + 1, np.int64)
    np.add.at(starts, pairs["row"].to_numpy() + 1, 1)
    return pairs["code"].to_numpy().astype(np.int32), np.cumsum(starts)
