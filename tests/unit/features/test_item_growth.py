import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.features.batch import ItemArrays
from motet.features.columns import Plain
from motet.features.growing import Growth
from motet.features.item_growth import counts_placed, items_placed, plain_placed


def encoded(tags: list[list[int]], mark: int) -> Plain:
    starts = np.concatenate([[0], np.cumsum([len(each) for each in tags])]).astype(np.int64)
    codes = np.full((len(tags), 1), mark, np.int32)
    return Plain(codes, codes / 2, np.array(sum(tags, []), np.int32), starts, codes.astype(np.float32))


def bags(plain: Plain) -> list[list[int]]:
    return [plain.tag_ids[a:b].tolist() for a, b in zip(plain.tag_starts, plain.tag_starts[1:], strict=False)]


@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.integers(0, 2), st.lists(st.integers(0, 99), max_size=3)),
            st.lists(st.lists(st.integers(0, 99), max_size=3), max_size=3),
        ),
        max_size=6,
    )
)
@settings(max_examples=80, deadline=None)
def test_tags_of_any_number_stand_with_their_items(steps: list) -> None:
    plain, known, growth = encoded([[], [1], [2, 3]], 0), [[], [1], [2, 3]], Growth()
    for mark, (changed, more) in enumerate(steps, start=1):
        behind = {len(known) + at: tags for at, tags in enumerate(more)}
        chosen = {**dict(reversed(behind.items())), **changed}
        if not chosen:
            continue
        known += more
        for place, tags in changed.items():
            known[place] = tags
        plain = plain_placed(growth, "p", plain, np.array(list(chosen)), encoded(list(chosen.values()), mark))
        assert bags(plain) == known
        assert all(plain.codes_nC[place, 0] == mark for place in chosen)
        assert np.array_equal(plain.bins_nB * 2, plain.codes_nC) and np.array_equal(plain.vectors_nV, plain.codes_nC)


def test_an_item_costs_the_same_in_a_large_catalogue() -> None:
    def copied(size: int) -> int:
        plain = encoded([[1, 2]] * size, 0)
        text = np.zeros((size, 3), np.float32)
        items, growth = ItemArrays(text, text, plain, plain, np.arange(size, dtype=np.int32)), Growth()
        one = encoded([[5, 6]], 1)
        new = ItemArrays(text[:1] + 1, text[:1] + 2, one, one, np.zeros(1, np.int32))
        items = items_placed(growth, items, np.array([size]), new)
        before = growth.copied
        for each in range(20):
            items = items_placed(growth, items, np.array([len(items.count)]), new)
            items = items_placed(growth, items, np.array([each]), new)
        assert items.text[size:, 0].tolist() == [1.0] * 21 and items.text_masked[3, 0] == 2.0
        assert items.count[5] == 5 and items.count[size] == 0 and bags(items.plain)[-1] == [5, 6]
        return growth.copied - before

    assert copied(100) == copied(10_000)
    assert counts_placed(Growth(), "c", np.array([4, 5]), np.array([1, 2])).tolist() == [4, 5, 0]
