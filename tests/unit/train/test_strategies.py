"""Every sharing strategy in training: it learns, resumes to the same weights, and comes back from its shape."""

from dataclasses import replace

import pytest
import torch

from motet.model.assemble import MotetModel, build
from motet.model.cut import Cut
from motet.model.shape import ModelShape
from motet.model.sharing import SHARING
from motet.testing.study import tiny_study
from motet.train.gradients import backward, task_gradients

from ._runs import Judge, Notes, digest, run

EPOCHS = 5
TASKS = ("next_item", "buy", "rating", "sentiment")


@pytest.fixture(scope="module")
def short():
    """A study with a step or two to an epoch, in which two tasks begin with the same representation."""
    settings = {"train": {"epochs": EPOCHS, "batch": 512, "patience": 9, "device": "cpu"}}
    return tiny_study(tasks=TASKS, settings=settings)


def with_sharing(study, kind):
    return replace(study, shape=replace(study.shape, sharing=replace(study.shape.sharing, kind=kind)))


def script():
    """The rating is at its best early, is closed after epoch 3 and then imitates itself."""
    rows = [dict.fromkeys(TASKS, 1.0 + epoch) for epoch in range(EPOCHS)]
    return [row | {"rating": 1.0 if epoch == 0 else 0.5} for epoch, row in enumerate(rows)]


@pytest.mark.parametrize("kind", SHARING.names())
def test_a_strategy_learns_and_resumes_to_the_same_weights(short, kind, tmp_path):
    study, notes = with_sharing(short, kind), Notes()
    whole = run(study, Judge(script()), notes=notes)
    assert notes.epochs[-1].closed == ("rating",) and whole.skipped == 0
    for task in set(TASKS) - {"rating"}:
        assert notes.epochs[-1].losses[task] < notes.epochs[0].losses[task], task
    with pytest.raises(KeyboardInterrupt):
        run(study, Judge(script()), notes=Notes(stop_epoch=2), checkpoints=tmp_path)
    again = run(study, Judge(script(), first=2), checkpoints=tmp_path)
    assert digest(again.model) == digest(whole.model)
    rebuilt = MotetModel(ModelShape.from_json(whole.model.shape.to_json())).eval()
    rebuilt.load_state_dict(whole.model.state_dict())
    batch = next(iter(study.plan.epoch(0, 0, TASKS)))[1][0]
    one, other = (model.losses(batch, study.tensors) for model in (whole.model, rebuilt))
    assert all(torch.equal(one[task], other[task]) for task in one)


@pytest.mark.parametrize("kind", SHARING.names())
def test_gradients_taken_task_by_task_add_up_to_those_of_the_sum(short, kind):
    """So balancers that look at gradients reach shared weights behind the cut, and private ones."""
    study = with_sharing(short, kind)
    found = []
    for by_task in (False, True):
        model = build(study.shape, seed=0).eval()
        for batch in next(iter(study.plan.epoch(0, 0, TASKS)))[1]:
            cut = Cut() if by_task else None
            losses = model.losses(batch, study.tensors, cut=cut)
            if cut is None:
                torch.stack(list(losses.values())).sum().backward()
            else:
                backward(task_gradients(model, losses, cut), dict.fromkeys(losses, 1.0))
        found.append({name: each.grad for name, each in model.named_parameters() if each.grad is not None})
    plain, taken = found
    for name in set(plain) | set(taken):
        one, other = (each.get(name, torch.zeros(())) for each in found)
        assert torch.allclose(one, other, atol=1e-5), name
