import torch

from motet.model.trunk.past import past_of


def test_counts_and_nearness_of_each_questions_own_prefix():
    items = torch.tensor([[3, 5, 3, 0], [7, 0, 7, 2]])  # 0 is an event without an item, or padding
    width = items.shape[1] + 1
    states = torch.tensor([0 * width + 3, 1 * width + 4, 0 * width + 1, 0])
    past = past_of(items, states, window=10)
    found = {(int(r), int(i)): (float(c), float(n)) for r, i, c, n in zip(*vars(past).values(), strict=True)}
    assert found == {
        (0, 3): (2.0, 1.0),
        (0, 5): (1.0, 1 / 2),
        (1, 7): (2.0, 1 / 2),
        (1, 2): (1.0, 1.0),
        (2, 3): (1.0, 1.0),
    }


def test_only_the_window_counts():
    past = past_of(torch.tensor([[4, 5, 6]]), torch.tensor([3]), window=2)
    assert past.item_p.tolist() == [5, 6]


def test_no_events_no_past():
    assert len(past_of(torch.zeros((2, 0), dtype=torch.int64), torch.tensor([0, 1]), window=5).row_p) == 0


def test_take_and_between_renumber():
    past = past_of(torch.tensor([[1, 2], [3, 4]]), torch.tensor([2, 3 + 2, 3 + 1]), window=5)
    chosen = past.take(torch.tensor([2, 0]), 3)
    assert list(zip(chosen.row_p.tolist(), chosen.item_p.tolist(), strict=True)) == [(0, 3), (1, 1), (1, 2)]
    middle = past.between(1, 2)
    assert middle.row_p.tolist() == [0, 0] and middle.item_p.tolist() == [3, 4]
