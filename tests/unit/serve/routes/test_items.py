import pytest

from ..conftest import Shop


@pytest.mark.parametrize("id", ["tea", "a%2Fb", "100%25", "%E8%8C%B6", "..%2F..%2Fx", "similar", "x%20y"])
def test_a_new_item_is_recommendable_at_once(shop: Shop, id: str) -> None:
    said = shop.call("PUT", f"/v1/items/{id}", {"text": "Green tea", "attributes": {"kind": "drink", "price": 9}})
    assert said.status == 200 and said.body["recommendable"]
    name = said.body["id"]
    assert shop.ids(user="ann", k=1) == [name], "the last of the catalogue ranks first here"
    assert shop.ids(filters={"kind": "drink"}) == [name]
    assert shop.call("GET", f"/v1/items/{id}/similar").status == 200


def test_an_item_that_is_not_available_is_on_no_list(shop: Shop) -> None:
    shop.call("PUT", "/v1/items/dates", {"available": False})
    assert "dates" not in shop.ids(k=10)
    assert shop.ids(filters={"price": {"min": 3}}, k=10) == ["cheese"]
    shop.call("PUT", "/v1/items/dates", {"attributes": {"price": 3.5}})
    assert shop.ids(filters={"price": 3.5}) == ["dates"], "back, and its kind is still known"
    assert shop.ids(filters={"price": 3.5, "kind": "fruit"}) == ["dates"]


@pytest.mark.parametrize("id", ["dates", "tea"])
def test_a_withdrawn_item_is_on_no_list(shop: Shop, id: str) -> None:
    if id == "tea":
        assert shop.call("DELETE", "/v1/items/tea").status == 404
        shop.call("PUT", "/v1/items/tea", {"text": "tea"})
    assert shop.call("DELETE", f"/v1/items/{id}").body == {"id": id, "withdrawn": True}
    assert id not in shop.ids(k=10)
    shop.call("PUT", f"/v1/items/{id}", {"text": "again"})
    assert id in shop.ids(k=10)


def test_an_item_that_the_model_cannot_take_harms_nobody(shop: Shop) -> None:
    said = shop.call("PUT", "/v1/items/bad", {"text": "poison"})
    assert said.status == 200 and not said.body["recommendable"]
    assert shop.call("PUT", "/v1/items/tea", {"text": "tea"}).body["recommendable"]
    assert "tea" in shop.ids(k=10) and "bad" not in shop.ids(k=10)


@pytest.mark.parametrize("id", ["%00", "a" * 300, ""])
def test_what_is_no_id(open_shop: Shop, id: str) -> None:
    assert open_shop.call("PUT", f"/v1/items/{id}", {}).status == 422
