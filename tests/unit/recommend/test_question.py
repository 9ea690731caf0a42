import numpy as np
import pytest

from motet.errors import RequestError
from motet.recommend import Question


@pytest.mark.parametrize("k", [1, 1000, np.int64(7)])
def test_k_within_bounds(k: int) -> None:
    assert Question(k=k).k == k


@pytest.mark.parametrize("k", [0, -1, 1001, 2.5, True, "10", float("nan"), 10**30])
def test_k_out_of_bounds(k: int) -> None:
    with pytest.raises(RequestError, match="k to be a whole number from 1 to 1000"):
        Question(k=k)


@pytest.mark.parametrize("weight", [float("nan"), float("inf"), -0.1, 1e308, "1", None, True])
def test_weights_that_are_none(weight: float) -> None:
    with pytest.raises(RequestError, match="weight of 'buy'"):
        Question(weights={"buy": weight})


@pytest.mark.parametrize("diversity", [-0.1, 1.1, float("nan")])
def test_diversity_out_of_bounds(diversity: float) -> None:
    with pytest.raises(RequestError, match="diversity"):
        Question(diversity=diversity)


def test_everything_is_bounded() -> None:
    for name, value in {"history": ["x"] * 10_001, "exclude": ["x"] * 100_001, "query": "x" * 10_001}.items():
        with pytest.raises(RequestError, match=name):
            Question(**{name: value})


def test_a_list_that_is_a_text_is_refused() -> None:
    with pytest.raises(RequestError, match="history to be a list"):
        Question(history="apple")


def test_words_outside_the_list() -> None:
    with pytest.raises(RequestError, match="seen"):
        Question(seen="perhaps")  # type: ignore[arg-type]
    with pytest.raises(RequestError, match="en or zh"):
        Question(language="fr")  # type: ignore[arg-type]


@pytest.mark.parametrize("query", ["茶 🍵", "\u202eright to left", "nul\x00nul", "half \ud83d of a pair", "x" * 10_000])
def test_any_text_becomes_one_that_can_be_encoded(query: str) -> None:
    question = Question(query=query)
    assert question.query is not None and question.query.encode("utf-8")


def test_numbers_are_users_too() -> None:
    assert Question(user=17).user == "17"  # type: ignore[arg-type]
