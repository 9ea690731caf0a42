"""Lists from questions, worked by hand on the tiny shop."""

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from motet.errors import RequestError
from motet.recommend import Catalogue, Loaded, Question, RankedList, UserStates, recommend, recommend_many

from .conftest import BUY, HIGH, ITEMS, NEXT, TASKS, TinyScorer, make_catalogue, make_users


def names(ranked: RankedList) -> list[str]:
    return [one.item for one in ranked.items]


def ask(shop: Loaded, user: str | None = None, **options: Any) -> RankedList:
    return recommend(shop, Question(user, **options))


def test_a_known_user_by_next_item(shop: Loaded) -> None:
    ranked = ask(shop, "ann")
    assert ranked.source == "history"
    assert names(ranked) == ["bread", "cheese", "dates", "eggs", "figs"], "apple is known already"
    assert ranked.items[0].score == pytest.approx(math.log(0.25))
    assert ranked.items[0].scores == {"next_item": pytest.approx(0.25)}
    assert ranked.items[0].reasons == ()


def test_blending_by_hand(shop: Loaded) -> None:
    ranked = ask(shop, "ann", weights={"next_item": 0.5, "rating": 1.0, "buy": 0.25})
    score = 0.5 * np.log(NEXT) + np.log(HIGH) + 0.25 * np.log(BUY)
    expected = [n for n in np.argsort(-score) if n != 0]
    assert names(ranked) == [ITEMS[n] for n in expected]
    for one, n in zip(ranked.items, expected, strict=True):
        assert one.score == pytest.approx(score[n], abs=1e-6)
        assert one.scores == {
            "next_item": pytest.approx(NEXT[n]),
            "rating": pytest.approx(HIGH[n]),
            "buy": pytest.approx(BUY[n]),
        }


def test_one_task_alone_ranks_the_whole_catalogue(shop: Loaded) -> None:
    ranked = ask(shop, "dan", weights={"next_item": 0, "buy": 1}, candidates=1)
    assert names(ranked) == ["cheese", "figs", "eggs", "dates", "bread", "apple"]


def test_candidates_bound_what_is_rescored(shop: Loaded) -> None:
    ranked = ask(shop, "ann", k=1, candidates=2, weights={"buy": 100})
    assert names(ranked) == ["cheese"], "the better figs were not among the two best by next item"


def test_without_a_ranking_task_the_others_count_equally(scorer: TinyScorer) -> None:
    scorer.tasks = {name: view for name, view in TASKS.items() if name != "next_item"}
    ranked = recommend(Loaded(make_catalogue(), make_users(), scorer), Question("dan"))
    score = np.log(BUY) + np.log(HIGH)
    assert names(ranked) == [ITEMS[n] for n in np.argsort(-score)]
    assert set(ranked.items[0].scores) == {"buy", "rating"}


def test_seen_items(shop: Loaded, scorer: TinyScorer) -> None:
    assert "apple" in names(ask(shop, "ann", seen="allow"))
    scorer.tasks["next_item"] = replace(TASKS["next_item"], repeats="allow")  # type: ignore[index]
    assert "apple" in names(ask(shop, "ann"))
    assert "apple" not in names(ask(shop, "ann", seen="mask"))


def test_exclude_filters_and_availability(shop: Loaded, scorer: TinyScorer) -> None:
    assert names(ask(shop, "dan", exclude=["apple", "nobody knows"], filters={"kind": "fruit"})) == ["dates"]
    closed = replace(make_catalogue(), available_I=np.array([0, 1, 1, 1, 1, 1], bool))
    assert "apple" not in names(recommend(Loaded(closed, make_users(), scorer), Question("dan")))


def test_sources_in_their_order(shop: Loaded) -> None:
    assert ask(shop, "bob").source == "history"
    assert ask(shop, "cleo").source == "profile"
    assert ask(shop, "dan").source == "popular"
    assert ask(shop, "never heard of").source == "popular"
    assert ask(shop).source == "popular"
    assert ask(shop, profile={"age": "old"}).source == "profile"
    assert ask(shop, history=["apple"]).source == "history"
    assert ask(shop, "bob", query="figs").source == "query"


def test_strangers_get_what_is_popular_ties_in_catalogue_order(shop: Loaded) -> None:
    ranked = ask(shop, "zed", k=4)
    assert names(ranked) == ["bread", "eggs", "apple", "figs"]
    assert ranked.items[0].scores["next_item"] == pytest.approx(10 / 32)


def test_a_query_of_a_stranger_is_answered_by_text_alone(shop: Loaded) -> None:
    ranked = ask(shop, query="figs")
    assert names(ranked)[:2] == ["figs", "apple"]
    assert ranked.items[0].scores == {"query": pytest.approx(0.9)}
    assert ranked.items[1].score == pytest.approx(ranked.items[5].score), "popularity plays no part"


def test_a_query_and_a_history_multiply(shop: Loaded) -> None:
    ranked = ask(shop, "ann", query="figs")
    assert ranked.items[0].item == "figs"
    assert ranked.items[0].score == pytest.approx(math.log(0.9) + math.log(0.03), abs=1e-6)
    assert names(ask(shop, "ann", query="figs", weights={"query": 0.1}))[0] == "bread"
    assert ask(shop, "ann", query="figs", weights={"query": 0}).items[0].scores == {"next_item": pytest.approx(0.25)}


def test_a_query_is_enough_where_no_task_ranks(scorer: TinyScorer) -> None:
    scorer.tasks = {"sentiment": TASKS["sentiment"]}
    shop = Loaded(make_catalogue(), make_users(), scorer)
    assert names(ask(shop, query="eggs", k=1)) == ["eggs"]
    with pytest.raises(RequestError, match="no task that ranks"):
        ask(shop, "ann")


def test_a_blank_query_is_none(shop: Loaded) -> None:
    assert ask(shop, "ann", query="   ").source == "history"


def test_all_filtered_and_empty_and_single_catalogues(shop: Loaded, scorer: TinyScorer) -> None:
    empty = ask(shop, "ann", filters={"kind": "metal"})
    assert empty.to_json() == {"items": [], "source": "history"}
    assert ask(shop, "ann", exclude=ITEMS).items == ()
    silent = TinyScorer(item_vectors=np.zeros((0, 0), np.float32))
    nothing = Loaded(Catalogue(pl.Series("@item", [], dtype=pl.String)), UserStates.empty(), silent)
    assert recommend(nothing, Question("ann", explain=True)).to_json() == {"items": [], "source": "popular"}
    one = Loaded(Catalogue(pl.Series("@item", ["apple"])), UserStates.empty(), OneItem())
    assert names(recommend(one, Question(explain=True, diversity=0.5))) == ["apple"]


class OneItem(TinyScorer):
    def __init__(self) -> None:
        super().__init__(item_vectors=np.ones((1, 2), np.float32), next_item=np.ones(1))


def test_many_users_get_what_each_would_get_alone(shop: Loaded) -> None:
    questions = [
        Question("ann", explain=True, weights={"buy": 1}),
        Question("bob", k=1),
        Question(query="dates", filters={"kind": "fruit"}),
        Question("dan", filters={"kind": "metal"}, weights={"rating": 1}),
        Question("cleo", weights={"next_item": 0, "rating": 2}, diversity=0.5),
        Question("bob", query="figs", explain=True),
    ]
    together = recommend_many(shop, questions)
    assert [one.to_json() for one in together] == [recommend(shop, question).to_json() for question in questions]
    assert recommend_many(shop, []) == []


def test_answers_that_are_not_numbers_stay_inside(shop: Loaded, scorer: TinyScorer) -> None:
    scorer.next_item[1], scorer.next_item[2] = np.nan, 0.0
    scorer.buy[3] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        ranked = ask(shop, "dan2", history=["apple"], weights={"buy": 1, "rating": 1}, explain=True)
    text = json.dumps(ranked.to_json(), allow_nan=False)
    assert len(ranked) == 5 and "NaN" not in text


def test_scores_below_the_floor_keep_their_order(scorer: TinyScorer) -> None:
    scorer.next_item = np.array([1e-9, 1e-7, 1e-8, 1e-11, 1e-10, 1.0])
    ranked = recommend(Loaded(make_catalogue(), make_users(), scorer), Question("cleo"))
    assert names(ranked) == ["figs", "bread", "cheese", "apple", "eggs", "dates"]


def test_the_same_question_has_the_same_answer(shop: Loaded) -> None:
    scorer = shop.scorer
    scorer.next_item = np.full(6, 1 / 6)  # type: ignore[attr-defined]
    first = ask(shop, "cleo", k=3)
    assert names(first) == ["apple", "bread", "cheese"]
    assert all(ask(shop, "cleo", k=3) == first for _ in range(5))


def test_diversity_changes_the_list(shop: Loaded) -> None:
    assert names(ask(shop, "cleo", k=2)) == ["apple", "bread"]
    shop.scorer.next_item = np.array([0.3, 0.05, 0.2, 0.29, 0.1, 0.06])  # type: ignore[attr-defined]
    assert names(ask(shop, "cleo", k=2)) == ["apple", "dates"], "two of the same vector"
    assert names(ask(shop, "cleo", k=2, diversity=0.6)) == ["apple", "figs"]


def test_json_is_as_documented(shop: Loaded) -> None:
    answer = ask(shop, "ann", k=1, explain=True).to_json()
    assert set(answer) == {"items", "source", "weights", "weights_from", "mode"}
    assert set(answer["items"][0]) == {"item", "score", "scores", "reasons", "contributions", "explanation"}
    assert isinstance(answer["items"][0]["reasons"], list)
    json.dumps(answer, allow_nan=False)


def test_a_history_beyond_the_catalogue_is_refused() -> None:
    users = replace(make_users(), item_N=np.array([0, -1, 1, 2, 99], np.int32))
    with pytest.raises(Exception, match="beyond"):
        Loaded(make_catalogue(), users, TinyScorer())
