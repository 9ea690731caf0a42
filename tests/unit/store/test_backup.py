"""Backups appear whole, or not at all."""

import pytest

from motet.errors import StoreError
from motet.store import Event, backup, open_store, restore
from motet.store.backup import check_backup, sha256_of


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "shop.db") as store:
        store.append([Event("e1", "ann", "lamp")])
        yield store


def test_the_checksum_beside_a_backup_is_its_own(store, tmp_path):
    made = store.backup(tmp_path / "copy.db")
    assert made.sha256 == sha256_of(tmp_path / "copy.db") == check_backup(tmp_path / "copy.db")
    assert (tmp_path / "copy.db.sha256").read_text(encoding="utf-8") == f"{made.sha256}  copy.db\n"
    assert made.bytes == (tmp_path / "copy.db").stat().st_size


def test_a_copy_that_differs_from_the_store_is_no_backup(store, tmp_path, monkeypatch):
    monkeypatch.setattr(backup, "copy_rows", lambda source, target: None)
    with pytest.raises(StoreError, match="differs from the store"):
        store.backup(tmp_path / "copy.db")
    assert sorted(path.name for path in tmp_path.iterdir() if "copy" in path.name) == []


def test_a_backup_without_its_checksum_is_refused(store, tmp_path):
    store.backup(tmp_path / "copy.db")
    (tmp_path / "copy.db.sha256").unlink()
    with pytest.raises(StoreError, match="no file .*sha256"):
        restore(tmp_path / "copy.db", tmp_path / "new.db")
    with pytest.raises(StoreError, match="no file"):
        restore(tmp_path / "none.db", tmp_path / "new.db")


def test_the_folder_of_a_backup_is_made(store, tmp_path):
    made = store.backup(tmp_path / "backups" / "of" / "monday.db")
    assert check_backup(tmp_path / "backups" / "of" / "monday.db") == made.sha256
    with pytest.raises(StoreError, match="cannot be made") as caught:
        store.backup(tmp_path / "shop.db" / "copy.db")
    assert caught.value.remedy
