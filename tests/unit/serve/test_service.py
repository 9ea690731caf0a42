"""Several processes over one store: what one of them does, the others follow."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from motet.errors import ArtifactError
from motet.recommend import Question
from motet.recommend.port import Retrieval
from motet.serve.activating import activate_in_store
from motet.serve.follow import Follower
from motet.serve.running import with_items
from motet.serve.service import IO_THREADS
from motet.store import Item, StoreBusyError, open_store

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


@pytest.fixture
def failing_once(monkeypatch) -> Callable[..., list[int]]:
    """Let a method of a store fail once, in threads with a name; the list counts how often it was asked there."""

    def arrange(store: Any, name: str, thread: str) -> list[int]:
        real, calls = getattr(store, name), [0]

        def once(*args: Any, **kwargs: Any) -> Any:
            if threading.current_thread().name.startswith(thread):
                calls[0] += 1
                if calls[0] == 1:
                    raise StoreBusyError("The store is busy.", "Try again.")
            return real(*args, **kwargs)

        monkeypatch.setattr(store, name, once)
        return calls

    return arrange


def test_what_was_put_while_the_store_failed_is_taken_over_later(model: Path, failing_once) -> None:
    with serving(model) as shop:
        assert soon(lambda: shop.service.follower.reaches(shop.service.store.head(), 1))
        calls = failing_once(shop.service.store, "items_after", "motet-follow")
        with open_store(shop.folder.parent / "log.db") as other:
            other.put_items([Item("tea", {}, "tea"), Item("dates", available=False)])
        assert soon(lambda: "tea" in shop.service.running.bundle.loaded.catalogue.index) and calls[0] > 1
        assert "dates" not in shop.ids(k=10)


def test_items_that_no_model_takes_stop_neither_others_nor_their_own_withdrawal(model: Path) -> None:
    with open_store(model.parent / "log.db") as store:
        many = [
            Item(f"poison{n}" if n % 7 == 0 else f"good{n}", {}, "poison" if n % 7 == 0 else "x") for n in range(20)
        ]
        store.put_items([*many, Item("dates", {}, "poison", available=False)])
    with serving(model) as shop:
        known = shop.service.running.bundle.loaded.catalogue.index
        assert {each.id for each in many if each.id in known} == {f"good{n}" for n in range(20) if n % 7}
        assert "dates" not in shop.ids(k=30) and "good1" in shop.ids(k=30)


@pytest.mark.parametrize("method", ["forgotten_after", "history"])
def test_a_store_that_fails_once_refuses_no_model(model: Path, failing_once, method: str) -> None:
    """While the folder is opened, and while golden requests are asked."""
    write_model(model.parent / "second", seed=1)
    with serving(model) as shop, open_store(shop.folder.parent / "log.db") as other:
        calls = failing_once(shop.service.store, method, "motet-care")
        version = activate_in_store(model.parent / "second", other).version
        assert soon(lambda: shop.service.running.version == version) and calls[0] > 1
        assert not shop.service.refused


def test_forgetting_is_done_again_where_the_store_failed_under_it(model: Path, failing_once) -> None:
    with serving(model) as shop, open_store(shop.folder.parent / "log.db") as other:
        failing_once(shop.service.store, "forgotten_after", "motet-care")
        other.forget("ann")
        assert soon(lambda: "ann" not in shop.service.running.known)


def test_questions_of_the_model_before_refuse_no_model_that_lacks_their_columns(model: Path) -> None:
    write_model(model.parent / "second", seed=1)
    with serving(model) as shop, open_store(shop.folder.parent / "log.db") as other:
        shop.service.recent.note(Question(weights={"gone": 0.5}))
        shop.service.recent.note(Question(filters={"colour": "red"}))
        version = activate_in_store(model.parent / "second", other).version
        assert soon(lambda: shop.service.running.version == version)


def test_a_refused_model_is_told_and_tried_again_when_it_is_activated_again(model: Path) -> None:
    second = write_model(model.parent / "second", seed=1)
    with serving(model) as shop, open_store(shop.folder.parent / "log.db") as other:
        version = activate_in_store(second, other).version
        assert soon(lambda: shop.service.running.version == version)
        other.activate_model(shop.service.store.models()[0].version)
        assert soon(lambda: shop.service.running.version != version)
        second.rename(model.parent / "away")
        other.activate_model(version)
        assert soon(lambda: shop.call("GET", "/ready").body.get("refused") == version)
        (model.parent / "away").rename(second)
        other.activate_model(version)
        assert soon(lambda: shop.service.running.version == version)
        assert shop.call("GET", "/ready").body["refused"] is None


def test_a_swap_is_not_undone_by_items_that_cannot_be_taken(model: Path, monkeypatch) -> None:
    second = write_model(model.parent / "second", seed=1)
    with serving(model) as shop:
        shop.service.follower.stop()
        other = shop.service.open(second)
        swap = threading.Thread(target=lambda: shop.service.put_in_place(other))

        def slow(running: Any, store: Any) -> Any:
            if not swap.ident:
                swap.start()  # while items are brought up to date, and as long as that may take
                time.sleep(0.05)
            return with_items(running, store)

        monkeypatch.setattr("motet.serve.service.with_items", slow)
        shop.service.store.put_item(Item("bad", {}, "poison"))
        shop.service.follower.look()
        swap.join()
        assert shop.service.running.version == other.version


def test_the_active_model_serves_where_the_first_folder_is_gone(model: Path) -> None:
    second = write_model(model.parent / "second", seed=1)
    with serving(model) as shop:
        version = shop.call("POST", "/v1/models/activate", {"path": "second"}).body["version"]
    model.rename(model.parent / "elsewhere")
    with serving(model) as shop:
        assert shop.service.running.version == version and shop.ids(k=2)
    second.rename(model.parent / "gone")
    with pytest.raises(ArtifactError), serving(model):
        pass


def test_a_model_without_numbers_is_not_activated_at_the_start(tmp_path: Path) -> None:
    broken = write_model(tmp_path / "models" / "first", name="broken")
    with pytest.raises(ArtifactError, match="finite"), serving(broken):
        pass
    with open_store(broken.parent / "log.db") as store:
        assert store.active_model() is None and not store.models()
    sound = write_model(tmp_path / "models" / "second")
    with serving(sound) as shop:
        version = shop.service.running.version
    with serving(broken) as shop:
        assert shop.service.running.version == version, "the one before goes on"


def test_waiting_for_items_holds_no_thread_of_the_store(model: Path) -> None:
    with serving(model) as shop:
        follower = shop.service.follower
        follower.stop()  # as if it were embedding texts
        puts = [
            threading.Thread(target=lambda n=n: shop.call("PUT", f"/v1/items/x{n}", {"text": "a"}))
            for n in range(2 * IO_THREADS)
        ]
        for put in puts:
            put.start()
        assert soon(lambda: len(follower._waiting) == 2 * IO_THREADS)
        began = time.monotonic()
        said = shop.call("POST", "/v1/events", {"events": [{"user": "u", "item": "apple"}]})
        assert said.body["accepted"] == 1 and time.monotonic() - began < 3
        follower.look()
        for put in puts:
            put.join()
        assert "x0" in shop.ids(k=20) and not follower._waiting


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
