"""Who has a say in a list's weights: request, rule, segment, project, default; then the limits."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from motet.errors import ProjectError, RequestError
from motet.recommend import Question, recommend
from motet.recommend.popular import popularity_scores
from motet.recommend.weigh import matching_rule
from motet.schema import BlendConfig

from .conftest import BUY, HIGH, NEXT

SATURDAY, MONDAY = "2026-03-07T12:00", "2026-03-09T12:00"


def ask(shop, blend=None, user="ann", **options):
    loaded = replace(shop, blend=BlendConfig(**blend)) if blend else shop
    return recommend(loaded, Question(user, **options))


def test_the_order_of_the_say(shop):
    blend = {
        "weights": {"buy": 0.1, "rating": 0.1},
        "segment": "age",
        "segments": {"young": {"buy": 0.2, "next_item": 0.5}},
        "rules": [{"name": "weekend", "days": ["sat", "sun"], "weights": {"buy": 0.3}}],
    }
    plain = {"next_item": 1.0, "buy": 0.1, "rating": 0.1}
    assert ask(shop, None).weights == {"next_item": 1.0}
    assert ask(shop, blend, at=MONDAY).weights == plain
    young = ask(shop, blend, "cleo", at=MONDAY)
    assert young.weights == {"next_item": 0.5, "buy": 0.2, "rating": 0.1}
    assert young.weights_from == ("default", "project", "segment young")
    weekend = ask(shop, blend, "cleo", at=SATURDAY)
    assert weekend.weights == {"next_item": 0.5, "buy": 0.3, "rating": 0.1}
    asked = ask(shop, blend, "cleo", at=SATURDAY, weights={"buy": 0.4})
    assert asked.weights == {"next_item": 0.5, "buy": 0.4, "rating": 0.1}
    assert asked.weights_from == ("default", "project", "segment young", "rule weekend", "request")
    assert ask(shop, blend, "cleo", at=SATURDAY, profile={"age": "old"}).weights["next_item"] == 1.0


def test_limits_hold_for_everybody(shop):
    blend = {"limits": {"buy": {"min": 0.2, "max": 0.5}, "next_item": {"max": 0.8}}}
    found = ask(shop, blend, weights={"buy": 3})
    assert found.weights == {"next_item": 0.8, "buy": 0.5} and found.weights_from[-1] == "limits"
    assert ask(shop, blend).weights == {"next_item": 0.8, "buy": 0.2}
    with pytest.raises(RequestError, match="limits"):
        ask(shop, {"limits": {"next_item": {"max": 0}}})


def test_limits_hold_for_values_too(shop):
    blend = {"limits": {"buy": {"max": 0.5}, "rating": {"min": 0.2}}}
    found = ask(shop, blend, values={"buy": 20, "next_item": -1})
    assert found.weights == {"next_item": -1.0, "buy": 0.5, "rating": 0.2}
    assert found.mode == "value" and found.weights_from == ("request", "limits")
    assert ask(shop, {**blend, "mode": "value", "values": {"buy": 9}}).weights == {"buy": 0.5, "rating": 0.2}
    within = ask(shop, blend, values={"buy": 0.4, "rating": 3})
    assert within.weights == {"buy": 0.4, "rating": 3.0} and "limits" not in within.weights_from
    with pytest.raises(RequestError, match="limits"):
        ask(shop, {"limits": {"buy": {"max": 0}}}, values={"buy": 20})


@pytest.mark.parametrize(
    "rule, moment, holds",
    [
        ({"days": ["sat"]}, SATURDAY, True),
        ({"days": ["sat"]}, MONDAY, False),
        ({"hours": [9, 17]}, "2026-03-09T17:00", False),
        ({"hours": [9, 17]}, "2026-03-09T16:59", True),
        ({"hours": [22, 6]}, "2026-03-09T23:30", True),
        ({"hours": [22, 6]}, "2026-03-09T05:59", True),
        ({"hours": [22, 6]}, "2026-03-09T12:00", False),
        ({"since": "2026-03-09", "until": "2026-03-10"}, "2026-03-09T00:00", True),
        ({"since": "2026-03-09", "until": "2026-03-10"}, "2026-03-10T00:00", False),
        ({"days": ["mon"], "hours": [0, 6]}, MONDAY, False),
    ],
)
def test_rules_of_time(rule, moment, holds):
    blend = BlendConfig(rules=[{"name": "r", "weights": {"buy": 1}, **rule}])
    assert (matching_rule(blend, datetime.fromisoformat(moment).replace(tzinfo=UTC)) is not None) == holds


def test_the_first_rule_wins_and_the_clock_has_a_zone(shop):
    rules = [
        {"name": "evening", "hours": [18, 24], "weights": {"buy": 1}},
        {"name": "always", "weights": {"buy": 2}},
    ]
    blend = {"rules": rules, "timezone": "Asia/Shanghai"}
    assert ask(shop, blend, at="2026-03-09T11:00+00:00").weights_from[-1] == "rule evening"
    assert ask(shop, blend, at="2026-03-09T11:00").weights_from[-1] == "rule always", "by the project's own clock"
    timed = replace(shop, users=replace(shop.users, time_unit="ms"))
    now = int(datetime(2026, 3, 9, 11, tzinfo=UTC).timestamp() * 1000)
    assert ask(timed, blend, now=now).weights_from[-1] == "rule evening"


def test_values_add_up_what_comes_true(shop):
    found = ask(shop, user="cleo", values={"buy": 10.0, "next_item": 1.0}, k=6)
    expected = 10 * BUY + NEXT
    assert found.mode == "value" and found.weights == {"next_item": 1.0, "buy": 10.0}
    assert [one.score for one in found.items] == pytest.approx(sorted(expected, reverse=True), rel=1e-5)
    told = ask(shop, {"mode": "value", "values": {"rating": 2.0}}, "cleo", k=6)
    assert told.items[0].score == pytest.approx(2 * HIGH.max()) and told.weights_from == ("project",)
    assert ask(shop, {"mode": "value", "values": {"rating": 2.0}}, weights={"buy": 1}).mode == "log"


@pytest.mark.parametrize(
    "options, word",
    [
        ({"values": {"buy": 0}}, "zero"),
        ({"values": {"brand": 1}}, "value"),
        ({"values": {"buy": 1}, "weights": {"buy": 1}}, "both"),
        ({"values": {"buy": float("nan")}}, "number"),
        ({"values": {"buy": 1}, "query": "figs"}, "query"),
        ({"popularity": 2}, "popularity"),
        ({"at": "soon"}, "moment"),
    ],
)
def test_what_cannot_be_asked(shop, options, word):
    with pytest.raises(RequestError, match=word):
        ask(shop, **options)


def test_popularity_counts_against_the_popular(shop):
    plain, bent = (ask(shop, user="cleo", k=6, popularity=share) for share in (0.0, 1.0))
    log_share = popularity_scores(shop.catalogue.popularity_I)
    mean = [np.mean([log_share[shop.catalogue.index[one.item]] for one in each.items[:3]]) for each in (plain, bent)]
    assert mean[1] < mean[0]
    for one in bent.items:
        assert one.score == pytest.approx(sum(one.contributions.values()), abs=1e-6)
        assert one.contributions["popularity"] == pytest.approx(-log_share[shop.catalogue.index[one.item]], abs=1e-6)
    assert [one.item for one in ask(shop, {"popularity": 1.0}, "cleo", k=6).items] == [one.item for one in bent.items]


@pytest.mark.parametrize("how", [{"weights": {"buy": 2, "rating": 0.5}}, {"values": {"buy": 3, "rating": -1}}])
def test_contributions_sum_to_the_score(shop, how):
    for one in ask(shop, k=6, **how).items:
        assert one.score == pytest.approx(sum(one.contributions.values()), abs=1e-6)


@pytest.mark.parametrize("raised", ["next_item", "buy", "rating"])
def test_a_larger_weight_never_lowers_its_objective(shop, raised):
    rng = np.random.default_rng(0)
    shop.scorer.next_item = rng.dirichlet(np.ones(6))
    shop.scorer.buy, shop.scorer.high = rng.random(6), rng.random(6)
    means = []
    for weight in (0.0, 0.1, 0.5, 1.0, 2.0, 5.0, 50.0):
        weights = {"next_item": 0.7, "buy": 0.4, "rating": 0.2, raised: weight}
        items = ask(shop, user="cleo", k=3, weights=weights, explain=True).items
        index = [shop.catalogue.index[one.item] for one in items]
        p = {"next_item": shop.scorer.next_item, "buy": shop.scorer.buy, "rating": shop.scorer.high}[raised]
        means.append(np.log(np.clip(p[index], 1e-6, 1)).mean())
    assert (np.diff(means) >= -1e-9).all()


@pytest.mark.parametrize(
    "blend, word",
    [
        ({"mode": "value"}, "value"),
        ({"segments": {"a": {"buy": 1}}}, "segment"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"limits": {"buy": {"min": 2, "max": 1}}}, "above max"),
        ({"rules": [{"name": "a"}, {"name": "a"}]}, "same name"),
        ({"weights": {"buy": -1}}, "greater"),
    ],
)
def test_sections_that_do_not_hold_together(blend, word):
    with pytest.raises(ProjectError, match=word):
        BlendConfig(**blend)


def test_a_profile_of_numbers_names_its_segment(shop):
    users = replace(shop.users, profiles=pl.DataFrame({"age": ["old", None, "young", None], "income": [1.0, 2, 3, 4]}))
    blend = BlendConfig(segment="income", segments={"3": {"buy": 1}})
    found = recommend(replace(shop, users=users, blend=blend), Question("cleo"))
    assert found.weights_from == ("default", "segment 3")
