import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.features.growing import Growth


def test_rows_stand_where_they_are_put_and_the_first_array_stays() -> None:
    growth, first = Growth(), np.arange(6.0).reshape(3, 2)
    second = growth.place("a", first, np.array([1, 3]), np.array([[8.0, 8.0], [9.0, 9.0]]))
    assert second.tolist() == [[0, 1], [8, 8], [4, 5], [9, 9]] and first[1].tolist() == [2, 3]
    assert growth.follow("b", np.zeros(0, np.int64), np.array([4])).tolist() == [4]


def test_two_that_grow_from_the_same_do_not_write_into_each_other() -> None:
    growth = Growth()
    start = growth.follow("a", np.arange(3), np.array([3]))
    one = growth.follow("a", start, np.array([10]))
    other = growth.follow("a", start, np.array([20]))
    assert one.tolist() == [0, 1, 2, 3, 10] and other.tolist() == [0, 1, 2, 3, 20] and start.tolist() == [0, 1, 2, 3]


def test_what_a_row_costs_does_not_grow_with_the_table() -> None:
    def copied(size: int) -> int:
        growth = Growth()
        rows = growth.follow("a", np.zeros(size), np.zeros(1))
        before = growth.copied
        for _ in range(50):
            rows = growth.follow("a", rows, np.zeros(1))
            rows = growth.place("a", rows, np.array([7]), np.ones(1))
        return growth.copied - before

    assert copied(1_000) == copied(100_000) == 100


@given(st.lists(st.tuples(st.sets(st.integers(0, 1), max_size=2), st.integers(0, 5)), max_size=12))
@settings(max_examples=60, deadline=None)
def test_it_is_as_if_everything_were_copied(steps: list[tuple[set[int], int]]) -> None:
    growth, rows, plain = Growth(), np.zeros(2), [0.0, 0.0]
    for value, (changed, more) in enumerate(steps, start=1):
        places = [*changed, *range(len(plain), len(plain) + more)]
        plain += [0.0] * more
        for place in places:
            plain[place] = float(value)
        rows = growth.place("a", rows, np.array(places, np.int64), np.full(len(places), float(value)))
        assert rows.tolist() == plain
    assert growth.copied <= 3 * len(plain) + sum(len(changed) for changed, _ in steps) + 32
