import datetime as dt
from itertools import product
from typing import Any

import polars as pl
import pytest

from motet.data.cells import parse_column, parse_key
from motet.schema import MEANINGS, Column

NAN, INF = float("nan"), float("inf")


def parsed(meaning: str, cells: list[Any], dtype: Any = None, **options: str) -> tuple[list[Any], list[bool]]:
    series = pl.Series("x", cells, dtype=dtype, strict=False)
    found = parse_column(series, Column(meaning=meaning, **options))
    return found.values.to_list(), [False] * len(cells) if found.bad is None else found.bad.to_list()


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", 1.0), (" 2.5 ", 2.5), ("1e3", 1000.0), ("$1,234.50", 1234.5), ("1,234", 1234.0), ("€ 12,5", 12.5),
        ("1.234,56 €", 1234.56), ("5 USD", 5.0), ("£-3.5", -3.5), ("¥1,000,000", 1e6), ("12%", 12.0),
        ("NA", None), ("n/a", None), ("", None), ("  ", None), ("\ufeff7", 7.0),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(written: str, value: float | None) -> None:
    assert parsed("number", [written]) == ([value], [False])


@pytest.mark.parametrize("written", ["x", "1,2345", "NaN", "inf", "-Infinity", "1e999", "2018-01-01", "1.2.3", "$"])
def test_what_is_no_number_is_bad(written: str) -> None:
    assert parsed("number", [written]) == ([None], [True])


def test_numbers_that_are_not_finite_are_bad_and_nulls_are_not() -> None:
    assert parsed("number", [1.0, NAN, INF, None]) == ([1.0, None, None, None], [False, True, True, False])
    assert parsed("number", [dt.date(2018, 1, 1)]) == ([None], [True])
    assert parsed("number", [True, False]) == ([1.0, 0.0], [False, False])


def test_flags() -> None:
    cells = ["1", "0", "TRUE", "false", "Yes", "no", "y", "N", "t", "f", "", None, "maybe", "2"]
    values, bad = parsed("flag", cells)
    assert values == [True, False] * 5 + [None] * 4
    assert bad == [False] * 12 + [True, True]
    assert parsed("flag", [0, 1, 2]) == ([False, True, None], [False, False, True])


def test_texts_are_stripped_unescaped_and_joined() -> None:
    cells = [" a &amp; b ", "\ufeff\u3000c\u00a0", " ", '["one", "two"]', "[sic] fine", "x &nothing y"]
    assert parsed("text", cells)[0] == ["a & b", "c", None, "one two", "[sic] fine", "x &nothing y"]
    assert parsed("text", [["a", " b "], [], None])[0] == ["a b", None, None]
    assert parsed("category", ["L&#39;Oreal", "&lt;b&gt;"])[0] == ["L'Oreal", "<b>"]
    assert parsed("category", [1.0, 2.5, None])[0] == ["1", "2.5", None]


def test_tags_come_from_lists_and_strings() -> None:
    assert parsed("tags", ["a| b ||a", "|", "", None])[0] == [["a", "b"], None, None, None]
    assert parsed("tags", ["a;b &amp; c"], separator=";")[0] == [["a", "b & c"]]
    assert parsed("tags", ['["a", "b"]', "['c']", "[d]"])[0] == [["a", "b"], ["c"], ["[d]"]]
    assert parsed("tags", [["a", "", " a "], [], None, ["x &gt; y"]])[0] == [["a"], None, None, ["x > y"]]
    assert parsed("tags", [[["a"], ["b", "c"]]])[0] == [["a", "b", "c"]]


def test_vectors_have_one_length_and_are_finite() -> None:
    values, bad = parsed("vector", [[1.0, 2.0], [3.0, 4.0], [1.0], [NAN, 1.0], None])
    assert values == [[1.0, 2.0], [3.0, 4.0], None, None, None]
    assert bad == [False, False, True, True, False]
    assert parsed("vector", ["[1, 2]", "3 4", "x y"]) == ([[1.0, 2.0], [3.0, 4.0], None], [False, False, True])


def test_keys_lose_the_decimals_that_a_float_column_gave_them() -> None:
    assert parse_key(pl.Series([1.0, None])).values.to_list() == ["1", None]
    assert parse_key(pl.Series(["1.0", "2.0"])).values.to_list() == ["1", "2"]
    assert parse_key(pl.Series(["1.0", "2.5"])).values.to_list() == ["1.0", "2.5"]
    assert parse_key(pl.Series(["007", " a b "])).values.to_list() == ["007", "a b"]


def test_bytes_that_are_no_text_are_bad() -> None:
    assert parsed("text", [b"ab", b"\xff"]) == (["ab", None], [False, True])


STRANGE = [
    pl.Series("x", [dt.timedelta(1)]),
    pl.Series("x", [dt.time(1)]),
    pl.Series("x", [object()], pl.Object),
    pl.Series("x", [[[1.5]]]),
    pl.Series("x", [{"a": [1]}]),
    pl.Series("x", [[{"a": 1}], []]),
    pl.Series("x", [2**64 - 1], pl.UInt64),
    pl.Series("x", [2**100], pl.Int128),
    pl.Series("x", [1.5], pl.Decimal(10, 2)),
    pl.Series("x", [[1.0, 2.0]], pl.Array(pl.Float32, 2)),
    pl.Series("x", [b"\xff"]),
    pl.Series("x", ["a", None], pl.Categorical),
    pl.Series("x", [None], pl.Null),
    pl.Series("x", [[None]], pl.List(pl.Null)),
    pl.Series("x", [], pl.String),
    pl.Series("x", [[b"a"]]),
    pl.Series("x", [[dt.date(2018, 1, 1)]]),
]
TYPES = {
    "id": pl.String, "text": pl.String, "category": pl.String, "behaviour": pl.String, "number": pl.Float64,
    "flag": pl.Boolean, "time": pl.Int64, "tags": pl.List(pl.String), "vector": pl.List(pl.Float64),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "meaning"), list(product(STRANGE, MEANINGS)))
def test_every_type_comes_out_as_its_meaning_says(cells: pl.Series, meaning: str) -> None:
    found = parse_column(cells, Column(meaning=meaning))
    assert found.values.dtype == TYPES[meaning]
    assert found.values.len() == cells.len()
