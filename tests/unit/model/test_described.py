import numpy as np
import polars as pl
import pytest

from motet.features.batch import ItemArrays
from motet.features.columns import Plain
from motet.features.growing import Growth
from motet.model.described import described, grown, joined, typed, with_columns, words_placed


def items(*rows: int) -> ItemArrays:
    """Items whose every array says which one it is; item n has n % 3 tags."""
    number = np.array(rows)
    tags = [[row] * (row % 3) for row in rows]
    starts = np.concatenate([[0], np.cumsum([len(each) for each in tags])]).astype(np.int64)
    plain = Plain(number[:, None].astype(np.int32), number[:, None] / 2, np.array(sum(tags, []), np.int32), starts)
    return ItemArrays(number[:, None] * 1.0, number[:, None] * 2.0, plain, plain, number.astype(np.int32))


@pytest.mark.parametrize("growth", [None, Growth()])
def test_described_items_stand_where_they_are_asked_to(growth: Growth | None) -> None:
    found = grown(items(0, 10, 20, 30), np.array([2, 4]), items(71, 82), growth=growth)
    assert found.text[:, 0].tolist() == [0, 10, 71, 30, 82]
    assert found.text_masked[:, 0].tolist() == [0, 20, 142, 60, 164]
    assert found.plain.codes_nC[:, 0].tolist() == [0, 10, 71, 30, 82]
    assert found.count.tolist() == [0, 10, 20, 30, 0], "how often an item was seen stays"
    bags = [
        found.plain.tag_ids[a:b].tolist()
        for a, b in zip(found.plain.tag_starts, found.plain.tag_starts[1:], strict=False)
    ]
    assert bags == [[], [10], [71, 71], [], [82]]
    assert len(joined(items(1), items(2)).count) == 2


def test_frames_grow_alike() -> None:
    known = pl.DataFrame({"a": ["x", "y"]})
    assert words_placed(None, np.array([1]), known, None) is None
    assert with_columns(known, ["a", "b"]).columns == ["a", "b"]
    table = {"columns": {"a": {"meaning": "number"}, "t": {"meaning": "tags"}}}
    assert typed(pl.DataFrame({"a": ["1", "x"], "t": ["p|q", None]}), table).to_dicts() == [
        {"a": 1.0, "t": ["p", "q"]},
        {"a": None, "t": None},
    ]
    assert callable(described)
