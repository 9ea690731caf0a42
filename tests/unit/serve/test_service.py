"""Several processes over one store: what one of them does, the others follow."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from motet.recommend.port import Retrieval
from motet.serve.follow import Follower
from motet.store import Item

from .conftest import serving, write_model


def soon(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while not true() and time.monotonic() < until:
        time.sleep(0.01)
    return true()


def test_one_follows_the_other(model: Path) -> None:
    with serving(model) as one, serving(model) as other:
        one.call("PUT", "/v1/items/tea", {"text": "tea"})
        assert soon(lambda: "tea" in other.service.running.bundle.loaded.catalogue.index)
        one.call("POST", "/v1/events", {"events": [{"user": "new", "item": "dates"}]})
        assert "dates" not in other.ids(user="new", k=10), "the log is read in the request"
        one.call("DELETE", "/v1/users/ann")
        assert other.call("POST", "/v1/recommend", {"user": "ann"}).body["source"] == "popular"
        assert soon(lambda: "ann" not in other.service.running.known)
        write_model(model.parent / "second", seed=1)
        version = one.call("POST", "/v1/models/activate", {"path": "second"}).body["version"]
        assert soon(lambda: other.service.running.version == version)
        assert "tea" in other.service.running.bundle.loaded.catalogue.index


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_an_event_is_one_event_for_all_processes(
    model: Path, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    """Sent to two processes at once, over and over: saved once, and both know of it."""
    where: Any = tmp_path / "log.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    with serving(model, store=where) as one, serving(model, store=where) as other:
        events = [{"id": f"e{n}", "user": f"u{n}", "item": "dates", "time": 1_700_000_000} for n in range(20)]
        said: list[Any] = []
        threads = [
            threading.Thread(target=lambda shop=shop: said.append(shop.call("POST", "/v1/events", {"events": events})))
            for shop in (one, other) * 3
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        results = [
            Counter(each["id"] for each in answer.body["events"] if each["status"] == "saved") for answer in said
        ]
        assert sum(results, Counter()) == Counter(f"e{n}" for n in range(20))
        assert all(each["status"] in ("saved", "duplicate") for answer in said for each in answer.body["events"])
        assert one.service.store.counts().events == 20
        for shop in (one, other):
            assert "dates" not in shop.ids(user="u7", k=10)


def test_a_model_that_does_not_answer_here_is_tried_once(model: Path, monkeypatch) -> None:
    with serving(model) as shop:
        service, first = shop.service, shop.service.running.version
        tried = []
        monkeypatch.setattr(service, "open", lambda path: tried.append(path) or type(service).open(service, path))
        service.store.add_model("elsewhere", str(model.parent / "nowhere"), "0")
        service.store.activate_model("elsewhere")
        assert soon(lambda: service.refused == "elsewhere")
        seq = service.store.put_item(Item("tea", {}, "tea")).seq
        assert service.follower.reaches(seq, 5) and len(tried) == 1
        assert service.running.version == first and "tea" in shop.ids(k=10)


def test_a_store_that_is_gone_makes_unready(shop, monkeypatch) -> None:
    def fail() -> int:
        raise ZeroDivisionError

    assert isinstance(shop.service.follower, Follower)
    monkeypatch.setattr(shop.service.store, "head", fail)
    assert soon(lambda: shop.call("GET", "/ready").status == 503)
    monkeypatch.undo()
    assert soon(lambda: shop.call("GET", "/ready").status == 200)
    seq = shop.service.store.put_item(Item("tea", {}, "tea")).seq
    assert shop.service.follower.reaches(seq, 5) and not shop.service.follower.reaches(seq + 99, 0.01)


def test_an_index_is_built_beside_the_requests_and_again_when_it_is_stale(model: Path, monkeypatch) -> None:
    from motet.serve import service

    built: list[str] = []

    def prepare(loaded: Any, users: Any) -> Retrieval:
        built.append(threading.current_thread().name)
        return Retrieval("index", len(loaded.catalogue), 0.99)

    monkeypatch.setattr(service, "prepare", prepare)
    with serving(model) as shop:
        assert soon(lambda: shop.service.retrieval is not None)
        assert shop.service.retrieval.items == 4 and built[0].startswith("motet-index")
        monkeypatch.setattr(service, "is_stale", lambda loaded: len(loaded.catalogue) > 4 and len(built) < 2)
        shop.service.store.put_item(Item("tea", {}, "Green tea"))
        assert soon(lambda: shop.service.retrieval.items == 5)
        assert len(built) == 2
