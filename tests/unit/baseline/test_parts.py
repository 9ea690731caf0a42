"""The pieces that the methods share."""

import numpy as np
import polars as pl
import pytest

from motet.baseline._columns import shown_columns, to_codes, to_matrix
from motet.baseline._past import Pasts, training_counts
from motet.baseline._similar import similar_items
from motet.baseline._texts import words_of, words_of_items
from motet.baseline.graph import LAGS, SHRINK, transitions
from motet.baseline.item_mean import _bayes, _effects
from motet.baseline.linear_text import tfidf
from motet.schema import TRAIN
from motet.tasks import TASK_KINDS


def examples_of(world, name):
    task = world.project.tasks[name]
    return TASK_KINDS.get(task.kind)().examples(task, world)


def test_histories_end_at_the_cut_and_count_their_age_from_the_end(world):
    examples = examples_of(world, "next_item")
    at = np.asarray([0, 5, 7])
    past = Pasts(world.events).of(examples, at, last=3)
    events = world.events
    for n, question in enumerate(at):
        start = events.starts[examples.user_n[question]]
        own = events.item_N[start : start + examples.cut_n[question]][-3:]
        assert past.item[past.row == n].tolist() == own.tolist()
        assert past.age[past.row == n].tolist() == list(range(len(own)))[::-1]
    assert [len(items) for items in past.by_row()] == np.minimum(examples.cut_n[at], 3).tolist()
    assert past.matrix(np.ones(len(past.row)), len(events.items)).sum() == len(past.row)


def test_transitions_count_training_pairs_by_their_distance(world):
    events, counts = world.events, np.zeros((len(world.events.items),) * 2)
    for user in range(len(events.users)):
        own = slice(events.starts[user], events.starts[user + 1])
        items = events.item_N[own][events.part_N[own] == TRAIN]
        for lag in range(1, LAGS + 1):
            for source, target in zip(items[:-lag], items[lag:], strict=True):
                counts[source, target] += 1 / lag
    expected = counts / (counts.sum(axis=1, keepdims=True) + SHRINK)
    assert np.allclose(transitions(events).toarray(), expected, atol=1e-6)


def test_training_counts_leave_held_out_events_out(world):
    assert training_counts(world).sum() == (world.events.part_N == TRAIN).sum()


def test_items_resemble_their_own_kind_and_not_themselves(world):
    similar = similar_items(world).toarray()
    assert np.allclose(np.diag(similar), 0)
    assert np.allclose(similar, similar.T, atol=1e-6)


def test_held_out_cells_are_no_words(world):
    words = words_of_items(world)
    held = pl.Series(world.task_parts["kinds"] > TRAIN)
    ids = world.tables.frame("items")["@id"]
    place = {item: n for n, item in enumerate(world.events.items)}
    for item, is_held in zip(ids, held, strict=True):
        assert ("kinds_thing" in words[place[item]]) == (not is_held)
    assert not words_of(examples_of(world, "kinds"), world).str.contains("kinds_").any()


def test_columns_of_events_tell_of_item_and_history_before_the_row(world):
    examples = examples_of(world, "stars")
    columns = shown_columns(examples, world)
    assert columns["history.events"].to_list() == examples.cut_n.tolist()
    stars = world.inputs["events"]["stars"].to_numpy()
    start = world.events.starts[examples.user_n]
    for n in (0, 3, 100):
        own = stars[start[n] : start[n] + examples.cut_n[n]]
        assert columns["history.stars sum"][n] == pytest.approx(own.sum())
    counts = training_counts(world)
    itself = world.events.part_N[examples.row_n] == TRAIN
    assert columns["item.events"].to_list() == (counts[examples.item_n] - itself).tolist()
    assert not [name for name in columns.columns if name.startswith("row.")]


def test_codes_and_matrices_know_training_rows_only():
    frame = pl.DataFrame({"word": ["a", "b", "a", "c", None], "number": [1.0, 3.0, None, 1e9, 2.0]})
    train = np.asarray([0, 1, 2])
    assert to_codes(frame["word"], train)[0].tolist() == [0, 1, 0, -1, -1]
    fitted, held = to_matrix(frame, [train, np.asarray([3, 4])])
    assert fitted.shape == (3, 5) and held.shape == (2, 5)
    assert held.toarray()[:, :2].sum() == 0
    assert held.toarray()[0, 2] == 10  # far away is not further
    assert fitted.toarray()[2, 2:].tolist() == [0, 0, 1]


@pytest.mark.parametrize("language", ["en", "zh", "multi"])
def test_texts_without_any_term_are_a_column_of_nothing(language):
    matrices = tfidf(pl.Series(["", "", ""]), [np.asarray([0, 1]), np.asarray([2])], language=language)
    assert [matrix.shape for matrix in matrices] == [(2, 1), (1, 1)]


def test_chinese_is_read_by_characters():
    words = pl.Series(["质量很好", "质量很差", "很好"])
    fitted, held = tfidf(words, [np.asarray([0, 1]), np.asarray([2])], language="zh")
    similarity = (held @ fitted.T).toarray()[0]
    assert similarity[0] > similarity[1] > 0


def test_effects_explain_users_and_items():
    user, item = np.repeat(np.arange(30), 30).astype(np.int32), np.tile(np.arange(30), 30).astype(np.int32)
    value = 3.0 + (user % 3 - 1) + 0.5 * (item % 3 - 1)
    guess = _effects(value, (user, item), np.arange(900), np.arange(900))
    assert np.abs(guess - value).max() < 0.3
    unknown = _effects(value, (np.append(user, -1), np.append(item, -1)), np.arange(900), np.asarray([900]))
    assert unknown[0] == pytest.approx(value.mean())


def test_unknown_user_and_item_get_the_prior():
    code, group = np.asarray([0, 1, 1, 1, 0]), np.asarray([0, 0, 1, 1, -1], np.int32)
    share = _bayes(code, (group,), np.arange(4), np.asarray([4]), 2)
    assert share[0] == pytest.approx([0.25, 0.75], abs=1e-3)
