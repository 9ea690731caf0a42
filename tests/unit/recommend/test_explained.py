from dataclasses import replace

import numpy as np
import polars as pl

from motet.recommend import Catalogue, Loaded, Question, UserStates, recommend
from motet.recommend.explained import _shown
from motet.recommend.leave_out import EXPLAINED

from .conftest import TASKS, TinyScorer, make_catalogue, make_users


def test_items_behind_the_hundredth_tell_their_objectives_only() -> None:
    size = EXPLAINED + 5
    vectors = np.zeros((size, 2), np.float32)
    ids = pl.Series("@item", [f"i{n}" for n in range(size)])
    scorer = TinyScorer({"next_item": TASKS["next_item"]}, vectors, next_item=np.full(size, 1 / size))
    found = recommend(
        Loaded(Catalogue(ids), UserStates.empty(), scorer), Question(history=["i0"], k=size, explain=True)
    )
    assert [len(one.explanation.events) for one in found.items] == [1] * EXPLAINED + [0] * (len(found) - EXPLAINED)
    assert all(set(one.explanation.objectives) == {"next_item"} for one in found.items)


def test_what_stands_in_a_column_is_read_as_people_would() -> None:
    shop = Loaded(make_catalogue(), make_users(), TinyScorer())
    told = {name: _shown(shop, name, 1) for name in (*shop.catalogue.attributes.columns, "@text")}
    assert told == {"kind": "baked", "labels": "salty, soft", "price": "2.5", "local": "yes", "@text": None}
    assert _shown(shop, "kind", 5) is None and _shown(shop, "labels", 4) is None


def test_sentences_follow_the_question_s_language_and_the_catalogue_s_titles() -> None:
    shop = Loaded(make_catalogue(), make_users(), TinyScorer(), language="zh")
    asked = Question(history=["bread", "eggs"], only=["apple"], weights={"next_item": 1.0, "buy": 1.0}, explain=True)
    (zh,) = recommend(shop, asked).items[0].explanation.sentences
    (en,) = recommend(shop, replace(asked, language="en")).items[0].explanation.sentences
    assert zh.startswith("“Red apple”的得分为") and en.startswith("“Red apple” has a score of −")


class Blanking(TinyScorer):
    """A scorer that can leave parts of an item out, of which there are none."""

    traits: tuple[str, ...] = ()

    def blanked_scores(self, task, states, items_Bn, trait):  # type: ignore[no-untyped-def]
        raise AssertionError("there is nothing to blank")

    def memory_share(self, states, items_Bn):  # type: ignore[no-untyped-def]
        return None


def test_what_a_folder_cannot_leave_out_is_named_and_not_just_empty() -> None:
    asked = Question(history=["bread", "eggs"], k=1, explain=True)
    for scorer, untold in ((TinyScorer(), ("item", "memory")), (Blanking(), ())):
        found = recommend(Loaded(make_catalogue(), make_users(), scorer), asked).items[0].explanation
        assert found is not None and found.untold == untold and found.item == () and found.memory is None
        told = found.to_json()
        assert told.get("untold", []) == list(untold) and len(told["events"]) == 2


def test_a_list_without_explain_has_none() -> None:
    shop = Loaded(make_catalogue(), make_users(), TinyScorer())
    assert all(one.explanation is None for one in recommend(shop, Question("bob")).items)
