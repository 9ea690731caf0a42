import numpy as np

from motet.features.tokens import no_tokens, tokens_of
from motet.features.whitening import Standardise

FIT = Standardise(np.zeros(2, np.float32), np.ones(2, np.float32))


def lists(tokens):
    return [tokens.ids[tokens.starts[row] : tokens.starts[row + 1]].tolist() for row in range(len(tokens))]


def test_rows_come_back_as_they_went_in():
    rows = [[5, 6], [], [7]]
    assert lists(tokens_of(rows, FIT)) == rows
    assert lists(tokens_of([], FIT)) == []


def test_rows_are_joined_chosen_and_put_behind_an_empty_one():
    first, then = tokens_of([[1], [2, 3]], FIT), tokens_of([[4]], FIT)
    assert lists(first.followed_by(then)) == [[1], [2, 3], [4]]
    assert lists(first.followed_by(then).take(np.array([2, 0, 2]))) == [[4], [1], [4]]
    assert lists(first.with_empty_first()) == [[], [1], [2, 3]]
    assert lists(no_tokens(2, FIT).followed_by(first)) == [[], [], [1], [2, 3]]
