import sqlite3
from pathlib import Path
from urllib.parse import quote

import polars as pl
import pytest

from motet.artifact import layout, open_folder, update_folder, write
from motet.errors import ArtifactError
from motet.recommend import UserStates
from motet.recommend.relations import Relations

from ..conftest import Shop, serving, write_model

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
    again = shop.call("DELETE", f"/v1/users/{CANARY}")
    assert (again.status, again.body["events"], again.body["waiting"]) == (200, 0, [])
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


def in_folder(folder: Path, user: str) -> bool:
    return user in UserStates.from_folder(open_folder(folder))


def test_whoever_stands_in_an_older_folder_only_is_forgotten_there_too(shop: Shop) -> None:
    first = shop.service.running.version
    other = write_model(shop.folder.parent / "second", seed=1)
    update_folder(other, {"state/users": pl.DataFrame({"@user": ["zoe", "bob"]})})
    assert shop.call("POST", "/v1/models/activate", {"path": "second"}).status == 200
    second = shop.service.running.version
    assert shop.call("GET", "/v1/users/ann").body["folders"][first]["events"][0]["item"] == "apple"
    assert shop.call("DELETE", "/v1/users/ann").body["models"] == [first] and not in_folder(shop.folder, "ann")
    assert shop.call("GET", "/v1/users/ann").status == 404
    assert shop.call("POST", "/v1/models/activate", {"version": first}).status == 200
    assert shop.call("POST", "/v1/recommend", {"user": "ann"}).body["source"] == "popular"
    assert shop.call("DELETE", "/v1/users/zoe").body["models"] == [second]


def test_whoever_is_nowhere_is_kept_out_and_that_is_said(shop: Shop) -> None:
    said = shop.call("DELETE", "/v1/users/typo")
    assert said.status == 404 and "kept out" in said.body["error"]["message"]
    assert shop.service.store.is_forgotten("typo")


def test_forgetting_that_a_reader_delays_erases_all_the_same_and_may_be_asked_for_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shop.service.store._files, "_seconds", 0.2)  # type: ignore[attr-defined]
    shop.call("POST", "/v1/events", {"events": [{"id": "e", "user": "ann", "item": "dates", "text": CANARY}]})
    reader = sqlite3.connect(shop.folder.parent / "log.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM motet_events").fetchone()
    said = shop.call("DELETE", "/v1/users/ann")
    assert said.status == 200 and said.body["events"] == 1 and "reads" in said.body["waiting"][0]
    assert not in_folder(shop.folder, "ann")
    reader.close()
    again = shop.call("DELETE", "/v1/users/ann")
    assert (again.status, again.body["waiting"]) == (200, []) and not files_with(shop.folder.parent, CANARY)


def test_a_forgetting_that_was_cut_short_before_the_folders_is_finished_by_asking_again(shop: Shop) -> None:
    shop.service.store.forget("ann")
    assert in_folder(shop.folder, "ann")
    assert shop.call("DELETE", "/v1/users/ann").status == 200 and not in_folder(shop.folder, "ann")


def test_a_folder_that_cannot_be_written_keeps_no_service_from_starting(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = pl.DataFrame({"relation": ["friends"], "user": ["bob"], "other": ["cleo"]})
    update_folder(model, Relations(pairs).to_parts())

    def refused(*_: object) -> None:
        raise ArtifactError("'first' was not written: Permission denied.", "Check the permissions.")

    with monkeypatch.context() as patch:
        patch.setattr(write, "_staged", refused)
        with serving(model) as shop:
            assert shop.call("GET", "/ready").body["degraded"] is None
            for user in ("ann", "cleo"):
                said = shop.call("DELETE", f"/v1/users/{user}")
                assert said.status == 200 and "Permission denied" in said.body["waiting"][0]
                assert not shop.service.running.holds(user)
            assert "still holds" in shop.call("GET", "/ready").body["degraded"]
        with serving(model) as shop:
            assert shop.call("POST", "/v1/recommend", {"user": "ann"}).body["source"] == "popular"
            assert not shop.service.running.holds("ann") and not shop.service.running.holds("cleo")
            assert "still holds" in shop.call("GET", "/ready").body["degraded"] and in_folder(model, "ann")
    with serving(model) as shop:
        assert shop.call("GET", "/ready").body["degraded"] is None and not in_folder(model, "ann")
        assert Relations.from_folder(open_folder(model)).pairs.height == 0


def test_relations_and_kept_lists_are_told_as_well(model: Path) -> None:
    pairs = pl.DataFrame({"relation": ["friends"], "user": ["bob"], "other": ["ann"]})
    update_folder(model, {**Relations(pairs).to_parts(), layout.EXAMPLES: {"lists": [{"key": 0, "user": "ann"}]}})
    with serving(model) as shop:
        learned = shop.call("GET", "/v1/users/ann").body["learned"]
        assert learned["relations"] == pairs.to_dicts() and learned["examples"] == [{"key": 0, "user": "ann"}]
        assert learned["events"] and shop.call("GET", "/v1/users/ann").body["folders"] == {}


def test_other_processes_let_go_of_whom_only_relations_name(model: Path) -> None:
    update_folder(
        model, Relations(pl.DataFrame({"relation": ["friends"], "user": ["bob"], "other": ["cleo"]})).to_parts()
    )
    with serving(model) as one, serving(model) as other:
        assert other.service.running.holds("cleo")
        assert one.call("DELETE", "/v1/users/cleo").status == 200
        other.service.reload_without_forgotten()
        assert not other.service.running.holds("cleo")
