from typing import Any

import pytest

from motet.errors import RequestError
from motet.recommend.filter import passing

from .conftest import ITEMS, make_catalogue


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ITEMS),
        ({"kind": "fruit"}, ["apple", "dates"]),
        ({"kind": ["fruit", "baked"]}, ["apple", "bread", "dates"]),
        ({"kind": "metal"}, []),
        ({"labels": "sweet"}, ["apple", "dates", "figs"]),
        ({"labels": ["dry", "soft"]}, ["bread", "dates"]),
        ({"price": {"min": 2.5}}, ["bread", "cheese", "dates", "figs"]),
        ({"price": {"min": 2.5, "max": 4}}, ["bread", "cheese", "dates"]),
        ({"price": {"min": None, "max": 1}}, ["apple"]),
        ({"price": 3}, ["dates"]),
        ({"price": [3, 5.0]}, ["dates", "figs"]),
        ({"local": True}, ["apple", "bread", "eggs"]),
        ({"local": False, "kind": ("fruit",)}, ["dates"]),
    ],
)
def test_what_passes(filters: dict[str, Any], expected: list[str]) -> None:
    kept = passing(make_catalogue(), filters)
    assert [item for item, keep in zip(ITEMS, kept, strict=True) if keep] == expected


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"kinds": "fruit"}, "known: kind, labels, price, local. Did you mean 'kind'"),
        ({"kind": {"min": 3}}, "no numbers"),
        ({"price": {"minimum": 3}}, "'min' or 'max'"),
        ({"price": {}}, "'min' or 'max'"),
        ({"price": {"min": "3"}}, "not a number"),
        ({"price": {"min": float("nan")}}, "not a number"),
        ({"price": "cheap"}, "holds numbers"),
        ({"price": float("nan")}, "holds numbers"),
        ({"kind": 3}, "holds texts"),
        ({"labels": [None]}, "holds texts"),
        ({"local": "yes"}, "holds true or false"),
        ({"kind": []}, "lists no values"),
    ],
)
def test_what_is_refused(filters: dict[str, Any], words: str) -> None:
    with pytest.raises(RequestError) as caught:
        passing(make_catalogue(), filters)
    assert words in str(caught.value) and caught.value.remedy
