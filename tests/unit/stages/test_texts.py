import numpy as np
import polars as pl

import motet
from motet.schema import TRAIN
from motet.stages.texts import fitting_texts, item_text_columns, texts_of
from motet.workflow import check, prepare


class Spy:
    """An encoder that notes what it was fitted on, and encodes a text as its length."""

    pretrained, width, id, truncated = False, 2, "spy", 0

    def __init__(self):
        self.fitted = None

    def fit(self, texts):
        self.fitted = list(texts)

    def encode(self, texts, *, on_progress=None):
        return np.array([[len(text), 1.0] for text in texts], np.float32).reshape(-1, 2)


def texts(study, encoder):
    return texts_of(study.division, study.features.state.views, encoder)


def test_every_text_finds_its_vector(study):
    found = texts(study, Spy())
    events = study.division.inputs["events"]["query"].to_list()
    for said, code in zip(events, found.event_text, strict=True):
        assert (code == 0) == (said is None)
        assert said is None or found.events[code - 1][0] == len(said)
    assert len(found.items) == len(found.items_masked) == len(study.division.events.items)
    assert (found.items[:, 0] >= found.items_masked[:, 0]).all() and (found.items != found.items_masked).any()
    for strings, vectors in found.rows.values():
        assert vectors[:, 0].tolist() == [len(text) for text in strings]


def test_an_encoder_is_fitted_on_texts_that_nobody_holds_out(study):
    spy = Spy()
    texts(study, spy)
    division = study.division
    said = division.tables.frame("events").filter(pl.Series(division.events.part_N == TRAIN))["query"].drop_nulls()
    reviews = division.tables.frame("reviews").filter(pl.Series(division.parts["reviews"] == TRAIN))["text"]
    assert set(said) | set(reviews) <= set(spy.fitted)
    held = set(division.tables.frame("reviews")["text"]) - set(reviews)
    assert held and not held & set(spy.fitted)
    titles = division.tables.frame("items").filter(pl.Series(division.task_parts["brand"] > TRAIN))["title"]
    assert len(titles) and not any(title in text for title in titles for text in spy.fitted)


def test_a_student_learns_from_the_same_texts_and_from_items_without_their_labels(study):
    spy = Spy()
    texts(study, spy)
    found = fitting_texts(study.division, study.features.state.views)
    assert set(spy.fitted) < set(found), "nothing that an encoder may not be fitted on, but for masked items"
    more = found[len(spy.fitted) :]
    assert found[: len(spy.fitted)] == spy.fitted and len(more) == len(set(more))
    titles = study.division.tables.frame("items").filter(pl.Series(study.division.task_parts["brand"] > TRAIN))["title"]
    assert not any(title in text for title in titles for text in more)


def test_labels_are_no_part_of_what_tasks_about_items_read(study):
    assert item_text_columns(study.division, masked=False) == ["title", "brand", "categories"]
    assert item_text_columns(study.division, masked=True) == ["title", "categories"]


def test_a_project_without_texts_needs_no_encoder():
    people = pl.DataFrame({"a": list("xyz") * 40, "b": np.arange(120.0), "yes": [True, False] * 60})
    project = motet.Project(
        tables={"people": {"frame": people, "columns": {"a": "category", "b": "number", "yes": "flag"}}},
        tasks=[motet.Binary(name="yes", table="people", column="yes")],
        encoder={"name": "lexical"},
    )
    study = prepare(check(project))
    assert study.encoder is None
    found = texts(study, Spy())
    assert found.items is None and found.events is None and not found.rows
