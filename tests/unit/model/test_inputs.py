import numpy as np
import torch

from motet.features.ngrams import Bags
from motet.model.inputs import BagTensors, gather_bags


def rows_of(ids, starts):
    return [ids[low:high].tolist() for low, high in zip(starts, starts[1:], strict=False)]


def test_chosen_bags_are_the_bags_of_the_chosen():
    bags = [[3, 1], [], [4], [5, 9, 2]]
    ids, starts = torch.tensor([3, 1, 4, 5, 9, 2]), torch.tensor([0, 2, 2, 3, 6])
    for chosen in ([3, 0], [1], [1, 1, 2, 2, 0], []):
        found = gather_bags(ids, starts, torch.tensor(chosen, dtype=torch.long))
        assert rows_of(*found) == [bags[row] for row in chosen]


def test_weights_go_with_their_ids():
    ids, starts = torch.tensor([7, 8, 9]), torch.tensor([0, 1, 3])
    taken = BagTensors(ids, starts, torch.tensor([0.1, 0.2, 0.3])).take(torch.tensor([1, 0]))
    assert taken.ids.tolist() == [8, 9, 7] and taken.starts.tolist() == [0, 2, 3]
    torch.testing.assert_close(taken.weights, torch.tensor([0.2, 0.3, 0.1]))


def test_tensors_are_the_arrays(study):
    arrays, tensors = study.features.arrays, study.tensors
    assert np.array_equal(tensors.items.text.numpy(), arrays.items.text)
    assert np.array_equal(tensors.items.plain_masked.codes_nC.numpy(), arrays.items.plain_masked.codes_nC)
    assert np.array_equal(tensors.events.item_N.numpy(), arrays.events.item_N)
    assert tensors.items.count.dtype == tensors.events.item_N.dtype == torch.int64
    for name, row in arrays.rows.items():
        for family, bag in row.bags.items():
            assert isinstance(bag, Bags)
            assert np.array_equal(tensors.rows[name].bags[family].ids.numpy(), bag.ids)


def test_taking_rows_takes_their_columns_and_tags(study):
    plain, chosen = study.tensors.items.plain, torch.tensor([5, 0, 5, 2])
    taken = plain.take(chosen)
    assert torch.equal(taken.codes_nC, plain.codes_nC[chosen]) and torch.equal(taken.bins_nB, plain.bins_nB[chosen])
    whole = rows_of(plain.tag_ids, plain.tag_starts)
    assert rows_of(taken.tag_ids, taken.tag_starts) == [whole[row] for row in chosen.tolist()]
