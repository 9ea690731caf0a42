import json

import numpy as np
import pytest
import torch

from motet.features.soft import SoftLabels
from motet.testing.study import tiny_study
from motet.train.checkpoint import (
    load_checkpoint,
    optimizer_tensors,
    restore_optimizer,
    save_checkpoint,
    soft_labels,
    soft_tensors,
)

from ._runs import Judge, Notes, digest, run

EPOCHS = 6


@pytest.fixture(scope="module")
def short():
    """A study with two or three steps to an epoch."""
    settings = {"train": {"epochs": EPOCHS, "batch": 512, "patience": 9, "device": "cpu"}}
    return tiny_study(tasks=("next_item", "rating", "sentiment"), settings=settings)


def script():
    """The rating is at its best early, is closed after epoch 3 and then imitates itself; the best comes at epoch 4."""
    ranking, rating = [1.0, 2.0, 3.0, 4.0, 9.0, 5.0], [1.0, 0.5, 0.5, 0.5, 0.5, 0.5]
    rows = zip(ranking, rating, strict=True)
    return [{"next_item": a, "rating": b, "sentiment": 1.0 + epoch} for epoch, (a, b) in enumerate(rows)]


@pytest.fixture(scope="module")
def whole(short):
    """An uninterrupted run."""
    notes = Notes()
    trained = run(short, Judge(script()), notes=notes)
    assert notes.epochs[-1].closed == ("rating",) and trained.best_epoch == 4
    return trained


def same(one, other):
    def timeless(log):
        return [{key: value for key, value in row.items() if key != "seconds"} for row in log]

    assert digest(one.model) == digest(other.model)
    assert timeless(one.log) == timeless(other.log) and one.best_epoch == other.best_epoch


@pytest.mark.parametrize("epoch", range(EPOCHS))
def test_a_run_that_stopped_at_an_epochs_end_goes_on_to_the_same_weights(short, whole, tmp_path, epoch):
    with pytest.raises(KeyboardInterrupt):
        run(short, Judge(script()), notes=Notes(stop_epoch=epoch), checkpoints=tmp_path)
    # the listener stopped it before that epoch was saved
    same(run(short, Judge(script(), first=epoch), checkpoints=tmp_path), whole)


@pytest.mark.parametrize("step", [(0, 2), (1, 1), (4, 2)])
def test_a_run_that_stopped_within_an_epoch_goes_on_to_the_same_weights(short, whole, tmp_path, step):
    assert short.plan.steps >= 2
    with pytest.raises(KeyboardInterrupt):
        run(short, Judge(script()), notes=Notes(stop_step=step), checkpoints=tmp_path)
    same(run(short, Judge(script(), first=step[0]), checkpoints=tmp_path), whole)


class FirstTold:
    """Finds soft labels before the first pass and nothing better later: what it found then stays."""

    def __init__(self, study):
        self.study, self.best = study, {}

    def __call__(self, model):
        if model is None:
            view = self.study.features.state.views["rating"].name
            known = self.study.features.questions[view].tasks["rating"]
            size = self.study.features.state.labels["rating"].size
            label = np.full((len(known.question_m), size), 1 / size, np.float32)
            self.best["rating"] = SoftLabels(known.question_m, label, weight=2.0, loss=0.5)
        return dict(self.best)


def test_soft_labels_outlive_an_interruption(short, whole, tmp_path):
    told = run(short, Judge(script()), soften=FirstTold(short))
    assert digest(told.model) != digest(whole.model)
    with pytest.raises(KeyboardInterrupt):
        run(short, Judge(script()), soften=FirstTold(short), notes=Notes(stop_epoch=2), checkpoints=tmp_path)
    again = FirstTold(short)
    same(run(short, Judge(script(), first=2), soften=again, checkpoints=tmp_path), told)
    assert (again.best["rating"].weight, again.best["rating"].loss) == (2.0, 0.5)


def test_soft_labels_survive_as_tensors():
    labels = {"b": SoftLabels(np.array([3, 1]), np.ones((2, 3), np.float32), 0.5, 1.25)}
    told = json.loads(json.dumps([[task, each.weight, each.loss] for task, each in labels.items()]))
    (found,) = (each for task, each in soft_labels(told, soft_tensors(labels)).items() if task == "b")
    assert (found.weight, found.loss) == (0.5, 1.25)
    assert found.question_s.tolist() == [3, 1] and found.label_s.tolist() == [[1, 1, 1], [1, 1, 1]]


def test_a_run_may_stop_again_and_again(short, whole, tmp_path):
    for epoch in (1, 2, 3, 5):
        first = (load_checkpoint(tmp_path) or (None, {"epoch": 0}))[1]["epoch"]
        with pytest.raises(KeyboardInterrupt):
            run(short, Judge(script(), first=first), notes=Notes(stop_epoch=epoch), checkpoints=tmp_path)
    same(run(short, Judge(script(), first=5), checkpoints=tmp_path), whole)


def test_a_finished_run_is_read_without_training(short, whole, tmp_path):
    run(short, Judge(script()), checkpoints=tmp_path)
    notes, judge = Notes(), Judge([])
    same(run(short, judge, notes=notes, checkpoints=tmp_path), whole)
    assert not notes.steps and judge.epoch == 0


def test_the_balancer_goes_on_as_well(short, tmp_path):
    plain, scaled = (digest(run(short, Judge(script()), balance=kind).model) for kind in ("sum", "scale"))
    assert plain != scaled
    with pytest.raises(KeyboardInterrupt):
        run(short, Judge(script()), notes=Notes(stop_epoch=2), balance="scale", checkpoints=tmp_path)
    assert load_checkpoint(tmp_path)[1]["balancer"]


TENSORS = {"a": torch.arange(6.0).view(2, 3), "b/c": torch.zeros(0)}


def test_a_checkpoint_comes_back(tmp_path):
    assert load_checkpoint(tmp_path / "none") is None
    save_checkpoint(tmp_path / "new", TENSORS, {"epoch": 3, "log": [{"x": 1.5}]})
    tensors, fields = load_checkpoint(tmp_path / "new")
    assert set(tensors) == set(TENSORS) and all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)
    assert fields["epoch"] == 3 and fields["log"] == [{"x": 1.5}]


def test_the_last_checkpoint_takes_the_place_of_the_one_before(tmp_path):
    for epoch in (1, 2):
        save_checkpoint(tmp_path, {"a": torch.tensor([float(epoch)])}, {"epoch": epoch})
    assert float(load_checkpoint(tmp_path)[0]["a"]) == 2.0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint.json", "epoch-2.safetensors"]


def test_a_crash_while_writing_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    save_checkpoint(tmp_path, TENSORS, {"epoch": 1})
    import os

    real = os.replace

    def crash(source, target):
        if str(target).endswith("checkpoint.json"):
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", crash)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(tmp_path, {"a": torch.ones(1)}, {"epoch": 2})
    monkeypatch.undo()
    tensors, fields = load_checkpoint(tmp_path)
    assert fields["epoch"] == 1 and torch.equal(tensors["a"], TENSORS["a"])


def test_a_checkpoint_is_arrays_and_json_alone(short, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(short, Judge(script()), notes=Notes(stop_epoch=4), checkpoints=tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ".safetensors"}
    json.loads((tmp_path / "checkpoint.json").read_text())


def test_an_optimiser_goes_on_as_if_it_had_never_stopped():
    def made():
        parameter = torch.nn.Parameter(torch.ones(3))
        return parameter, torch.optim.AdamW([parameter], lr=0.1)

    def step(parameter, optimizer, k):
        parameter.grad = torch.tensor([1.0, -2.0, 0.5]) * k
        optimizer.step()

    parameter, optimizer = made()
    other, restored = made()
    for k in (1, 2):
        step(parameter, optimizer, k)
    with torch.no_grad():
        other.copy_(parameter)
    restore_optimizer(restored, {name: value.clone() for name, value in optimizer_tensors(optimizer).items()})
    for each in ((parameter, optimizer), (other, restored)):
        step(*each, 3)
    assert torch.equal(parameter, other)


def test_a_run_whose_time_is_up_leaves_its_checkpoint(short, tmp_path):
    trained = run(short, Judge(script()), budget_seconds=1e-6, checkpoints=tmp_path)
    assert len(trained.log) == 1 and load_checkpoint(tmp_path)[1]["epoch"] == 1
