"""Every question's token has read exactly its events; told by brute force."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from motet.features.segments import gather, single_stretches, training_stretches

LENGTHS = st.lists(st.integers(0, 23), min_size=1, max_size=5)


def asked(lengths, seed, n=30):
    """Return random questions (user index + 1, events before it) about users with so many events, and the offsets."""
    rng = np.random.default_rng(seed)
    user = rng.integers(0, len(lengths), n)
    cut = np.array([rng.integers(0, lengths[one] + 1) for one in user])
    return user + 1, cut, np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def wanted(user, cut, starts, max_history):
    """The event numbers (event + 1) that a question may read."""
    first = starts[user - 1]
    return list(range(first + max(0, cut - max_history) + 1, first + cut + 1))


@given(LENGTHS, st.integers(1, 8), st.integers(0, 99))
def test_in_training_a_token_reads_its_last_events_within_its_window(lengths, max_history, seed):
    user, cut, starts = asked(lengths, seed)
    stretches, stretch_of = training_stretches(user, cut, max_history=max_history)
    segments = gather(stretches, np.arange(len(stretches.user_S)), starts)
    for question in range(len(user)):
        row = stretch_of[question]
        token = cut[question] - stretches.first_S[row]
        assert 0 <= token <= stretches.length_S[row]
        read = segments.event_BL[row, max(0, token - max_history) : token]
        assert read.tolist() == wanted(user[question], cut[question], starts, max_history)
        assert segments.user_B[row] == user[question]


@given(LENGTHS, st.integers(1, 8), st.integers(0, 99))
def test_a_stretch_is_no_longer_than_two_windows_and_ends_with_a_question(lengths, max_history, seed):
    user, cut, _ = asked(lengths, seed)
    stretches, stretch_of = training_stretches(user, cut, max_history=max_history)
    assert stretches.length_S.max() <= 2 * max_history
    for row in range(len(stretches.user_S)):
        assert (cut[stretch_of == row] - stretches.first_S[row]).max() == stretches.length_S[row]
    assert set(stretch_of.tolist()) == set(range(len(stretches.user_S)))


@given(LENGTHS, st.integers(1, 8), st.integers(0, 99))
def test_alone_a_question_reads_its_last_events(lengths, max_history, seed):
    user, cut, starts = asked(lengths, seed)
    segments = gather(single_stretches(user, cut, max_history=max_history), np.arange(len(user)), starts)
    for question in range(len(user)):
        read = segments.event_BL[question]
        assert read[read > 0].tolist() == wanted(user[question], cut[question], starts, max_history)
        assert (np.diff((read > 0).astype(int)) <= 0).all(), "padding stands at the end"


def test_by_hand():
    stretches, stretch_of = training_stretches(np.array([1, 1, 2]), np.array([2, 5, 0]), max_history=4)
    segments = gather(stretches, np.array([0, 1, 2]), np.array([0, 6, 9]))
    assert stretch_of.tolist() == [0, 1, 2]
    assert segments.event_BL.tolist() == [[1, 2, 0, 0, 0], [1, 2, 3, 4, 5], [0, 0, 0, 0, 0]]
    assert segments.user_B.tolist() == [1, 1, 2]


def test_an_unknown_user_has_no_events():
    unknown = np.array([0])
    segments = gather(single_stretches(unknown, unknown, max_history=3), np.array([0]), np.array([0, 6]))
    assert segments.event_BL.shape == (1, 0) and segments.user_B.tolist() == [0]
