import torch

from motet.model.inputs import PlainTensors
from motet.model.shape import ColumnShape
from motet.model.trunk.columns import ColumnSum, RowTower, tag_mean
from motet.model.trunk.fusion import Fusion

PLAIN = PlainTensors(
    torch.tensor([[1, 3], [0, 2]]), torch.tensor([[1.0, 0.5], [0, 0]]), torch.tensor([0, 1]), torch.tensor([0, 2, 2])
)


def test_a_row_is_the_sum_of_its_columns():
    torch.manual_seed(0)
    columns = ColumnSum(ColumnShape(codes=4, code_columns=2, bins=2, tags=2), 5, scale=0.3)
    codes, tags, bins = columns.codes.weight, columns.tags.weight, columns.bins.weight
    first = codes[1] + codes[3] + bins[:, 0] + 0.5 * bins[:, 1] + (tags[0] + tags[1]) / 2
    torch.testing.assert_close(columns(PLAIN), torch.stack([first, codes[0] + codes[2]]))


def test_without_columns_a_row_is_zero():
    bare = PlainTensors(
        torch.zeros(2, 0, dtype=torch.long), torch.zeros(2, 0), PLAIN.tag_ids[:0], torch.zeros(3).long()
    )
    assert not ColumnSum(ColumnShape(), 5, scale=0.3)(bare).any()


def test_a_row_without_tags_has_a_zero_mean():
    table = torch.nn.Embedding(2, 3)
    found = tag_mean(table, PLAIN)
    torch.testing.assert_close(found[0], table.weight.mean(0))
    assert not found[1].any()


def test_every_kind_of_column_reaches_a_row():
    torch.manual_seed(0)
    tower = RowTower(ColumnShape(codes=4, code_columns=2, bins=2, tags=2), 8, dropout=0.0)
    before = tower(PLAIN)
    assert before.shape == (2, 8)
    changes = {
        "codes_nC": torch.tensor([[0, 3], [0, 2]]),
        "bins_nB": torch.tensor([[0.0, 0.5], [0, 0]]),
        "tag_ids": torch.tensor([1, 1]),
    }
    for name, value in changes.items():
        after = tower(PlainTensors(**{**vars(PLAIN), name: value}))
        assert (after[0] - before[0]).abs().sum() > 1e-4 and torch.equal(after[1], before[1])


def test_fusion_adds_to_the_mean_of_its_sources():
    sources = [torch.randn(4, 6) for _ in range(3)]
    fusion = Fusion(3, 6, dropout=0.0)
    plain = torch.stack(sources).mean(0)
    assert not torch.allclose(fusion(sources), plain)
    with torch.no_grad():
        fusion.layers[-1].weight.zero_()
        fusion.layers[-1].bias.zero_()
    torch.testing.assert_close(fusion(sources), plain)
