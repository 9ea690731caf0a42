import pytest
import torch

from motet.model.sharing.cross_stitch import KEEP, Columns, CrossStitch, Stitch

from ._strategies import questions, shaken, strategy, together


def set_weights(stitch, weights_rP):
    """Give a stitch the same weights in every channel."""
    with torch.no_grad():
        stitch.change_rPd.copy_((torch.tensor(weights_rP) - stitch.start_rP1[..., 0])[..., None])


def test_a_stitch_by_hand():
    stitch = Stitch(2, 3, range(2))
    set_weights(stitch, [[0.5, 0.5], [2.0, -1.0]])
    x = torch.tensor([[[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]]])
    assert torch.allclose(stitch(x), torch.tensor([[[2.0, 2.0, 2.0], [-1.0, 2.0, 5.0]]]))


def test_a_stitch_begins_near_the_identity():
    stitch = Stitch(3, 4, [1])
    assert torch.allclose(stitch.weights()[0, :, 0], torch.tensor([(1 - KEEP) / 2, KEEP, (1 - KEEP) / 2]))
    assert torch.equal(Stitch(1, 4, [0]).weights(), torch.ones(1, 1, 4))


def test_identity_stitches_keep_columns_apart(study):
    made, z, group = shaken(strategy(study, "cross_stitch")), questions(study), together(study)
    assert isinstance(made, CrossStitch) and len(group) > 1
    columns = made.columns[group[0]]
    set_weights(columns.stitch, torch.eye(len(group)).tolist())
    for place, task in enumerate(group):
        set_weights(made.private[task], [torch.eye(len(group))[place].tolist()])
    read = made.adapt(group, z)
    for place, task in enumerate(group):
        assert torch.allclose(read[task], columns.second[place](columns.first[place](z)), atol=1e-5), task
    others = [weight for place in range(1, len(group)) for weight in columns.second[place].parameters()]
    found = torch.autograd.grad(read[group[0]].square().sum(), others, allow_unused=True)
    assert all(each is None or not each.any() for each in found)


def test_every_loss_reaches_every_column_through_the_stitches(study):
    made, z, group = shaken(strategy(study, "cross_stitch")), questions(study), together(study)
    y = made.adapt([group[0]], z)[group[0]]
    weights = list(made.columns[group[0]].parameters())
    assert all(each.any() for each in torch.autograd.grad(y.square().sum(), weights))


def test_a_task_that_begins_alone_has_its_column_to_itself(study):
    made, z = shaken(strategy(study, "cross_stitch")), questions(study)
    own = made.private["sentiment"]
    assert isinstance(own, Columns) and "sentiment" not in made.columns
    wanted = own.second[0](own.stitch(own.first[0](z)[:, None])[:, 0])
    assert torch.allclose(made.adapt(["sentiment"], z)["sentiment"], wanted, atol=1e-6)


def test_it_begins_as_plain_sharing(study):
    made, z = strategy(study, "cross_stitch"), questions(study)
    for group in set(made.peers.values()):
        for task, y in made.adapt(group, z).items():
            assert torch.allclose(y, z, atol=1e-5), task


def test_how_much_a_task_takes_of_each_column_is_watched(study):
    made, group = strategy(study, "cross_stitch").train(), together(study)
    made.adapt(group, questions(study))
    usage = made.gate_usage()
    for task in group:
        others = (1 - KEEP) / (len(group) - 1)
        assert usage[task] == {other: pytest.approx(KEEP if other == task else others) for other in group}


def test_the_stitches_start_is_no_weight(study):
    assert not [name for name in strategy(study, "cross_stitch").state_dict() if "start_rP1" in name]
