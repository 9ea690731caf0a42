import pytest

from motet.serve.wire.catalogue import CatalogueOut

from ..conftest import Shop


def test_what_there_is(open_shop: Shop) -> None:
    said = open_shop.call("GET", "/v1/catalogue").body
    assert CatalogueOut(**said).columns["price"].kind == "number"
    assert (said["items"], said["available"], said["users"]) == (4, 4, 2)
    assert said["columns"]["kind"]["values"][0] == "fruit" and said["columns"]["kind"]["distinct"] == 3
    assert (said["columns"]["price"]["low"], said["columns"]["price"]["high"]) == (1.0, 4.0)
    assert said["profile"]["age"]["values"] == ["old"]
    assert said["behaviour"] == "event" and said["behaviours"] == ["buy"]


def test_items_are_found_by_words_and_ids(open_shop: Shop) -> None:
    def found(query: str) -> list[str]:
        return [item["id"] for item in open_shop.call("GET", f"/v1/items?{query}").body["items"]]

    assert found("q=sweet") == ["dates"] and found("q=RED%20app") == ["apple"] and found("q=ee") == ["cheese", "dates"]
    assert found("q=(") == [] and found("take=2&skip=1") == ["bread", "cheese"]
    assert open_shop.call("GET", "/v1/items?take=1000").status == 422
    looked = open_shop.call("POST", "/v1/items/look-up", {"items": ["dates", "nothing", "apple"]}).body["items"]
    assert [item["title"] for item in looked] == ["Sweet dates", "Red apple"]
    assert looked[0]["attributes"] == {"kind": "fruit", "price": 4.0}


def test_a_map(open_shop: Shop) -> None:
    said = open_shop.call("GET", "/v1/map?by=kind").body
    assert said["label"] == ["fruit", "baked", "dairy", "fruit"] and len(said["x"]) == len(said["y"]) == 4
    assert sum(said["explained"]) == pytest.approx(2 / 3)  # four corners of a cube in three dimensions
    assert open_shop.call("GET", "/v1/map?by=price").status == 422
    assert open_shop.call("GET", "/v1/map?most=2").body["items"] == ["apple", "dates"]


def test_users_are_found_until_they_are_forgotten(shop: Shop) -> None:
    assert shop.call("GET", "/v1/users?q=NN").body == {
        "users": ["ann"],
        "total": 1,
        "model": shop.service.running.version,
    }
    assert shop.call("DELETE", "/v1/users/ann").status == 200
    assert shop.call("GET", "/v1/users").body["users"] == ["bob"]


def test_a_user_is_found_by_their_whole_id_before_others_and_once_the_log_knows_them(shop: Shop) -> None:
    assert shop.call("GET", "/v1/users?q=b").body["users"] == ["bob"]
    assert shop.call("PUT", "/v1/users/b", {"profile": {}}).status == 200
    said = shop.call("GET", "/v1/users?q=b").body
    assert (said["users"], said["total"]) == (["b", "bob"], 2)
    assert shop.call("GET", "/v1/users?q=b&skip=1").body["users"] == ["bob"]
    assert shop.call("DELETE", "/v1/users/b").status == 200
    assert shop.call("GET", "/v1/users?q=b").body["users"] == ["bob"]
