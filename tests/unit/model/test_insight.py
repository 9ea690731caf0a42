"""What a packed model says of its own scores is what it answers when the thing is really gone."""

from copy import copy
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.features.batch import FeatureArrays, ItemArrays
from motet.features.columns import ColumnState, fit_columns
from motet.features.memory import Recall, Recent
from motet.model.inputs import FeatureTensors, to_tensors
from motet.model.insight import blanked_items, blanked_plain
from motet.recommend.insight import MEMORY, TEXT, Insight
from motet.recommend.port import History
from motet.schema import TableSpec
from motet.testing import tiny_in_memory

from .test_runtime import World


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    settings = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}
    made = World(tiny_in_memory(settings=settings), tmp_path_factory.mktemp("insight") / "model")
    made.bundle = replace(made.bundle, loaded=replace(made.bundle.loaded, scorer=made.scorer))
    return made


@pytest.fixture(scope="module")
def histories(shop):
    users = shop.bundle.loaded.users
    found = [users.history(str(user)) for user in users.users[:3]]
    return [replace(one, item_L=np.where(one.item_L < 6, -1, one.item_L)) for one in found]


def really_blank(scorer, item, trait):
    """A scorer of a catalogue in which one item says less everywhere."""
    other = copy(scorer)
    rows = torch.tensor([item + 1])
    other._items = blanked_items(scorer._items, rows, trait, scorer._served.state.items)
    tensors = FeatureTensors(other._items, None, None, {}, scorer._device)
    other._predictors = {name: each.on(tensors) for name, each in scorer._predictors.items()}
    return other


@pytest.mark.parametrize("task", ["next_item", "buy", "rating"])
def test_blanking_in_a_batch_is_blanking_one_by_one(shop, histories, task):
    scorer, items_Bn = shop.scorer, np.array([[0, 3], [1, 0], [5, 5]], np.int32)
    assert isinstance(scorer, Insight) and set(scorer.traits) >= {TEXT, "brand", "categories"}
    for trait in scorer.traits:
        found = scorer.blanked_scores(task, scorer.states(histories), items_Bn, trait)
        for b, n in np.ndindex(items_Bn.shape):
            alone, item = really_blank(scorer, int(items_Bn[b, n]), trait), items_Bn[b : b + 1, n : n + 1]
            states = alone.states([histories[b]])
            if task == "next_item":
                expected = alone.next_item_scores(states)[0, items_Bn[b, n]]
            else:
                expected = alone.task_scores(task, states, item)[0, 0]
            np.testing.assert_allclose(found[b, n], expected, atol=2e-5, err_msg=trait)


def test_a_blanked_item_stays_in_histories_as_it_was(shop):
    scorer = shop.scorer
    user = str(shop.bundle.loaded.users.users[0])
    history = shop.bundle.loaded.users.history(user)
    item = int(history.item_L[-1])
    items = np.array([[item]], np.int32)
    blanked = scorer.blanked_scores("buy", scorer.states([history]), items, TEXT)
    everywhere = really_blank(scorer, item, TEXT)
    assert abs(blanked - everywhere.task_scores("buy", everywhere.states([history]), items)).max() > 1e-5


def test_without_its_memory_a_ranking_says_what_the_network_says(shop, histories):
    scorer, items = shop.scorer, np.array([[0, 3], [1, 0], [5, 2]], np.int32)
    states = scorer.states(histories)
    silent = Recall(states.recall.memory, Recent(*(np.full_like(each, -1) for each in _recent(states))))
    alone = scorer.next_item_scores(replace(states, recall=silent))
    found = scorer.blanked_scores("next_item", states, items, MEMORY)
    np.testing.assert_allclose(found, np.take_along_axis(alone, items.astype(np.int64), 1), atol=1e-5)


def _recent(states):
    recent = states.recall.recent
    return recent.item_nW, recent.counted_nW.astype(np.int64), recent.own_n


def test_the_memory_s_share_is_what_the_mixture_added(shop, histories):
    scorer, items = shop.scorer, np.tile(np.arange(6, dtype=np.int32), (3, 1))
    states = scorer.states(histories)
    head = shop.scorer._served.models["joint"].head("next_item")
    assert not head.mix.get().shut
    share = scorer.memory_share(states, items)
    both = scorer.next_item_scores(states)[:, :6]
    network = scorer.blanked_scores("next_item", states, items, MEMORY)
    # P = (p + e) / Z, so (1 − share) · P = p / Z, with one Z for all items of a user
    ratio = np.log1p(-share.astype(np.float64)) + both - network
    assert np.ptp(ratio, axis=1).max() < 1e-4
    assert share.min() >= 0 and share.max() > 0


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 30), st.floats(0.01, 5), st.floats(0.01, 5), st.floats(0, 1), st.booleans())
def test_contributions_of_a_real_model_sum_to_the_score(shop, place, first, second, popularity, worth):
    users = shop.bundle.loaded.users.users
    said = {"next_item": first, "rating": second}
    asked = {"values": said} if worth else {"weights": said}
    ranked = shop.bundle.recommend(str(users[place % len(users)]), k=3, explain=True, popularity=popularity, **asked)
    for one in ranked.items:
        assert sum(one.explanation.objectives.values()) == pytest.approx(one.score, abs=1e-6)
        for part in (*one.explanation.events, *one.explanation.item):
            assert sum(part.objectives.values()) == pytest.approx(part.loses, abs=1e-6)


def test_an_event_s_loss_is_what_the_model_says_without_it(shop):
    users, catalogue = shop.bundle.loaded.users, shop.bundle.loaded.catalogue
    user = str(users.users[1])
    (one,) = shop.bundle.recommend(user, k=1, explain=True).items
    history = users.history(user)
    for part in one.explanation.events[:3]:
        kept = np.delete(np.arange(len(history)), len(history) - part.ago)
        states = shop.scorer.states([_some(history, kept)])
        without = shop.scorer.next_item_scores(states)[0, catalogue.index[one.item]]
        assert part.loses == pytest.approx(one.score - without, abs=1e-4)
    assert max(abs(part.loses) for part in one.explanation.events) > 1e-3


def _some(history, kept):
    return History(
        history.item_L[kept],
        history.columns[kept],
        history.time_L[kept],
        None,
        None if history.text_LD is None else history.text_LD[kept],
        history.profile,
    )


SPEC = TableSpec(path="-", id="item", columns={"kind": "category", "tags": "tags", "price": "number", "labels": "tags"})


@pytest.mark.parametrize("column", ["kind", "tags", "price", "labels"])
def test_a_blanked_column_is_encoded_as_one_that_says_nothing(column):
    frame = pl.DataFrame(
        {
            "kind": ["a", "b", "a", "b"],
            "tags": [["x", "y"], ["x"], [], ["y"]],
            "price": [1.0, 2.0, 3.0, 4.0],
            "labels": [["x"], ["x"], ["z"], ["z"]],
        }
    )
    state: ColumnState = fit_columns(frame, SPEC, list(SPEC.columns))
    rows = [0, 3]
    nulls = pl.when(pl.int_range(pl.len()).is_in(rows)).then(None).otherwise(pl.col(column)).alias(column)
    found = blanked_plain(_tensors(state.encode(frame)), torch.tensor(rows), column, state)
    expected = _tensors(state.encode(frame.with_columns(nulls)))
    for name in ("codes_nC", "bins_nB", "tag_ids", "tag_starts"):
        assert torch.equal(getattr(found, name), getattr(expected, name)), name


def _tensors(plain):
    empty = np.zeros((len(plain), 0), np.float32)
    items = ItemArrays(empty, empty, plain, plain, np.zeros(len(plain), np.int32))
    return to_tensors(FeatureArrays(items, None, None, {}), torch.device("cpu")).items.plain
