from pathlib import Path
from urllib.parse import quote

import pytest

from ..conftest import Shop

CANARY = "canary-7f3a91"


def test_a_profile_counts_at_once(shop: Shop) -> None:
    assert shop.call("PUT", "/v1/users/new", {"profile": {"age": "young", "else": 1}}).status == 200
    assert shop.call("POST", "/v1/recommend", {"user": "new"}).body["source"] == "profile"


def test_everything_that_is_held(shop: Shop) -> None:
    shop.call("POST", "/v1/events", {"events": [{"id": "e", "user": "ann", "item": "dates", "values": {"stars": 2}}]})
    shop.call("PUT", "/v1/users/ann", {"profile": {"age": "young"}})
    said = shop.call("GET", "/v1/users/ann").body
    assert said["profile"] == {"age": "young"} and said["events"][0]["values"] == {"stars": 2}
    learned = {"event": "buy", "stars": 5.0, "item": "apple", "time": 1_600_000_000_000}
    assert said["learned"] == {"events": [learned], "profile": {"age": "old"}}
    assert shop.call("GET", "/v1/users/nobody").status == 404


def files_with(folder: Path, word: str) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def test_a_forgotten_user_leaves_no_trace(shop: Shop) -> None:
    shop.call("POST", "/v1/events", {"events": [{"id": "e", "user": CANARY, "item": "dates", "text": CANARY}]})
    shop.call("PUT", f"/v1/users/{CANARY}", {"profile": {"age": CANARY}})
    assert files_with(shop.folder.parent, CANARY)
    said = shop.call("DELETE", f"/v1/users/{CANARY}").body
    assert (said["events"], said["profile"], said["models"]) == (1, True, [])
    assert files_with(shop.folder.parent, CANARY) == []
    assert shop.call("GET", f"/v1/users/{CANARY}").status == 404
    assert shop.call("DELETE", f"/v1/users/{CANARY}").status == 404
    assert shop.call("POST", "/v1/recommend", {"user": CANARY}).body["source"] == "popular"
    again = shop.call("POST", "/v1/events", {"events": [{"id": "e", "user": CANARY, "item": "dates", "text": CANARY}]})
    assert again.body["events"][0]["status"] == "forgotten"
    assert shop.call("PUT", f"/v1/users/{CANARY}", {}).status == 422


def test_the_model_forgets_too(shop: Shop) -> None:
    version = shop.service.running.version
    assert "ann" in shop.service.running.known
    assert shop.call("DELETE", "/v1/users/ann").body["models"] == [version]
    assert "ann" not in shop.service.running.known and shop.service.running.version == version
    assert "ann" not in shop.service.open(shop.folder).known
    assert shop.call("POST", "/v1/recommend", {"user": "ann"}).body["source"] == "popular"


@pytest.mark.parametrize("id", ["%00", "a" * 300])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_is_no_id(open_shop: Shop, id: str, method: str) -> None:
    assert open_shop.call(method, f"/v1/users/{id}", {} if method == "PUT" else None).status == 422


@pytest.mark.parametrize("id", ["two\nlines", "ends\r\n", "a/b\tc", "\u2028"])
def test_whoever_can_be_held_can_be_forgotten(shop: Shop, id: str) -> None:
    assert shop.call("POST", "/v1/events", {"events": [{"user": id, "item": "dates"}]}).body["accepted"] == 1
    path = f"/v1/users/{quote(id, safe='')}"
    assert len(shop.call("GET", path).body["events"]) == 1
    assert shop.call("DELETE", path).status == 200 and shop.call("GET", path).status == 404
