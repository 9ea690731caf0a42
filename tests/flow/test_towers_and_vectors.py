"""Other towers, another history trunk, and vectors on every table: trained, packed, loaded, asked."""

import json

import numpy as np
import polars as pl
import pytest

import motet
from motet.testing import tiny_in_memory, tiny_shop
from motet.testing.project import TABLES, tiny_sections
from motet.workflow import certify, train

KINDS = ["kitchen", "garden", "music", "sport"]


def with_vectors():
    """The tiny shop's frames; images tell an item's kind, and every table has a vector somewhere."""
    rng = np.random.default_rng(0)
    frames = dict(tiny_shop(users=40, items=32))
    kinds = frames["items"]["categories"].list.first().to_list()
    images = [[float(kind == each) + 0.1 * rng.normal() for each in KINDS] for kind in kinds]
    images[5] = None
    frames["items"] = frames["items"].with_columns(pl.Series("image", images, dtype=pl.List(pl.Float64)))
    for name, column in (("users", "voice"), ("reviews", "photo"), ("events", "scene")):
        made = rng.normal(size=(frames[name].height, 3)).round(3)
        frames[name] = frames[name].with_columns(pl.Series(column, made.tolist(), dtype=pl.List(pl.Float64)))
    return frames


def project(*tasks, **trunk):
    tasks = tasks or ("next_item", "rating", "brand", "sentiment", "club")
    sections = tiny_sections(tasks=tasks, settings={"trunk": trunk, "train": {"epochs": 1}})
    tables = {}
    added = {"items": "image", "users": "voice", "reviews": "photo", "events": "scene"}
    for name, frame in with_vectors().items():
        table = {key: value for key, value in TABLES[name].items() if key != "path"}
        if name in added:
            table["columns"] = {**table["columns"], added[name]: "vector"}
        tables[name] = {**table, "frame": frame}
    return motet.Project(**{**sections, "tables": tables})


@pytest.fixture(scope="module", params=[("cnn", "gru"), ("lstm", "lstm")], ids=" ".join)
def packed(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("towers") / "shop"
    text, history = request.param
    train(project(text=text, history=history), folder)
    return request.param, folder, motet.load(folder, device="cpu")


def test_the_shape_says_what_reads(packed):
    (text, history), folder, _ = packed
    shape = json.loads((folder / "model/shape.json").read_text())
    assert shape["history"] == history and shape["item_columns"]["vectors"] == [4]
    assert shape["profile"]["vectors"] == shape["event_columns"]["vectors"] == [3]
    (reviews,) = [view for name, view in shape["views"].items() if name.startswith("reviews")]
    assert reviews["tower"] == text and reviews["words"] > 2 and not reviews["bags"]
    assert reviews["row"]["vectors"] == [3] and "row" in reviews["sources"]


def test_lists_and_predictions_come(packed):
    _, _, bundle = packed
    ranked = bundle.recommend("u001", k=5)
    assert len(ranked.items) == 5
    (found,) = bundle.predict("rating", users=["u001"], items=["i003"])
    assert found.value is not None
    frame = pl.DataFrame({"text": ["a lovely thing", ""], "photo": [[0.1, 0.2, 0.3], None]})
    found = bundle.predict("sentiment", frame=frame)
    assert len(found) == 2 and all(each.probability is not None for each in found)


def test_a_new_item_is_scored_by_its_vector_at_once(packed):
    _, _, bundle = packed
    row = {"title": "unheard of", "brand": None, "categories": None, "price": None}
    frame = pl.DataFrame({**{name: [value] * 3 for name, value in row.items()}, "item": ["n1", "n2", "n3"]})
    images = [[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0], None]
    frame = frame.with_columns(pl.Series("image", images, dtype=pl.List(pl.Float64)))
    found = bundle.predict("brand", frame=frame)
    shares = [each.probability for each in found]
    assert len(set(shares)) == 3
    size = len(bundle.loaded.catalogue)
    grown = bundle.loaded.scorer.with_items(np.arange(size, size + 3, dtype=np.int32), frame)
    vectors = grown.item_vectors[size:]
    assert np.abs(vectors[0] - vectors[1]).max() > 1e-3 and np.abs(vectors[0] - vectors[2]).max() > 1e-3


def test_a_known_item_keeps_its_vector_when_its_text_changes(packed):
    _, _, bundle = packed
    scorer = bundle.loaded.scorer
    known = scorer._served.items.plain.vectors_nV[3]
    frame = pl.DataFrame({"item": ["i002"], "title": ["another title"], "image": [None]})
    grown = scorer.with_items(np.array([2], np.int32), frame)
    assert known.any() and np.array_equal(grown._served.items.plain.vectors_nV[3], known)


def test_twins_have_the_same_towers(tmp_path):
    found = certify(project("rating", "sentiment", text="cnn", history="gru"), tmp_path / "shop")
    assert set(found.certificate.tasks) == {"rating", "sentiment"}


def test_the_plain_project_has_no_trace_of_it(tmp_path):
    train(tiny_in_memory(tasks=("next_item", "sentiment"), settings={"train": {"epochs": 1}}), tmp_path / "plain")
    state = json.loads((tmp_path / "plain/features/state.json").read_text())
    assert "words" not in state
