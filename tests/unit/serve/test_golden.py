from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from motet.errors import ArtifactError
from motet.recommend import Question, load
from motet.serve.golden import RecentShapes, check_golden, fitting

from .conftest import TASKS, FixedScorer, write_model


def test_a_sound_model_answers(model: Path) -> None:
    assert check_golden(load(model)) == 2 * 3 + 2
    recent = RecentShapes()
    recent.note(Question(user="ann", query="wish", history=["apple"], k=2, filters={"kind": "fruit"}))
    (shape,) = recent
    assert shape == Question(k=2, filters={"kind": "fruit"}), "nothing about the user is kept"
    assert check_golden(load(model), recent) == 3 * 3 + 2


def test_a_model_without_numbers_does_not(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="finite"):
        check_golden(load(write_model(tmp_path / "m", name="broken")))


@pytest.mark.parametrize("fault", ["nan", "uniform", "impossible", "vectors", "buy"])
def test_numbers_that_lists_would_make_the_best_of_are_looked_at_first(model: Path, fault: str) -> None:
    """A list takes what is no number for a probability of 0, and what is the same for all in the catalogue's order."""

    class Worn(FixedScorer):
        def next_item_scores(self, states):
            found = super().next_item_scores(states)
            told = {"nan": np.nan, "uniform": -np.log(found.shape[1]), "impossible": -np.inf}
            return np.full_like(found, told[fault]) if fault in told else found

        def task_scores(self, task, states, items_Bn):
            found = super().task_scores(task, states, items_Bn)
            return found * np.nan if fault == "buy" else found

    bundle = load(model)
    worn = Worn({"next_item": TASKS["next_item"], "buy": TASKS["buy"]})
    if fault == "vectors":
        worn.item_vectors = np.full((4, 4), np.nan, np.float32)
    with pytest.raises(ArtifactError, match="the same of all" if fault == "uniform" else "finite number"):
        check_golden(replace(bundle, loaded=replace(bundle.loaded, scorer=worn)))


def test_shapes_that_a_model_cannot_be_asked_are_told_from_those_that_it_can(model: Path) -> None:
    good = [Question(k=2, filters={"kind": "fruit"}), Question(weights={"buy": 1})]
    bad = [Question(weights={"nope": 1}), Question(filters={"nope": 1}), Question(filters={"price": "dear"})]
    assert fitting(load(model), [*bad, *good]) == good


def test_what_clients_ask_has_to_be_answered(model: Path) -> None:
    with pytest.raises(ArtifactError, match="nope"):
        check_golden(load(model), [Question(weights={"nope": 1})])
