"""Simple methods for pairs of users: six circles of friends, who share their items, too."""

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from motet.baseline import best_baseline
from motet.baseline.adamic_adar import AdamicAdar
from motet.baseline.common_neighbours import CommonNeighbours
from motet.baseline.katz import DAMPING, Katz, katz_scores
from motet.baseline.katz_items import KatzItems
from motet.baseline.shared_items import SharedItems
from motet.data import divide, read_tables
from motet.features.labels import fit_labels
from motet.schema import TEST, NextItem, Project, Relation
from motet.tasks import examples_of

METHODS = [CommonNeighbours, AdamicAdar, Katz, SharedItems, KatzItems]
USERS, CIRCLES = 60, 6


@pytest.fixture(scope="module")
def circles():
    rng = np.random.default_rng(0)
    events = [(f"u{u:02}", f"i{u % CIRCLES * 10 + i}", i) for u in range(USERS) for i in rng.permutation(10)[:6]]
    pairs = [(a, b) for a in range(USERS) for b in range(a) if (a - b) % CIRCLES == 0 and rng.random() < 0.6]
    pairs += [(a, b) for a in range(USERS) for b in range(a) if (a - b) % CIRCLES and rng.random() < 0.01]
    project = Project(
        tables={
            "events": {"frame": pl.DataFrame(events, schema=["user", "item", "time"], orient="row"),
                       "user": "user", "item": "item", "time": "time"},
            "friends": {"frame": pl.DataFrame([(f"u{a:02}", f"u{b:02}") for a, b in pairs], schema=["a", "b"],
                                              orient="row"), "user": "a", "other": "b"},
        },
        tasks=[NextItem(), Relation(name="friend", table="friends")],
    )  # fmt: skip
    division = divide(project, read_tables(project))
    examples = examples_of(project.tasks["friend"], division)
    return division, examples, fit_labels(examples)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_the_circles(circles, method):
    division, examples, labels = circles
    at = np.flatnonzero(examples.part_n == TEST)
    assert method().applies(examples, division)
    score = method().answer(examples, labels, division, at).score
    assert score.dtype == np.float32 and ((score >= 0) & (score < 1 + 1e-6)).all()
    assert roc_auc_score(examples.label.gather(at), score) > 0.75
    again = method().answer(examples, labels, division, at[::-1]).score
    assert np.allclose(again[::-1], score, atol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_other_tasks_are_not_theirs(circles, method):
    division, _, _ = circles
    assert not method().applies(examples_of(division.project.tasks["next_item"], division), division)


def test_katz_counts_two_and_three_steps(circles):
    division, examples, _ = circles
    at = np.flatnonzero(examples.part_n == TEST)[:40]
    size = len(division.events.users)
    A = np.zeros((size, size))
    frame = division.tables.frame("friends")
    users = {user: n for n, user in enumerate(division.events.users)}
    for row in np.flatnonzero(division.task_parts["friend"] == 0):
        a, b = users[frame["@user"][int(row)]], users[frame["@other"][int(row)]]
        A[a, b] = A[b, a] = 1
    wanted = (A @ A + DAMPING * A @ A @ A)[examples.user_n[at], examples.other_n[at]]
    assert np.allclose(katz_scores(examples, division, at), wanted, rtol=1e-4, atol=1e-3)


def test_the_best_is_chosen_on_validation(circles):
    division, examples, labels = circles

    def judge(answer, at):
        return roc_auc_score(examples.label.gather(at), answer.score)

    chosen = best_baseline(examples, labels, division, judge)
    assert chosen.name in {method.name for method in METHODS}
    assert {method.name for method in METHODS} <= set(chosen.valid)
