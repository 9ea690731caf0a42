"""Reasons are facts of the tiny shop."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from motet.recommend import Catalogue, Loaded, Question, UserStates, recommend
from motet.recommend.explain import MAX_REASONS, Shared, shared_attribute, similar_past

from .conftest import ITEMS, TASKS, TinyScorer, make_catalogue, make_users


def reasons(shop: Loaded, item: str, question: Question) -> tuple[str, ...]:
    return next(one.reasons for one in recommend(shop, question).items if one.item == item)


def test_a_shared_attribute() -> None:
    catalogue = make_catalogue()
    assert shared_attribute(catalogue, (0,), 3) == Shared("kind", "fruit", 1)
    assert shared_attribute(catalogue, (1, 2), 4) == Shared("kind", "dairy", 1)
    assert shared_attribute(catalogue, (2, 1), 5) is None, "nothing in common"
    assert shared_attribute(catalogue, (3,), 3) is None, "an item is no reason for itself"
    assert shared_attribute(catalogue, (), 3) is None


def test_what_half_of_the_catalogue_has_says_nothing() -> None:
    catalogue = make_catalogue()
    common = replace(catalogue, attributes=catalogue.attributes.with_columns(kind=np.array(["x"] * 6)))
    assert shared_attribute(common, (1,), 4) is None


def many_items() -> Loaded:
    """300 items with vectors in all directions; item 7 is nearly item 3."""
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(300, 32)).astype(np.float32)
    vectors[7] = vectors[3] + 0.1 * rng.normal(size=32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    catalogue = Catalogue(
        pl.Series([str(n) for n in range(300)]), titles=pl.Series([f"Tea no. {n}" for n in range(300)])
    )
    scorer = TinyScorer(tasks={"next_item": TASKS["next_item"]}, item_vectors=vectors, next_item=np.full(300, 1 / 300))
    return Loaded(catalogue, UserStates.empty(), scorer)


def test_similar_only_if_remarkably_so() -> None:
    shop = many_items()
    assert similar_past(shop, (9, 3), 7) == 3
    assert similar_past(shop, (9,), 7) is None
    assert similar_past(shop, (7,), 7) is None, "an item is no reason for itself"
    assert similar_past(shop, (), 7) is None


def test_a_long_history_is_no_more_often_similar_by_chance() -> None:
    shop = many_items()
    had = tuple(range(20, 70))
    told = [similar_past(shop, had, item) for item in range(70, 300)]
    assert sum(past is not None for past in told) < 0.06 * len(told)
    assert similar_past(shop, (*had, 3), 7) == 3


def test_similar_names_the_past_item_by_its_title() -> None:
    ranked = recommend(many_items(), Question(history=["9", "3"], k=300, explain=True, candidates=300))
    by_item = {one.item: one.reasons for one in ranked.items}
    assert by_item["7"] == ("similar to Tea no. 3, which you had",)
    assert sum(bool(said) for said in by_item.values()) < 30, "most items are like neither"


def test_the_objective_that_speaks_for_an_item(shop: Loaded) -> None:
    assert "likely rated 4 or higher (90%)" in reasons(shop, "dates", Question("bob", explain=True))
    assert "buy is likely (80%)" in reasons(shop, "figs", Question("bob", explain=True))
    assert reasons(shop, "figs", Question("bob")) == ()
    said = reasons(shop, "figs", Question("bob", explain=True, weights={"rating": 5, "buy": 0.1}))
    assert "buy is likely (80%)" in said, "rated high with 40 % only, below the mean of the candidates"


def test_a_weighted_objective_below_one_half_says_by_how_much(shop: Loaded, scorer: TinyScorer) -> None:
    scorer.buy = scorer.buy / 10
    assert "buy: 8%, above 4% for the other candidates" in reasons(
        shop, "figs", Question("bob", explain=True, weights={"buy": 1})
    )


def test_no_praise_that_is_not_so(shop: Loaded) -> None:
    assert reasons(shop, "bread", Question("ann", explain=True)) == ()


def test_strangers_are_told_that_it_is_popular(shop: Loaded) -> None:
    assert reasons(shop, "bread", Question("zed", explain=True)) == ("popular: 9 events by all users",)
    assert not any("popular" in reason for reason in reasons(shop, "dates", Question("zed", explain=True)))


def test_chinese(scorer: TinyScorer) -> None:
    shop = Loaded(make_catalogue(), make_users(), scorer, language="zh")
    assert reasons(shop, "bread", Question("zed", explain=True)) == ("热门：全部用户共 9 次",)
    assert "与您的 1 件物品kind相同：fruit" in reasons(shop, "dates", Question("ann", explain=True))
    assert reasons(shop, "bread", Question("zed", explain=True, language="en"))[0].startswith("popular")


@pytest.mark.parametrize("source", ["query", "profile"])
def test_query_and_profile_are_named(shop: Loaded, source: str) -> None:
    question = Question("cleo", query="figs" if source == "query" else None, explain=True)
    said = reasons(shop, "figs", question)
    assert ("fits your search" in said) == (source == "query")
    assert ("ranked by your profile" in said) == (source == "profile")
    if source == "query":
        assert "fits your search" not in reasons(shop, "bread", question)


@pytest.mark.parametrize("user", ["ann", "zed"])
def test_a_query_like_no_item_moves_nothing_and_says_so(user: str) -> None:
    scorer = TinyScorer()
    scorer.query_scores = lambda texts: np.full((len(texts), len(ITEMS)), -np.log(len(ITEMS)), np.float32)  # type: ignore[method-assign]
    shop = Loaded(make_catalogue(), make_users(), scorer)
    asked, plain = (recommend(shop, Question(user, query=query, explain=True)) for query in ("zzz qqq", None))
    assert [one.item for one in asked.items] == [one.item for one in plain.items]
    assert all("nothing here is like your search" in one.reasons for one in asked.items)
    assert not any("fits your search" in one.reasons for one in asked.items)
    assert ("popular: 9 events by all users" in asked.items[0].reasons) == (user == "zed")


def test_never_more_than_three(shop: Loaded) -> None:
    ranked = recommend(shop, Question("ann", query="dates", explain=True, seen="allow", weights={"buy": 1}))
    assert all(len(one.reasons) <= MAX_REASONS for one in ranked.items)


def test_every_template_is_in_both_languages() -> None:
    import string

    from motet.recommend.explain import _TEMPLATES

    for template in _TEMPLATES.values():
        fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in template.values()]
        assert set(template) == {"en", "zh"}
        assert fields[0] >= fields[1]
