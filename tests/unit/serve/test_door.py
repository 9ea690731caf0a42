from pathlib import Path

import pytest

from motet.serve.door import Door, allows, header
from motet.serve.failures import HttpError
from motet.serve.settings import Bounds
from motet.store import Key, open_store


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_believed_for_a_moment_only(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path / "s.db") as store:
        door = Door(store, Bounds(key_seconds=1), clock=clock)
        made = store.create_key("shop", ["read"])
        sent = f"Bearer {made.secret}"
        assert door.remembered(sent) is None
        assert door.look_up(sent).id == made.key.id
        assert door.remembered(sent) is not None
        store.revoke_key(made.key.id)
        clock.now += 1.1
        assert door.remembered(sent) is None
        with pytest.raises(HttpError) as found:
            door.look_up(sent)
        assert found.value.status == 401


@pytest.mark.parametrize("sent", [None, "", "Bearer", "Bearer  ", "Basic abc", "motet_x_y"])
def test_without_a_key(tmp_path: Path, sent: str | None) -> None:
    with open_store(tmp_path / "s.db") as store:
        door = Door(store, Bounds())
        with pytest.raises(HttpError) as found:
            door.remembered(sent)
        assert found.value.status == 401 and found.value.headers["WWW-Authenticate"] == "Bearer"


def test_an_open_door_asks_nobody(tmp_path: Path) -> None:
    with open_store(tmp_path / "s.db") as store:
        key = Door(store, Bounds(), open_door=True).remembered(None)
        assert key is not None and all(allows(key, scope) for scope in ("read", "write", "admin"))


def test_every_key_has_an_allowance_of_its_own(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path / "s.db") as store:
        door = Door(store, Bounds(rate=10, burst=3), clock=clock)
        one, other = (Key(id, id, ("read",), 0) for id in "ab")
        for _ in range(3):
            door.count(one)
        with pytest.raises(HttpError) as found:
            door.count(one)
        assert found.value.status == 429 and found.value.headers["Retry-After"] == "1"
        door.count(other)
        clock.now += 0.11
        door.count(one)
        with pytest.raises(HttpError):
            door.count(one)


def test_scopes() -> None:
    assert allows(Key("a", "a", ("read",), 0), "read") and not allows(Key("a", "a", ("write",), 0), "read")
    assert allows(Key("a", "a", ("admin",), 0), "read") and not allows(Key("a", "a", ("read", "write"), 0), "admin")
    assert header([(b"a", b"1"), (b"b", b"2")], b"b") == "2"
