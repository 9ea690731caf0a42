import numpy as np
import pytest

from motet.data import OTHER, USER
from motet.features.prepare import training_rows
from motet.features.relations import numbers_of, relation_graph
from motet.schema import TRAIN
from motet.stages.study import Study


def pairs_of(study: Study) -> np.ndarray:
    users = {user: number for number, user in enumerate(study.division.events.users)}  # type: ignore[union-attr]
    frame = study.division.tables.frame("friends")
    return np.array([[users[a], users[b]] for a, b in frame.select(USER, OTHER).iter_rows()])


def graph(study: Study, part: np.ndarray | None = None):
    known = training_rows(study.division, "friends") if part is None else part
    return relation_graph(study.division, "friends", known)


def test_the_graph_holds_the_training_pairs_and_no_other(study: Study) -> None:
    held = study.division.task_parts["friend"] > TRAIN
    assert held.any()
    found = {tuple(sorted(pair)) for pair in graph(study).pair_p2.tolist()}
    pairs = [tuple(sorted(pair)) for pair in pairs_of(study).tolist()]
    assert found == {pair for pair, out in zip(pairs, held, strict=True) if not out}


def test_a_held_out_pair_changes_no_question(study: Study) -> None:
    view = study.features.state.views["friend"].name
    questions = study.features.questions[view]
    assert study.features.arrays.items is not None and questions.pair_nF is not None
    numbers = numbers_of(questions, graph(study), study.division, study.features.arrays.items.count[1:])
    standard = study.features.state.standardise[view]
    assert np.allclose(standard.apply(numbers), questions.pair_nF)
    everything = graph(study, np.ones(study.division.tables.frame("friends").height, bool))
    told = numbers_of(questions, everything, study.division, study.features.arrays.items.count[1:])
    assert not np.allclose(told, numbers), "this test would notice"


def test_numbers_are_standardised_on_training_questions(study: Study) -> None:
    questions = study.features.questions[study.features.state.views["friend"].name]
    labels = questions.tasks["friend"]
    rows = questions.pair_nF[labels.question_m[labels.part_m == TRAIN]]  # type: ignore[index]
    assert np.abs(rows.mean(axis=0)).max() < 1e-4
    assert rows.std(axis=0)[:4] == pytest.approx(1, abs=1e-3)


def test_pairs_look_closer_than_strangers(study: Study) -> None:
    questions = study.features.questions[study.features.state.views["friend"].name]
    labels = questions.tasks["friend"]
    assert questions.pair_nF is not None
    for part in (0, 1, 2):
        inside = labels.part_m == part
        common = questions.pair_nF[labels.question_m[inside], 0]
        yes = labels.label_m[inside] > 0
        assert common[yes].mean() > common[~yes].mean() + 0.5


def test_rows_without_two_users_are_no_edges(study: Study) -> None:
    found = graph(study).pair_p2
    assert (found[:, 0] != found[:, 1]).all() and (found >= 0).all()
