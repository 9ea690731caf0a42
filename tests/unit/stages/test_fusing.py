"""Two tiny models and classic recommenders, fused, packed, served and judged again."""

import json

import numpy as np
import pytest

import motet
from motet.cli.main import main
from motet.errors import RequestError
from motet.evaluate import find
from motet.recommend import forget
from motet.recommend.fused import FUSED, MEMBERS
from motet.stages.fused_judging import judge_fused
from motet.stages.fused_packing import REPORT
from motet.stages.fusing import METHODS, fuse
from motet.stages.fusing_members import kept_parts
from motet.stages.judging import judge_folder, reread
from motet.testing import tiny_project

SETTINGS = {"train": {"epochs": 2, "batch": 512, "device": "cpu"}}
TASKS = ("next_item", "buy", "rating", "brand", "price", "categories", "friend")
CLASSIC = ("popularity", "item_knn", "ease")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    place = tmp_path_factory.mktemp("shop")
    found = []
    for seed in (0, 1):
        settings = {"train": {**SETTINGS["train"], "seed": seed}}
        project = tiny_project(place, tasks=TASKS, settings=settings)
        found.append(motet.train(motet.Project.read(project), place / f"model{seed}").path)
    return found


@pytest.fixture(scope="module")
def fused(models, tmp_path_factory):
    out = tmp_path_factory.mktemp("fused") / "fused"
    return fuse(models, out, members=CLASSIC)


def test_a_stack_is_no_worse_than_the_best_member_on_half_a(fused):
    for told in fused["tasks"].values():
        lower = find(told["metric"]).lower_is_better
        sign = -1 if lower else 1
        best = max(sign * each["valid"] for each in told["members"].values())
        assert sign * told["methods"]["stack"]["valid"] >= best - 1e-9
        assert sign * told["members"][told["best_member"]]["valid"] == pytest.approx(best)
        assert told["ways"][told["chosen"]] == pytest.approx(told["methods"]["stack"]["valid"])


def test_every_member_is_told_with_what_it_adds(fused):
    ranking = fused["tasks"]["next_item"]
    assert set(ranking["members"]) == {"model0", "model1", *CLASSIC} == set(fused["members"])
    assert set(fused["tasks"]["brand"]["members"]) == {"model0", "model1"}
    for told in fused["tasks"].values():
        assert set(told["methods"]) == set(METHODS)
        for each in [own["adds"] for own in told["members"].values()] + [told["gain"]]:
            assert each["low"] <= each["difference"] <= each["high"]
    gain = ranking["gain"]["difference"]
    best = ranking["members"][ranking["best_member"]]["test"]
    assert ranking["methods"]["stack"]["test"] - best == pytest.approx(gain)


def test_members_are_judged_as_they_judge_themselves(models, fused):
    for path in models:
        own = judge_folder(path)
        for task, told in fused["tasks"].items():
            assert told["members"][path.name]["test"] == pytest.approx(own.tasks[task][told["metric"]], abs=1e-6)


def test_the_folder_is_judged_as_it_was_packed(fused):
    found = motet.evaluate(fused["path"])
    assert judge_fused(motet.artifact.open_folder(fused["path"]), split="test").tasks == found.tasks
    for task, told in fused["tasks"].items():
        assert found.tasks[task][told["metric"]] == pytest.approx(told["methods"]["stack"]["test"], abs=2e-6)
    packed = json.loads((motet.load(fused["path"]).path / "evaluation/metrics.json").read_text())
    for task in fused["tasks"]:
        for name, value in packed["tasks"][task].items():
            if value is not None:
                assert found.tasks[task][name] == pytest.approx(value, abs=1e-4), (task, name)


def test_lists_are_those_that_were_judged(fused, models):
    """The scorer's log-probabilities rank the true items where the report says."""
    bundle = motet.load(fused["path"])
    scorer, (_, study, _) = bundle.loaded.scorer, reread(models[0])
    examples = study.examples["next_item"]
    at = np.flatnonzero(examples.part_n == 2)
    from motet.stages.tuning_lists import until

    users = study.division.events.users.gather(examples.user_n[at]).to_list()
    asked = zip(users, examples.cut_n[at], strict=True)
    histories = [until(bundle.loaded.users.history(user), int(cut)) for user, cut in asked]
    p_BI = np.exp(scorer.next_item_scores(scorer.states(histories)).astype(np.float64))
    assert p_BI.sum(axis=1) == pytest.approx(1, abs=1e-4)
    target = examples.label.to_numpy()[at]
    for row, history in enumerate(histories):
        others = np.setdiff1d(history.item_L[history.item_L >= 0], target[row])
        p_BI[row, others] = -1
    rank = (p_BI >= p_BI[np.arange(len(at)), target][:, None]).sum(axis=1) - 1
    gain = np.where(rank < 10, 1 / np.log2(rank + 2.0), 0).mean()
    assert gain == pytest.approx(fused["tasks"]["next_item"]["methods"]["stack"]["test"], abs=0.02)


def test_a_fusion_serves_like_any_model(fused):
    bundle = motet.load(fused["path"])
    user = bundle.loaded.users.users[0]
    listed = bundle.recommend(user, k=5, weights={"buy": 0.5}, explain=True)
    assert len(listed) == 5 and set(listed.items[0].scores) >= {"next_item", "buy"}
    assert [item.item for item in bundle.recommend_many([user])[0].items[:5]]
    item = str(bundle.loaded.catalogue.ids[0])
    assert 0 <= bundle.predict("buy", users=[user], items=[item])[0].probability <= 1
    brand = bundle.predict("brand", items=[item])[0]
    assert brand.label in bundle.loaded.scorer.tasks["brand"].classes and 0 < brand.probability <= 1
    price = bundle.predict("price", items=[item])[0]
    assert np.isfinite(price.value)
    assert bundle.predict("rating", users=[user], items=[item])[0].value >= 1
    assert bundle.predict("friend", users=[user], others=[str(bundle.loaded.users.users[1])])[0].label in ("yes", "no")
    assert bundle.similar(item, k=3) and len(bundle.recommend(query="rye bread", k=3)) == 3
    assert "report.html" in bundle.manifest.parts and bundle.manifest.runtime == "fused"
    grown = bundle.loaded.scorer.with_items(
        np.array([len(bundle.loaded.catalogue)], np.int32), bundle.loaded.catalogue.attributes.head(1)
    )
    assert grown.next_item_scores(grown.states([bundle.loaded.users.history(user)])).shape[1] == (
        len(bundle.loaded.catalogue) + 1
    )


def test_users_stand_in_a_fusion_once_and_can_be_forgotten(models, tmp_path):
    path = fuse(models[:1], tmp_path / "one", members=["popularity"])["path"]
    folder = motet.artifact.open_folder(path)
    inside = [name for name in folder.names() if name.startswith(f"{MEMBERS}/")]
    assert inside and not any("/state/" in name or "/evaluation/" in name for name in inside)
    assert not any(name.startswith("state/") for name in kept_parts(motet.artifact.open_folder(models[0])))
    user = str(motet.load(path).loaded.users.users[0])
    forget(path, user)
    assert user not in motet.load(path).loaded.users
    told = motet.artifact.open_folder(path).json(FUSED)
    assert len(told["members"]["model0"]["sha256"]) == 64


@pytest.mark.parametrize(
    "asked", [{"members": ["popular"]}, {"method": "magic"}, {"members": ["als", "graph"]}], ids=str
)
def test_what_cannot_be_fused_is_said(models, tmp_path, asked):
    with pytest.raises(RequestError):
        fuse(models[:1], tmp_path / "no", **asked)


def test_a_fusion_is_no_member_and_models_of_other_data_are_none(fused, models, tmp_path):
    with pytest.raises(RequestError, match="fusion"):
        fuse([fused["path"]], tmp_path / "no")
    other = tiny_project(tmp_path / "other", seed=5, tasks=("next_item",), settings=SETTINGS)
    path = motet.train(motet.Project.read(other), tmp_path / "elsewhere").path
    with pytest.raises(RequestError, match="same questions"):
        fuse([models[0], path], tmp_path / "no")


def test_the_command(models, tmp_path, capsys):
    out = tmp_path / "out"
    asked = ["fuse", *map(str, models), "--members", "popularity", "--method", "mean", "--out", str(out)]
    assert main([*asked, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["method"] == "mean" and motet.artifact.open_folder(out).json(REPORT)["method"] == "mean"
    assert main(["evaluate", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tasks"]["next_item"]["ndcg@10"] is not None
    assert main(["tune-weights", str(out), "--goal", "buy:+5%", "--json"]) == 2
