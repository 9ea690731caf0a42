import json

import pytest

from motet.train.progress import CLOSE_AFTER, CLOSE_BELOW, STANDS_STILL, STEADY, Progress, mean_relative, votes


def follow(progress, *rows):
    """Take in scores, one row per epoch; return which were the best so far."""
    return [progress.update(epoch, scores) for epoch, scores in enumerate(rows)]


def test_the_mean_is_relative_to_each_task():
    assert mean_relative({"a": 1.1, "b": 40.0}, {"a": 1.0, "b": 50.0}) == pytest.approx((0.1 - 0.2) / 2)
    # an error enters with a minus sign, and less of it is better
    assert mean_relative({"mae": -0.9}, {"mae": -1.0}) == pytest.approx(0.1)


def test_a_score_that_leaves_zero_does_not_choose_alone():
    assert mean_relative({"a": 0.001, "b": 0.5, "c": 0.5}, {"a": 0.0, "b": 1.2, "c": 1.2}) < 0


def test_votes_weigh_the_mean():
    scores, reference = {"a": 1.1, "b": 40.0}, {"a": 1.0, "b": 50.0}
    assert mean_relative(scores, reference, {"a": 3.0, "b": 1.0}) == pytest.approx((0.3 - 0.2) / 4)
    assert mean_relative(scores, reference, {"a": 3.0}) == pytest.approx((0.3 - 0.2) / 4), "no vote is a whole one"


def test_the_surer_a_score_the_larger_its_vote():
    found = votes(
        {"sure": 0.5, "half": -2.0, "unsure": 0.1, "unknown": 1.0},
        {"sure": 0.0, "half": 2 * STEADY, "unsure": 0.1, "unknown": float("nan")},
    )
    assert (found["sure"], found["half"], found["unknown"]) == (1.0, pytest.approx(0.5), 0.0)
    assert found["unsure"] == pytest.approx(1 / (1 + STEADY**-2))
    assert votes({"a": 1.0, "b": 1.0}, {"a": float("nan"), "b": float("nan")}) == {}, "then all count the same"


def test_a_few_noisy_labels_do_not_choose_the_snapshot():
    rows = [{"few": 0.6, "many": 0.80}, {"few": 0.5, "many": 0.83}]
    assert follow(Progress(("few", "many"), patience=5), *rows) == [True, False]
    progress = Progress(("few", "many"), patience=5)
    progress.votes = votes(rows[0], {"few": 0.15, "many": 0.004})
    assert follow(progress, *rows) == [True, True]


def test_the_best_snapshot_is_that_of_the_best_mean():
    progress = Progress(("a", "b"), patience=5)
    kept = follow(progress, {"a": 1.0, "b": 1.0}, {"a": 2.0, "b": 0.5}, {"a": 1.9, "b": 0.4}, {"a": 2.0, "b": 0.6})
    assert kept == [True, True, False, True]
    assert progress.best_epoch == 3 and progress.best == {"a": 2.0, "b": 0.6}
    assert progress.peak == {"a": 2.0, "b": 1.0} and progress.peak_epoch == {"a": 1, "b": 0}


def test_an_equal_score_is_no_better():
    progress = Progress(("a",), patience=5)
    assert follow(progress, {"a": 1.0}, {"a": 1.0}) == [True, False]
    assert progress.peak_epoch == {"a": 0}


FALLING = [1.0, 0.9, 0.9, 0.9, 0.9]


def test_a_task_is_closed_once_it_falls():
    progress = Progress(("a", "b", "r"), patience=9, closable=("a", "b"))
    for epoch, score in enumerate(FALLING):
        progress.update(epoch, {"a": score, "b": float(epoch), "r": score})
        assert progress.closed == (["a"] if epoch >= CLOSE_AFTER else [])
    assert progress.open == ["b", "r"]


def test_a_task_that_stands_still_stays_open():
    progress = Progress(("a", "b"), patience=9, closable=("a", "b"))
    nearly = 1.0 - 0.9 * CLOSE_BELOW
    follow(progress, {"a": 1.0, "b": -1.0}, *[{"a": nearly, "b": -1.0}] * 6)
    assert progress.closed == []
    below = 1.0 - 1.1 * CLOSE_BELOW
    progress = Progress(("a", "b"), patience=9, closable=("a", "b"))
    follow(progress, {"a": 1.0, "b": -1.0}, *[{"a": below, "b": -2.0 + below}] * CLOSE_AFTER)
    assert progress.closed == ["a", "b"]


def test_a_new_best_forgets_what_was_below_the_old():
    progress = Progress(("a", "b"), patience=9, closable=("a",))
    scores = [1.0, 0.8, 0.8, 1.1, 0.8, 0.8]
    follow(progress, *[{"a": score, "b": 1.0} for score in scores])
    assert progress.closed == []


def test_a_closed_task_decides_nothing_any_more():
    progress = Progress(("a", "b"), patience=2, closable=("a", "b"))
    rows = [{"a": score, "b": 1.0 + epoch} for epoch, score in enumerate(FALLING[: CLOSE_AFTER + 1])]
    follow(progress, *rows)
    assert progress.closed == ["a"]
    assert progress.update(4, {"a": 0.01, "b": 9.0}), "the open task is better, and it alone counts"
    assert not progress.update(5, {"a": 99.0, "b": 8.0})
    assert progress.peak["a"] == 1.0
    assert not progress.finished(5)
    assert progress.finished(6)


def test_a_run_is_finished_when_no_open_task_gets_better_for_a_while():
    progress = Progress(("a", "b"), patience=2)
    follow(progress, {"a": 1.0, "b": 1.0}, {"a": 0.9, "b": 1.1}, {"a": 0.8, "b": 1.0})
    assert not progress.finished(2)
    progress.update(3, {"a": 0.7, "b": 1.0})
    assert progress.finished(3)


def test_a_run_without_open_tasks_is_finished():
    progress = Progress(("a", "b"), patience=50, closable=("a", "b"))
    follow(progress, *[{"a": score, "b": score} for score in FALLING[: CLOSE_AFTER + 1]])
    assert progress.open == [] and progress.finished(CLOSE_AFTER)


def test_progress_survives_json():
    progress = Progress(("a", "b"), patience=2, closable=("a",))
    follow(progress, *[{"a": score, "b": 1.0 + epoch} for epoch, score in enumerate(FALLING)])
    progress.votes = {"a": 0.25, "b": 1.0}
    assert progress.closed == ["a"]
    assert Progress.from_json(json.loads(json.dumps(progress.to_json()))) == progress


def test_creeping_up_by_a_hair_does_not_keep_a_run_going():
    progress = Progress(("a", "b"), patience=2)
    hair = 0.4 * STANDS_STILL
    better = follow(progress, *[{"a": 1.0 + hair * epoch, "b": -1.0} for epoch in range(3)])
    assert better == [True, True, True], "the better snapshot is still the one that is kept"
    assert progress.finished(2)
    progress = Progress(("a", "b"), patience=3)
    follow(progress, *[{"a": 1.0 + hair * epoch, "b": -1.0} for epoch in range(4)])
    assert progress.moved_at["a"] == 3, "several hairs together are a move"
    assert not progress.finished(5)
    assert progress.finished(6)
