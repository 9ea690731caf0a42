"""Several catalogues behind one scorer, over models whose every score is known."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from motet.errors import RequestError
from motet.recommend import Asked, Catalogue, History, Loaded, Prediction, Question, UserStates, recommend
from motet.recommend.joined import TYPE, JoinedScorer, Kind, listed_tasks
from motet.recommend.shares import Shares

from .conftest import BUY, HIGH, ITEMS, NEXT, TASKS, TinyScorer

N = len(ITEMS)
SHARES = Shares(np.array([0.75, 0.25]), 4.0)


class Told(TinyScorer):
    """Also answers predictions by the item that was asked."""

    def predict(self, task: str, asked: Asked) -> list[Prediction]:
        self.seen.append(asked)
        assert asked.items_n is not None
        return [Prediction(probability=float(self.buy[number])) for number in asked.items_n]


def members() -> list[Kind]:
    other = Told(next_item=NEXT[::-1].copy(), buy=1 - BUY)
    return [
        Kind("articles", Told(), N, columns=("event",), profile=("age",)),
        Kind("videos", other, N, columns=("event", "stars")),
    ]


@pytest.fixture
def joined() -> JoinedScorer:
    return JoinedScorer(members(), SHARES)


def history(*items: int) -> History:
    events = pl.DataFrame({"event": [f"e{item}" for item in items]}, schema={"event": pl.String})
    return History(np.array(items, np.int32), events, profile=pl.DataFrame({"age": ["old"]}))


def test_the_ranking_is_one_distribution_over_all_items(joined: JoinedScorer) -> None:
    states = joined.states([history(0, 1, 8, -1), history()])
    p_BI = np.exp(joined.next_item_scores(states))
    assert p_BI.shape == (2, 2 * N) and p_BI.sum(axis=1) == pytest.approx([1, 1], abs=1e-6)
    own = (2 + 3) / 7  # two events with articles, one with a video, drawn towards 3 and 1 of 4
    assert p_BI[0, :N] == pytest.approx(own * NEXT, rel=1e-5)
    assert p_BI[0, N:] == pytest.approx((1 - own) * NEXT[::-1], rel=1e-5)
    assert p_BI[1, :N] == pytest.approx(0.75 * NEXT, rel=1e-5)


def test_every_member_sees_its_own_events_and_columns(joined: JoinedScorer) -> None:
    joined.states([history(0, 8, 1)])
    articles, videos = (kind.scorer.seen[-1][0] for kind in joined._kinds)  # type: ignore[attr-defined]
    assert articles.item_L.tolist() == [0, 1] and articles.columns.columns == ["event"]
    assert articles.columns["event"].to_list() == ["e0", "e1"] and articles.profile["age"].to_list() == ["old"]
    assert videos.item_L.tolist() == [8 - N] and videos.columns.columns == ["event", "stars"]
    assert videos.columns["stars"].to_list() == [None] and videos.profile.width == 0


def test_every_member_sees_the_texts_that_it_has_read() -> None:
    one, other = members()
    joined = JoinedScorer([replace(one, text=3), replace(other, text=3)], SHARES)
    vectors = joined.encode(["fig", "apple pie"])
    assert vectors.shape == (2, 6) and (vectors[:, :3] == vectors[:, 3:]).all()
    text_LD = np.zeros((3, 6), np.float32)
    text_LD[0], text_LD[1, :3] = vectors[0], vectors[1, :3]  # the second was said where articles are
    joined.states([replace(history(-1, -1, 8), text_LD=text_LD)])
    articles, videos = (kind.scorer.seen[-1][0] for kind in joined._kinds)  # type: ignore[attr-defined]
    assert articles.item_L.tolist() == [-1, -1] and (articles.text_LD == vectors[:, :3]).all()
    assert videos.item_L.tolist() == [-1, 8 - N] and (videos.text_LD[0] == vectors[0, 3:]).all()
    assert not videos.text_LD[1].any()


def test_probabilities_come_from_the_items_own_member(joined: JoinedScorer) -> None:
    states = joined.states([history(0)])
    asked = np.array([[1, N + 1, 5, N]], np.int32)
    assert joined.task_scores("buy", states, asked)[0] == pytest.approx([BUY[1], 1 - BUY[1], BUY[5], 1 - BUY[0]])
    assert joined.task_scores("rating", states, asked)[0] == pytest.approx(HIGH[[1, 1, 5, 0]])


def test_tasks_are_those_that_rank_the_items_of_every_member(joined: JoinedScorer) -> None:
    assert list(joined.tasks) == ["next_item", "buy", "rating"]
    assert joined.tasks["rating"].output == "binary" and not joined.tasks["rating"].levels
    less = {name: view for name, view in TASKS.items() if name != "buy"}
    assert list(listed_tasks([TASKS, less])) == ["next_item", "rating"]
    other = {**TASKS, "buy": TASKS["next_item"]}
    assert "buy" not in listed_tasks([TASKS, other])
    allowing = {"next_item": replace(TASKS["next_item"], repeats="allow")}
    assert listed_tasks([TASKS, allowing])["next_item"].repeats == "allow"


def test_predictions_go_to_the_member_that_has_the_item(joined: JoinedScorer) -> None:
    asked = Asked(2, [history(0), history(0, 8)], np.array([2, N + 2], np.int32))
    assert [one.probability for one in joined.predict("buy", asked)] == pytest.approx([BUY[2], 1 - BUY[2]])
    seen = joined._kinds[1].scorer.seen[-1]  # type: ignore[attr-defined]
    assert seen.items_n.tolist() == [2] and seen.histories[0].item_L.tolist() == [8 - N]
    with pytest.raises(RequestError, match="type is not known"):
        joined.predict("buy", Asked(1, [history()], np.array([-1], np.int32)))


def test_items_of_different_members_have_nothing_in_common(joined: JoinedScorer) -> None:
    vectors = joined.item_vectors
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(2 * N))
    assert np.abs(vectors[:N] @ vectors[N:].T).max() == 0


def test_what_a_joint_folder_does_not_do(joined: JoinedScorer) -> None:
    with pytest.raises(RequestError, match="takes no items"):
        joined.with_items(np.array([0], np.int32), pl.DataFrame())
    with pytest.raises(RequestError, match="no space"):
        joined.embed(Asked(1))


def test_one_list_with_a_cap_for_each_type(joined: JoinedScorer) -> None:
    """Quotas by the column that names the member; within a type the order is the member's own."""
    ids = [f"a{item}" for item in ITEMS] + [f"v{item}" for item in ITEMS]
    catalogue = Catalogue(pl.Series("@item", ids), pl.DataFrame({TYPE: ["articles"] * N + ["videos"] * N}))
    loaded = Loaded(catalogue, UserStates.empty(), joined)
    events = [{"item": "aapple"}, {"item": "vfigs"}]
    asked = {"history": events, "k": 6, "seen": "allow"}
    whole = recommend(loaded, Question(**{**asked, "k": 12})).items
    capped = recommend(loaded, Question(**asked, types={"column": TYPE, "at_most": {"articles": 2}})).items
    assert [one.type for one in capped].count("articles") == 2 and len(capped) == 6
    for letter in "av":
        order = [one.item for one in whole if one.item[0] == letter]
        chosen = [one.item for one in capped if one.item[0] == letter]
        assert chosen == order[: len(chosen)]
    assert [one.score for one in capped] == sorted((one.score for one in capped), reverse=True)
    assert {one.item: one.score for one in whole}.items() >= {one.item: one.score for one in capped}.items()
