"""Two models of different content types become one folder with one list."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import motet
from motet.artifact import open_folder, write_folder
from motet.cli.main import main
from motet.errors import RequestError
from motet.recommend import UserStates, forget, load
from motet.recommend.joined import TYPE
from motet.report.anatomy import anatomy
from motet.stages.joining import _members, join, joint_catalogue, joint_users, other_items, type_counts
from motet.stages.judging import judge_folder
from motet.testing import tiny_in_memory, tiny_shop

SETTINGS = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}


def prefixed(frames, letter):
    """The same shop with other items."""
    named = pl.when(pl.col("item").is_not_null()).then(letter + pl.col("item").cast(pl.String)).alias("item")
    return {name: frame.with_columns(named) if "item" in frame.columns else frame for name, frame in frames.items()}


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    shop = tiny_shop()
    video = prefixed(shop, "v")
    video["events"] = video["events"].filter(pl.col("user").hash(0) % 2 == 0)
    motet.train(
        tiny_in_memory(shop, tasks=("next_item", "rating", "brand"), settings=SETTINGS), out=folder / "articles"
    )
    motet.train(tiny_in_memory(video, tasks=("next_item", "rating"), settings=SETTINGS), out=folder / "videos")
    return folder / "articles", folder / "videos"


@pytest.fixture(scope="module")
def made(two, tmp_path_factory):
    out = tmp_path_factory.mktemp("joined") / "all"
    return join(two, out), out


def busiest(path):
    """The user with the most events of a model."""
    users = load(path).loaded.users
    return users.users[int(np.diff(users.starts).argmax())]


def test_what_was_joined_is_told(made, two):
    found, _ = made
    one, other = (load(path).loaded for path in two)
    assert found["tasks"] == ["next_item", "rating"]
    assert found["members"]["articles"]["tasks_left"] == ["brand"] and found["members"]["videos"]["tasks_left"] == []
    items = {name: each["items"] for name, each in found["members"].items()}
    assert items == {"articles": len(one.catalogue), "videos": len(other.catalogue)}
    assert sum(each["share"] for each in found["members"].values()) == pytest.approx(1)
    assert 0 < found["users_of_several"] < found["users"]
    assert found["log_loss"]["own"] <= found["log_loss"]["all"] + 1e-9


def test_one_list_holds_items_of_both(made, two):
    bundle = load(made[1])
    user = busiest(two[1])
    found = bundle.recommend(user, k=20, explain=True)
    types = dict(zip(bundle.loaded.catalogue.ids, bundle.loaded.catalogue.attributes[TYPE], strict=True))
    assert {types[one.item] for one in found.items} == {"articles", "videos"}
    assert [one.score for one in found.items] == sorted((one.score for one in found.items), reverse=True)
    capped = bundle.recommend(user, k=10, types={"column": TYPE, "at_most": {"videos": 0.3}, "at_least": {"videos": 2}})
    assert 2 <= sum(one.type == "videos" for one in capped.items) <= 3
    own = load(two[0]).recommend(user, k=20, seen="allow")
    order = {one.item: place for place, one in enumerate(own.items)}
    of_articles = [order[one.item] for one in found.items if one.item in order]
    assert of_articles == sorted(of_articles), "within a type, the order is its own model's"
    weighed = bundle.recommend(user, k=5, weights={"rating": 1.0})
    assert weighed.weights == {"next_item": 1.0, "rating": 1.0}


def test_the_probability_of_an_item_is_its_types_times_its_own(made, two):
    bundle, one = load(made[1]), load(two[0])
    user = busiest(two[1])
    p = {each.item: each.scores["next_item"] for each in bundle.recommend(user, k=100, seen="allow").items}
    own = {each.item: each.scores["next_item"] for each in one.recommend(user, k=100, seen="allow").items}
    ratio = np.array([p[item] / own[item] for item in own if item in p and own[item] > 1e-5])
    assert len(ratio) > 5 and ratio == pytest.approx(np.full(len(ratio), ratio[0]), rel=1e-3)


def test_everything_that_any_member_knows_of_users_is_there(made, two):
    folder = open_folder(made[1])
    states, own = UserStates.from_folder(folder), [load(path).loaded.users for path in two]
    assert len(states.item_N) == sum(len(each.item_N) for each in own)
    assert set(states.users) == set(own[0].users) | set(own[1].users)
    for number in range(len(states)):
        time = states.time_N[states.starts[number] : states.starts[number + 1]]
        assert (np.diff(time) >= 0).all()
    assert "Example lists" in folder.text("report.html")
    (part,) = anatomy(folder).models
    assert {box.name for box in part.boxes if box.kind == "member"} == {"articles", "videos"}
    counts = type_counts(states, [len(load(path).loaded.catalogue) for path in two])
    assert counts.sum() == (states.item_N >= 0).sum()


def test_forgetting_erases_a_user_of_all_types(made, two, tmp_path):
    out = tmp_path / "all"
    join(two, out)
    user = load(two[1]).loaded.users.users[0]
    forget(out, user)
    bundle = load(out)
    assert bundle.recommend(user).source == "popular" and user not in bundle.loaded.users


def test_models_of_other_items_are_known_by_their_catalogues(two, tmp_path):
    assert other_items(two) and not other_items([two[0], two[0]]) and not other_items([two[0]])
    parts = {name: open_folder(two[0]).data(name) for name in open_folder(two[0]).names()}
    half = load(two[0]).loaded.catalogue
    ids = [item if number % 2 else f"w{item}" for number, item in enumerate(half.ids.to_list())]
    parts = {**parts, **replace(half, ids=pl.Series("@item", ids)).to_parts()}
    for name in ("index/items.parquet", "state/items.parquet"):
        parts.pop(name)
    write_folder(tmp_path / "half", parts, name="half", seed=0, runtime="torch")
    with pytest.raises(RequestError, match="items in common"):
        other_items([two[0], tmp_path / "half"])


def test_columns_of_two_kinds_and_times_of_two_units_are_refused(two):
    members = _members(two, None)
    stars = members[1].loaded.users
    texts = replace(stars, columns=stars.columns.with_columns(pl.lit("x").alias(stars.columns.columns[-1])))
    assert stars.columns.dtypes[-1] != pl.String
    with pytest.raises(RequestError, match="in one model"):
        joint_users([members[0], replace(members[1], loaded=replace(members[1].loaded, users=texts))])
    other = replace(members[1].loaded, users=replace(stars, time_unit="order"))
    with pytest.raises(RequestError, match="different units"):
        joint_users([members[0], replace(members[1], loaded=other)])
    ours = members[1].loaded.catalogue
    column = ours.attributes.columns[0]
    odd = replace(ours, attributes=ours.attributes.with_columns(pl.lit(True).alias(column)))
    with pytest.raises(RequestError, match=column):
        joint_catalogue([members[0], replace(members[1], loaded=replace(members[1].loaded, catalogue=odd))])


def test_what_cannot_be_joined_is_refused(two, made, tmp_path, capsys):
    with pytest.raises(RequestError, match="several catalogues"):
        judge_folder(made[1])
    assert main(["fuse", *map(str, two), "--members", "ease", "--out", str(tmp_path / "x")]) == 2
    assert "one catalogue" in capsys.readouterr().err


def test_from_the_command_line(two, tmp_path, capsys):
    assert main(["fuse", *map(str, two), "--out", str(tmp_path / "c")]) == 0
    said = capsys.readouterr().out
    assert "articles" in said and "brand" in said and "next_item, rating" in said
