"""A tiny model's lists on a log that was drawn by its own ranking."""

import json

import numpy as np
import polars as pl
import pytest

import motet
from motet.cli.main import main
from motet.errors import RequestError
from motet.recommend import History
from motet.stages.off_policy import before, judge_off_policy
from motet.testing import tiny_project


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("shop")
    settings = {"train": {"epochs": 1, "batch": 512, "device": "cpu"}}
    project = tiny_project(place, tasks=("next_item", "buy"), settings=settings)
    return motet.train(motet.Project.read(project), place / "model").path


@pytest.fixture(scope="module")
def log(folder, tmp_path_factory):
    """Items drawn evenly; what pays is an even number."""
    loaded, rng = motet.load(folder).loaded, np.random.default_rng(0)
    rows = []
    for user in loaded.users.users.to_list() * 6:
        had = set(loaded.users.history(user).item_L.tolist())
        may = [at for at in range(len(loaded.catalogue)) if at not in had]
        item = int(rng.choice(may))
        rows.append((user, str(loaded.catalogue.ids[item]), 1 / len(may), item % 2 == 0, "buy" if item % 2 else "view"))
    path = tmp_path_factory.mktemp("log") / "log.parquet"
    pl.DataFrame(rows, schema=["user", "item", "propensity", "reward", "event"], orient="row").write_parquet(path)
    return path


def test_a_policy_that_draws_evenly_earns_what_the_log_did(folder, log):
    found = judge_off_policy(folder, {"next_item": 1}, log=log, temperature=1e6)
    assert found["difference"] == pytest.approx(0, abs=1e-4) and found["effective"] == pytest.approx(
        found["impressions"]
    )
    assert found["verdict"] == "cannot tell" and found["how"] and found["skipped"] == 0
    other = judge_off_policy(folder, {"next_item": 1, "buy": 1}, log=log, reward="event=view")
    assert other["effective"] < found["effective"] and other["logged"] == pytest.approx(found["logged"])
    assert other["mean_weight"] == pytest.approx(1, abs=0.5)


def test_without_propensities_it_says_what_to_log(folder, log, tmp_path):
    bare = tmp_path / "bare.csv"
    pl.read_parquet(log).drop("propensity").write_csv(bare)
    for found in (judge_off_policy(folder, {"buy": 1}, log=bare), judge_off_policy(folder, {"buy": 1})):
        assert found["verdict"] == "cannot tell" and "propensity" in found["how"]
    with pytest.raises(RequestError, match="no column 'gain'"):
        judge_off_policy(folder, {"buy": 1}, log=log, reward="gain")
    with pytest.raises(RequestError, match="cannot be read"):
        judge_off_policy(folder, {"buy": 1}, log=tmp_path / "none.parquet")


def test_a_history_ends_before_the_impression():
    history = History(np.arange(3, dtype=np.int32), time_L=np.array([1_000_000, 2_000_000, 3_000_000]))
    assert len(before(history, 2_000, unit="ms")) == 1 and len(before(history, None, unit="ms")) == 3
    assert len(before(history, 2_000_001, unit="order")) == 2


def test_the_command(folder, log, capsys):
    asked = ["off-policy", str(folder), "--log", str(log), "--weights", "next_item=1,buy=.5"]
    assert main([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["policy"]["weights"] == {"next_item": 1, "buy": 0.5}
    assert main(asked) == 0 and "impressions of" in capsys.readouterr().out
    assert main(["off-policy", str(folder), "--weights", "buy", "--json"]) == 2
