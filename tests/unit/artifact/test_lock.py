"""Whoever changes a folder is alone, across threads and processes, and leaves nothing beside it."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from motet.artifact import Folder, lock, open_folder, update_folder
from motet.errors import ArtifactError

from .conftest import write

ADDS = """
import sys
from motet.artifact import update_folder
for _ in range(int(sys.argv[2])):
    update_folder(sys.argv[1], lambda folder: {"count.txt": str(int(folder.text("count.txt")) + 1)})
"""


def test_of_changes_by_several_processes_none_is_lost_and_readers_find_it_whole(tmp_path: Path) -> None:
    model = write(tmp_path / "model", {"count.txt": "0"}).path
    others = [subprocess.Popen([sys.executable, "-c", ADDS, str(model), "15"]) for _ in range(3)]
    seen = [0]
    while any(other.poll() is None for other in others):
        seen.append(len(open_folder(model).names()))
    assert [other.wait() for other in others] == [0, 0, 0]
    assert open_folder(model).text("count.txt") == "45" and set(seen[1:]) == {1}
    assert os.listdir(tmp_path) == ["model"]


def test_a_new_folder_waits_for_a_change_of_the_old_one_and_is_not_lost(tmp_path: Path) -> None:
    model = write(tmp_path / "model", {"which.txt": "old"}).path
    begun, go_on = threading.Event(), threading.Event()

    def slowly(folder: Folder) -> dict[str, str]:
        begun.set()
        go_on.wait(10)
        return {"more.txt": "x"}

    change = threading.Thread(target=update_folder, args=(model, slowly))
    change.start()
    begun.wait(10)
    train = threading.Thread(target=write, args=(model, {"which.txt": "new"}))
    train.start()
    time.sleep(0.3)
    go_on.set()
    change.join()
    train.join()
    assert open_folder(model).text("which.txt") == "new"


def test_waiting_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = write(tmp_path / "model", {"a.txt": "old"}).path
    monkeypatch.setattr(lock, "WAIT_SECONDS", 0.05)
    with lock.alone(model):
        with pytest.raises(ArtifactError, match="others have been writing") as caught:
            update_folder(model, {"a.txt": "new"})
        assert caught.value.remedy
    update_folder(model, {"a.txt": "new"})
    assert open_folder(model).text("a.txt") == "new"


def test_a_lock_that_another_user_left_may_be_held_without_writing_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = write(tmp_path / "model", {"a.txt": "old"}).path
    lock.lock_of(model).touch()
    opened = os.open

    def not_to_write(path, flags, *rest, **more):
        if Path(path) == lock.lock_of(model) and flags & os.O_RDWR:
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *rest, **more)

    monkeypatch.setattr(lock.os, "open", not_to_write)
    update_folder(model, {"a.txt": "new"})
    assert open_folder(model).text("a.txt") == "new"
    with pytest.raises(ArtifactError, match="Permission denied"):  # there is none any more, and none can be made
        update_folder(model, {"a.txt": "newer"})


def test_a_lock_that_cannot_be_made_is_told_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = write(tmp_path / "model", {"a.txt": "old"}).path
    lock.lock_of(model).symlink_to("/nowhere/at/all")  # is not followed
    with pytest.raises(ArtifactError, match="cannot be changed") as caught:
        update_folder(model, {"a.txt": "new"})
    assert "permissions" in caught.value.remedy and open_folder(model).text("a.txt") == "old"
