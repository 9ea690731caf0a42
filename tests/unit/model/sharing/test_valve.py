from dataclasses import replace

import pytest
import torch

from motet.model.assemble import build
from motet.model.names import module_name
from motet.model.shape import SharingShape
from motet.model.sharing._adapters import Adapter, ItemAddition, adapter_blocks
from motet.model.sharing.valve import LITTLE, Valve


@pytest.fixture
def made(study):
    return build(replace(study.shape, sharing=SharingShape("valve", rank=3)), seed=0).eval()


def losses(model, batches, tensors):
    return {task: loss.item() for batch in batches for task, loss in model.losses(batch, tensors).items()}


def test_it_begins_as_plain_sharing(made, batches, study):
    plain = build(replace(study.shape, sharing=SharingShape("shared_bottom")), seed=0).eval()
    plain.load_state_dict({name: made.state_dict()[name] for name in plain.state_dict()})
    one, other = losses(made, batches, study.tensors), losses(plain, batches, study.tensors)
    assert one == pytest.approx(other, rel=1e-5)


def test_every_task_has_an_adapter_of_the_rank_it_is_given(study):
    sharing = Valve(replace(study.shape, sharing=SharingShape("valve", rank=3, ranks={"brand": 5})))
    ranks = {
        task: next(iter(sharing.adapters[module_name(task)].down.values())).out_features for task in study.shape.tasks
    }
    assert ranks == dict.fromkeys(study.shape.tasks, 3) | {"brand": 5}


def test_any_strategy_takes_adapters_of_named_tasks(study, batches):
    shape = replace(study.shape, sharing=SharingShape("shared_bottom", ranks={"brand": 2}))
    model = build(shape, seed=0).eval()
    assert list(model.sharing.adapters) == [module_name("brand")]
    before = losses(model, batches, study.tensors)
    with torch.no_grad():
        model.sharing.adapters[module_name("brand")].up.weight.normal_()
    after = losses(model, batches, study.tensors)
    assert {task for task in before if before[task] != after[task]} == {"brand"}


def test_peers_are_read_but_not_taught(made, batches, study):
    """Tasks of one view with all weight on the peer send it no gradient."""
    views = {}
    for task, each in made.shape.tasks.items():
        views.setdefault((each.view, each.output == "ranking"), []).append(task)
    one, other = next(tasks for tasks in views.values() if len(tasks) > 1)[:2]
    gate = made.sharing.private[module_name(one)]["gate"]
    place = [one, *(name for name in made.sharing.peers[one] if name != one)].index(other)
    with torch.no_grad():
        gate.score.bias.fill_(-40.0)[place] = 40.0
    for batch in batches:
        found = made.losses(batch, study.tensors)
        if one in found:
            found[one].backward()
    assert all(p.grad is None or not p.grad.any() for p in made.sharing.adapters[module_name(other)].parameters())
    assert all(p.grad is None or p.grad.abs().max() < 1e-12 for p in made.sharing.trunk.parameters())


def test_an_adapter_adds_nothing_at_first_and_reads_every_block():
    adapter = Adapter(("history", "item/past"), 8, 3)
    blocks = {"history": torch.randn(4, 8), "item/past": torch.randn(4, 8)}
    assert not adapter(blocks).any()
    torch.nn.init.ones_(adapter.up.weight)
    moved = blocks | {"item/past": torch.randn(4, 8)}
    assert not torch.allclose(adapter(blocks), adapter(moved))


def test_own_items_begin_at_nothing_and_later_items_have_none():
    own = ItemAddition(3, 8, size=2)
    assert not own.all(4).any()
    torch.nn.init.ones_(own.delta.weight)
    assert own.all(4)[1:].any() and not own.all(4)[0].any()
    assert not own(torch.tensor([0])).any()


def test_a_ranking_adapts_the_history_alone(study):
    assert adapter_blocks(study.shape, "next_item") == ("history",)
    assert adapter_blocks(study.shape, "brand")[-1] == "fusion"
    assert LITTLE < -3
