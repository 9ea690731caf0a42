"""Lists from preselected candidates are those of the whole catalogue's scores."""

import sys
from copy import copy

import numpy as np
import polars as pl
import pytest

import motet
from motet.model import leading as module
from motet.model.preselect import Table
from motet.recommend.ann import build_index
from motet.recommend.port import Leading, Wanted
from motet.recommend.prepare import is_stale, prepare
from motet.schema import RetrieveConfig
from motet.testing import tiny_in_memory, tiny_shop
from motet.workflow import train

MANY = 900


@pytest.fixture(scope="module", params=["mask", "allow"])
def bundle(request, tmp_path_factory):
    """A shop with many more items than were bought; items may return, or not."""
    frames = tiny_shop()
    rng, items = np.random.default_rng(0), frames["items"]
    more = items.sample(MANY, with_replacement=True, seed=0).with_columns(
        item=pl.Series([f"more{each}" for each in range(MANY)]), price=pl.Series(rng.uniform(1, 99, MANY))
    )
    frames["items"] = pl.concat([items, more.select(items.columns).cast(items.schema)])
    settings = {
        "tasks": {"next_item": {"kind": "next_item", "repeats": request.param}},
        "train": {"epochs": 1, "batch": 512, "device": "cpu"},
    }
    path = tmp_path_factory.mktemp("leading") / request.param
    train(tiny_in_memory(frames, tasks=("next_item",), settings=settings), path)
    return motet.load(path, device="cpu")


def told(bundle, **config):
    """A scorer of the same model that finds candidates in another way."""
    scorer = copy(bundle.loaded.scorer)
    scorer._retrieve, scorer._lookup = RetrieveConfig(**config), module.Lookup()
    return scorer


def histories(bundle, num=12):
    users = bundle.loaded.users
    return [users.history(user) for user in users.users.head(num).to_list()]


def check(scorer, bundle, allowed, *, num=50, atol=2e-3, missed=0.0):
    """Compare what leads with the scores of the whole catalogue."""
    states = scorer.states(histories(bundle))
    whole = scorer.next_item_scores(states)
    found = scorer.leading(states, [Wanted(allowed, num)] * len(whole))
    shares = []
    for row, leads in zip(whole, found, strict=True):
        np.testing.assert_allclose(leads.log_n, row[leads.items_n], atol=atol)
        assert allowed[leads.items_n].all() and (np.diff(leads.items_n) > 0).all()
        best = np.flatnonzero(allowed)[np.argsort(-row[allowed], kind="stable")[:num]]
        least = row[best[-1]]
        shares.append(np.isin(best[row[best] > least + 1e-5], leads.items_n).mean())
    assert np.mean(shares) >= 1 - missed
    return whole, found


@pytest.mark.parametrize("low", [True, False])
@pytest.mark.parametrize("hidden", [0.0, 0.9])
def test_preselection_finds_what_all_scores_find(bundle, low, hidden, monkeypatch):
    scorer = told(bundle, whole=10)
    assert isinstance(scorer, Leading)
    predictor = scorer._predictors[scorer._served.routes["next_item"]]
    monkeypatch.setitem(predictor._tables, "next_item", Table.of(predictor.catalogue("next_item")[1:].float(), low=low))
    allowed = np.random.default_rng(1).random(len(bundle.loaded.catalogue)) >= hidden
    check(scorer, bundle, allowed, atol=2e-3 if low else 1e-4)
    assert scorer.leading(scorer.states(histories(bundle, 2)), [None, None]) == [None, None]


def test_a_small_catalogue_is_scored_as_a_whole(bundle):
    scorer = told(bundle, whole=100_000)
    allowed = np.ones(len(bundle.loaded.catalogue), np.bool_)
    assert scorer.leading(scorer.states(histories(bundle, 2)), [Wanted(allowed, 5)] * 2) == [None, None]
    assert scorer.prepare(lambda: pytest.fail("nobody is measured")).kind == "whole"


def test_an_index_is_measured_and_used(bundle):
    scorer = told(bundle, whole=10, exact=20, recall=0.5, probes=64)
    found = scorer.prepare(lambda: histories(bundle))
    assert found.kind == "index" and found.recall >= 0.5 and found.items == len(bundle.loaded.catalogue)
    allowed = np.ones(len(bundle.loaded.catalogue), np.bool_)
    check(scorer, bundle, allowed, missed=0.01)


def test_where_filters_leave_too_few_in_the_cells_the_exact_way_answers(bundle):
    scorer = told(bundle, whole=10, exact=20, recall=0.0, probes=1)
    assert scorer.prepare(lambda: histories(bundle)).kind == "index"
    everything = np.ones(len(bundle.loaded.catalogue), np.bool_)
    scarce = everything & (np.arange(len(everything)) % 97 == 0)
    check(scorer, bundle, scarce, num=8)  # no cell holds eight of these


def test_an_index_that_finds_too_little_is_not_used(bundle):
    scorer = told(bundle, whole=10, exact=20, recall=1.0, probes=1)
    found = scorer.prepare(lambda: histories(bundle))
    assert found.kind == "exact" and found.recall < 1 and "finds" in found.reason and scorer._lookup.state == (None, [])
    check(scorer, bundle, np.ones(len(bundle.loaded.catalogue), np.bool_))


def test_without_faiss_the_exact_way_goes_on(bundle, monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    scorer = told(bundle, whole=10, exact=20)
    found = scorer.prepare(lambda: histories(bundle))
    assert found.kind == "exact" and "faiss" in found.reason
    assert "no users" in scorer.prepare(list).reason
    check(scorer, bundle, np.ones(len(bundle.loaded.catalogue), np.bool_))


def test_items_that_are_put_later_are_found_beside_the_index(bundle, monkeypatch):
    scorer = told(bundle, whole=10, exact=20, recall=0.5, probes=64)
    scorer.prepare(lambda: histories(bundle))
    size = len(bundle.loaded.catalogue)
    row = {"title": "violin drum", "brand": "Cedar", "categories": ["music"], "price": 55.0}
    later = scorer.with_items(np.array([size, 3], np.int32), pl.DataFrame([row, row]))
    assert later._lookup.state[1] == [size, 3] and not later.stale
    allowed = np.zeros(size + 1, np.bool_)
    allowed[[3, 7, size]] = True
    _, found = check(later, bundle, allowed, num=3)
    assert {3, size} <= set(found[0].items_n.tolist())
    monkeypatch.setattr(module, "STALE", 0.0)
    later._lookup.note(np.arange(1_001))
    assert later.stale
    assert (
        later.prepare(lambda: histories(bundle)).items == size + 1 and later._lookup.state[1] == [] and not later.stale
    )


def test_lists_are_the_same_whichever_way(bundle):
    from dataclasses import replace

    loaded = bundle.loaded
    users = loaded.users.users.head(6).to_list()
    ways = [told(bundle), told(bundle, whole=10), told(bundle, whole=10, exact=20, recall=0.0, probes=4_000)]
    found = []
    for scorer in ways:
        other = replace(bundle, loaded=replace(loaded, scorer=scorer))
        other.prepare()
        found.append(
            [other.recommend_many(users, k=10, exclude=["more1"], **more) for more in ({}, {"popularity": 0.1})]
        )
    for lists in zip(*[each[0] + each[1] for each in found], strict=True):
        first = lists[0]
        for other in lists[1:]:
            np.testing.assert_allclose(
                [one.score for one in other.items], [one.score for one in first.items], atol=5e-3
            )
    assert not is_stale(loaded) and prepare(loaded).kind == "whole"
    assert callable(build_index)


def test_what_is_put_while_an_index_is_built_is_not_forgotten(bundle, monkeypatch):
    """Items change between the copy that the index is made of and its use."""
    scorer = told(bundle, whole=10, exact=20, recall=0.0, probes=64)
    row = pl.DataFrame([{"title": "violin drum", "brand": "Cedar", "categories": ["music"], "price": 55.0}])
    later = []

    def slowly(*given, **more):
        made = build_index(*given, **more)
        later.append(scorer.with_items(np.array([5], np.int32), row))
        return made

    monkeypatch.setattr(module, "build_index", slowly)
    scorer.prepare(lambda: histories(bundle))
    index, put = later[0]._lookup.state
    assert index is not None and put == [5]
    later[0].with_items(np.array([6], np.int32), row)
    scorer.prepare(lambda: histories(bundle))
    assert later[0]._lookup.state[1] == [5], "what changed before the second one was begun is in it"
