"""Where a key falls: the same key always in the same part, on every machine and in every run.

All answers come from int(sha1(str(key)).hexdigest(), 16). Because 10 and 2 divide 10⁶, its remainder by 10⁶ carries
the remainders by 10 and by 2, so one pass over the distinct keys serves every question.
"""

from __future__ import annotations

from hashlib import sha1

import numpy as np
import polars as pl
from numpy.typing import NDArray

_MODULUS = 10**6


def bucket(keys: pl.Series) -> NDArray[np.int8]:
    """Return 0–9 per key: 0–7 train, 8 validation, 9 test."""
    return (remainders(keys) % 10).astype(np.int8)


def fraction(keys: pl.Series) -> NDArray[np.float64]:
    """Return a number in [0, 1) per key, to be held against cumulated fractions."""
    return remainders(keys) / _MODULUS


def parity(keys: pl.Series) -> NDArray[np.int8]:
    """Return 0 or 1 per key; it halves the validation units into A (0) and B (1)."""
    return (remainders(keys) % 2).astype(np.int8)


def halves(units: pl.Series) -> NDArray[np.int8]:
    """Return 0 (half A) or 1 (half B) per unit: the parity of its hash.

    Rows whose part came from the same hash all have the same parity (bucket 8 is even), which would leave one half
    empty: they are halved by the next binary digit.
    """
    half = parity(units)
    if len(half) and (half == half[0]).all():
        return (remainders(units) // 2 % 2).astype(np.int8)
    return half


def pair_key(first: pl.Series, second: pl.Series) -> pl.Series:
    """Return "min|max" per pair, so that (a, b) and (b, a) share a key.

    The ids are compared as the strings they are ("12" comes before "7"): any fixed order serves, and this one needs
    no guess about what an id means.
    """
    pairs = pl.DataFrame({"a": first.cast(pl.String), "b": second.cast(pl.String)})
    swap = pl.col("b") < pl.col("a")
    low = pl.when(swap).then("b").otherwise("a")
    high = pl.when(swap).then("a").otherwise("b")
    return pairs.select(pl.concat_str(low, high, separator="|").alias("pair"))["pair"]


def fold(keys: pl.Series, folds: int) -> NDArray[np.int64]:
    """Return which of so many folds each key falls into: int(sha1("fold" + str(key)).hexdigest(), 16) % 10⁶ % folds.

    The word before the key makes folds independent of the halves, whose parity comes from the key's own hash.
    """
    texts = keys.cast(pl.String).fill_null("")
    return remainders("fold" + texts) % folds


def remainders(keys: pl.Series) -> NDArray[np.int64]:
    """Return int(sha1(str(key)).hexdigest(), 16) % 10⁶ per key, computed once per distinct key."""
    texts = keys.cast(pl.String).fill_null("").alias("key")
    distinct = texts.unique(maintain_order=True)
    hashed = np.fromiter((_remainder(key) for key in distinct), np.int64, len(distinct))
    if len(distinct) == len(texts):
        return hashed
    looked_up = texts.to_frame().join(
        pl.DataFrame({"key": distinct, "hash": hashed}), on="key", how="left", maintain_order="left"
    )
    return looked_up["hash"].to_numpy()


def _remainder(key: str) -> int:
    return int.from_bytes(sha1(key.encode(), usedforsecurity=False).digest(), "big") % _MODULUS
