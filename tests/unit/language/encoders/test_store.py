import errno
import json
import subprocess
import sys

import pytest

from motet.errors import ProjectError
from motet.language.encoders import _store
from motet.language.encoders._store import LIST, Unpacking, is_whole, unpacked


@pytest.fixture
def how(tmp_path):
    source = tmp_path / "packed.bin"
    source.write_bytes(b"packed")
    made = []

    def build(source, folder):
        made.append(folder)
        (folder / "sub").mkdir()
        (folder / "sub" / "a.txt").write_bytes(source.read_bytes() * 2)
        (folder / "b.txt").write_text("b")

    options = {"name": "m", "source": source, "num_bytes": 10, "version": 1, "build": build, "check": lambda at: None}
    return lambda **changes: (Unpacking(**{**options, **changes}), made)


def test_it_is_made_once_and_listed(how, tmp_path):
    unpacking, made = how()
    folder = unpacked(unpacking, cache=tmp_path / "cache")
    assert (folder / "sub" / "a.txt").read_bytes() == b"packedpacked"
    assert set(json.loads((folder / LIST).read_text())) == {"sub/a.txt", "b.txt"}
    assert unpacked(unpacking, cache=tmp_path / "cache") == folder
    assert len(made) == 1
    assert sorted(path.name for path in folder.parent.iterdir()) == [folder.name, f"{folder.name}.lock"]


def test_another_source_or_version_is_another_folder(how, tmp_path):
    first = unpacked(how()[0], cache=tmp_path / "cache")
    second = unpacked(how(version=2)[0], cache=tmp_path / "cache")
    (tmp_path / "packed.bin").write_bytes(b"packed anew")
    third = unpacked(how()[0], cache=tmp_path / "cache")
    assert len({first, second, third}) == 3
    assert is_whole(first)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "b.txt").write_text("c"),
        lambda folder: (folder / "b.txt").unlink(),
        lambda folder: (folder / LIST).write_text("{"),
        lambda folder: (folder / LIST).write_text("{}"),
        lambda folder: (folder / LIST).write_text("[1]"),
    ],
)
def test_a_damaged_folder_is_made_again(how, tmp_path, spoil):
    unpacking, made = how()
    folder = unpacked(unpacking, cache=tmp_path / "cache")
    spoil(folder)
    assert not is_whole(folder)
    unpacked(unpacking, cache=tmp_path / "cache")
    assert is_whole(folder)
    assert (folder / "b.txt").read_text() == "b"
    assert len(made) == 2


def test_what_does_not_pass_its_check_is_not_kept(how, tmp_path):
    def check(folder):
        raise ProjectError("wrong vectors", "remedy")

    unpacking, made = how(check=check)
    for _ in range(2):
        with pytest.raises(ProjectError, match="wrong vectors"):
            unpacked(unpacking, cache=tmp_path / "cache")
    assert len(made) == 2
    assert [path.suffix for path in (tmp_path / "cache" / "models").iterdir()] == [".lock"]


def test_remains_of_a_killed_process_are_cleared(how, tmp_path):
    unpacking, _ = how()
    folder = unpacked(unpacking, cache=tmp_path / "cache")
    (folder / "b.txt").unlink()
    left = folder.parent / f".{folder.name}-abc"
    left.mkdir()
    unpacked(unpacking, cache=tmp_path / "cache")
    assert not left.exists()


def test_a_full_disk_is_said(how, tmp_path, monkeypatch):
    def build(source, folder):
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(ProjectError, match="no room.*the disk is full") as caught:
        unpacked(how(build=build)[0], cache=tmp_path / "cache")
    assert "MOTET_CACHE" in caught.value.remedy
    with pytest.raises(ProjectError, match=r"no room.* MiB are free, and 'm' takes"):
        unpacked(how(num_bytes=2**60)[0], cache=tmp_path / "cache")


def test_a_cache_that_cannot_be_written_is_said(how, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectError, match="cannot be unpacked") as caught:
        unpacked(how()[0], cache=tmp_path / "file")
    assert "MOTET_CACHE" in caught.value.remedy


def test_waiting_has_an_end(how, tmp_path, monkeypatch):
    from filelock import FileLock

    folder = unpacked(how()[0], cache=tmp_path / "cache")
    (folder / "b.txt").unlink()
    monkeypatch.setattr(_store, "PATIENCE_SECONDS", 0.1)
    with FileLock(f"{folder}.lock"), pytest.raises(ProjectError, match="Another process"):
        unpacked(how()[0], cache=tmp_path / "cache")


def test_two_processes_make_it_once(tmp_path):
    (tmp_path / "packed.bin").write_bytes(b"packed")
    code = f"""
import time
from pathlib import Path
from motet.language.encoders._store import Unpacking, unpacked
def build(source, folder):
    (folder / "a.txt").write_text("a")
    with open({str(tmp_path / "made")!r}, "a") as file:
        file.write("x")
    time.sleep(0.5)
how = Unpacking("m", Path({str(tmp_path / "packed.bin")!r}), 10, 1, build, lambda folder: None)
print((unpacked(how, cache=Path({str(tmp_path / "cache")!r})) / "a.txt").read_text())
"""
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [each.communicate()[0].strip() for each in both] == ["a", "a"]
    assert (tmp_path / "made").read_text() == "x"
