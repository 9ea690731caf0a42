import numpy as np
import pytest
from scipy import sparse

from motet.features import memory as room
from motet.features.memory import (
    DECAY,
    FLOOR,
    FOLLOWS,
    RESEMBLES,
    SHRINK,
    WINDOW,
    Memory,
    Recall,
    Recent,
    count_transitions,
    strongest,
)

NUM = 6


def recent(rows, own=None, counted=True):
    """Recent items, the last first, from lists of lists."""
    item = np.full((len(rows), WINDOW), -1, np.int64)
    for at, row in enumerate(rows):
        item[at, : len(row)] = row
    own = np.full(len(rows), -1) if own is None else np.asarray(own)
    return Recent(item, (item >= 0) & counted, own.astype(np.int64))


# three people bought 0 1 2, 0 1 3 and 1 2
EVENTS = recent([[], [0], [1, 0], [], [0], [1, 0], [], [1]], own=[0, 1, 2, 0, 1, 3, 1, 2])


@pytest.fixture
def memory():
    counts, total = count_transitions(EVENTS, NUM)
    alike = sparse.csr_array(np.eye(NUM, k=1, dtype=np.float32) * 0.5)  # 0 resembles 1, 1 resembles 2, …
    return Memory(counts, total, alike)


def told(memory, asked):
    found = memory.recall(asked)
    keys = zip(found.row_p.tolist(), found.kind_p.tolist(), found.item_p.tolist(), strict=True)
    return dict(zip(keys, found.value_p.tolist(), strict=True))


def log(share):
    return np.log1p(share / FLOOR)


def test_counts_by_hand(memory):
    counts = memory.count_II.toarray()
    wanted = np.zeros((NUM, NUM))
    wanted[0, 1], wanted[0, 2], wanted[0, 3] = 2.0, 0.5, 0.5
    wanted[1, 2], wanted[1, 3] = 2.0, 1.0
    np.testing.assert_allclose(counts, wanted)
    np.testing.assert_allclose(memory.total_I, wanted.sum(1))


def test_a_question_recalls_what_followed_and_what_resembles(memory):
    found = told(memory, recent([[1, 0]]))
    first, second = 1 / (3 + SHRINK), DECAY / (3 + SHRINK)
    wanted = {
        (0, FOLLOWS, 1): log(2 * second),
        (0, FOLLOWS, 2): log(2 * first + 0.5 * second),
        (0, FOLLOWS, 3): log(1 * first + 0.5 * second),
        (0, RESEMBLES, 1): 0.5 * DECAY,
        (0, RESEMBLES, 2): 0.5,
    }
    assert found == pytest.approx(wanted, rel=1e-5)


def test_an_event_leaves_its_own_counts_out(memory):
    """The third event of the first person: as if she had never bought 2 after 1 and 0."""
    rest = np.arange(len(EVENTS.own_n)) != 2
    without = Memory(*count_transitions(EVENTS.take(rest), NUM), memory.alike_II)
    assert told(memory, EVENTS.take([2])) == pytest.approx(told(without, recent([[1, 0]])), rel=1e-4)


@pytest.mark.parametrize("place", range(8))
def test_every_event_is_asked_as_if_it_had_not_been_counted(memory, place):
    rest = np.arange(len(EVENTS.own_n)) != place
    without = Memory(*count_transitions(EVENTS.take(rest), NUM), memory.alike_II)
    unknown = Recent(EVENTS.item_nW, EVENTS.counted_nW, np.full(8, -1))
    assert told(memory, EVENTS.take([place])) == pytest.approx(told(without, unknown.take([place])), rel=1e-4)


def test_what_only_its_own_event_says_is_not_recalled():
    """Nobody else took 5 after 4: the event that did must not be told so; others are."""
    own = recent([[4]], own=[5])
    memory = Memory(*count_transitions(own, NUM), sparse.csr_array((NUM, NUM), dtype=np.float32))
    assert told(memory, own) == {}
    assert told(memory, recent([[4]])) == pytest.approx({(0, FOLLOWS, 5): log(1 / (1 + SHRINK))}, rel=1e-5)


def test_an_item_that_stands_twice_among_the_last_is_left_out_twice():
    own = recent([[4, 4]], own=[5])
    memory = Memory(*count_transitions(own, NUM), sparse.csr_array((NUM, NUM), dtype=np.float32))
    assert memory.total_I[4] == 1.5 and told(memory, own) == {}


def test_events_that_were_not_counted_have_nothing_to_leave_out(memory):
    held = recent([[1, 0]], own=[-1])
    assert told(memory, held) == told(memory, recent([[1, 0]]))
    # the asked event counts, what came before it does not: its counts hold nothing of the pair
    half = recent([[1, 0]], own=[2], counted=False)
    assert told(memory, half) == told(memory, held)


def test_pairs_come_by_question_and_a_part_is_asked_as_the_whole(memory):
    asked = recent([[1, 0], [], [0], [5]])
    found = memory.recall(asked)
    assert (np.diff(found.row_p) >= 0).all() and set(found.row_p.tolist()) == {0, 2}
    part = Recall(memory, asked).take(slice(2, 4)).pairs()
    np.testing.assert_array_equal(part.item_p, found.item_p[found.row_p == 2])
    np.testing.assert_array_equal(part.value_p, found.value_p[found.row_p == 2])


def test_rows_keep_their_strongest_and_equal_ones_go_by_item():
    dense = np.array([[3, 1, 2, 2], [0, 0, 0, 0], [1, 1, 1, 1], [0, 0, 0, 9]], np.float32)
    np.testing.assert_array_equal(
        strongest(sparse.csr_array(dense), 2).toarray(), [[3, 0, 2, 0], [0] * 4, [1, 1, 0, 0], [0, 0, 0, 9]]
    )


def test_counting_in_pieces_is_counting_at_once(monkeypatch):
    rng = np.random.default_rng(0)
    item = rng.integers(0, 30, (500, WINDOW))
    asked = Recent(item, np.ones(item.shape, bool), rng.integers(0, 30, 500))
    whole, total = count_transitions(asked, 30)
    monkeypatch.setattr(room, "CHUNK", 64)
    pieces, again = count_transitions(asked, 30)
    np.testing.assert_allclose(whole.toarray(), pieces.toarray(), rtol=1e-5)
    np.testing.assert_allclose(total, again)
    monkeypatch.setattr(room, "FOLLOWERS", 3)
    monkeypatch.setattr(room, "CROWDED", 50)
    few, still = count_transitions(asked, 30)
    assert np.diff(few.indptr).max() == 3
    np.testing.assert_allclose(still, total, rtol=1e-6)  # a row's sum is that of all its counts


def test_it_comes_back_from_arrays(memory):
    again = Memory.from_arrays(memory.to_arrays())
    asked = recent([[1, 0], [2], [0, 1, 2]])
    assert told(memory, asked) == told(again, asked)
