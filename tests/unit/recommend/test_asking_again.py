"""Answers of a scorer without gradients are explained by asking again with less."""

import numpy as np
import pytest

from motet.errors import RequestError
from motet.recommend import Asked, Loaded, TaskView
from motet.recommend.asking_again import AskingAgain, margin_of
from motet.recommend.attribute import attribute
from motet.recommend.fused import FusedScorer, FusedTask
from motet.recommend.fusion import AnswerMix

from .conftest import TinyScorer, make_catalogue, make_users

TEXTS = TaskView("binary", "binary", ("text",), table="reviews", texts=("words",))


class Plain(TinyScorer, AskingAgain):
    """Says yes with log-odds 2 for "good", and nothing for any other word."""

    def __init__(self):
        super().__init__(tasks={"mood": TEXTS, "buy": TaskView("binary", "binary", ("history", "item"))})

    def answers(self, task, asked):
        odds = np.array([2.0 * text.split().count("good") for text in asked.texts])
        return (1 / (1 + np.exp(-odds))).astype(np.float32)

    def read_texts(self, task, asked):
        return list(asked.texts)

    def read_columns(self, task):
        return ()

    def read_words(self, text):
        begins = [at for at in range(len(text)) if text[at] != " " and (at == 0 or text[at - 1] == " ")]
        return [(at, (text + " ").index(" ", at)) for at in begins]


@pytest.mark.parametrize(
    ("output", "answer", "target", "expected"),
    [
        ("binary", [0.5, 0.75], 0, [0.0, np.log(3)]),
        ("class", [[0.2, 0.8], [0.6, 0.4]], 1, np.log([0.8, 0.4])),
        ("tags", [[0.5, 0.25]], 1, [-np.log(3)]),
        ("ordinal", [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]], 0, [1.5, 5.0]),
        ("number", [7.5, -1.0], 0, [7.5, -1.0]),
    ],
)
def test_margins_by_hand(output, answer, target, expected):
    view = TaskView(output, output, ("text",), levels=(1.0, 2.0, 5.0))
    np.testing.assert_allclose(margin_of(view, np.array(answer, np.float32), target), expected, atol=1e-6)


def test_a_word_is_worth_what_the_answer_loses_without_it():
    shop = Loaded(make_catalogue(), make_users(), Plain())
    (found,) = attribute(shop, "mood", Asked(1, texts=["a good pan"]), method="leave_out")
    assert [(each.word, round(each.amount, 5)) for each in found.words] == [("a", 0), ("good", 2), ("pan", 0)]
    assert found.total == pytest.approx(2.0) and found.base == pytest.approx(0.0)


def test_a_fusion_of_two_weighs_what_each_would_lose():
    mixed = {"mood": FusedTask(("one", "other"), AnswerMix(np.array([0.5, 0.5])))}
    fused = FusedScorer({"one": Plain(), "other": Plain()}, {}, mixed, 0)
    shop = Loaded(make_catalogue(), make_users(), fused)
    (found,) = attribute(shop, "mood", Asked(1, texts=["a good pan"]), method="leave_out")
    assert max(found.words, key=lambda each: each.amount).word == "good" and found.total == pytest.approx(2.0, abs=1e-4)


def test_gradients_are_refused_in_one_sentence_with_a_way_out():
    shop = Loaded(make_catalogue(), make_users(), Plain())
    with pytest.raises(RequestError, match="no gradients") as refused:
        attribute(shop, "mood", Asked(1, texts=["good"]))
    assert "leave_out" in refused.value.remedy


def test_why_there_is_nothing_to_explain_is_told_as_it_is():
    shop = Loaded(make_catalogue(), make_users(), Plain())
    with pytest.raises(RequestError, match="'buy' reads no words and no columns"):
        attribute(shop, "buy", Asked(1), method="leave_out")
    silent = Loaded(make_catalogue(), make_users(), TinyScorer(tasks={"mood": TEXTS}))
    with pytest.raises(RequestError, match="passes questions on"):
        attribute(silent, "mood", Asked(1, texts=["good"]), method="leave_out")
