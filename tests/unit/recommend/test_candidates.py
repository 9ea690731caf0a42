"""The browser's blend against the service's, over numbers that the console's own tests read, too."""

import json
from pathlib import Path

import numpy as np
import pytest

from motet.recommend import Loaded, Question, recommend
from motet.recommend.blend import blend
from motet.recommend.candidates import MOST, candidates

NUMBERS = Path(__file__).resolve().parents[3] / "console" / "tests" / "blend.json"


CASES = json.loads(NUMBERS.read_text(encoding="utf-8"))
"""Ties, probabilities below the floor, both modes, popularity; the console must find the same order and scores."""


@pytest.mark.parametrize("case", CASES, ids=[f"{case['weighing']['mode']} {n}" for n, case in enumerate(CASES)])
def test_the_console_is_tested_on_the_numbers_of_the_blend(case: dict) -> None:
    columns, weighing = case["columns"], case["weighing"]
    p = {name: np.array(column) for name, column in columns["probability"].items()}
    penalty = weighing["popularity"] * np.array(columns["popular"])
    score = blend(weighing["weights"], p, mode=weighing["mode"]) - penalty
    own = weighing["weights"].get(columns["preselect"][0], 0.0)
    known = p[columns["preselect"][0]]
    rank = own * (known if weighing["mode"] == "value" else np.log(known)) - penalty
    order = np.lexsort((columns["numbers"], -rank, -score))
    assert order.tolist() == case["order"] and score[order] == pytest.approx(case["score"], rel=1e-12)


@pytest.mark.parametrize("weights", [{}, {"buy": 1.0}, {"next_item": 0.2, "rating": 2.0}])
def test_the_columns_amount_to_the_list(shop: Loaded, weights: dict[str, float]) -> None:
    question = Question(user="ann", weights=weights, k=6, seen="allow")
    found, told = candidates(shop, question), recommend(shop, question)
    p = {name: np.array(column) for name, column in found.probability.items()}
    score = blend(found.weighing.weights, p)
    order = np.lexsort((found.numbers, -score))
    assert [found.items[place] for place in order] == [item.item for item in told.items]
    assert score[order] == pytest.approx([item.score for item in told.items])
    assert (
        found.complete and found.preselect == ("next_item",) and set(found.may_count) == {"next_item", "buy", "rating"}
    )
    assert found.weighing.weights == told.weights


def test_without_a_ranking_among_the_weights_other_candidates_would_count(shop: Loaded) -> None:
    found = candidates(shop, Question(user="ann", weights={"next_item": 0.0, "buy": 1.0}))
    assert not found.complete and len(found.items) <= MOST
    assert not candidates(shop, Question(user="ann", query="figs")).complete
