"""A linear scorer, whose contributions are known: every method finds them, and promised sums hold."""

import sys

import numpy as np
import polars as pl
import pytest

from motet.errors import MissingExtra, RequestError
from motet.recommend import Asked, Loaded, TaskView
from motet.recommend.attribute import MOST_PLAYERS, attribute
from motet.recommend.attribution import Attribution, Cell, Word, marked_text, page
from motet.recommend.coalitions import Coalitions
from motet.recommend.insight import Attributing, WordWeights

from .conftest import TinyScorer, make_catalogue, make_users

AMOUNT = {"good": 2.0, "bad": -3.0, "the": 0.0}
AGE = 0.5


class Linear(TinyScorer):
    """The log-odds are 1, and what each word says, and half of the row's age."""

    def __init__(self):
        super().__init__(tasks={"mood": TaskView("binary", "binary", ("text", "row"), table="reviews")})

    def margins(self, task, asked, target=None):
        texts = self.read_texts(task, asked)
        words = np.array([sum(AMOUNT.get(word, 0.1) for word in text.split()) for text in texts])
        ages = asked.frame["age"].fill_null(0).to_numpy() if asked.frame is not None else 0.0
        return 1.0 + words + AGE * ages, 0

    def gradients(self, task, asked, target):
        (text,) = self.read_texts(task, asked)
        spans = tuple((b, e, AMOUNT.get(text[b:e], 0.1)) for b, e in self.read_words(text))
        columns = {"age": AGE * asked.frame["age"][0]} if asked.frame is not None else {}
        return [WordWeights(spans, columns, 0.0, 1.0, float(self.margins(task, asked)[0][0]))]

    def read_texts(self, task, asked):
        return list(asked.texts)

    def read_columns(self, task):
        return ("age",)

    def read_words(self, text):
        places, at = [], 0
        for word in text.split():
            begin = text.index(word, at)
            at = begin + len(word)
            places.append((begin, at))
        return places


@pytest.fixture
def shop():
    return Loaded(make_catalogue(), make_users(), Linear())


QUESTION = Asked(2, frame=pl.DataFrame({"age": [4.0, 2.0]}), texts=["the good  bad", "good"])


@pytest.mark.parametrize("method", ["gradient", "leave_out", "shap", "lime"])
def test_every_method_finds_what_a_linear_answer_comes_from(shop, method):
    assert isinstance(shop.scorer, Attributing)
    first, second = attribute(shop, "mood", QUESTION, method=method)
    near = pytest.approx if method != "lime" else lambda value: pytest.approx(value, abs=0.1)
    assert {each.word: each.amount for each in first.words} == near({"the": 0.0, "good": 2.0, "bad": -3.0})
    assert [(each.column, each.value) for each in first.columns] == [("age", "4")]
    assert [each.amount for each in (*first.columns, *second.columns)] == near([2.0, 1.0])
    assert first.total == pytest.approx(2.0) and second.total == pytest.approx(4.0)
    assert [first.text[each.start : each.end] for each in first.words] == ["the", "good", "bad"]
    if method in ("gradient", "shap"):
        assert first.error == pytest.approx(0.0, abs=1e-6) and second.error == pytest.approx(0.0, abs=1e-6)
    else:
        assert first.error is None


def test_shapley_values_share_out_what_words_say_together(shop):
    class Both(Linear):
        """Only both words together say anything."""

        def margins(self, task, asked, target=None):
            return np.array([4.0 if {"good", "bad"} <= set(text.split()) else 0.0 for text in asked.texts]), 0

    both = Loaded(shop.catalogue, shop.users, Both())
    (found,) = attribute(both, "mood", Asked(1, texts=["good bad the"]), method="shap")
    assert [each.amount for each in found.words] == pytest.approx([2.0, 2.0, 0.0], abs=1e-6)
    (found,) = attribute(both, "mood", Asked(1, texts=["good bad the"]), method="leave_out")
    assert [each.amount for each in found.words] == [4.0, 4.0, 0.0]


def test_methods_draw_alike_and_leave_numpy_s_stream_alone(shop):
    for method in ("shap", "lime"):
        np.random.seed(3)
        first = attribute(shop, "mood", QUESTION, method=method)
        after = np.random.random()
        assert first == attribute(shop, "mood", QUESTION, method=method)
        np.random.seed(3)
        assert after == np.random.random()


def test_an_empty_question_has_no_parts(shop):
    for method in ("gradient", "leave_out", "shap", "lime"):
        (found,) = attribute(shop, "mood", Asked(1, texts=[""]), method=method)
        assert found.words == () and found.columns == () and found.total == pytest.approx(1.0)


@pytest.mark.parametrize(("library", "method"), [("shap", "shap"), ("lime.lime_base", "lime")])
def test_a_missing_library_is_named_with_its_extra(shop, monkeypatch, library, method):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtra, match=r"\.\[explain\]"):
        attribute(shop, "mood", QUESTION, method=method)


def test_what_cannot_be_explained(shop, scorer):
    with pytest.raises(RequestError, match="shap"):
        attribute(shop, "mood", QUESTION, method="shep")
    with pytest.raises(RequestError, match="recommend"):
        attribute(Loaded(make_catalogue(), make_users(), scorer), "spend", Asked(1))
    long = Asked(1, texts=["a " * (MOST_PLAYERS + 1)])
    with pytest.raises(RequestError, match="gradient"):
        attribute(shop, "mood", long, method="leave_out")
    assert len(attribute(shop, "mood", long)[0].words) == MOST_PLAYERS + 1


def test_left_out_words_do_not_let_others_run_together(shop):
    question = Coalitions.of(shop.scorer, "mood", QUESTION, 0, 0)
    assert question._without(np.array([True, False, True])) == "the   bad"
    assert question._without(np.array([False] * 3)) == ""
    assert question.values(np.array([[1, 1, 1, 1], [0, 0, 0, 0], [0, 1, 0, 0]])).tolist() == [2.0, 1.0, 3.0]


def attribution(text: str = "a <b> c") -> Attribution:
    words = (Word(0, 1, "a", 1.0), Word(6, 7, "c", -0.5))
    return Attribution("mood", "gradient", None, "log-odds", 0.0, 1.0, text, words, (Cell("age", "<4>", 0.25),), 0.25)


def test_json_holds_spans_and_the_error():
    found = attribution().to_json()
    assert found["words"][1] == {"start": 6, "end": 7, "word": "c", "amount": -0.5}
    assert found["columns"] == [{"column": "age", "value": "<4>", "amount": 0.25}] and found["error"] == 0.0


def test_html_marks_words_and_escapes_everything_else():
    drawn = page([attribution()])
    assert "&lt;b&gt;" in drawn and "<b>" not in drawn and "&lt;4&gt;" in drawn
    assert 'rgba(46,160,67,0.85)" title="+1.000">a</mark>' in drawn and "rgba(218,54,51,0.42)" in drawn
    assert "<script" not in drawn and "http" not in drawn


def test_pieces_make_up_the_text():
    pieces = list(marked_text(attribution()))
    assert "".join(piece for piece, _ in pieces) == "a <b> c"
    assert [strength for _, strength in pieces] == [1.0, None, -0.5]
