from pathlib import Path

import pytest

from motet.artifact import Folder, layout, open_folder, update_folder
from motet.errors import ArtifactError
from motet.serve.erase import erase_from
from motet.serve.running import fingerprint_of, forgotten_marks, open_model, under, version_of, with_items
from motet.store import Item, open_store

from .conftest import write_model


def test_forgetting_does_not_make_another_model(model: Path) -> None:
    before = fingerprint_of(open_folder(model).manifest)
    assert erase_from(model, ["ann", "nobody"])
    assert not erase_from(model, ["ann"])
    assert fingerprint_of(open_folder(model).manifest) == before
    write_model(model, seed=1)
    assert fingerprint_of(open_folder(model).manifest) != before
    assert version_of(model, before) == f"first-{before[:12]}"


def test_a_model_is_opened_without_whom_the_store_forgot(model: Path, tmp_path: Path) -> None:
    with open_store(tmp_path / "s.db") as store:
        store.put_item(Item("tea", {"price": 3}, "tea"))
        store.forget("ann")
        store.readmit("ann")
        assert forgotten_marks(store) == {store.mark_of("ann")}
        running = open_model(model, store, data=None, log_events=10)
        assert running.known.users.to_list() == ["bob"] and "tea" in running.bundle.loaded.catalogue.index
        assert running.items_seq > 0 and with_items(running, store).bundle is running.bundle
        store.put_item(Item("pie", {}, "pie"))
        later = with_items(running, store)
        assert "pie" in later.bundle.loaded.catalogue.index
        assert later.bundle.loaded.users.overlay.catalogue is later.bundle.loaded.catalogue  # type: ignore[attr-defined]


def test_models_lie_below_their_root(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "link").symlink_to("/")
    assert under(tmp_path, "a") == (tmp_path / "a").resolve()
    for path in ("..", ".", "/etc", "a/../..", "a/link/etc", "a\0"):
        with pytest.raises(ArtifactError):
            under(tmp_path, path)


def test_whoever_leaves_the_example_lists_makes_no_other_model(model: Path) -> None:
    before = fingerprint_of(open_folder(model).manifest)
    lists = [{"key": 0, "user": "ann"}, {"key": 1, "user": "bob"}]
    update_folder(model, {layout.EXAMPLES: {"lists": lists}, layout.REPORT: "<!--example 0-->ann<!--/example 0-->"})
    assert fingerprint_of(open_folder(model).manifest) == before
    assert erase_from(model, ["ann"])
    folder = open_folder(model)
    assert fingerprint_of(folder.manifest) == before
    assert folder.text(layout.REPORT) == "" and [each["user"] for each in folder.json(layout.EXAMPLES)["lists"]] == [
        "bob"
    ]


def test_a_folder_is_verified_once_when_it_is_opened(model: Path, tmp_path: Path, monkeypatch) -> None:
    from motet.artifact import folder
    from motet.serve import running

    opened: list[str] = []

    def counting(path: Path) -> Folder:
        opened.append(str(path))
        return open_folder(path)

    monkeypatch.setattr(folder, "open_folder", counting)
    monkeypatch.setattr(running, "open_folder", counting)
    with open_store(tmp_path / "log.db") as store:
        open_model(model, store, data=None, log_events=10)
    assert len(opened) == 1
