from dataclasses import replace

import pytest
import torch

from motet.model.assemble import build
from motet.schema import TrainConfig
from motet.testing.study import tiny_study
from motet.train.optimizers import MOMENTUM, build_optimizer

from ._runs import Judge, Notes, digest, rising, run

KINDS = {
    "adamw": torch.optim.AdamW,
    "adam": torch.optim.Adam,
    "rmsprop": torch.optim.RMSprop,
    "sgd": torch.optim.SGD,
    "adagrad": torch.optim.Adagrad,
}
RATES = {"adamw": 2e-3, "adam": 2e-3, "rmsprop": 1e-3, "sgd": 3e-2, "adagrad": 1e-2}


@pytest.fixture(scope="module")
def short():
    """A study with a few steps to an epoch."""
    settings = {"train": {"epochs": 4, "batch": 256, "patience": 9, "device": "cpu"}}
    return tiny_study(tasks=("next_item", "rating", "sentiment"), settings=settings)


def chosen(study, kind):
    train = study.project.train.model_copy(update={"optimizer": kind, "learning_rate": RATES[kind]})
    return replace(study, project=study.project.model_copy(update={"train": train}))


@pytest.mark.parametrize("kind", KINDS)
def test_its_kind_and_its_groups(study, kind):
    config = TrainConfig(optimizer=kind, learning_rate=0.01, weight_decay=0.05)
    model = build(study.shape, seed=0)
    optimizer = build_optimizer(model, config)
    assert type(optimizer) is KINDS[kind]
    # the slowest of a kind: weights that one task alone trains
    groups = {group["name"]: group for group in sorted(optimizer.param_groups, key=lambda group: -group["lr"])}
    assert groups["vectors"]["weight_decay"] == 0 and groups["matrices"]["weight_decay"] == 0.05
    assert groups["ngrams"]["weight_decay"] == (1.0 if kind == "adamw" else 0.05)
    assert all(group["peak"] == group["lr"] for group in optimizer.param_groups) and groups["matrices"]["lr"] == 0.01
    held = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    assert held == {id(parameter) for parameter in model.parameters()}
    assert kind != "sgd" or groups["matrices"]["momentum"] == MOMENTUM


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_falls_within_a_few_steps(short, kind):
    log = run(chosen(short, kind), Judge(rising(short, 4))).log
    for task in short.shape.tasks:
        assert log[-1][f"loss/{task}"] < log[0][f"loss/{task}"], task


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_was_stopped_goes_on_to_the_same_weights(short, kind, tmp_path):
    study = chosen(short, kind)
    whole = run(study, Judge(rising(short, 4)))
    with pytest.raises(KeyboardInterrupt):
        run(study, Judge(rising(short, 4)), notes=Notes(stop_step=(2, 1)), checkpoints=tmp_path)
    rest = run(study, Judge(rising(short, 4)[2:]), checkpoints=tmp_path)
    assert digest(rest.model) == digest(whole.model)


def test_an_l2_penalty_is_part_of_the_gradient():
    """After one plain step, w − rate · (g + λ·w); adamw takes rate · λ · w apart, whatever the gradient."""
    steps = {}
    for kind in ("sgd", "adamw"):
        module = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.constant_(module.weight, 2.0)
        optimizer = build_optimizer(module, TrainConfig(optimizer=kind, learning_rate=0.1, weight_decay=0.5))
        module.weight.grad = torch.full_like(module.weight, 3.0)
        optimizer.step()
        steps[kind] = float(module.weight.detach())
    assert steps["sgd"] == pytest.approx(2 - 0.1 * (3 + 0.5 * 2))
    assert steps["adamw"] == pytest.approx(2 - 0.1 * 0.5 * 2 - 0.1)
