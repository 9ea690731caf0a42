import polars as pl
import pytest

from motet.cli.filters import comma_separated, parse_filters, parse_weights
from motet.errors import RequestError

ATTRIBUTES = pl.DataFrame({"brand": ["7"], "price": [1.0], "local": [True]})


def test_filters_are_typed_by_their_column() -> None:
    texts = ["brand=7", "brand=a=b", "price>=2", "price <= 5.5", "local=Yes", "unknown=1"]
    assert parse_filters(texts, ATTRIBUTES) == {
        "brand": ["7", "a=b"],
        "price": {"min": 2.0, "max": 5.5},
        "local": [True],
        "unknown": ["1"],
    }


@pytest.mark.parametrize("texts", [["brand"], ["=x"], ["price=cheap"], ["price=1", "price<=3"]])
def test_what_is_no_filter(texts: list[str]) -> None:
    with pytest.raises(RequestError):
        parse_filters(texts, ATTRIBUTES)


def test_weights() -> None:
    assert parse_weights("next_item=1, a=b=0.5,") == {"next_item": 1.0, "a=b": 0.5}
    assert parse_weights(None) == {}


@pytest.mark.parametrize("text", ["rating", "rating=high", "=1"])
def test_what_is_no_weight(text: str) -> None:
    with pytest.raises(RequestError, match="is no weight"):
        parse_weights(text)


def test_comma_separated() -> None:
    assert comma_separated(["a, b", "c,"]) == ["a", "b", "c"] and comma_separated(None) == []
