import pytest

from motet.recommend import Question

from ..conftest import Shop


def test_a_list_is_the_one_that_the_bundle_makes(open_shop: Shop) -> None:
    bundle = open_shop.service.open(open_shop.folder).bundle
    asked = {"user": "ann", "k": 3, "weights": {"buy": 0.5}, "explain": True, "diversity": 0.2}
    said = open_shop.call("POST", "/v1/recommend", asked).body
    expected = bundle.recommend(**asked).to_json()
    assert said["source"] == expected["source"] == "history"
    assert said["items"] == [{**one, "type": None} for one in expected["items"]]
    assert said["model"] == open_shop.service.running.version


@pytest.mark.parametrize(
    ("asked", "source"),
    [
        ({"user": "ann"}, "history"),
        ({"history": ["apple"]}, "history"),
        ({"user": "ann", "query": "tea"}, "query"),
        ({"user": "stranger", "profile": {"age": "old"}}, "profile"),
        ({"user": "stranger"}, "popular"),
        ({}, "popular"),
    ],
)
def test_the_source_says_what_a_list_was_made_from(open_shop: Shop, asked: dict, source: str) -> None:
    assert open_shop.call("POST", "/v1/recommend", asked).body["source"] == source


def test_filters_and_what_is_left_out(open_shop: Shop) -> None:
    assert open_shop.ids(filters={"kind": "fruit"}) == ["apple", "dates"]
    assert open_shop.ids(filters={"kind": ["baked", "dairy"], "price": {"max": 2}}) == ["bread"]
    assert open_shop.ids(exclude=["apple"], k=2) == ["bread", "cheese"]
    assert "apple" in open_shop.ids(user="ann", seen="allow") and "apple" not in open_shop.ids(user="ann")


def test_past_events_of_a_session(open_shop: Shop) -> None:
    told = [{"item": "dates", "behaviour": "view", "values": {"stars": 3}}, "cheese"]
    assert open_shop.ids(history=told) == ["bread", "apple"]


def test_the_order_of_given_items(open_shop: Shop) -> None:
    said = open_shop.call("POST", "/v1/rank", {"user": "ann", "items": ["apple", "dates", "tea", "dates"]}).body
    assert [one["item"] for one in said["items"]] == ["dates", "apple"] and said["unknown"] == ["tea"]


def test_quotas_of_content_types(open_shop: Shop) -> None:
    """Without them: apple, bread, cheese, dates, of which apple and dates are fruit."""
    types = {"column": "kind", "at_most": {"fruit": 1}, "at_least": {"dairy": 0.5}}
    said = open_shop.call("POST", "/v1/recommend", {"k": 2, "types": types}).body
    assert [(one["item"], one["type"]) for one in said["items"]] == [("apple", "fruit"), ("cheese", "dairy")]
    assert open_shop.ids(k=4, types=types) == ["apple", "bread", "cheese"]
    assert len(open_shop.ids(k=4, types={})) == 4
    said = open_shop.call("POST", "/v1/candidates", {"k": 2, "types": types}).body
    assert said["types"] == {"column": "kind", "at_most": {"fruit": 1, "dairy": 2}, "at_least": {"dairy": 1}}
    assert not said["complete"] and open_shop.call("POST", "/v1/candidates", {"k": 2}).body["types"] is None
    for wrong in ({"column": "price"}, {"column": "kind", "at_most": {"fruit": 1.5}}, {"at_most": {"fruit": 1}}):
        assert open_shop.call("POST", "/v1/recommend", {"types": wrong}).status == 422


def test_what_is_similar(open_shop: Shop) -> None:
    said = open_shop.call("GET", "/v1/items/apple/similar?k=2").body
    assert [one["item"] for one in said["items"]] == ["bread", "cheese"]
    assert open_shop.call("GET", "/v1/items/tea/similar").status == 404


@pytest.mark.parametrize(
    "asked",
    [
        {"k": 0},
        {"k": 1001},
        {"k": "3"},
        {"weights": {"buy": -1}},
        {"weights": {"nope": 1}},
        {"filters": {"nope": 1}},
        {"filters": {"price": {"min": "a"}}},
        {"history": [{"item": "apple", "values": {"nope": 1}}]},
        {"history": ["apple"] * 1001},
        {"diversity": 2},
        {"user": "a" * 300},
        {"user": "a\0"},
        {"profile": {"age": 3}},
        {"colour": "red"},
    ],
)
def test_a_mistake_is_told_with_a_remedy(open_shop: Shop, asked: dict) -> None:
    said = open_shop.call("POST", "/v1/recommend", asked)
    assert said.status == 422, said.body
    assert said.body["error"]["message"] and said.body["error"]["remedy"]


def test_only_of_a_question() -> None:
    assert Question(only=["a"]).only == ["a"]


def test_a_list_tells_what_counted_and_takes_values(open_shop: Shop) -> None:
    asked = {"user": "ann", "values": {"buy": 2.0}, "popularity": 0.5, "at": "2026-03-01T18:30"}
    said = open_shop.call("POST", "/v1/recommend", asked).body
    assert said["weights"] == {"buy": 2.0} and said["weights_from"] == ["request"] and said["mode"] == "value"
    first = said["items"][0]
    assert abs(first["score"] - sum(first["contributions"].values())) < 1e-6
    assert set(first["contributions"]) == {"buy", "popularity"}


def test_an_explanation_is_told_where_it_is_asked_for(open_shop: Shop) -> None:
    said = open_shop.call("POST", "/v1/recommend", {"user": "ann", "k": 2, "explain": True, "language": "zh"}).body
    for one in said["items"]:
        assert sum(one["explanation"]["objectives"].values()) == pytest.approx(one["score"], abs=1e-6)
        assert set(one["explanation"]) == {"objectives", "events", "item", "memory", "sentences", "untold"}
        assert one["explanation"]["untold"] == ["item", "memory"]  # this model knows nothing of parts of items
    silent = open_shop.call("POST", "/v1/recommend", {"user": "ann"}).body["items"]
    assert all(one["explanation"] is None for one in silent)
    known = open_shop.call("GET", "/openapi.json").body["components"]["schemas"]
    assert {"ExplanationOut", "EventLoss", "TraitLoss", "MemoryLoss"} <= set(known)
