import polars as pl
import pytest

from motet.serve.fitted import fitted, row_of


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (5, pl.String(), "5"),
        ("5.5", pl.Float64(), 5.5),
        ("five", pl.Float64(), None),
        (True, pl.Float64(), 1.0),
        (float("inf"), pl.Float64(), None),
        (10**400, pl.Float64(), None),
        ("Yes", pl.Boolean(), True),
        (0, pl.Boolean(), False),
        ("maybe", pl.Boolean(), None),
        ("a", pl.List(pl.String()), ["a"]),
        (["a", None, 3], pl.List(pl.String()), ["a", "3"]),
        (["a"], pl.String(), None),
        (None, pl.String(), None),
    ],
)
def test_what_does_not_fit_is_unknown(value, kind, expected) -> None:
    assert fitted(value, kind) == expected


def test_a_row_has_known_columns_only() -> None:
    assert row_of({"a": "1", "b": 2}, {"a": pl.Float64(), "c": pl.String()}) == {"a": 1.0}
