import numpy as np
import polars as pl
import pytest

from motet.recommend import Catalogue
from motet.recommend.grown import GrownCatalogue, Numbers, growing, put


def start(size: int = 3) -> Catalogue:
    ids = [f"i{each}" for each in range(size)]
    frame = pl.DataFrame({"price": np.arange(size, dtype=float)})
    return Catalogue(pl.Series("@item", ids), frame, titles=pl.Series("@title", [None] * size, dtype=pl.String))


def one(known: Catalogue, place: int, id: str, *, price: float = 9.0, available: bool = True) -> GrownCatalogue:
    return put(
        growing(known),
        np.array([place], np.int32),
        [id],
        rows=[{"price": price}],
        titles=[id.upper()],
        available=[available],
    )


def test_items_are_put_and_changed() -> None:
    first = one(start(), 3, "new")
    second = one(first, 1, "i1", price=7.0, available=False)
    assert second.ids.to_list() == ["i0", "i1", "i2", "new"] and len(second) == 4
    assert second.attributes["price"].to_list() == [0, 7, 2, 9] and first.attributes["price"].to_list() == [0, 1, 2, 9]
    assert second.title(1) == "I1" and second.title(0) == "i0" and second.titles[3] == "NEW"
    assert second.available_I.tolist() == [True, False, True, True] and second.popularity_I.tolist() == [0] * 4
    assert second.told(1) == ({"price": 7.0}, "I1") and second.codes(["new", "none"]).tolist() == [3, -1]
    assert second.to_parts().keys() == start().to_parts().keys()


def test_a_catalogue_does_not_know_what_came_after_it() -> None:
    first = one(start(), 3, "new")
    second = one(first, 4, "newer")
    assert "newer" not in first.index and first.index.get("newer") is None and second.index["newer"] == 4
    with pytest.raises(KeyError):
        first.index["newer"]
    other = one(first, 4, "other")
    assert "other" not in second.index and "newer" not in other.index and dict(other.index)["other"] == 4
    assert list(Numbers({"a": 0, "b": 1}, 1)) == ["a"]


def test_an_item_costs_the_same_in_a_large_catalogue() -> None:
    def copied(size: int) -> int:
        known = one(start(size), size, "first")
        before = known.copied
        for each in range(60):
            known = one(known, len(known), f"n{each}")
            known = one(known, each % 5, f"i{each % 5}")
        return known.copied - before

    assert copied(500) == copied(20_000)
