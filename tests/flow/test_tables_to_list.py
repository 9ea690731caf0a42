"""From data frames to lists and answers through the Python interface: certify, load, recommend, predict, evaluate."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import motet
from motet.recommend import Bundle
from motet.schema import Project
from motet.testing import tiny_project, tiny_shop
from motet.testing.project import TABLES
from motet.transfer.climb import LADDER
from motet.workflow import Result

pytestmark = pytest.mark.slow

HALVES = {"fractions": [0.7, 0.15, 0.15]}
OUTPUTS = {
    "next_item": "ndcg@10",
    "buy": "auc",
    "rating": "mae",
    "interest": "map",
    "brand": "accuracy",
    "categories": "map",
    "price": "mae",
    "sentiment": "auc",
    "club": "accuracy",
}
"""Every task and the metric that its certificate judges."""


def project() -> Project:
    """The tiny shop, as somebody with data frames would write it down."""
    tables: dict[str, Any] = {}
    for name, frame in tiny_shop().items():
        declared = {key: value for key, value in TABLES[name].items() if key != "path"}
        tables[name] = {**declared, "frame": frame}
    tables["items"]["frame"] = tables["items"]["frame"].to_arrow()
    tables["users"]["frame"] = tables["users"]["frame"].to_pandas()
    return motet.Project(
        tables=tables,
        tasks=[
            motet.NextItem(),
            motet.Binary(name="buy", column="event", positive=["buy"]),
            motet.Rating(column="rating"),
            motet.Interest(column="items.categories", horizon=3),
            motet.ClassTask(name="brand", table="items", column="brand", split=HALVES),
            motet.Tags(name="categories", table="items", column="categories", split=HALVES),
            motet.Number(name="price", table="items", column="price", split=HALVES),
            motet.Binary(name="sentiment", table="reviews", column="recommended", text=["text"]),
            motet.ClassTask(name="club", table="users", column="club"),
        ],
        encoder={"name": "lexical"},
        trunk={"width": 16, "layers": 1, "max_history": 10},
        train={"epochs": 2, "batch": 128, "device": "cpu"},
        certify={"seeds": 2},
    )


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return motet.certify(project(), tmp_path_factory.mktemp("run") / "model")


@pytest.fixture(scope="module")
def bundle(result: Result) -> Bundle:
    return motet.load(result.path)


def ids(found: Any) -> list[str]:
    return [one.item for one in found.items]


def test_the_certificate_has_every_task(result: Result) -> None:
    certificate = json.loads((result.path / "evaluation" / "certificate.json").read_text())
    assert {task: each["metric"] for task, each in certificate["tasks"].items()} == OUTPUTS
    for task, each in certificate["tasks"].items():
        keys = {"kind", "metric", "twin", "joint", "difference", "low", "high"}
        assert keys | {"verdict", "repair", "initial", "baseline"} <= set(each), task
        assert each["verdict"] in ("improved", "not worse", "unclear"), "nothing harmful ships"
        assert each["repair"] in (None, *LADDER) and each["initial"] in ("improved", "not worse", "unclear", "harmed")
        assert each["low"] is None or each["low"] <= each["difference"] <= each["high"]
    sharing = certificate["sharing"]
    assert 0 <= sharing["tasks_shared"] <= 9
    for ours, theirs in (("parameters", "twin_parameters"), ("train_seconds", "twin_seconds")):
        assert sharing[ours] > 0 and sharing[theirs] > 0
    assert sharing["latency_ms"] > 0 and sharing["twin_latency_ms"] > 0
    shown = str(result.certificate)
    assert all(task in shown for task in OUTPUTS)


def test_what_ships_is_judged_and_written_down(result: Result) -> None:
    saved = json.loads((result.path / "evaluation" / "metrics.json").read_text())
    assert set(saved["tasks"]) == set(OUTPUTS) == set(result.evaluation.tasks)
    for task, metric in OUTPUTS.items():
        value = result.evaluation.tasks[task][metric]
        assert math.isfinite(value) and saved["tasks"][task][metric] == pytest.approx(value, abs=1e-4), task
    assert {"recall@10", "ndcg@10", "mrr", "coverage"} <= set(saved["tasks"]["next_item"])
    assert saved["tasks"]["sentiment"]["auc"] > 0.9, "two words tell the mood"
    log = pl.read_parquet(result.path / "evaluation" / "log.parquet")
    assert set(log["arm"]) >= {"joint", *OUTPUTS} and set(log["seed"]) == {0, 1}
    assert (result.path / "report.html").stat().st_size > 10_000
    assert not result.path.with_name("model.work").exists()


def test_a_known_user_gets_a_list_from_the_history(bundle: Bundle) -> None:
    found = bundle.recommend("u001", k=7)
    had = set(tiny_shop()["events"].filter(pl.col("user") == "u001")["item"].drop_nulls())
    assert found.source == "history" and len(found) == 7
    assert len(set(ids(found))) == 7 and not had & set(ids(found))
    scores = [one.score for one in found.items]
    assert scores == sorted(scores, reverse=True) and all(set(one.scores) == {"next_item"} for one in found.items)
    assert bundle.recommend("u001", k=7) == found
    assert ids(bundle.recommend("u002", k=7)) != ids(found)


def test_a_list_is_json_of_the_promised_shape(bundle: Bundle) -> None:
    shown = json.loads(json.dumps(bundle.recommend("u001", k=3, explain=True).to_json()))
    assert set(shown) == {"items", "source", "weights", "weights_from", "mode"} and len(shown["items"]) == 3
    for one in shown["items"]:
        assert set(one) >= {"item", "score", "scores", "reasons"}
        assert all(0 <= p <= 1 for p in one["scores"].values())
    assert any(one["reasons"] for one in shown["items"])


def test_every_source_is_named(bundle: Bundle) -> None:
    assert bundle.recommend("u001").source == "history"
    assert bundle.recommend(history=["i001", "i005"]).source == "history"
    assert bundle.recommend(query="violin").source == "query"
    assert bundle.recommend(profile={"age_group": "old"}).source == "profile"
    assert bundle.recommend().source == bundle.recommend("nobody").source == "popular"


def test_a_query_lists_items_with_its_words(bundle: Bundle) -> None:
    titles = dict(tiny_shop()["items"].select("item", "title").iter_rows())
    found = ids(bundle.recommend(query="violin drum", k=3))
    assert all({"violin", "drum"} & set(titles[item].split()) for item in found)


def test_a_search_in_the_history_moves_the_list(bundle: Bundle) -> None:
    first = {"item": "i001", "event": "view"}
    plain = bundle.recommend(history=[first], k=20)
    for text in ("piano flute", "racket goal"):
        searched = bundle.recommend(history=[first, {"event": "search", "text": text}], k=20)
        assert searched.source == "history"
        assert [one.score for one in searched.items] != [one.score for one in plain.items]
    one, other = (
        bundle.recommend(history=[first, {"event": "search", "text": text}], k=20)
        for text in ("piano flute", "racket goal")
    )
    assert [each.score for each in one.items] != [each.score for each in other.items]


def test_what_an_event_was_moves_the_list(bundle: Bundle) -> None:
    viewed, bought = (bundle.recommend(history=[{"item": "i001", "event": event}], k=20) for event in ("view", "buy"))
    assert [one.score for one in viewed.items] != [one.score for one in bought.items]


def test_a_profile_moves_the_list_of_a_user_without_events(bundle: Bundle) -> None:
    young, old = (bundle.recommend(profile={"age_group": age}, k=20) for age in ("young", "old"))
    assert [one.score for one in young.items] != [one.score for one in old.items]


def test_weights_change_the_order(bundle: Bundle) -> None:
    plain = bundle.recommend("u003", k=20)
    mixed = bundle.recommend("u003", k=20, weights={"next_item": 1.0, "rating": 5.0, "buy": 5.0})
    assert ids(mixed) != ids(plain)
    assert all(set(one.scores) == {"next_item", "rating", "buy"} for one in mixed.items)
    for one in mixed.items:
        wanted = sum(w * math.log(max(one.scores[t], 1e-6)) for t, w in (("next_item", 1), ("rating", 5), ("buy", 5)))
        assert one.score == pytest.approx(wanted, abs=1e-3)


def test_many_users_are_answered_as_each_alone(bundle: Bundle) -> None:
    together = bundle.recommend_many(["u001", "nobody", "u010"], k=5)
    assert [ids(each) for each in together] == [ids(bundle.recommend(u, k=5)) for u in ("u001", "nobody", "u010")]


ASKED: dict[str, dict[str, Any]] = {
    "buy": {"users": ["u001", "u002"], "items": ["i004", "i005"]},
    "rating": {"users": ["u001", "u002"], "items": ["i004", "i005"]},
    "interest": {"users": ["u001", "u002"]},
    "brand": {"items": ["i004", "i005"]},
    "categories": {"items": ["i004", "i005"]},
    "price": {"items": ["i004", "i005"]},
    "sentiment": {"texts": ["a lovely perfect thing", "a broken useless thing"]},
    "club": {"users": ["u001", "u002"]},
}


@pytest.mark.parametrize("task", ASKED)
def test_every_kind_of_task_answers(bundle: Bundle, task: str) -> None:
    answers = bundle.predict(task, **ASKED[task])
    assert len(answers) == 2
    for answer in answers:
        shown = json.loads(json.dumps(answer.to_json()))
        interval = {name: shown.pop(name) for name in ("low", "high") if name in shown}
        assert set(shown) == {"label", "probability", "value"}
        # the shop holds out too few prices to calibrate an interval on
        assert bool(interval) == (task == "rating")
        if task in ("price", "rating"):
            low, high = (1, 5) if task == "rating" else (0, 500)
            assert low <= shown["value"] <= high
            assert not interval or interval["low"] <= interval["high"]
        else:
            assert shown["label"] and 0 <= shown["probability"] <= 1
    known = {
        "brand": {"Alder", "Birch", "Cedar", "Dune"},
        "categories": {"kitchen", "garden", "music", "sport", "gift"},
        "interest": {"kitchen", "garden", "music", "sport", "gift"},
        "club": {"cooks", "growers", "players", "movers"},
        "sentiment": {"yes", "no"},
        "buy": {"yes", "no"},
    }
    assert task not in known or {answer.label for answer in answers} <= known[task]


def test_texts_are_told_apart(bundle: Bundle) -> None:
    good, bad = bundle.predict("sentiment", texts=ASKED["sentiment"]["texts"])
    assert good.probability > 0.5 > bad.probability


def test_an_item_that_nobody_knows_is_answered_from_its_row(bundle: Bundle) -> None:
    rows = [{"title": "piano flute model 900"}, {"title": "rake spade model 901", "price": 7.0}]
    for task in ("brand", "categories", "price"):
        music, garden = bundle.predict(task, rows=rows)
        assert music != garden, task
    frame = pl.DataFrame({"item": ["new"], "title": ["piano flute model 900"]})
    assert bundle.predict("brand", frame=frame)[0] == bundle.predict("brand", rows=rows[:1])[0]


def test_a_name_that_is_not_there_is_answered_with_those_that_are(bundle: Bundle) -> None:
    with pytest.raises(motet.MotetError, match="sentiment"):
        bundle.predict("sentimnt", texts=["x"])
    with pytest.raises(motet.MotetError, match="ranks items"):
        bundle.predict("next_item", users=["u001"])


def test_data_frames_cannot_be_read_again(result: Result) -> None:
    with pytest.raises(motet.MotetError, match="in memory"):
        motet.evaluate(result.path)


@pytest.mark.parametrize("windowed", [False, True], ids=["every kind", "by time"])
def test_a_model_is_judged_anew_as_it_was_judged(tmp_path: Path, *, windowed: bool) -> None:
    settings = {"train": {"epochs": 1, "batch": 256, "device": "cpu"}}
    declared = motet.Project.read(tiny_project(tmp_path / "shop", windowed=windowed, settings=settings))
    trained = motet.train(declared, tmp_path / "model")
    assert trained.certificate is None and set(trained.evaluation.tasks) == set(declared.tasks)
    saved = json.loads((tmp_path / "model" / "evaluation" / "metrics.json").read_text())["tasks"]
    again = motet.evaluate(tmp_path / "model")
    for task, values in again.tasks.items():
        assert values == pytest.approx(trained.evaluation.tasks[task], abs=1e-6, nan_ok=True), task
        shown = {name: value for name, value in saved[task].items() if value is not None}
        assert shown == pytest.approx({name: values[name] for name in shown}, abs=1e-4), task
    valid = motet.evaluate(tmp_path / "model", split="valid")
    assert valid.tasks["buy"] != again.tasks["buy"]


def test_other_tables_are_noticed(tmp_path: Path) -> None:
    settings = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}
    shop = tmp_path / "shop"
    path = tiny_project(shop, tasks=("sentiment", "rating"), settings=settings)
    motet.train(motet.Project.read(path), tmp_path / "model")
    reviews, items = pl.read_csv(shop / "reviews.csv"), pl.read_parquet(shop / "items.parquet")
    reviews.with_columns(text=pl.col("text").str.replace("thing", "gadget")).write_csv(shop / "reviews.csv")
    with pytest.raises(motet.MotetError, match="not those"):
        motet.evaluate(tmp_path / "model")
    reviews.write_csv(shop / "reviews.csv")
    pl.concat([items, items[:1].with_columns(item=pl.lit("more"))]).write_parquet(shop / "items.parquet")
    with pytest.raises(motet.MotetError, match="not those"):
        motet.evaluate(tmp_path / "model")
    items.write_parquet(shop / "items.parquet")
    assert set(motet.evaluate(tmp_path / "model").tasks) == {"sentiment", "rating"}
    with pytest.raises(motet.MotetError, match="train"):
        motet.evaluate(tmp_path / "model", split="train")
