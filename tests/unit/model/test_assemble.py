from dataclasses import replace

import torch

from motet.features.batch import Batch
from motet.model.assemble import MotetModel, build, count_parameters
from motet.model.shape import SharingShape
from motet.model.sharing.shared_bottom import SharedBottom
from motet.model.sharing.single import Single


def losses(model, batches, tensors, **options):
    found = {}
    for batch in batches:
        found |= model.losses(batch, tensors, **options)
    return found


def reached(module):
    return {name for name, each in module.named_parameters() if each.grad is not None and each.grad.any()}


def test_a_twin_is_the_joint_model_without_the_others(study):
    twin = build(study.shape.only("rating"), seed=0)
    assert set(twin.heads) == {"rating"} and isinstance(twin.sharing, SharedBottom)
    assert not twin.sharing.trunk.texts and len(twin.sharing.trunk.fusions) == 1
    joint = build(study.shape, seed=0)
    shapes = {name: value.shape for name, value in joint.named_parameters()}
    assert all(shapes[name] == value.shape for name, value in twin.named_parameters())
    assert count_parameters(twin) < count_parameters(joint)


def test_the_shared_bottom_is_one_trunk(model, study):
    assert len({id(model.sharing.trunk_of(task)) for task in study.shape.tasks}) == 1


def test_alone_every_task_has_a_trunk_and_moves_nothing_but_it(study, batches):
    model = build(replace(study.shape, sharing=SharingShape("single")), seed=0)
    assert isinstance(model.sharing, Single)
    trunks = {task: model.sharing.trunk_of(task) for task in study.shape.tasks}
    assert len({id(trunk) for trunk in trunks.values()}) == len(trunks)
    for task, loss in losses(model, batches, study.tensors).items():
        model.zero_grad()
        loss.backward(retain_graph=True)
        assert reached(trunks[task]), task
        assert not any(reached(trunk) for other, trunk in trunks.items() if other != task), task


def test_in_the_shared_bottom_tasks_move_the_same_trunk(model, study, batches):
    moved = {}
    for task, loss in losses(model, batches, study.tensors).items():
        model.zero_grad()
        loss.backward(retain_graph=True)
        moved[task] = reached(model.sharing.trunk)
    history = ("next_item", "interest", "buy", "rating", "club")
    assert all(any(name.startswith("history.layers") for name in moved[task]) for task in history)
    assert any(name.startswith("items.text") for name in moved["brand"] & moved["next_item"])


def test_a_batch_of_one_task_gives_the_loss_that_it_has_among_others(study):
    """In evaluation mode: what a task is taught does not depend on who sits beside it."""
    model = build(study.shape, seed=0).eval()
    together = losses(model, next(iter(study.plan.epoch(0, 0, study.shape.tasks)))[1], study.tensors)
    for task in study.shape.tasks:
        alone = losses(model, next(iter(study.plan.epoch(0, 0, [task])))[1], study.tensors)
        assert set(alone) == {task}
        torch.testing.assert_close(alone[task], together[task], rtol=1e-4, atol=1e-5)


def test_a_ranking_reads_the_users_state_itself(model, study, batches):
    trunk = model.sharing.trunk
    block = next(b for b in batches[-1].blocks if "next_item" in b.targets)
    batch = Batch(batches[-1].segments, (block,))
    (state,) = trunk(batch, study.tensors, trunk.item_vectors(study.tensors))
    assert torch.equal(model.read("next_item", state), state.history_nd)
    assert torch.equal(model.read("interest", state), state.z_nd)


def test_a_task_with_a_teacher_learns_its_answers_and_not_its_labels(study, batches):
    model, teacher = build(study.shape, seed=0).eval(), build(study.shape, seed=1).eval()
    plain = losses(model, batches, study.tensors)
    taught = losses(model, batches, study.tensors, teachers={"rating": teacher, "sentiment": teacher})
    for task in study.shape.tasks:
        assert torch.equal(plain[task], taught[task]) == (task not in ("rating", "sentiment")), task
    itself = losses(model, batches, study.tensors, teachers={"rating": model})
    model.zero_grad()
    itself["rating"].backward()
    assert max(float(each.grad.abs().max()) for each in model.parameters() if each.grad is not None) < 1e-6


def test_a_teacher_answers_the_labelled_questions_in_order(study, batches):
    model = build(study.shape, seed=0).eval()
    block = next(b for b in batches[-1].blocks if "rating" in b.targets)
    answers = model.answers_to("rating", batches[-1], study.tensors)
    assert len(answers) == len(block.targets["rating"].index_m) < block.size
    assert not answers.requires_grad


def test_the_same_seed_makes_the_same_model(study):
    one, same, other = (build(study.shape, seed=seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_items_are_not_encoded_where_no_view_looks_them_up(study):
    for task, needed in {"brand": False, "sentiment": False, "rating": True, "club": True}.items():
        twin = MotetModel(study.shape.only(task))
        assert (twin.vectors(twin.sharing.trunk_of(task), study.tensors) is not None) == needed, task
