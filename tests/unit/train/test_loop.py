import pytest

from motet.errors import DataError
from motet.stages.arms import train_arm
from motet.train.loop import WARM_UP, _warm_up

from ._runs import Judge, Notes, digest, rising, run


def test_the_same_seed_trains_the_same_weights_and_another_seed_others(study):
    digests = [digest(train_arm(study, seed=seed).model) for seed in (0, 0, 1)]
    assert digests[0] == digests[1] != digests[2]


def test_training_learns(study):
    trained = train_arm(study, seed=0)
    first, last = trained.log[0], trained.log[-1]
    assert [row["epoch"] for row in trained.log] == [0, 1, 2]
    for task in study.shape.tasks:
        assert last[f"loss/{task}"] < first[f"loss/{task}"], task
    assert trained.best_epoch == max(row["epoch"] for row in trained.log if row["best"])
    assert trained.skipped == 0 and trained.seconds > 0 and not trained.model.training


def test_what_comes_out_is_what_was_judged_best(study):
    script = [dict.fromkeys(study.shape.tasks, score) for score in (1.0, 3.0, 2.0)]
    judge = Judge(script)
    trained = run(study, judge)
    assert trained.best_epoch == 1 and len(set(judge.seen)) == 3
    assert digest(trained.model) == judge.seen[1]
    assert [row["best"] for row in trained.log] == [True, True, False]
    assert [row["score/rating"] for row in trained.log] == [1.0, 3.0, 2.0]


def test_a_score_that_is_unsure_has_less_of_a_say_and_goes_on_so_after_an_interruption(study, tmp_path):
    """One task falls by much and by chance while the others gain a little; the errors are asked for once."""
    first, *others = study.shape.tasks
    script = [{first: 1.0 - 0.3 * epoch, **dict.fromkeys(others, 1.0 + 0.01 * epoch)} for epoch in range(3)]
    asked = []

    def errors(model):
        asked.append(digest(model))
        return {first: 0.5, **dict.fromkeys(others, 0.001)}

    assert run(study, Judge(script)).best_epoch == 0
    judge = Judge(script)
    assert run(study, judge, uncertainty=errors).best_epoch == 2
    assert asked == judge.seen[:1]
    with pytest.raises(KeyboardInterrupt):
        run(study, Judge(script), uncertainty=errors, checkpoints=tmp_path, notes=Notes(stop_step=(1, 1)))
    again = run(study, Judge(script, first=1), uncertainty=errors, checkpoints=tmp_path)
    assert again.best_epoch == 2 and len(asked) == 2


def test_judging_does_not_disturb_training(study):
    """What is judged is an average; training goes on from the weights themselves."""
    first = run(study, Judge(rising(study, 3)))
    script = [{task: -score for task, score in row.items()} for row in rising(study, 3)]
    judge = Judge(script)
    run(study, judge)
    assert judge.seen[2] == digest(first.model)


def test_training_stops_when_nothing_gets_better(study):
    config = study.project.train.model_copy(update={"epochs": 50, "patience": 2})
    from dataclasses import replace

    short = replace(study, project=study.project.model_copy(update={"train": config}))
    script = [dict.fromkeys(study.shape.tasks, score) for score in (1.0, 2.0, 1.0, 1.0, 1.0, 1.0)]
    assert len(run(short, Judge(script)).log) == 4


def test_a_budget_of_time_ends_training_early_but_not_before_an_epoch(study):
    assert len(run(study, Judge(rising(study, 3)), budget_seconds=1e-6).log) == 1


def test_a_fixed_number_of_passes_asks_no_judge_and_keeps_the_last(study):
    judge = Judge([])
    trained = run(study, judge, epochs=2)
    assert len(trained.log) == 2 and judge.epoch == 0
    reference = Judge(rising(study, 3))
    run(study, reference)
    assert digest(trained.model) == reference.seen[1]

    notes = Notes()
    run(study, Judge(rising(study, 3)), notes=notes)
    steps = study.plan.steps
    assert [(one.epoch, one.done) for one in notes.steps] == [(e, s + 1) for e in range(3) for s in range(steps)]
    assert all(one.total == steps and set(one.losses) == set(one.weights) for one in notes.steps)
    assert [one.epoch for one in notes.epochs] == [0, 1, 2] and all(one.best for one in notes.epochs)
    assert notes.epochs[1].scores == dict.fromkeys(study.shape.tasks, 2.0)
    mean = sum(one.losses["rating"] for one in notes.steps[:steps]) / steps
    assert notes.epochs[0].losses["rating"] == pytest.approx(mean)


def test_listening_does_not_change_the_result(study):
    one, other = run(study, Judge(rising(study, 3))), run(study, Judge(rising(study, 3)), notes=Notes())
    assert digest(one.model) == digest(other.model)


def test_the_rate_rises_at_first(study):
    from torch.nn import Linear
    from torch.optim import SGD

    optimizer = SGD([{"params": list(Linear(1, 1).parameters()), "peak": 2.0, "lr": 2.0}])
    rates = []
    for step in range(40):
        _warm_up(optimizer, step, 100)
        rates.append(optimizer.param_groups[0]["lr"])
    assert rates[0] == pytest.approx(2.0 / (100 * WARM_UP)) and rates[29:] == [2.0] * 11
    assert rates == sorted(rates)


def test_an_epoch_without_a_finite_step_is_an_error_with_a_remedy(study, monkeypatch):
    from motet.model.assemble import MotetModel

    nan = float("nan")
    plain = MotetModel.losses
    monkeypatch.setattr(
        MotetModel, "losses", lambda *a, **k: {task: loss * nan for task, loss in plain(*a, **k).items()}
    )
    with pytest.raises(DataError, match="finite") as caught:
        run(study, Judge(rising(study, 3)))
    assert "learning_rate" in caught.value.remedy
