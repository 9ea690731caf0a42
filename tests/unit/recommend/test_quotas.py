"""One list over several content types: quotas are kept, and the order within a type is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.errors import ProjectError, RequestError
from motet.recommend import Loaded, Question, recommend
from motet.recommend.candidates import candidates
from motet.recommend.quotas import Quotas, fill, quotas_of, type_of
from motet.schema import BlendConfig, Project, TypesConfig

KINDS = ["a", "b", "c", None]
"""The last has no quota."""


@st.composite
def lists(draw):
    kinds = draw(st.lists(st.sampled_from(range(4)), max_size=30))
    k = draw(st.integers(1, 12))
    most = tuple(draw(st.integers(0, k)) for _ in range(3))
    least = tuple(draw(st.integers(0, top)) for top in most)
    return np.array(kinds, int), k, Quotas("kind", ("a", "b", "c"), most, least)


@given(lists())
def test_quotas_hold_and_the_order_within_a_type_is_kept(asked):
    kinds, k, quotas = asked
    having = np.stack([kinds == at for at in range(3)], axis=1)
    places = fill(having, quotas, k)
    assert (np.diff(places) > 0).all()
    counts = having[places].sum(axis=0)
    there = having.sum(axis=0)
    assert (counts <= quotas.most).all()
    room = np.minimum(quotas.most, there).sum() + (kinds == 3).sum()
    assert len(places) == min(k, room), "no place stays empty that could be filled"
    needs = np.minimum(quotas.least, there)
    if needs.sum() <= k:
        assert (counts >= needs).all()
    for kind in range(4):
        own = np.flatnonzero(kinds == kind)
        assert set(places[kinds[places] == kind]) == set(own[: (kinds[places] == kind).sum()]), "the first of a type"


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=25), st.integers(1, 8), st.data())
def test_with_tags_no_quota_is_exceeded(tags, k, data):
    having = np.array(tags, bool).reshape(-1, 2)
    most = (data.draw(st.integers(0, k)), data.draw(st.integers(0, k)))
    quotas = Quotas("labels", ("a", "b"), most, tuple(data.draw(st.integers(0, top)) for top in most))
    places = fill(having, quotas, k)
    assert (having[places].sum(axis=0) <= most).all() and len(places) <= k and (np.diff(places) > 0).all()


def test_without_quotas_that_bind_the_list_is_the_same(shop: Loaded) -> None:
    plain = recommend(shop, Question(seen="allow", k=6))
    loose = recommend(shop, Question(seen="allow", k=6, types={"column": "kind", "at_most": {"fruit": 6}}))
    assert [one.item for one in loose.items] == [one.item for one in plain.items]
    assert [one.type for one in plain.items] == [None] * 6
    told = {one.item: one.type for one in loose.items}
    assert told["apple"] == "fruit" and told["figs"] is None
    assert "type" in loose.to_json()["items"][0] and "type" not in plain.to_json()["items"][0]


def ids(shop: Loaded, user: str = "eve", **options) -> list[str]:
    return [one.item for one in recommend(shop, Question(user, seen="allow", **options)).items]


def test_by_hand(shop: Loaded) -> None:
    """With buy alone the order is cheese figs eggs dates bread apple."""
    weights = {"next_item": 0.0, "buy": 1.0}
    assert ids(shop, weights=weights, k=4) == ["cheese", "figs", "eggs", "dates"]
    capped = {"column": "kind", "at_most": {"dairy": 1}}
    assert ids(shop, weights=weights, k=4, types=capped) == ["cheese", "figs", "dates", "bread"]
    assert ids(shop, weights=weights, k=4, types={**capped, "at_least": {"fruit": 2}}) == [
        "cheese", "figs", "dates", "apple",
    ]  # fmt: skip
    share = {"column": "kind", "at_most": {"dairy": 0.25, "fruit": 0}}
    assert ids(shop, weights=weights, k=4, types=share) == ["cheese", "figs", "bread"]
    tags = {"column": "labels", "at_most": {"sweet": 1, "salty": 1}}
    assert ids(shop, weights=weights, k=6, types=tags) == ["cheese", "figs", "eggs"]


def test_diversity_and_quotas_go_together(shop: Loaded) -> None:
    found = recommend(
        shop, Question(seen="allow", k=4, diversity=0.6, types={"column": "kind", "at_most": {"dairy": 1}})
    )
    assert len(found) == 4 and sum(one.type == "dairy" for one in found.items) == 1


def test_items_of_a_rare_type_take_part_though_they_rank_low(shop: Loaded) -> None:
    options = {"k": 2, "candidates": 2, "types": {"column": "kind", "at_least": {"dairy": 1}}}
    assert ids(shop, user="dan", **options)[1] in ("cheese", "eggs")


def test_the_project_and_the_request(shop: Loaded) -> None:
    blend = BlendConfig(types={"column": "kind", "at_most": {"dairy": 1, "fruit": 1}})
    media = replace(shop, blend=blend)
    of = shop.catalogue
    both = quotas_of(of, blend.types, None, 5)
    assert both is not None and both.to_json() == {
        "column": "kind", "at_most": {"dairy": 1, "fruit": 1}, "at_least": {},
    }  # fmt: skip
    merged = quotas_of(of, blend.types, {"at_most": {"fruit": 3}}, 5)
    assert merged is not None and merged.to_json()["at_most"] == {"dairy": 1, "fruit": 3}
    other = quotas_of(of, blend.types, {"column": "labels", "at_least": {"dry": 0.5}}, 5)
    assert other is not None and other.to_json() == {"column": "labels", "at_most": {"dry": 5}, "at_least": {"dry": 2}}
    assert quotas_of(of, blend.types, {}, 5) is None and quotas_of(of, None, None, 5) is None
    assert sum(one.type == "dairy" for one in recommend(media, Question(seen="allow", k=6)).items) == 1
    assert len(ids(media, k=6, types={})) == 6


@pytest.mark.parametrize(
    ("types", "said"),
    [
        ({"column": "knd"}, "'kind'"),
        ({"column": "price"}, "no column 'price'"),
        ({"at_most": {"a": 1}}, "which column"),
        ({"column": "kind", "at_most": {"fruit": -1}}, "at_most.fruit"),
        ({"column": "kind", "at_most": {"fruit": 2.5}}, "whole number"),
        ({"column": "kind", "at_most": {"fruit": 1}, "at_least": {"fruit": 2}}, "above"),
        ({"column": "kind", "most": {}}, "most"),
    ],
)
def test_what_is_no_quota_is_told(shop: Loaded, types: dict, said: str) -> None:
    with pytest.raises(RequestError) as caught:
        recommend(shop, Question(types=types))
    assert said in f"{caught.value.message} {caught.value.remedy}"


def test_candidates_tell_of_quotas_and_are_not_foreseen(shop: Loaded) -> None:
    found = candidates(shop, Question(types={"column": "kind", "at_most": {"dairy": 1}}))
    assert not found.complete and found.quotas is not None and found.quotas.to_json()["at_most"] == {"dairy": 1}


def test_the_type_of_an_item(shop: Loaded) -> None:
    assert type_of(shop.catalogue, "labels", 1) == "salty, soft" and type_of(shop.catalogue, "labels", 4) is None


def test_the_project_file_is_checked(tmp_path: Path) -> None:
    text = """
[tables.events]
path = "e.csv"
user = "user"
item = "item"
[tables.events.columns]
event = "behaviour"
[tables.items]
path = "i.csv"
id = "item"
[tables.items.columns]
kind = "category"
price = "number"
[tasks.next_item]
kind = "next_item"
table = "events"
[blend.types]
column = "{column}"
at_most = {{ video = 3, article = 0.5 }}
"""
    path = tmp_path / "motet.toml"
    path.write_text(text.format(column="kind"), encoding="utf-8")
    project = Project.read(path)
    assert project.blend.types == TypesConfig(column="kind", at_most={"video": 3, "article": 0.5})
    path.write_text(project.to_toml(), encoding="utf-8")
    assert Project.read(path).blend.types == project.blend.types
    path.write_text(text.format(column="price"), encoding="utf-8")
    with pytest.raises(ProjectError, match="categories and tags of the items table: kind"):
        Project.read(path)
