"""The file: flushed, bounded, shared, and honest about the disk."""

import os
import sqlite3
import subprocess
import sys
import textwrap

import pytest
from sqlalchemy import text

from motet.errors import StoreError
from motet.store import Event, Limits, StoreBusyError, StoreDamagedError, StoreFullError, open_store
from motet.store.backends.sqlite import APPLICATION, Sqlite


def events(*ids, words=1):
    return [Event(id, "ann", "lamp", text="words " * words) for id in ids]


def test_every_connection_flushes_every_commit_and_overwrites_what_it_deletes(tmp_path):
    backend = Sqlite(tmp_path / "shop.db", Limits())
    for transaction in (backend.writing, backend.reading):
        with transaction() as connection:
            found = [
                connection.execute(text(f"PRAGMA {name}")).scalar_one()
                for name in ("journal_mode", "synchronous", "secure_delete", "application_id")
            ]
        assert found == ["wal", 2, 1, APPLICATION]
    backend.close()


def test_a_full_disk_is_an_error_and_what_was_saved_before_stays(tmp_path):
    """The database is kept from growing, which SQLite meets with the very error of a full disk."""
    with open_store(tmp_path / "shop.db") as store:
        store.append(events("before"))
        connection = store.backend.engine.raw_connection()
        pages = connection.cursor().execute("PRAGMA page_count").fetchone()[0]
        connection.cursor().execute(f"PRAGMA max_page_count = {pages + 2}")
        connection.close()  # back to the pool: the writer takes this very connection
        with pytest.raises(StoreFullError, match="Nothing of this call was saved"):
            store.append(events(*map(str, range(50)), words=1000))
        assert [each.id for each in store.history("ann")] == ["before"]
        store.backend.engine.dispose()
        assert store.append(events("then"))[0].accepted
    with open_store(tmp_path / "shop.db") as store:
        assert [each.id for each in store.history("ann")] == ["before", "then"]


def test_a_process_that_may_write_no_more_never_says_saved(tmp_path):
    """A limit on the size of files makes real writes fail in the middle."""
    code = """
        import resource, signal, sys
        from motet.errors import StoreError
        from motet.store import Event, open_store
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        store = open_store(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
        for number in range(400):
            try:
                receipt = store.append([Event(f"e{number}", "ann", "lamp", text="words " * 500)])[0]
            except StoreError as error:
                print("failed", type(error).__name__, file=sys.stderr)
                break
            print(receipt.id)
        import os; sys.stdout.flush(); os._exit(0)
    """
    path = tmp_path / "shop.db"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(path)], capture_output=True, text=True, timeout=60
    )
    said = done.stdout.split()
    assert "failed" in done.stderr and 0 < len(said) < 400
    with open_store(path) as store:
        store.check()
        assert {each.id for each in store.history("ann")} >= set(said)


def test_a_folder_that_may_not_be_written_is_an_error(tmp_path):
    open_store(tmp_path / "shop.db").close()
    code = """
        import os, sys
        from motet.errors import StoreError
        from motet.store import Event, open_store
        import motet.store.sql
        if os.geteuid() == 0:
            os.setuid(65534)
        try:
            store = open_store(sys.argv[1])
            print(store.append([Event("e", "u", "i")]))
        except StoreError as error:
            print("refused:", error)
            sys.exit(7)
    """
    folder = tmp_path / "closed"
    folder.mkdir()
    open_store(folder / "shop.db").close()
    for path in (*folder.iterdir(), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for parent in folder.parents:
        if parent.stat().st_uid == os.geteuid() and str(parent).count("/") > 1:
            parent.chmod(parent.stat().st_mode | 0o055)
    try:
        for name in ("shop.db", "fresh.db"):
            done = subprocess.run(
                [sys.executable, "-c", textwrap.dedent(code), str(folder / name)],
                capture_output=True,
                text=True,
                timeout=60,
            )
            assert done.returncode == 7 and "may be written" in done.stdout, done.stderr[-500:]
    finally:
        folder.chmod(0o755)


@pytest.mark.parametrize("harm", ["page", "half", "header"])
def test_a_damaged_file_is_an_error_in_one_line_with_a_remedy(tmp_path, harm):
    path = tmp_path / "shop.db"
    with open_store(path) as store:
        for number in range(20):
            store.append(events(*(f"{number}-{n}" for n in range(20)), words=40))
    whole = path.read_bytes()
    middle = len(whole) // 2 // 4096 * 4096
    path.write_bytes(
        {
            "page": whole[:middle] + os.urandom(8192) + whole[middle + 8192 :],
            "half": whole[: middle - 100],
            "header": os.urandom(100) + whole[100:],
        }[harm]
    )
    with pytest.raises(StoreDamagedError) as caught, open_store(path) as store:
        store.check()
    assert "\n" not in str(caught.value) and "Restore a backup" in caught.value.remedy


def test_who_waits_too_long_for_another_process_is_told_and_nothing_is_saved(tmp_path):
    path = tmp_path / "shop.db"
    with open_store(path, limits=Limits(wait_seconds=0.1)) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError, match="busy"):
            store.append(events("e1"))
        assert store.history("ann") == [], "reading goes on meanwhile"
        other.execute("ROLLBACK")
        other.close()
        assert store.append(events("e1"))[0].status == "saved"


def test_a_reader_that_never_ends_delays_the_erasing_and_the_next_start_finishes_it(tmp_path):
    path = tmp_path / "shop.db"
    with open_store(path, limits=Limits(wait_seconds=0.2)) as store:
        store.append([Event("e1", "canary-31", "lamp")])
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM motet_events").fetchone()
        assert "reads" in store.forget("canary-31").waiting
        assert store.is_forgotten("canary-31") and store.history("canary-31") == []
        open_store(path, limits=Limits(wait_seconds=0.2)).close()  # another process starts all the same
        other.execute("ROLLBACK")
        other.close()
    open_store(path).close()
    assert b"canary-31" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_many_processes_may_make_the_store_at_once(tmp_path):
    code = "import sys; from motet.store import *; open_store(sys.argv[1]).append([Event(sys.argv[2], 'u', 'i')])"
    jobs = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "shop.db"), f"e{n}"], stderr=subprocess.PIPE)
        for n in range(4)
    ]
    assert [(job.communicate(timeout=60)[1], job.returncode) for job in jobs] == [(b"", 0)] * 4
    with open_store(tmp_path / "shop.db") as store:
        assert store.counts().events == 4


def test_a_file_that_vanished_is_no_silent_success(tmp_path):
    with pytest.raises(StoreError, match="no folder"):
        open_store(tmp_path / "gone" / "shop.db")
