"""Who is forgotten leaves every part of a folder, and nobody who is forgotten at the same time comes back."""

import subprocess
import sys
import threading
from pathlib import Path

import polars as pl
import pytest

from motet.artifact import Folder, layout, open_folder, update_folder, write_folder
from motet.errors import RequestError
from motet.recommend import UserStates, forget, load
from motet.recommend.forget import erase, users_of, without_users
from motet.recommend.relations import Relations

from .conftest import TinyScorer, make_catalogue, make_users

PAIRS = pl.DataFrame({"relation": ["friends"] * 2, "user": ["ann", "cleo"], "other": ["dora", "bob"]})
LISTS = {"lists": [{"key": 0, "user": "emil"}, {"key": 1, "user": "ann"}]}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    parts = {
        **make_catalogue().to_parts(),
        **make_users().to_parts(),
        **Relations(PAIRS).to_parts(),
        layout.EXAMPLES: LISTS,
    }
    write_folder(tmp_path / "model", parts, name="tiny", seed=0, runtime="none")
    return tmp_path / "model"


def test_everybody_whom_a_folder_holds_anything_of_can_be_forgotten(path: Path) -> None:
    everybody = {*make_users().users.to_list(), "ann", "bob", "cleo", "dora", "emil"}
    assert users_of(open_folder(path)) == everybody
    for user in ("cleo", "emil", "ann"):
        forget(path, user)
        assert not any(user.encode() in file.read_bytes() for file in path.rglob("*") if file.is_file())
        with pytest.raises(RequestError, match="holds nothing"):
            forget(path, user)
        assert not erase(path, [user])


def test_a_user_who_is_unknown_changes_no_part(path: Path) -> None:
    before = path.stat().st_ino
    assert without_users(open_folder(path), ["nobody"]) == {} and not erase(path, ["nobody"])
    assert path.stat().st_ino == before


ERASES = """
import sys
from motet.recommend.forget import erase
for user in sys.argv[2:]:
    assert erase(sys.argv[1], [user])
"""


def test_two_who_forget_at_the_same_time_bring_nobody_back(path: Path) -> None:
    names = [f"u{n}" for n in range(16)]
    update_folder(path, Relations(pl.DataFrame({"relation": ["r"] * 16, "user": names, "other": names})).to_parts())
    other = subprocess.Popen([sys.executable, "-c", ERASES, str(path), *names[::2]])
    for user in names[1::2]:
        forget(path, user)
    assert other.wait() == 0
    assert not users_of(open_folder(path)) & set(names)


def test_a_model_is_loaded_without_users_whom_its_folder_still_holds(path: Path, monkeypatch) -> None:
    seen: list[Folder] = []

    def scorer(folder: Folder, device: str) -> TinyScorer:
        seen.append(folder)
        return TinyScorer()

    monkeypatch.setattr("motet.recommend.bundle.open_scorer", scorer)
    loaded = load(path, without=["ann"]).loaded
    assert "ann" not in loaded.users and not Relations.from_folder(seen[0]).pairs["user"].is_in(["ann"]).any()
    assert "ann" in UserStates.from_folder(open_folder(path))


def test_a_model_whose_folder_is_changed_while_it_is_read_is_read_again(path: Path, monkeypatch) -> None:
    times: list[int] = []

    def scorer(folder: Folder, device: str) -> TinyScorer:
        times.append(1)
        if len(times) == 1:
            thread = threading.Thread(target=forget, args=(path, "ann"))
            thread.start()
            thread.join()
        folder.frame(layout.RELATIONS)
        return TinyScorer()

    monkeypatch.setattr("motet.recommend.bundle.open_scorer", scorer)
    assert "ann" not in load(path).loaded.users and len(times) == 2


def test_a_folder_that_holds_nothing_need_not_be_one_that_may_be_written(path: Path, monkeypatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("nothing has to be written")

    monkeypatch.setattr("motet.artifact.write.alone", refused)
    assert not erase(path, ["nobody"])
