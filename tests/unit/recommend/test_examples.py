"""A few users' lists: who is chosen, what is told, and that whoever is forgotten leaves them."""

import json
from pathlib import Path

import pytest

from motet.artifact import layout, open_folder, update_folder
from motet.recommend import forget, load
from motet.recommend.examples import LISTS, example_lists, example_users, few_of, mark, without_examples

from .test_bundle import bundle as bundle
from .test_bundle import path as path  # a folder with a tiny model


def test_the_choice_depends_on_the_ids_alone() -> None:
    users = [f"u{number}" for number in range(50)]
    chosen = few_of(users)
    assert len(chosen) == LISTS and chosen == few_of(users[::-1]) and set(chosen) <= set(users)
    assert chosen != few_of([user for user in users if user not in chosen])
    assert few_of(users, {"u7": 0, "zoe": 1}) == ["u7"] and few_of([]) == []
    assert set(few_of([*users, *users])) == set(chosen)


def test_the_lists_are_the_folders_own(bundle) -> None:
    first, second = example_lists(bundle, ["ann", "bob"])
    own = bundle.recommend("ann", k=5, explain=True)
    assert [item["item"] for item in first["items"]] == [one.item for one in own.items]
    for item in first["items"]:
        assert sum(item["contributions"].values()) == pytest.approx(item["score"], abs=1e-9)
        assert item["reasons"] == list(own.items[first["items"].index(item)].reasons)
    assert first["had"] == ["Red apple"] and second["had"] == ["eggs", "cheese", "bread"]
    assert (first["key"], second["key"], first["source"]) == (0, 1, "history")
    json.dumps([first, second])


def keep(path: Path, users: list[str]) -> None:
    lists = example_lists(load(path), users)
    shown = "".join(f"{mark(each['key'])}<p>{each['user']}</p>\n{mark(each['key'], end=True)}" for each in lists)
    update_folder(path, {layout.EXAMPLES: {"lists": lists}, layout.REPORT: f"<html>head {shown} foot</html>"})


def test_whoever_is_forgotten_leaves_the_lists_and_the_report(path: Path) -> None:
    keep(path, ["ann", "bob"])
    assert example_users(open_folder(path)) == ["ann", "bob"]
    forget(path, "ann")
    folder = open_folder(path)
    assert example_users(folder) == ["bob"]
    page = folder.text(layout.REPORT)
    assert "ann" not in page and "<p>bob</p>" in page and page.endswith(" foot</html>")
    for file in path.rglob("*"):
        assert not file.is_file() or b"ann" not in file.read_bytes(), file
    forget(path, "bob")
    assert example_users(open_folder(path)) == []


def test_others_change_nothing(path: Path) -> None:
    assert without_examples(open_folder(path), {"ann"}) == {}
    keep(path, ["bob"])
    assert without_examples(open_folder(path), {"ann"}) == {}
