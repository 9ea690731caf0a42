import pytest

from motet.cli.store import store
from motet.store import Event, open_store

from .conftest import Say


@pytest.fixture
def filled(tmp_path) -> str:
    with open_store(tmp_path / "s.db") as opened:
        opened.append([Event("e1", "ann", "lamp"), Event("e2", "bob", "mug")])
    return str(tmp_path / "s.db")


def test_a_backup_comes_back(say: Say, filled: str, tmp_path) -> None:
    backup, fresh = tmp_path / "monday.db", tmp_path / "fresh.db"
    made = say("store", "backup", backup, "--store", filled, "--json").json
    assert made["counts"]["events"] == 2 and len(made["sha256"]) == 64
    assert "2 events" in say("store", "restore", backup, "--store", fresh).out
    assert say("store", "check", "--store", fresh, "--json").json["events"] == 2
    with open_store(fresh) as opened:
        assert [event.id for event in opened.events_after(0)] == ["e1", "e2"]
    assert say("store", "restore", backup, "--store", filled).code == 2, "that one is not empty"


def test_a_damaged_backup_is_refused(say: Say, filled: str, tmp_path) -> None:
    backup = tmp_path / "monday.db"
    say("store", "backup", backup, "--store", filled)
    data = bytearray(backup.read_bytes())
    data[-1] ^= 1
    backup.write_bytes(bytes(data))
    said = say("store", "restore", backup, "--store", tmp_path / "fresh.db")
    assert said.code == 2 and "checksum" in said.err


@pytest.mark.parametrize(
    "arguments", [("burn",), ("backup",), ("restore",), ("readmit",), ("readmit", "ann"), ("check", "x")]
)
def test_mistakes(say: Say, filled: str, arguments) -> None:
    said = say("store", *arguments, "--store", filled)
    assert said.code == 2 and said.err.startswith("error: ") and "bug" not in said.err
    assert store is not None


def test_a_store_that_is_not_there_is_not_made(say: Say, tmp_path) -> None:
    for arguments in (("check",), ("backup", tmp_path / "b.db")):
        assert say("store", *arguments, "--store", tmp_path / "typo.db").code == 2
    assert not list(tmp_path.iterdir())


def test_a_forgotten_user_begins_anew(say: Say, filled: str) -> None:
    with open_store(filled) as opened:
        opened.forget("ann")
    assert "takes events of 'ann' again" in say("store", "readmit", "ann", "--store", filled).out
    with open_store(filled) as opened:
        assert not opened.is_forgotten("ann") and not opened.history("ann", 10)
