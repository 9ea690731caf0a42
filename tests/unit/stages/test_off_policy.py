"""A tiny model's lists on logs whose propensities are known, and so is what came of every item."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

import motet
from motet.cli.main import main
from motet.errors import DataError, RequestError
from motet.recommend import History, Question, recommend
from motet.stages.off_policy import before, judge_off_policy
from motet.testing import tiny_project

from .conftest import with_blend

DAY = 86_400_000
WEIGHTS = {"next_item": 1.0, "buy": 2.0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("shop")
    settings = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}
    project = tiny_project(place, tasks=("next_item", "buy"), settings=settings)
    return motet.train(motet.Project.read(project), place / "model").path


@pytest.fixture(scope="module")
def loaded(folder):
    return motet.load(folder).loaded


def later(loaded):
    """A moment after all that the model knows."""
    return int(loaded.users.time_N.max()) + DAY


def write(rows, path, **more):
    names = ["user", "item", "propensity", "reward", "time", *more]
    frame = pl.DataFrame([(*row, *more.values()) for row in rows], schema=names, orient="row")
    getattr(frame, f"write_{path.suffix[1:]}")(path)
    return path


@pytest.fixture(scope="module")
def log(loaded, tmp_path_factory):
    """Items drawn evenly; what pays is an even number."""
    rng = np.random.default_rng(0)
    rows = []
    for user in loaded.users.users.to_list() * 6:
        had = set(loaded.users.history(user).item_L.tolist())
        may = [at for at in range(len(loaded.catalogue)) if at not in had]
        item = int(rng.choice(may))
        event = "buy" if item % 2 else "view"
        rows.append((user, str(loaded.catalogue.ids[item]), 1 / len(may), item % 2 == 0, later(loaded), event))
    path = tmp_path_factory.mktemp("log") / "log.parquet"
    names = ["user", "item", "propensity", "reward", "time", "event"]
    pl.DataFrame(rows, schema=names, orient="row").write_parquet(path)
    return path


def test_a_policy_that_draws_evenly_earns_what_the_log_did(folder, log):
    found = judge_off_policy(folder, {"next_item": 1}, log=log, time="time", temperature=1e6)
    assert found["difference"] == pytest.approx(0, abs=1e-4) and found["effective"] == pytest.approx(
        found["impressions"]
    )
    assert found["verdict"] == "cannot tell" and found["how"] and found["skipped"] == found["barred"] == 0
    other = judge_off_policy(folder, {"next_item": 1, "buy": 1}, log=log, time="time", reward="event=view")
    assert other["effective"] < found["effective"] and other["logged"] == pytest.approx(found["logged"])
    assert other["mean_weight"] == pytest.approx(1, abs=0.5) and other["learned"] == 0


def chances(loaded, user, moment):
    """p of every item by the lists that are served, which know nothing of this estimate."""
    num = len(loaded.catalogue)
    question = Question(user, k=num, candidates=num, weights=WEIGHTS, now=moment)
    listed = recommend(loaded, question)
    score = np.array([one.score for one in listed.items])
    share = np.exp(score - score.max())
    return dict(zip([one.item for one in listed.items], share / share.sum(), strict=True))


def test_the_interval_covers_a_known_truth_though_some_items_were_had(folder, loaded, tmp_path):
    """The logging policy shows items again, which pays best; the new one never does. So rows that it would not show are
    the very rows that paid: without them, the log would look poor, and every difference wrong."""
    ids, now = [str(each) for each in loaded.catalogue.ids], later(loaded)
    rng = np.random.default_rng(5)
    users = loaded.users.users.to_list()
    propensity = rng.dirichlet(np.full(len(ids), 2.0))
    pays = np.linspace(0.05, 0.6, len(ids))
    new, logged = [], []
    worth = {}
    for user in users:
        had = np.isin(np.arange(len(ids)), loaded.users.history(user).item_L)
        worth[user] = np.where(had, 0.9, pays)
        p = chances(loaded, user, now)
        assert not set(np.array(ids)[had]) & p.keys()
        new.append(sum(p[ids[at]] * worth[user][at] for at in np.flatnonzero(~had)))
        logged.append(float(propensity @ worth[user]))
    truth, covered = np.mean(new) - np.mean(logged), 0
    for seed in range(4):
        draw, rows = np.random.default_rng(seed), []
        for user in users:
            for item in draw.choice(len(ids), 12, p=propensity):
                paid = float(draw.random() < worth[user][item])
                rows.append((user, ids[item], propensity[item], paid, now))
        path = write(rows, tmp_path / f"{seed}.parquet")
        found = judge_off_policy(folder, WEIGHTS, log=path, time="time")
        assert found["logged"] == pytest.approx(np.mean([row[3] for row in rows])), "every row counts"
        assert found["impressions"] == len(rows) and found["skipped"] == 0 and found["barred"] > 50
        assert abs(found["mean_weight"] - 1) < 4 * found["mean_weight_error"] + 0.02
        covered += found["low"] <= truth <= found["high"]
    assert covered >= 3 and abs(truth) > 0.05


def test_a_row_weighs_what_the_served_list_says_at_its_moment(folder, loaded, tmp_path):
    """Also where the history goes on after the impression, with the very click; popularity counts as in lists."""
    popular = with_blend(folder, tmp_path / "popular", popularity=0.8)
    user = loaded.users.users[0]
    history = loaded.users.history(user)
    cut = len(history) // 2
    moment, item = int(history.time_L[cut]), str(loaded.catalogue.ids[int(history.item_L[cut])])
    fresh = next(str(each) for at, each in enumerate(loaded.catalogue.ids) if at not in history.item_L)
    for place in (folder, popular):
        bundle = motet.load(place)
        for shown in {item, fresh}:
            log = write([(user, shown, 0.5, 1.0, moment)], tmp_path / "one.csv")
            found = judge_off_policy(place, WEIGHTS, log=log, time="time")
            p = expected(bundle, user, moment)
            assert found["mean_weight"] * 0.5 == pytest.approx(p.get(shown, 0.0), rel=1e-4)
            assert found["learned"] == 1 and found["policy"]["popularity"] == bundle.loaded.blend.popularity


def expected(bundle, user, moment):
    """The served list of a user whose history ends before a moment, as a folder would have it that knew no more."""
    states = bundle.loaded.users
    at = states.index[user]
    begin, end = int(states.starts[at]), int(states.starts[at + 1])
    cut = begin + int((states.time_N[begin:end] < moment).sum())
    keep = np.ones(len(states.item_N), bool)
    keep[cut:end] = False
    starts = states.starts.copy()
    starts[at + 1 :] -= end - cut
    known = replace(
        states,
        starts=starts,
        item_N=states.item_N[keep],
        time_N=states.time_N[keep],
        columns=states.columns.filter(pl.Series(keep)) if states.columns.width else states.columns,
        text_N=None if states.text_N is None else states.text_N[keep],
    )
    return chances(replace(bundle.loaded, users=known), user, moment)


def test_limits_and_what_counts_in_the_end_are_told(folder, log, tmp_path, capsys):
    limited = with_blend(folder, tmp_path / "limited", limits={"buy": {"max": 0.25}})
    found = judge_off_policy(limited, WEIGHTS, log=log, time="time")
    used = found["policy"]["used"]
    assert found["policy"]["weights"] == WEIGHTS
    assert used == [{"weights": {"next_item": 1.0, "buy": 0.25}, "from": used[0]["from"], "impressions": 480}]
    assert used[0]["from"][-1] == "limits"
    asked = ["off-policy", str(limited), "--log", str(log), "--time-column", "time", "--weights", "next_item=1,buy=2"]
    assert (
        main(asked) == 0
        and "weights buy 0.25, next_item 1 (default, request, limits) for 480" in capsys.readouterr().out
    )


def test_an_unknown_item_stays_with_weight_nothing(folder, log, tmp_path):
    frame = pl.read_parquet(log)
    more = frame.head(40).with_columns(item=pl.lit("never seen"), reward=pl.lit(True))
    path = tmp_path / "more.jsonl"
    pl.concat([frame, more]).write_ndjson(path)
    known, found = (judge_off_policy(folder, WEIGHTS, log=each, time="time") for each in (log, path))
    assert found["impressions"] == known["impressions"] + 40 and found["barred"] == 40 and found["skipped"] == 0
    assert found["new"] == pytest.approx(known["new"]) and found["logged"] > known["logged"]


def test_without_moments_histories_would_know_what_came(folder, log, tmp_path, capsys):
    with pytest.raises(RequestError, match="does not say when"):
        judge_off_policy(folder, WEIGHTS, log=log)
    order = tmp_path / "order.parquet"
    pl.read_parquet(log).with_columns(time=pl.int_range(pl.len())).write_parquet(order)
    with pytest.raises(RequestError, match="numbers of an order"):
        judge_off_policy(folder, WEIGHTS, log=order, time="time")
    strangers = tmp_path / "strangers.parquet"
    pl.read_parquet(log).with_columns(user="x" + pl.col("user")).write_parquet(strangers)
    assert judge_off_policy(folder, WEIGHTS, log=strangers)["impressions"] == 480, "nothing is known of them"
    assert main(["off-policy", str(folder), "--log", str(log), "--weights", "buy=1", "--json"]) == 2
    assert "--time-column" in capsys.readouterr().out


def test_rows_that_lack_something_are_no_small_matter(folder, log, tmp_path):
    frame = pl.read_parquet(log).with_columns(reward=pl.col("reward").cast(pl.Float64))
    for unpaid, told in ((2, False), (200, True)):
        path = tmp_path / f"{unpaid}.parquet"
        nothing = pl.int_range(pl.len()) < unpaid
        frame.with_columns(reward=pl.when(nothing).then(None).otherwise("reward")).write_parquet(path)
        found = judge_off_policy(folder, WEIGHTS, log=path, time="time", temperature=1e6)
        assert found["skipped"] == unpaid and found["verdict"] == "cannot tell"
        assert any("rows lack" in reason for reason in found["reasons"]) == told


def test_without_propensities_it_says_what_to_log(folder, log, tmp_path):
    bare = tmp_path / "bare.csv"
    pl.read_parquet(log).drop("propensity").write_csv(bare)
    for found in (judge_off_policy(folder, {"buy": 1}, log=bare), judge_off_policy(folder, {"buy": 1})):
        assert found["verdict"] == "cannot tell" and "propensity" in found["how"]
    with pytest.raises(DataError, match="no column 'gain'"):
        judge_off_policy(folder, {"buy": 1}, log=log, reward="gain")
    with pytest.raises(DataError, match="no file"):
        judge_off_policy(folder, {"buy": 1}, log=tmp_path / "none.parquet")


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n1,2,3,4\n", "user,item,propensity,reward\n"])
def test_a_bad_log_is_no_bug_in_motet(folder, tmp_path, capsys, text):
    path = tmp_path / "log.csv"
    path.write_text(text)
    code = main(["off-policy", str(folder), "--log", str(path), "--weights", "buy=1"])
    said = "".join(capsys.readouterr())
    assert code in (0, 2) and "bug" not in said and ("empty" in said or "no column" in said or "cannot tell" in said)


def test_a_history_ends_before_the_impression():
    history = History(np.arange(3, dtype=np.int32), time_L=np.array([1_000, 2_000, 3_000]))
    assert len(before(history, 2_000)) == 1 and len(before(history, 2_001)) == 2 and len(before(history, None)) == 3


def test_the_command(folder, log, capsys):
    asked = ["off-policy", str(folder), "--log", str(log), "--weights", "next_item=1,buy=.5", "--time-column", "time"]
    assert main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["policy"]["weights"] == {"next_item": 1, "buy": 0.5}
    assert main(asked) == 0 and "impressions of" in capsys.readouterr().out
    assert main(["off-policy", str(folder), "--weights", "buy", "--json"]) == 2
