from dataclasses import replace

import pytest

from motet.model.assemble import build
from motet.model.groups import crowds, parameter_groups
from motet.model.shape import SharingShape


def test_every_parameter_is_trained_once_at_its_own_rate(model):
    found = parameter_groups(model, learning_rate=0.1, weight_decay=0.02, crowding=False)
    groups = {group["name"]: group for group in found}
    trained = [id(each) for group in found for each in group["params"]]
    assert sorted(trained) == sorted(id(each) for each in model.parameters())
    of = {id(each): name for name, group in groups.items() for each in group["params"]}
    named = {name: of[id(value)] for name, value in model.named_parameters()}
    assert named["sharing.trunk.items.delta.weight"] == "corrections"
    assert named["heads.rating.tower.shift.weight"] == "tables"
    assert named["heads.sentiment.tower.wide.word.weight"] == "ngrams"
    assert {name for name, group in named.items() if group == "ngrams"} == {
        name for name in named if ".wide." in name or ".bags." in name
    }
    assert all(group == "vectors" for name, group in named.items() if name.endswith("bias"))
    assert groups["ngrams"]["weight_decay"] == 1.0 and groups["ngrams"]["lr"] == pytest.approx(0.15)
    assert groups["matrices"]["lr"] == 0.1 and groups["matrices"]["weight_decay"] == 0.02
    assert groups["corrections"]["lr"] > 0.1
    assert groups["vectors"]["lr"] == 0.1 and groups["vectors"]["weight_decay"] == 0.0


def test_a_task_called_like_a_part_is_trained_like_any_other(study):
    tasks = {
        "delta" if name == "rating" else "bags" if name == "buy" else name: each
        for name, each in study.shape.tasks.items()
    }
    model = build(replace(study.shape, tasks=tasks, sharing=SharingShape("mmoe")), seed=0)
    groups = parameter_groups(model, learning_rate=0.1, weight_decay=0.02)
    of = {id(each): group["name"] for group in groups for each in group["params"]}
    named = {name: of[id(value)] for name, value in model.named_parameters()}
    for task in ("delta", "bags", "brand"):
        assert named[f"sharing.private.{task}.choose.weight"] == "matrices"
        assert named[f"sharing.private.{task}.choose.bias"] == "vectors"
    assert named["heads.delta.tower.shift.weight"] == "tables"
    assert "ngrams" not in {group for name, group in named.items() if name.startswith("heads.bags.")}
    experts = {named[name] for name in named if name.startswith("sharing.experts.")}
    assert experts == {"matrices", "vectors"}


def test_weights_that_k_tasks_train_learn_faster_and_decay_alike(model):
    groups = parameter_groups(model, learning_rate=0.1, weight_decay=0.02)
    plain = parameter_groups(model, learning_rate=0.1, weight_decay=0.02, crowding=False)
    of = {id(each): group for group in groups for each in group["params"]}
    alone = {id(each): group for group in plain for each in group["params"]}
    crowd = crowds(model)
    for name, each in model.named_parameters():
        one, other = of[id(each)], alone[id(each)]
        assert one["lr"] == pytest.approx(crowd.get(name, 1) ** 0.5 * other["lr"]), name
        assert one["lr"] * one["weight_decay"] == pytest.approx(other["lr"] * other["weight_decay"]), name


def test_a_crowd_is_who_sends_a_gradient(model, batches, study):
    """Counted by trying: every task's loss alone, and which shared weights it moves."""
    reached = {name: set() for name in crowds(model)}
    for batch in batches:
        for task, loss in model.losses(batch, study.tensors).items():
            model.zero_grad(set_to_none=True)
            loss.backward(retain_graph=True)
            for name, each in model.named_parameters():
                if name in reached and each.grad is not None and each.grad.any():
                    reached[name].add(task)
    told = crowds(model)
    wrong = {name: (told[name], tasks) for name, tasks in reached.items() if tasks and told[name] != len(tasks)}
    # an event's own columns may be unseen in a batch; what is seen is counted exactly
    assert not {name: each for name, each in wrong.items() if each[0] < len(each[1])}
    assert sum(len(tasks) == told[name] for name, tasks in reached.items()) > 0.8 * len(reached)


def test_twins_are_alone(study):
    model = build(study.shape.only("rating"), seed=0)
    assert set(crowds(model).values()) == {1}


def test_a_shut_valve_leaves_the_crowd(study):
    shape = replace(study.shape, sharing=SharingShape(valves={"rating": 0.0}))
    open_, shut = crowds(build(study.shape, seed=0)), crowds(build(shape, seed=0))
    assert shut["sharing.trunk.items.delta.weight"] == open_["sharing.trunk.items.delta.weight"] - 1
