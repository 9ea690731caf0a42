import json
from pathlib import Path
from typing import Any

import pytest

from motet import workflow
from motet.cli.answer import Tone
from motet.cli.demo import DEMOS, MADE, prepare, recipe, some_users
from motet.data.sources import SOURCES
from motet.recommend import load
from motet.schema import Project
from motet.workflow import Result

from .conftest import Say
from .test_certify import certificate
from .test_finished import EVALUATION


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Calls of the function that writes the shop's tables; the cache is a fresh folder."""
    calls: list[dict[str, Any]] = []

    def write(folder: Path, **settings: Any) -> None:
        calls.append(settings)
        (folder / "events.parquet").write_text("events")

    monkeypatch.setenv("MOTET_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(SOURCES, "shop", write)  # type: ignore[arg-type]
    return calls


@pytest.mark.parametrize("name", DEMOS)
def test_every_demo_has_a_sound_project_and_a_source(name: str, tmp_path: Path) -> None:
    path = tmp_path / "demo.toml"
    path.write_text(recipe(name), encoding="utf-8")
    assert Project.read(path).project.name == DEMOS[name].recipe and name in SOURCES


def test_tables_are_made_once(written: list[dict[str, Any]], tmp_path: Path) -> None:
    path = prepare("shop", Tone(quiet=True))
    folder = tmp_path / "cache" / "demo" / "shop"
    assert path == folder / "shop.toml" and path.read_text() == recipe("shop")
    assert (folder / "events.parquet").is_file() and written == [dict(DEMOS["shop"].settings)]
    prepare("shop", Tone(quiet=True))
    assert len(written) == 1
    (folder / MADE).write_text(json.dumps({"settings": {"households": 1}}))
    prepare("shop", Tone(quiet=True))
    assert len(written) == 2, "tables of other settings are made anew"
    assert [entry.name for entry in folder.parent.iterdir()] == ["shop"]


def test_tables_that_fail_leave_nothing_half_made(
    written: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(folder: Path, **settings: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setitem(SOURCES, "shop", broken)  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        prepare("shop", Tone(quiet=True))
    assert list((tmp_path / "cache" / "demo").iterdir()) == []


def test_the_whole_story(say: Say, model: Path, written: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def certified(project: Project, out: Path, **options: Any) -> Result:
        asked.update(out=out, seeds=project.certify.seeds, root=project.root)
        return Result(model, EVALUATION, certificate())

    monkeypatch.setattr(workflow, "certify", certified)
    said = say("demo", "--set", "certify.seeds=4")
    assert said.code == 0 and asked["out"] == Path("runs/shop") and asked["seeds"] == 4
    assert "for user ann, from the history:" in said.out and f"model folder: {model}" in said.out
    assert str(certificate()).splitlines()[0] in said.out and "writing the tables of 'shop'" in said.err
    found = say("demo", "shop", "--out", "x", "--json").json
    assert list(found["lists"]) == ["ann"] and found["lists"]["ann"]["source"] == "history"
    assert found["project"].endswith("shop.toml") and "rating" in found["tasks"]


def test_users_with_much_middling_and_little_history(model: Path) -> None:
    assert some_users(load(model)) == ["ann"]


def test_an_unknown_demo_lists_the_known(say: Say) -> None:
    said = say("demo", "shopp")
    assert said.code == 2 and "There is no demo 'shopp'; known: shop, movies, reviews. Did you mean 'shop'?" in said.err


@pytest.mark.parametrize("name", ["movies", "reviews"])
def test_data_of_ones_own_is_asked_for_with_where_it_is_found(name: str, say: Say) -> None:
    said = say("demo", name)
    assert said.code == 2 and "--data" in said.err and ("grouplens" in said.err or "kaggle" in said.err)
    assert say("demo", "shop", "--data", "x").code == 2


def test_data_of_ones_own_is_read_anew_each_time(
    tmp_path: Path, written: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    monkeypatch.setitem(SOURCES, "movies", lambda folder, **given: calls.append(given))  # type: ignore[arg-type]
    for _ in range(2):
        path = prepare("movies", Tone(quiet=True), tmp_path)
    assert calls == [{"data": tmp_path}] * 2 and path.read_text() == recipe("movies")


def test_serving_follows_and_says_where_the_playground_is(
    say: Say, model: Path, written: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def run(settings: Any, *, started: Any) -> None:
        asked.append(settings)
        started("http://127.0.0.1:8123")

    monkeypatch.setattr(workflow, "certify", lambda *_, **__: Result(model, EVALUATION, certificate()))
    monkeypatch.setattr("motet.cli.serve.service_runner", lambda: run)
    said = say("demo", "--serve", "--port", "8123")
    assert said.code == 0 and "playground: http://127.0.0.1:8123/console" in said.err
    assert "for user ann" in said.out and asked[0].port == 8123 and asked[0].open_without_key
    assert asked[0].folder == str(model) and say("demo", "--serve", "--json").json["url"] == "http://127.0.0.1:8123"
