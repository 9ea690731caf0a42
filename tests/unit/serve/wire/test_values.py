"""What comes in is checked where it comes in."""

import pytest
from pydantic import BaseModel, ValidationError

from motet.serve.wire.events import EventsIn
from motet.serve.wire.items import ItemIn
from motet.serve.wire.lists import RankIn, RecommendIn
from motet.serve.wire.models import ActivateIn
from motet.serve.wire.predictions import PredictIn
from motet.serve.wire.state import HealthOut
from motet.serve.wire.users import ProfileIn
from motet.serve.wire.values import Error

INCOMING = [EventsIn, ItemIn, RecommendIn, RankIn, ActivateIn, PredictIn, ProfileIn]


@pytest.mark.parametrize("model", INCOMING)
def test_unknown_fields_are_refused(model: type[BaseModel]) -> None:
    with pytest.raises(ValidationError, match="colour"):
        model(colour="red")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": 1}, [["a"]], "half \ud800", 10**400, b"x"])
def test_what_no_column_holds_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        ItemIn(attributes={"price": value})  # type: ignore[dict-item]


@pytest.mark.parametrize("value", [None, True, 3, 2.5, "red", ["a", "b"], [1, None, True]])
def test_values_keep_their_kind(value: object) -> None:
    held = ProfileIn(profile={"x": value}).profile["x"]  # type: ignore[dict-item]
    assert held == value and type(held) is type(value)


def test_filters_are_values_or_ranges() -> None:
    asked = RecommendIn(filters={"a": "x", "b": ["x", 3], "c": {"min": 1.5}, "d": True})  # type: ignore[dict-item]
    assert asked.filters["a"] == "x" and asked.filters["c"].min == 1.5 and asked.filters["d"] is True  # type: ignore[union-attr]
    with pytest.raises(ValidationError):
        RecommendIn(filters={"c": {"from": 1}})  # type: ignore[dict-item]
    assert HealthOut().status == "ok" and set(Error.model_fields) == {"error"}
