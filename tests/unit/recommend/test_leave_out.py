"""Losses are what the scorer itself answers without a part; nothing else moves."""

from dataclasses import dataclass, field

import numpy as np
import pytest

from motet.recommend import Loaded, Question, recommend
from motet.recommend.insight import MEMORY, Insight
from motet.recommend.leave_out import part_of, telling_events, without_event
from motet.recommend.popular import popularity_scores
from motet.schema import ExplainConfig

from .conftest import ITEMS, NEXT, TinyScorer, make_catalogue, make_users


@dataclass
class Remembering(TinyScorer):
    """Every event of item j doubles the odds of item j + 1; a blanked trait costs the share that `costs` says."""

    costs: dict = field(default_factory=lambda: {"@text": 0.5, "kind": 0.25, MEMORY: 0.1})
    histories: list = field(default_factory=list)

    @property
    def traits(self):
        return [name for name in self.costs if name != MEMORY]

    def states(self, histories):
        self.histories.append(len(histories))
        return list(histories)

    def next_item_scores(self, states):
        rows = []
        for history in states:
            odds = self.next_item.copy()
            for item in history.item_L[history.item_L >= 0]:
                odds[(item + 1) % len(odds)] *= 2
            rows.append(np.log(odds / odds.sum()))
        return np.asarray(rows, np.float32)

    def task_scores(self, task, states, items_Bn):
        return super().task_scores(task, len(states), items_Bn)

    def blanked_scores(self, task, states, items_Bn, trait):
        kept = 1 - self.costs[trait]
        if task == "next_item":
            whole = self.next_item_scores(states)
            return np.take_along_axis(whole, items_Bn.astype(np.int64), 1) + np.log(kept).astype(np.float32)
        return self.task_scores(task, states, items_Bn)

    def memory_share(self, states, items_Bn):
        return np.full(items_Bn.shape, 0.4, np.float32)


@pytest.fixture
def shop():
    return Loaded(make_catalogue(), make_users(), Remembering())


def test_an_event_s_loss_is_what_the_list_would_say_without_it(shop):
    (one, *_) = recommend(shop, Question(history=["apple", "eggs", "cheese"], k=6, explain=True)).items
    for place, event in enumerate(["cheese", "eggs", "apple"], 1):
        rest = [item for item in ("apple", "eggs", "cheese") if item != event]
        without = recommend(shop, Question(history=rest, only=[one.item], seen="allow")).items[0]
        part = next(each for each in one.explanation.events if each.ago == place)
        assert (part.item, part.loses) == (event, pytest.approx(one.score - without.score, abs=1e-6))


def test_nobody_left_is_somebody_of_whom_only_the_popular_is_known(shop):
    (one,) = recommend(shop, Question(history=["apple"], k=1, explain=True)).items
    popular = popularity_scores(shop.catalogue.popularity_I)[ITEMS.index(one.item)]
    assert one.explanation.events[0].loses == pytest.approx(one.score - popular, abs=1e-6)


def test_traits_and_memory_lose_what_the_scorer_says(shop):
    question = Question(history=["apple"], weights={"next_item": 2.0, "buy": 1.0}, k=2, explain=True)
    for one in recommend(shop, question).items:
        lost = {part.trait: part for part in one.explanation.item}
        assert lost["@text"].loses == pytest.approx(-2 * np.log(0.5), abs=1e-5)
        assert lost["kind"].objectives == pytest.approx({"next_item": -2 * np.log(0.75), "buy": 0.0}, abs=1e-5)
        assert lost["@text"].value is None
        assert one.explanation.memory.share == pytest.approx(0.4)
        assert one.explanation.memory.loses == pytest.approx(-2 * np.log(0.9), abs=1e-5)


def test_every_variant_is_asked_in_one_batch(shop):
    recommend(shop, Question(history=["apple", "eggs", "cheese"], k=3, explain=True))
    assert 4 in shop.scorer.histories, "the whole history and three without an event"


def test_only_the_latest_events_are_left_out():
    shop = Loaded(make_catalogue(), make_users(), Remembering(), explain=ExplainConfig(events=2))
    for one in recommend(shop, Question("bob", k=3, seen="allow", explain=True)).items:
        assert sorted(part.ago for part in one.explanation.events) == [1, 2]


def test_a_scorer_without_insight_is_explained_by_events_alone(scorer):
    shop = Loaded(make_catalogue(), make_users(), scorer)
    assert not isinstance(scorer, Insight)
    for one in recommend(shop, Question("bob", k=3, explain=True)).items:
        assert one.explanation.memory is None and one.explanation.item == ()
        assert len(one.explanation.events) == 3
        assert one.explanation.events[0].loses == 0.0, "the tiny scorer does not look at histories"


def test_histories_without_an_event_keep_the_rest():
    history = make_users().history("ann")
    rest = without_event(history, 0)
    assert rest.item_L.tolist() == [-1] and rest.time_L.tolist() == [20]
    assert rest.columns["event"].to_list() == ["search"] and rest.text_LD.tolist() == [[0, 1, 0]]
    assert part_of(history, np.array([], np.int64)).item_L.tolist() == []
    assert telling_events(history, 5) == [1, 0], "a text tells, too"
    assert telling_events(history, 1) == [1]


def test_a_query_does_not_hang_on_the_past(shop):
    (one,) = recommend(shop, Question(history=["apple"], query="dates", k=1, explain=True)).items
    part = one.explanation.events[0]
    assert one.item == "dates" and NEXT[3] < 0.2
    assert part.objectives["query"] == 0.0 and part.objectives["next_item"] != 0.0
