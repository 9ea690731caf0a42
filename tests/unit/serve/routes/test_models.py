from pathlib import Path

import pytest

from ..conftest import Shop, serving, write_model


def test_swap_and_back(shop: Shop) -> None:
    first = shop.service.running.version
    write_model(shop.folder.parent / "second", seed=1)
    (shop.folder.parent / "empty").mkdir()
    assert [each["path"] for each in shop.call("GET", "/v1/models").body["folders"]] == ["second"]
    shop.ids(user="ann", k=2)
    said = shop.call("POST", "/v1/models/activate", {"path": "second"}).body
    assert said["previous"] == first != said["version"] and said["golden"] > 10
    assert shop.call("POST", "/v1/recommend", {"user": "ann"}).body["model"] == said["version"]
    back = shop.call("POST", "/v1/models/activate", {"version": first}).body
    assert back["version"] == first
    told = shop.call("GET", "/v1/models").body
    assert told["serving"] == first and told["folders"] == []
    assert [each["version"] for each in told["history"]] == [first, said["version"], first]
    assert [each["active"] for each in told["models"]] == [True, False]
    assert told["tasks"]["buy"]["ranks_items"] and told["items"] == 4


def test_what_was_activated_serves_after_a_restart(model: Path) -> None:
    write_model(model.parent / "second", seed=1)
    with serving(model) as shop:
        second = shop.call("POST", "/v1/models/activate", {"path": "second"}).body["version"]
    with serving(model) as shop:
        assert shop.service.running.version == second
    (model.parent / "second" / "manifest.json").write_text("{}")
    with serving(model) as shop:
        assert shop.service.running.version != second, "the folder that was named still answers"


def damage(folder: Path) -> None:
    file = next(folder.rglob("histories*"))
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(bytes(data))


@pytest.mark.parametrize("how", ["damaged", "no numbers", "missing", "outside", "nul"])
def test_a_model_that_cannot_serve_is_refused(shop: Shop, how: str) -> None:
    before = shop.service.running.version
    path = {"missing": "nowhere", "outside": "../..", "nul": "a\0"}.get(how, "other")
    write_model(shop.folder.parent / "other", name="broken" if how == "no numbers" else "tiny", seed=2)
    if how == "damaged":
        damage(shop.folder.parent / "other")
    said = shop.call("POST", "/v1/models/activate", {"path": path})
    assert said.status == 422 and said.body["error"]["remedy"]
    assert shop.service.running.version == before
    assert [each["version"] for each in shop.call("GET", "/v1/models").body["models"]] == [before]
    assert shop.call("POST", "/v1/recommend", {"user": "ann"}).body["model"] == before


def test_a_version_is_what_was_activated(shop: Shop) -> None:
    first = shop.service.running.version
    write_model(shop.folder, seed=5)
    said = shop.call("POST", "/v1/models/activate", {"version": first})
    assert said.status == 422 and "by now" in said.body["error"]["message"]
    assert shop.call("POST", "/v1/models/activate", {"version": "nope"}).status == 404
    assert shop.call("POST", "/v1/models/activate", {}).status == 422
