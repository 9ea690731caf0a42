from dataclasses import replace

import pytest

from motet.model.assemble import build
from motet.stages.arms import train_arm
from motet.stages.looking import judge_batches
from motet.train.events import Watched
from motet.train.pulls import agreement, blocks_of, pulls, undisturbed
from motet.train.watch import LEAST_USED, Watcher, alarms_of, default_interval

from ._runs import Judge, Notes, digest, rising, run


def timeless(log):
    return [{key: value for key, value in row.items() if key != "seconds"} for row in log]


def watcher_for(study, every=2, judge=None):
    """A watcher made with the model that `run` trains."""
    return lambda model: Watcher(model, judge or judge_batches(study, study.shape.tasks), every=every)


@pytest.fixture(scope="module")
def small(study):
    """The study with two epochs."""
    train = study.project.train.model_copy(update={"epochs": 2})
    return replace(study, project=study.project.model_copy(update={"train": train}))


@pytest.fixture(scope="module")
def unwatched(small):
    return run(small, Judge(rising(small, 2)))


def test_a_watched_run_ends_with_the_weights_of_one_that_is_not(small, unwatched):
    notes = Notes()
    watched = run(small, Judge(rising(small, 2)), notes=notes, watch=watcher_for(small))
    assert digest(watched.model) == digest(unwatched.model)
    plain = [{key: value for key, value in row.items() if "|" not in key and ">" not in key} for row in watched.log]
    plain = [{key: value for key, value in row.items() if not key.startswith("norm/")} for row in plain]
    assert timeless(plain) == timeless(unwatched.log)
    for row, event in zip(watched.log, notes.epochs, strict=True):
        assert event.watched.columns and event.watched.columns.items() <= row.items() and "alarm" not in row


def test_a_watched_run_that_was_interrupted_goes_on_to_the_same_weights_and_log(small, unwatched, tmp_path):
    whole = run(small, Judge(rising(small, 2)), watch=watcher_for(small))
    with pytest.raises(KeyboardInterrupt):
        run(
            small,
            Judge(rising(small, 2)),
            notes=Notes(stop_step=(1, 3)),
            watch=watcher_for(small),
            checkpoints=tmp_path,
        )
    resumed = run(small, Judge(rising(small, 2)[1:]), watch=watcher_for(small), checkpoints=tmp_path)
    assert digest(resumed.model) == digest(unwatched.model)
    assert timeless(resumed.log) == timeless(whole.log)


def test_a_row_holds_the_means_of_the_epochs_looks(study):
    model = build(study.shape, seed=0).train()
    batches = [batches for _, batches in study.plan.epoch(0, 0, study.shape.tasks)][:2]
    watcher = Watcher(model, batches[0], every=1)
    weights = {"rating": 3.0, "next_item": 1.0, "sentiment": 1.0}
    for each in batches:
        watcher.look(each, study.tensors, weights=weights, teachers={})
    assert watcher.seconds > 0 and model.training
    columns = watcher.epoch().columns
    agreed = []
    with undisturbed(model):
        for each in batches:
            agreed.append(agreement(pulls(model, each, study.tensors), blocks_of(model)))
    cosine = sum(each.cosines["history"]["next_item", "rating"] for each in agreed) / 2
    norm = 3.0 * sum(each.norms["item"]["rating"] for each in agreed) / 2
    assert columns["cosine/history/next_item|rating"] == pytest.approx(cosine)
    assert columns["norm/item/rating"] == pytest.approx(norm)
    assert columns["affinity/sentiment>sentiment"] > 0 == columns["affinity/sentiment>rating"]
    assert watcher.seconds == 0 and watcher.epoch() == Watched(), "an epoch's end begins anew"


def test_looks_come_in_the_middle_of_their_interval_and_wherever_the_run_resumes(study):
    watcher = Watcher(build(study.shape, seed=0), [], every=10)
    assert [step for step in range(40) if watcher.due(step)] == [5, 15, 25, 35]
    assert Watcher(build(study.shape, seed=0), [], every=1).due(0)


def test_more_tasks_are_looked_at_less_often():
    assert default_interval(2) < default_interval(4) < default_interval(8)


def test_gates_are_told_once_and_a_collapsed_expert_gives_an_alarm(study, monkeypatch):
    model = build(study.shape, seed=0)
    usage = {
        "rating": {"itself": 0.5, "expert 1": 0.5, "expert 2": 0.0},
        "next_item": {"itself": 0.5, "expert 1": 0.4995, "expert 2": 0.0005},
    }
    monkeypatch.setattr(model.sharing, "gate_usage", lambda: usage)
    found = Watcher(model, [], every=1).epoch()
    assert found.columns["gate/rating/expert 1"] == 0.5 and len(found.columns) == 6
    (alarm,) = found.alarms
    assert "expert 2" in alarm
    usage["rating"] |= {"expert 1": 0.4, "expert 2": 0.1}
    assert alarms_of(usage) == () and LEAST_USED < 0.2


def test_only_joint_runs_are_watched_and_zero_turns_it_off(small):
    def columns(task, watch):
        train = small.project.train.model_copy(update={"watch": watch, "epochs": 1})
        of = replace(small, project=small.project.model_copy(update={"train": train}))
        return {key.partition("/")[0] for row in train_arm(of, task=task, seed=0).log for key in row}

    assert {"affinity", "cosine", "norm"} <= columns(None, 2)
    assert columns(None, 0) == columns("rating", 2) == {"epoch", "best", "seconds", "loss", "score"}


def test_experts_are_watched_as_what_lies_between_trunk_and_heads(small):
    sharing = replace(small.shape.sharing, kind="mmoe", experts=2)
    experts = replace(small, shape=replace(small.shape, sharing=sharing))
    watched = run(experts, Judge(rising(experts, 2)), watch=watcher_for(experts))
    plain = run(experts, Judge(rising(experts, 2)))
    assert digest(watched.model) == digest(plain.model)
    for row in watched.log:
        assert row["norm/sharing/rating"] > 0 and -1 <= row["cosine/sharing/next_item|rating"] <= 1
        shares = {name: value for name, value in row.items() if name.startswith("gate/rating/")}
        assert set(shares) == {f"gate/rating/{choice}" for choice in ("itself", "expert 1", "expert 2")}
        assert sum(shares.values()) == pytest.approx(1.0, abs=1e-3)
