"""The arms of the ladder, on the tiny shop."""

import numpy as np
import pytest
import torch

from motet.model.assemble import build, count_parameters
from motet.stages.growing import between, fill, regrown, stands_alone, with_adapter, with_valves
from motet.stages.looking import judge_batches
from motet.stages.outcomes import run_arm
from motet.stages.refitting import refit_repairs
from motet.stages.repairing import LOOKED_AT, RANK, Going, Repairs, closed_at_best, folder_name
from motet.stages.shipping import alone, arm_outcomes, compose, training_seconds
from motet.stages.watching import Watch


class Counting(Watch):
    """Counts the arms that were trained, and their passes."""

    def __init__(self):
        self.arms, self.epochs = [], 0

    def trained(self, arm, seed, seconds):
        self.arms.append((arm, seed))

    def listeners(self, arm, seed):
        return (self,)

    def step(self, event):
        pass

    def epoch(self, event):
        self.epochs += 1


@pytest.fixture(scope="module")
def outcomes(study):
    """Joint and twins, trained for one epoch with two seeds."""
    joint = [run_arm(study, "joint", seed) for seed in (0, 1)]
    return joint, {
        task: [run_arm(study, task, seed) for seed in (0, 1)] for task in ("rating", "sentiment", "next_item")
    }


@pytest.fixture
def repairs(study, outcomes, tmp_path):
    return Repairs(study, *outcomes, work=tmp_path, watch=Counting())


def answers(study, model):
    """Every task's answers to the validation questions, as bytes."""
    found = {}
    for batch in judge_batches(study, study.examples, most=LOOKED_AT):
        for task in {name for block in batch.blocks for name in block.targets}:
            found.setdefault(task, []).append(model.answers_to(task, batch, study.tensors).numpy())
    return {task: np.concatenate(parts).tobytes() for task, parts in found.items()}


def differing(study, one, other):
    """The tasks that two models answer differently."""
    before, after = answers(study, one.eval()), answers(study, other.eval())
    return {task for task in before if before[task] != after[task]}


def test_every_pair_of_tasks_has_an_affinity_and_the_model_stays(study, repairs):
    before = answers(study, repairs.made["joint"][0].model)
    found = repairs.affinity("joint")
    assert set(found) == set(study.examples) and all(set(row) == set(study.examples) for row in found.values())
    assert any(abs(value) > 0 for row in found.values() for value in row.values())
    assert answers(study, repairs.made["joint"][0].model) == before


def test_a_valve_trains_the_joint_model_on_for_all_seeds_once(study, repairs):
    name = repairs.valved("joint", {"brand": 0.3}, ["rating"])
    assert [outcome.seed for outcome in repairs.made[name]] == [0, 1]
    assert all(outcome.model.shape.sharing.valves == {"brand": 0.3} for outcome in repairs.made[name])
    assert all(outcome.model.sharing.valves.of("brand", "item") == 0.3 for outcome in repairs.made[name])
    assert repairs.watch.epochs == 2  # a quarter of one, at least one each
    assert repairs.valved("joint", {"brand": 0.3}, ["rating"]) == name and repairs.watch.epochs == 2
    assert repairs.valved(name, {"brand": 0.3}, ["rating"]) is None  # nothing left to turn
    assert repairs.seconds(name) == sum(outcome.seconds for outcome in repairs.made[name]) > 0
    assert repairs.seconds("joint") == repairs.seconds("twin") == 0
    assert repairs.made[name][0].answers["rating"]["test"].unit_n.size


def test_a_private_part_leaves_all_other_answers_bit_for_bit(study, repairs):
    name = repairs.private("joint", "rating")
    before, after = repairs.made["joint"][0].model, repairs.made[name][0].model
    assert differing(study, before, after) == {"rating"}
    added = count_parameters(after) - count_parameters(before)
    assert 0 < added < 0.2 * count_parameters(before) and after.shape.sharing.ranks == {"rating": RANK}


def test_private_parts_of_several_tasks_join_one_model(study, repairs):
    routes = dict.fromkeys(study.examples, "joint")
    routes |= {task: repairs.private("joint", task) for task in ("rating", "sentiment")}
    (shipped,) = compose(repairs, routes)
    assert (shipped.name, set(shipped.tasks)) == ("joint", set(study.examples))
    assert differing(study, repairs.made["joint"][0].model, shipped.model) == {"rating", "sentiment"}
    for task in ("rating", "sentiment"):
        assert task not in differing(study, repairs.made[routes[task]][0].model, shipped.model)


def test_an_interpolated_model_is_one_of_its_own(study, repairs):
    found = []
    for share in (1.0, 0.25):
        name = repairs.interpolated("joint", "rating", share)
        found.append(repairs.made[name][0].model)
    assert sum("on for rating" in arm for arm in repairs.made) == 1  # the last one asked for is kept
    assert repairs.watch.arms == [("joint, on for rating", 0), ("joint, on for rating", 1)]  # one fork, many shares
    start, *ends = (model.state_dict() for model in (repairs.made["joint"][0].model, *found))
    far, near = (sum(float((end[key] - start[key]).abs().sum()) for key in start) for end in ends)
    assert 0 < near < far
    shipped = compose(repairs, {**dict.fromkeys(study.examples, "joint"), "rating": name})
    beside = shipped[1]
    assert [each.name for each in shipped][0] == "joint" and beside.tasks == ("rating",)
    assert tuple(beside.model.shape.tasks) == ("rating",)
    assert count_parameters(beside.model) < count_parameters(shipped[0].model)
    full, pruned = repairs.made[name][0].model, beside.model
    for batch in judge_batches(study, study.examples, most=LOOKED_AT):
        if any("rating" in block.targets for block in batch.blocks):
            one, other = (each.answers_to("rating", batch, study.tensors) for each in (full, pruned))
            assert torch.equal(one, other)
    assert alone(full, "rating") is not full


def test_what_was_trained_is_read_again(study, repairs, outcomes):
    name = repairs.private("joint", "rating")
    again = Repairs(study, *outcomes, work=repairs.work, watch=Counting())
    assert again.private("joint", "rating") == name and again.watch.epochs == 0
    assert differing(study, repairs.made[name][1].model, again.made[name][1].model) == set()


def test_a_valve_for_other_harmed_tasks_is_another_arm(study, repairs, outcomes):
    """Who was harmed decides which tasks learn from labels again, so checkpoints of one are not read for the other."""
    one = repairs.valved("joint", {"brand": 0.3}, ["rating"])
    again = Repairs(study, *outcomes, work=repairs.work, watch=Counting())
    both = again.valved("joint", {"brand": 0.3}, ["sentiment", "rating"])
    assert both != one and again.watch.epochs == 2
    assert again.valved("joint", {"brand": 0.3}, ["rating", "sentiment"]) == both
    assert again.valved("joint", {"brand": 0.3}, ["rating"]) == one and again.watch.epochs == 2


def test_seconds_of_what_ships_count_each_training_once(study, repairs):
    valved = repairs.valved("joint", {"brand": 0.3}, ["rating"])
    routes = dict.fromkeys(study.examples, valved)
    routes |= {"rating": repairs.interpolated(valved, "rating", 0.5), "sentiment": "twin"}
    expected = [repairs.made["joint"], repairs.made[valved], repairs.made[routes["rating"]], repairs.twins["sentiment"]]
    began = repairs.made["joint"][0].first
    assert began.arm == "next_item"
    seconds = began.seconds + sum(each[0].seconds for each in expected)
    assert training_seconds(repairs, routes, 0) == pytest.approx(seconds)
    # where the main task is answered by its twin, the joint model's first leg is that twin
    assert training_seconds(repairs, {**routes, "next_item": "twin"}, 0) == pytest.approx(seconds)
    assert arm_outcomes(repairs, "sentiment", "twin") is repairs.twins["sentiment"]
    assert len(repairs.trained) == 4


def test_a_refit_repeats_every_repair(study, repairs):
    valved = repairs.valved("joint", {"brand": 0.3}, ["rating"])
    routes = dict.fromkeys(study.examples, valved)
    routes |= {"rating": repairs.private(valved, "rating"), "sentiment": repairs.interpolated(valved, "sentiment", 0.5)}
    anew = refit_repairs(repairs, {**routes, "next_item": "twin"}, watch=repairs.watch)
    shipped = compose(anew, {**routes, "next_item": "twin"})
    judged = compose(repairs, {**routes, "next_item": "twin"})
    assert [each.name for each in shipped] == [each.name for each in judged]
    for one, other in zip(shipped, judged, strict=True):
        assert one.model.shape == other.model.shape
        assert differing(study, one.model, other.model) if one.name == "joint" else one.model is not other.model


def test_tasks_closed_at_the_kept_epoch_are_read_off_the_log(study, outcomes):
    from dataclasses import replace

    scores = [dict.fromkeys(study.examples, float(epoch)) | {"rating": -float(epoch)} for epoch in range(6)]
    log = [{"epoch": n, **{f"score/{task}": value for task, value in row.items()}} for n, row in enumerate(scores)]
    assert closed_at_best(replace(outcomes[0][0], log=log, best_epoch=5)) == ("rating",)
    assert closed_at_best(replace(outcomes[0][0], log=log, best_epoch=2)) == ()


def test_what_was_closed_before_the_arm_that_is_gone_on_from_stays_closed(study, outcomes, repairs):
    from dataclasses import replace

    falling = [{"rating": -float(epoch)} for epoch in range(6)]
    rows = [dict.fromkeys(study.examples, float(epoch)) | each for epoch, each in enumerate(falling)]
    log = [{"epoch": n, **{f"score/{task}": value for task, value in row.items()}} for n, row in enumerate(rows)]
    first = replace(outcomes[0][0], log=log, best_epoch=5)
    repairs.made = {"joint": [first], "valved": [replace(first, log=log[:1], best_epoch=0)]}
    repairs.going = {"valved": Going("joint", valves={"brand": 0.3}, harmed=("sentiment",))}
    assert repairs._closed(repairs.going["valved"], first) == ("rating",)
    second = Going("valved", valves={"brand": 0.0}, harmed=("sentiment",))
    assert repairs._closed(second, repairs.made["valved"][0]) == ("rating",)
    assert repairs._closed(Going("valved", harmed=("rating",)), repairs.made["valved"][0]) == ()


def test_folders_differ_by_arm_and_seed():
    assert len({folder_name(arm, seed) for arm in ("joint, private a", "joint, private A") for seed in (0, 1)}) == 4


def test_a_regrown_model_answers_as_before(study, outcomes):
    model = outcomes[0][0].model
    grown = regrown(model, with_adapter(with_valves(model.shape, {"rating": 0.0}), "rating", 4), seed=5)
    assert differing(study, model, grown) == set()  # an adapter begins as nothing


def test_a_valve_is_never_opened_further(study):
    once = with_valves(study.shape, {"rating": 0.2})
    assert with_valves(once, {"rating": 0.5}).sharing.valves == {"rating": 0.2}
    from dataclasses import replace

    blocks = {"rating.item": 0.1, "rating.history": 0.9, "brand": 0.5}
    shape = replace(study.shape, sharing=replace(study.shape.sharing, valves=blocks))
    valves = build(with_valves(shape, {"rating": 0.3}), seed=0).sharing.valves
    found = [valves.of("rating", block) for block in ("item", "history", "text")]
    assert found == [0.1, 0.3, 0.3] and valves.of("brand", "item") == 0.5


def test_between_goes_from_one_to_the_other(study, outcomes):
    one, other = (outcome.model for outcome in outcomes[0])
    assert differing(study, between(one, other, 0.0), one) == differing(study, between(one, other, 1.0), other) == set()
    assert differing(study, between(one, other, 0.5), one) == set(study.examples)


def test_only_private_weights_are_filled(study, outcomes):
    one, other = (regrown(outcome.model, outcome.model.shape, seed=0) for outcome in outcomes[0])
    before = regrown(one, one.shape, seed=0)
    fill(one, other, tasks=("sentiment",))
    assert differing(study, before, one) == {"sentiment"}


def test_a_task_that_others_read_does_not_stand_alone(study):
    from dataclasses import replace

    from motet.stages.arms import new_model

    for kind, expected in (("shared_bottom", True), ("valve", False)):
        shape = replace(study.shape, sharing=replace(study.shape.sharing, kind=kind))
        model = new_model(study, shape, seed=0)
        assert (
            stands_alone(model, "rating", judge_batches(study, study.examples, most=LOOKED_AT), study.tensors)
            or not expected
        )
