import numpy as np
import polars as pl

from motet.features import pending
from motet.features.pending import Pending, followed


def start() -> Pending:
    return Pending(pl.DataFrame({"a": ["x", "y"], "n": [1.0, 2.0]}))


def test_rows_wait_and_are_seen_at_once() -> None:
    first = start()
    found = first.placed(np.array([1, 2]), [{"a": "Y"}, {"a": "z", "n": 3.0}])
    later = found.placed(np.array([2]), [{"a": "Z"}])
    assert found.row(1) == {"a": "Y", "n": None} and later.row(2) == {"a": "Z", "n": None} and later.row(0)["a"] == "x"
    assert found.frame.rows() == [("x", 1.0), ("Y", None), ("z", 3.0)]
    assert later.frame["a"].to_list() == ["x", "Y", "Z"] and first.frame["a"].to_list() == ["x", "y"]
    assert (len(first), len(found), len(later)) == (2, 3, 3)


def test_two_that_grow_from_the_same_differ() -> None:
    both = start().placed(np.array([0]), [{"a": "X"}])
    one, other = both.placed(np.array([2]), [{"a": "one"}]), both.placed(np.array([2]), [{"a": "other"}])
    assert one.frame["a"].to_list() == ["X", "y", "one"] and other.frame["a"].to_list() == ["X", "y", "other"]
    assert other.row(0)["a"] == "X" and one.placed(np.array([0]), [{"a": "again"}]).row(2)["a"] == "one"


def test_a_row_costs_the_same_in_a_long_frame(monkeypatch) -> None:
    def copied(size: int) -> int:
        rows = Pending(pl.DataFrame({"a": np.zeros(size)}))
        for each in range(100):
            rows = rows.placed(np.array([each % 10, size + each]), [{"a": 1.0}, {"a": 2.0}])
        return rows.copied

    assert copied(1_000) == copied(50_000) == 200
    monkeypatch.setattr(pending, "LEAST", 8)
    assert copied(10) <= 10 * 200, "in a short one, what waits is joined when it has grown by as much again"


def test_a_column_grows_in_few_pieces() -> None:
    column = pl.Series("a", ["x"] * 1000)
    for each in range(300):
        column = followed(column, pl.Series("b", [str(each)]))
    assert column.to_list() == ["x"] * 1000 + [str(each) for each in range(300)] and column.name == "a"
    assert len(column.get_chunks()) <= 10
