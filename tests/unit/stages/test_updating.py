import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import motet
from motet import workflow
from motet.artifact import open_folder
from motet.errors import RequestError
from motet.stages import comparing, updating
from motet.stages.arriving import New, arrive
from motet.stages.comparing import is_worse
from motet.stages.continuing import start_of
from motet.stages.grown import continued
from motet.stages.recent import new_examples
from motet.stages.regained import running_in, study_of
from motet.stages.replaying import replay_plan
from motet.stages.updating import prepare_update, refused_at
from motet.stages.watching import Watch
from motet.transfer.certificate import Comparison

from ._updates import bytes_of, trained

NEW_ITEM, NEW_USER = "zz-new", "newcomer"


@pytest.fixture(scope="module")
def one(tmp_path_factory) -> Path:
    return trained(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def new(one) -> Path:
    """New events: of known users, of a new user, of a new item, and one that cannot be read."""
    events = pl.read_parquet(one.parent / "new.parquet")
    last = int(events["time"].max())
    more = [(NEW_USER, item, last + at, "buy", 5.0, None) for at, item in enumerate([NEW_ITEM, "i001", "i005"])]
    more += [(None, "i001", last, "buy", None, None)]
    path = one.parent / "more.parquet"
    pl.concat([events, pl.DataFrame(more, schema=events.schema, orient="row")]).write_parquet(path)
    return path


@pytest.fixture(scope="module")
def two(one, new):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(comparing, "is_worse", lambda comparison, *, margin: False)
        return motet.update(one, one.parent / "two", events=new)


def test_a_model_goes_on_with_new_rows_items_and_users(one, two):
    assert two.accepted and not two.worse and two.new_items == 1
    assert set(two.tasks) == {"next_item", "rating", "brand"}
    assert two.tasks["next_item"].asked == "recent" and two.tasks["brand"].asked == "held out"
    assert two.bad_rows == 1 and pl.read_parquet(two.quarantine)["reason"].to_list() == ["missing user"]
    bundle = motet.load(two.path)
    assert NEW_ITEM in bundle.loaded.catalogue.ids.to_list() and NEW_USER in bundle.loaded.users
    assert len(bundle.recommend(NEW_USER, k=3)) == 3
    assert bundle.predict("rating", users=[NEW_USER], items=[NEW_ITEM])[0].value is not None


def test_what_has_nothing_new_answers_much_as_before(one, two):
    before, after = motet.load(one), motet.load(two.path)
    items = ["i001", "i002", "i003"]
    told = [[each.probability for each in bundle.predict("brand", items=items)] for bundle in (before, after)]
    np.testing.assert_allclose(*told, atol=0.2)


def test_the_new_folder_can_be_judged_again_and_remembers_its_sources(one, two, new):
    again = workflow.evaluate(two.path)
    kept = json.loads((two.path / "evaluation" / "metrics.json").read_text())["tasks"]
    assert again.tasks["next_item"]["ndcg@10"] == pytest.approx(kept["next_item"]["ndcg@10"], abs=1e-6)
    told = continued(open_folder(two.path))
    assert told["updates"] == 1 and told["sources"] == [{"table": "events", "path": str(new)}]
    assert told["certified"]["next_item"] == pytest.approx(
        json.loads((one / "evaluation" / "metrics.json").read_text())["tasks"]["next_item"]["ndcg@10"]
    )


def test_rows_that_were_learned_are_not_new_again(two, new, tmp_path):
    found = motet.update(two.path, tmp_path / "three", events=new)
    assert not found.accepted and found.path is None and not any(found.rows.values())
    assert not (tmp_path / "three").exists()


def test_nothing_worse_takes_over(one, new, tmp_path, monkeypatch):
    compared = updating.against_running

    def harmed(*given, **named):
        found = compared(*given, **named)
        return {**found, "rating": replace(found["rating"], worse=True)}

    monkeypatch.setattr(updating, "against_running", harmed)
    out = tmp_path / "two"
    found = motet.update(one, out, events=new)
    assert found.worse == ["rating"] and not found.accepted and found.path is None
    assert not out.exists() and not out.with_name("two.work").exists()
    assert json.loads(refused_at(out).read_text())["worse"] == ["rating"]


def test_harm_and_doubt_below_the_margin_are_refused_and_other_doubt_is_not():
    base = Comparison(1.0, 0.9, -0.1, -0.2, -0.01, -0.2, "harmed")
    assert is_worse(base, margin=0.02)
    unclear = replace(base, verdict="unclear", high=0.1)
    assert is_worse(unclear, margin=0.02)
    assert not is_worse(replace(unclear, difference=-0.01), margin=0.02)
    assert not is_worse(replace(base, verdict="not worse"), margin=0.02)


def test_an_interrupted_update_goes_on_to_the_same_weights(one, new, two, tmp_path, monkeypatch):
    monkeypatch.setattr(comparing, "is_worse", lambda comparison, *, margin: False)

    class Stop(Watch):
        def listeners(self, arm, seed):
            class Listener:
                def step(self, event):
                    if event.epoch == 1:
                        raise KeyboardInterrupt

                def epoch(self, event): ...

            return [Listener()]

    out = tmp_path / "two"
    with pytest.raises(KeyboardInterrupt):
        motet.update(one, out, events=new, watch=Stop())
    assert not out.exists() and out.with_name("two.work").is_dir()
    motet.update(one, out, events=new, resume=True)
    for name in ("model/weights", "index/vectors"):
        own, other = (open_folder(each).arrays(name) for each in (out, two.path))
        assert all(np.array_equal(own[key], other[key]) for key in other)


def test_replay_is_bounded_and_everything_new_is_learned(one, new):
    arrived = arrive(one, New({"events": new}))
    study, running = prepare_update(arrived, watch=Watch())
    plan, news = replay_plan(study, arrived.grown, replay=10, seed=0)
    assert news["next_item"] > 0 and news["brand"] == 0
    asked = study.features.questions["events[history]"]
    fresh = int(news["next_item"])
    assert len(plan.train["events[history]"]) == fresh + 10
    assert new_examples(study, arrived.grown, "next_item").sum() > 20
    assert not new_examples(study, arrived.grown, "brand").any()
    start = start_of(running.model_of("brand"), ("next_item", "rating", "brand"), news, 0.3)
    assert start.closed == ("brand",) and set(start.tutors) == {"next_item", "rating"} and start.steady == 0.3
    assert asked.tasks["next_item"].part_m.min() >= 0, "the study itself is as it was"


def test_the_running_model_answers_as_it_does_in_its_folder(one, new):
    arrived = arrive(one, New({"events": new}))
    study = study_of(arrived.folder, arrived.project, arrived.grown)
    running = running_in(arrived.folder, study)
    known = running.before.features.arrays.items.count
    assert known[1:].sum() == running.served.items.count.sum()
    assert study.features.arrays.items.count.sum() > known.sum()
    assert running.before.features.memory.total_I.sum() == pytest.approx(running.served.memory.total_I.sum())


def test_a_split_by_time_moves_on_to_the_new_events(tmp_path):
    one = trained(tmp_path / "shop", settings={"split": {"kind": "time"}, "train": {"epochs": 1, "device": "cpu"}})
    arrived = arrive(one, New({"events": one.parent / "new.parquet"}))
    first = pl.read_parquet(one.parent / "new.parquet")["time"].min() * 1000
    valid, test = arrived.project.split.cut
    assert first < valid < test
    assert arrived.declared.split.cut is None


def test_forgotten_users_stay_forgotten(one, new, tmp_path, monkeypatch):
    monkeypatch.setattr(comparing, "is_worse", lambda comparison, *, margin: False)
    from shutil import copytree

    from motet.recommend.forget import forget

    canary = "u003"
    folder = copytree(one, tmp_path / "one")
    forget(folder, canary)
    found = motet.update(folder, tmp_path / "two", events=new, data=one.parent)
    assert found.forgotten == 1 and found.accepted
    assert canary.encode() not in bytes_of(found.path)


def test_nothing_named_and_no_known_table_are_told(one):
    with pytest.raises(RequestError, match="one of them"):
        motet.update(one, one.parent / "x")
    with pytest.raises(motet.MotetError, match="no table 'evnts'"):
        motet.update(one, one.parent / "x", rows={"evnts": "new.parquet"})
