"""Each baseline finds what there is to find, in the promised shapes."""

from dataclasses import replace

import numpy as np
import pytest

from motet.baseline import BASELINES
from motet.features.labels import fit_labels
from motet.schema import TEST, TRAIN
from motet.tasks import TASK_KINDS

CACHE = {}


def asked(world, task):
    if task not in CACHE:
        declared = world.project.tasks[task]
        examples = TASK_KINDS.get(declared.kind)().examples(declared, world)
        CACHE[task] = examples, fit_labels(examples)
    return CACHE[task]


def answered(world, method, task, at=None):
    examples, labels = asked(world, task)
    baseline = BASELINES.get(method)()
    assert baseline.applies(examples, world)
    at = np.flatnonzero(examples.part_n == TEST) if at is None else at
    return baseline.answer(examples, labels, world, at), examples, labels, at


def encoded(world, task, at):
    examples, labels = asked(world, task)
    return labels.encode(examples.label.gather(at))


APPLYING = [
    ("majority", "good"), ("majority", "grade"), ("majority", "mark"), ("majority", "word"), ("majority", "both"),
    ("linear_text", "good"), ("linear_text", "grade"), ("linear_text", "mark"), ("linear_text", "word"),
    ("nearest_text", "both"), ("nearest_text", "kinds"),
    ("linear_row", "rich"), ("linear_row", "pay"), ("boosted", "rich"), ("boosted", "pay"),
    ("item_mean", "stars"), ("item_mean", "points"), ("item_mean", "fond"),
    ("own_history", "interest"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "task"), APPLYING)
def test_shapes_probabilities_and_repeatability(world, method, task):
    answer, _, labels, at = answered(world, method, task)
    one_number = labels.output in ("binary", "number")
    assert answer.score.shape == ((len(at),) if one_number else (len(at), labels.size))
    assert answer.score.dtype == np.float32 and np.isfinite(answer.score).all()
    if labels.output != "number":
        assert (answer.score >= 0).all() and (answer.score <= 1 + 1e-6).all()
    if labels.output in ("class", "ordinal"):
        assert np.allclose(answer.score.sum(axis=1), 1, atol=1e-4)
    again, *_ = answered(world, method, task)
    assert (again.score == answer.score).all()
    nothing, *_ = answered(world, method, task, np.zeros(0, np.int64))
    assert nothing.score.shape[1:] == answer.score.shape[1:] and len(nothing.score) == 0


def test_majority_answers_the_training_shares(world):
    answer, examples, labels, at = answered(world, "majority", "good")
    assert answer.score[0] == pytest.approx(examples.label.filter(examples.part_n == TRAIN).mean())
    answer, _, labels, _ = answered(world, "majority", "mark")
    assert set(answer.score.tolist()) == {labels.prior[0]}


def test_words_tell_what_reviews_say(world):
    answer, _, _, at = answered(world, "linear_text", "good")
    assert ((answer.score > 0.5) == encoded(world, "good", at)).all()
    for task in ("word", "grade"):
        answer, _, _, at = answered(world, "linear_text", task)
        assert (answer.score.argmax(axis=1) == encoded(world, task, at)).all()
    answer, _, _, at = answered(world, "linear_text", "mark")
    assert np.abs(answer.score - encoded(world, "mark", at)).mean() < 2  # a constant answer is 10 away


def test_the_nearest_texts_share_their_tags(world):
    for task in ("both", "kinds"):
        answer, _, _, at = answered(world, "nearest_text", task)
        truth = encoded(world, task, at)
        assert (np.where(truth == 1, answer.score, 1).min() > np.where(truth == 0, answer.score, 0).max()).all()


def test_trees_see_what_lines_cannot(world):
    right = {}
    for method in ("linear_row", "boosted"):
        answer, _, _, at = answered(world, method, "rich")
        right[method] = ((answer.score > 0.5) == encoded(world, "rich", at)).mean()
    assert right["boosted"] > 0.9 > right["linear_row"]
    answer, _, _, at = answered(world, "boosted", "pay")
    assert np.abs(answer.score - encoded(world, "pay", at)).mean() < 12


def test_means_of_users_and_items(world):
    answer, _, labels, at = answered(world, "item_mean", "points")
    assert np.abs(answer.score - encoded(world, "points", at)).mean() < 0.6
    answer, _, labels, at = answered(world, "item_mean", "stars")
    assert (answer.score.argmax(axis=1) == encoded(world, "stars", at)).mean() > 0.4
    answer, _, _, at = answered(world, "item_mean", "fond")
    truth = encoded(world, "fond", at) == 1
    assert answer.score[truth].mean() > answer.score[~truth].mean() + 0.2


def test_what_follows_on_the_ring_comes_first(world):
    answer, examples, _, at = answered(world, "graph", "next_item")
    assert (answer.rank_n == 0).all()
    assert (answer.top_nK[:, 0] == examples.label.gather(at).to_numpy()).all()


def test_popularity_gives_everyone_the_same_order_without_what_they_had(world):
    answer, examples, _, at = answered(world, "popularity", "next_item")
    events = world.events
    count = np.bincount(events.item_N[events.part_N == TRAIN], minlength=len(events.items))
    for n, top in enumerate(answer.top_nK):
        user, cut = examples.user_n[at[n]], examples.cut_n[at[n]]
        had = set(events.item_N[events.starts[user] : events.starts[user] + cut].tolist())
        order = sorted((i for i in range(len(count)) if i not in had), key=lambda i: (-count[i], i))
        assert top[: len(order)].tolist() == order
        target = examples.label[int(at[n])]
        assert answer.rank_n[n] == sum(count[i] >= count[target] for i in order if i != target)


def test_where_items_return_the_own_ones_stay_in_the_list(world):
    answer, examples, _, at = answered(world, "graph", "again")
    events = world.events
    first = events.item_N[events.starts[examples.user_n[at]]]
    assert all(item in top for item, top in zip(first, answer.top_nK, strict=True))


FOREIGN = [
    ("graph", "good"), ("majority", "next_item"), ("linear_text", "rich"), ("boosted", "good"), ("item_mean", "good"),
    ("own_history", "kinds"), ("linear_row", "both"), ("nearest_text", "word"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "task"), FOREIGN)
def test_methods_keep_to_their_tasks(world, method, task):
    examples, _ = asked(world, task)
    assert not BASELINES.get(method)().applies(examples, world)


def test_held_out_labels_change_nothing(world):
    """The answers to test questions are the same when the test labels are different ones."""
    for method, task in APPLYING:
        examples, labels = asked(world, task)
        test = np.flatnonzero(examples.part_n == TEST)
        order = np.arange(len(examples))
        order[test] = np.roll(test, 1)
        changed = replace(examples, label=examples.label.gather(order))
        baseline = BASELINES.get(method)()
        before, after = (baseline.answer(each, labels, world, test).score for each in (examples, changed))
        assert (before == after).all(), (method, task)
