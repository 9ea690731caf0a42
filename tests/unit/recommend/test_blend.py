import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.errors import RequestError
from motet.recommend import TaskView
from motet.recommend.blend import as_probability, blend, resolve_weights

from .conftest import TASKS


def test_score_by_hand() -> None:
    score = blend({"a": 2.0, "b": 0.5}, {"a": np.array([0.5, 1.0]), "b": np.array([0.25, 0.01]), "c": np.array([0, 0])})
    np.testing.assert_allclose(score, [2 * math.log(0.5) + 0.5 * math.log(0.25), 0.5 * math.log(0.01)])


def test_no_task_may_veto() -> None:
    np.testing.assert_allclose(blend({"a": 1.0}, {"a": np.array([0.0, 1e-9, 1e-6])}), math.log(1e-6))


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=4), st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_the_score_is_always_a_number(weights: list[float], p: list[float]) -> None:
    names = [f"t{n}" for n in range(len(weights))]
    score = blend(dict(zip(names, weights, strict=True)), {name: np.array(p) for name in names})
    assert np.isfinite(score).all()


def test_defaults() -> None:
    assert resolve_weights(TASKS, {}) == {"next_item": 1.0}
    assert resolve_weights(TASKS, {"rating": 0.5}) == {"next_item": 1.0, "rating": 0.5}
    assert resolve_weights(TASKS, {"next_item": 0, "buy": 2}) == {"buy": 2.0}
    without = {name: view for name, view in TASKS.items() if name != "next_item"}
    assert resolve_weights(without, {}) == {"buy": 1.0, "rating": 1.0}


@pytest.mark.parametrize("weight", [-1, float("nan"), float("inf"), True])
def test_weights_that_are_none(weight: float) -> None:
    with pytest.raises(RequestError, match="buy"):
        resolve_weights(TASKS, {"buy": weight})


@pytest.mark.parametrize("name", ["raiting", "sentiment", "brand", "spend"])
def test_unknown_tasks_are_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(RequestError, match="known: next_item, buy, rating"):
        resolve_weights(TASKS, {name: 1.0})


def test_all_zero_is_refused() -> None:
    with pytest.raises(RequestError, match="zero"):
        resolve_weights(TASKS, {"next_item": 0.0})


def test_a_model_that_ranks_nothing_says_so() -> None:
    with pytest.raises(RequestError, match="sentiment"):
        resolve_weights({"sentiment": TASKS["sentiment"]}, {})


def test_an_ordinal_rating_is_the_chance_of_a_high_one() -> None:
    view = TaskView("rating", "ordinal", ("history", "item"), levels=(1.0, 2.0, 3.0), threshold=2.0)
    answer = np.array([[[0.7, 0.2, 0.1], [0.0, 0.0, 1.0], [np.nan, 0.5, np.nan]]], np.float32)
    np.testing.assert_allclose(as_probability(view, answer), [[0.3, 1.0, 0.0]], rtol=1e-6)


def test_a_number_rating_is_the_tail_of_a_normal_error() -> None:
    view = TaskView("rating", "number", ("history", "item"), threshold=4.0, spread=0.5)
    p = as_probability(view, np.array([4.0, 4.5, 3.5, np.nan], np.float32))
    np.testing.assert_allclose(p, [0.5, 0.8413447, 0.1586553, 0.0], atol=1e-6)


def test_a_rating_without_a_threshold_ranks_nothing() -> None:
    assert not TaskView("rating", "number", ("history", "item")).ranks_items
    assert not TaskView("binary", "binary", ("history",)).ranks_items


@pytest.mark.parametrize("more", ["text", "row"])
def test_a_task_that_reads_the_row_ranks_nothing(more: str) -> None:
    assert TaskView("binary", "binary", ("history", "item")).ranks_items
    assert not TaskView("binary", "binary", ("history", "item", more)).ranks_items
