"""What stands at the door of predictions: rows whose cells no model could read."""

from dataclasses import replace

import polars as pl
import pytest

from motet.errors import RequestError
from motet.recommend import Loaded
from motet.recommend.ask import asked

MEANINGS = {"items": {"title": "text", "price": "number", "labels": "tags", "shape": "vector"}}


@pytest.fixture
def told(shop: Loaded) -> Loaded:
    return replace(shop, columns=MEANINGS)


@pytest.mark.parametrize("cell", [[], [None], ["a", "b"], [1, 2], {"a": 1}, {1, 2}, object(), b"\xff"])
@pytest.mark.parametrize("column", ["title", "price", "item"])
def test_a_list_where_one_value_is_expected_is_told(told: Loaded, column: str, cell: object) -> None:
    with pytest.raises(RequestError) as caught:
        asked(told, "brand", rows=[{column: cell}])
    assert column in caught.value.message and caught.value.remedy


@pytest.mark.parametrize("column", ["labels", "shape"])
def test_lists_are_lists_of_values(told: Loaded, column: str) -> None:
    assert asked(told, "brand", rows=[{column: [1.0, 2.0]}, {column: None}]).n == 2
    for cell in ([[1.0]], [{"a": 1}], {"a": 1}):
        with pytest.raises(RequestError, match="list of values"):
            asked(told, "brand", rows=[{column: cell}])


def test_a_column_that_the_model_does_not_read_may_hold_anything(told: Loaded) -> None:
    frame = pl.DataFrame({"item": ["apple"], "nope": [[1]]})
    assert asked(told, "brand", frame=frame).items_n.tolist() == [0]


def test_what_no_table_can_hold_is_told(told: Loaded) -> None:
    for rows in ([{"price": "x"}, {"price": 3}, {"price": [1]}], [{"price": 2**200}]):
        with pytest.raises(RequestError):
            asked(told, "brand", rows=rows)
