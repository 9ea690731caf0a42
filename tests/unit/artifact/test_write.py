"""Writing is all or nothing, whichever step fails."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from motet.artifact import check_target, open_folder, place, update_folder
from motet.artifact import write as writing
from motet.errors import ArtifactError

from .conftest import sample_parts, write

NEW = {"project.toml": "new", "model/shape": {"new": True}}


def failing_at(
    number: int, original: Callable[..., Any], code: int = errno.ENOSPC
) -> tuple[Callable[..., Any], list[int]]:
    calls: list[int] = []

    def call(*args: Any, **options: Any) -> Any:
        calls.append(len(calls))
        if len(calls) == number + 1:
            raise OSError(code, os.strerror(code))
        return original(*args, **options)

    return call, calls


@pytest.mark.parametrize("exchange", [True, False])
@pytest.mark.parametrize("step", ["fsync", "rename"])
def test_whichever_step_fails_the_old_folder_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, exchange: bool
) -> None:
    target = tmp_path / "model"
    write(target)
    before = {name: open_folder(target).data(name) for name in open_folder(target).names()}
    if not exchange:
        monkeypatch.setattr(place, "_exchange", lambda one, other: False)
    original = getattr(os, step)
    for number in range(100):
        call, calls = failing_at(number, original)
        with monkeypatch.context() as patch:
            patch.setattr(os, step, call)
            try:
                write(target, NEW)
            except ArtifactError as error:
                assert "not written" in error.message and "space" in error.remedy
            else:
                break
        folder = open_folder(target)
        assert {name: folder.data(name) for name in folder.names()} == before
        assert os.listdir(tmp_path) == ["model"]
    assert number >= {"fsync": 5, "rename": 0 if exchange else 2}[step]
    assert open_folder(target).text("project.toml") == "new"
    assert os.listdir(tmp_path) == ["model"]


@pytest.mark.parametrize("step", ["fsync", "rename"])
def test_a_first_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    original = getattr(os, step)
    for number in range(100):
        call, _ = failing_at(number, original, errno.EIO)
        with monkeypatch.context() as patch:
            patch.setattr(os, step, call)
            try:
                write(tmp_path / "model", NEW)
            except ArtifactError:
                assert os.listdir(tmp_path) == []
            else:
                break
    assert number > 0


def test_a_disk_that_takes_no_more_bytes(model: Path) -> None:
    """The system itself refuses the write, half way through a part."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, hard))
    try:
        with pytest.raises(ArtifactError, match="not written"):
            write(model, {**NEW, "features/large.bin": bytes(100_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert open_folder(model).text("project.toml") == sample_parts()["project.toml"]
    assert os.listdir(model.parent) == ["model"]


def test_an_interrupt_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "model")
    assert os.listdir(tmp_path) == []


def test_a_write_that_reads_back_differently_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "sha256_of", lambda file: "0" * 64)
    with pytest.raises(ArtifactError, match="read back"):
        write(tmp_path / "model")
    assert os.listdir(tmp_path) == []


def test_every_file_is_synced_before_the_folder_moves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log: list[str] = []
    fsync, rename = os.fsync, os.rename

    def logged_fsync(handle: int) -> None:
        log.append(os.readlink(f"/proc/self/fd/{handle}"))
        fsync(handle)

    def logged_rename(*args: Any) -> None:
        log.append("rename")
        rename(*args)

    monkeypatch.setattr(os, "fsync", logged_fsync)
    monkeypatch.setattr(os, "rename", logged_rename)
    folder = write(tmp_path / "model")
    before, after = log[: log.index("rename")], log[log.index("rename") + 1 :]
    for name in [*folder.names(), "manifest.json"]:
        assert any(entry.endswith(name) for entry in before), name
    assert any(entry.endswith("/model") for entry in before), "folders are synced too"
    assert str(tmp_path) in after


def test_replacing_keeps_no_old_part(tmp_path: Path) -> None:
    write(tmp_path / "model")
    write(tmp_path / "model", NEW)
    assert open_folder(tmp_path / "model").names() == ["model/shape.json", "project.toml"]


def test_a_reader_never_meets_a_gap(tmp_path: Path) -> None:
    import threading

    target = tmp_path / "model"
    write(target, NEW)
    if not place._exchange(write(tmp_path / "a", NEW).path, write(tmp_path / "b", NEW).path):
        pytest.skip("this system cannot exchange folders in one step")
    missing: list[int] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            if not os.path.exists(target / "manifest.json"):
                missing.append(1)

    watcher = threading.Thread(target=watch)
    watcher.start()
    for _ in range(30):
        write(target, NEW)
    done.set()
    watcher.join()
    assert not missing


@pytest.mark.parametrize("foreign", ["notes.txt", "manifest.json"])
def test_a_foreign_folder_is_not_replaced(tmp_path: Path, foreign: str) -> None:
    target = tmp_path / "thesis"
    target.mkdir()
    (target / foreign).write_text('{"format": 1, "name": "my web app"}')
    with pytest.raises(ArtifactError, match="not a model folder"):
        write(target)
    assert (target / foreign).exists() and os.listdir(tmp_path) == ["thesis"]


def test_a_file_of_the_same_name_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("dear diary")
    with pytest.raises(ArtifactError, match="is a file"):
        write(tmp_path / "model")
    assert (tmp_path / "model").read_text() == "dear diary"


def test_a_model_folder_with_a_strangers_file_is_not_replaced(model: Path) -> None:
    (model / "evaluation").mkdir()
    (model / "evaluation" / "my notes.txt").write_text("hours of work")
    with pytest.raises(ArtifactError, match="my notes.txt"):
        write(model)
    assert (model / "evaluation" / "my notes.txt").exists()


def test_a_damaged_model_folder_may_be_replaced(model: Path) -> None:
    (model / "model" / "shape.json").write_text("broken")
    write(model, NEW)
    assert open_folder(model).json("model/shape") == {"new": True}


def test_check_target_allows_new_empty_and_own_folders(tmp_path: Path, model: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("new", "deep/er/new", "empty", "model"):
        assert check_target(tmp_path / name) == tmp_path / name
    write(tmp_path / "empty", NEW)
    write(tmp_path / "deep" / "er" / "new", NEW)


def test_through_a_link_the_real_folder_is_replaced(tmp_path: Path, model: Path) -> None:
    (tmp_path / "current").symlink_to(model)
    write(tmp_path / "current", NEW)
    assert (tmp_path / "current").is_symlink()
    assert open_folder(model).text("project.toml") == "new"


def test_update_replaces_adds_and_removes(model: Path) -> None:
    before = open_folder(model)
    folder = update_folder(
        model, {"model/shape": {"width": 8}, "report.html": "<p>"}, remove=["features/tokenizer.bin"]
    )
    assert folder.json("model/shape") == {"width": 8}
    assert folder.text("report.html") == "<p>"
    assert not folder.has("features/tokenizer.bin")
    assert folder.data("model/weights.safetensors") == sample_bytes(before, folder)
    assert folder.manifest.created == before.manifest.created
    assert open_folder(model).names() == folder.names()
    assert os.listdir(model.parent) == ["model"]


def sample_bytes(before: Any, after: Any) -> bytes:
    name = "model/weights.safetensors"
    assert before.manifest.parts[name] == after.manifest.parts[name]
    return after.data(name)


def test_update_works_where_files_cannot_have_two_names(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call, _ = failing_at(0, os.link, errno.EPERM)
    monkeypatch.setattr(os, "link", call)
    update_folder(model, {"report.html": "<p>"})
    assert len(open_folder(model).names()) == len(sample_parts()) + 1


def test_update_that_fails_changes_nothing(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        call, _ = failing_at(number, os.fsync)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", call)
            with pytest.raises(ArtifactError):
                update_folder(model, {"project.toml": "new"})
        assert open_folder(model).text("project.toml") == sample_parts()["project.toml"]


def test_update_of_a_damaged_folder_is_refused(model: Path) -> None:
    (model / "project.toml").write_text("x")
    with pytest.raises(ArtifactError, match="project.toml"):
        update_folder(model, {"report.html": "<p>"})


def test_an_old_folder_that_cannot_be_removed_is_named(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    def stubborn(path: Path, **_: Any) -> None:
        raise OSError(errno.EBUSY, "busy")

    monkeypatch.setattr(shutil, "rmtree", stubborn)
    with pytest.raises(ArtifactError, match="former one could not be removed"):
        write(model, NEW)
    assert open_folder(model).text("project.toml") == "new"


def test_leftovers_of_killed_writes_are_cleared_after_a_day(model: Path) -> None:
    names = [
        "model.tmp-0123456789abcdef",
        "model.tmp-fedcba9876543210",
        "model.tmp-notes",
        "other.tmp-0123456789abcdef",
    ]
    for name in names:
        (model.parent / name).mkdir()
        if name != names[1]:
            os.utime(model.parent / name, (0, 0))
    write(model, NEW)
    assert sorted(os.listdir(model.parent)) == sorted(["model", *names[1:]])
