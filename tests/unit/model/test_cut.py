import torch

from motet.model.cut import Cut


def test_tasks_that_read_different_rows_meet_in_the_map_over_them():
    cut = Cut()
    x_nd = torch.tensor([[1.0, 2.0], [3.0, 0.0], [0.0, 1.0]], requires_grad=True)
    seen = cut.meet(x_nd)
    first, second = cut.tensor(seen[:1] * 2), cut.tensor(seen[1:2])
    found = []
    for loss in (first[:, 0].sum(), -second[:, 0].sum()):
        found.append(cut.at_common(torch.autograd.grad(loss, cut.leaves, allow_unused=True)))
    assert torch.equal(found[0][0], torch.tensor([[2.0, 0.0], [4.0, 0.0]]))
    assert torch.equal(found[1][0], torch.tensor([[-3.0, 0.0], [0.0, 0.0]]))


def test_a_common_tensor_that_tasks_also_read_directly_counts_both_ways():
    cut = Cut()
    x_nd = torch.eye(2, requires_grad=True)
    seen = cut.meet(x_nd)
    leaf, behind = cut.tensor(cut.meet(x_nd)), cut.tensor(seen * 10)
    (found,) = cut.at_common(torch.autograd.grad(leaf.sum() + behind.sum(), cut.leaves))
    assert torch.equal(found, torch.full((2, 2), 11.0)) and len(cut.common) == 1


def test_what_reads_the_tensor_before_the_views_do_is_no_part_of_it():
    """The history trunk reads the items' vectors, too; going through it for every task is what is saved."""
    cut, passed = Cut(), []
    x_nd = torch.eye(2, requires_grad=True)
    deep = x_nd * 3
    deep.register_hook(passed.append)
    states, items = cut.meet(deep), cut.meet(x_nd)
    leaf = cut.tensor(states + items)
    found = cut.at_common(torch.autograd.grad(leaf.sum(), cut.leaves))
    assert torch.equal(found[0], 3 * torch.ones(2, 2)) and torch.equal(found[1], torch.ones(2, 2))
    assert not passed


def test_nothing_to_learn_is_nothing_to_compare():
    cut = Cut()
    fixed = torch.ones(2, 2)
    assert cut.meet(fixed) is fixed and cut.tensor(fixed) is fixed and cut.tensor(None) is None
    assert cut.common == [] and cut.at_common([]) == []
