import numpy as np
import polars as pl
import pytest

from motet.schema import TRAIN
from motet.stages.relating import labels_of, meeting
from motet.testing.study import tiny_study
from motet.testing.tables import tiny_shop


@pytest.fixture(scope="module")
def shop():
    return tiny_study(
        tasks=("next_item", "buy", "rating", "interest", "brand", "categories", "price", "club", "sentiment")
    )


def test_labels_of_one_table_meet_on_rows(shop):
    found = meeting(shop, "buy", "rating")
    rated = set(labels_of(shop, "rating")["row"])
    bought = labels_of(shop, "buy")["row"]
    both = sum(row in rated for row in bought)
    assert found.by == "row" and found.both == both
    assert found.overlap == pytest.approx(both / min(len(rated), len(bought)))
    assert found.measure == "cramer_v" and found.correlation > 0.2, "who buys, likes"


def test_labels_of_different_tables_meet_by_item_or_user(shop):
    items = meeting(shop, "interest", "brand")
    assert items.by == "item" and items.correlation > 0.3, "an item's brand and its topic tell the kind"
    users = meeting(shop, "sentiment", "club")
    assert users.by == "user" and users.both <= 80
    assert meeting(shop, "brand", "club").by is None, "an item has no club"


def test_a_ranking_has_nothing_to_correlate(shop):
    found = meeting(shop, "next_item", "brand")
    assert found.overlap == 1.0 and found.correlation is None and found.both == 0


def test_numbers_are_compared_by_ranks_and_words_by_how_often_they_meet(shop):
    assert meeting(shop, "rating", "price").measure == "spearman"
    assert meeting(shop, "brand", "categories").correlation > 0.6
    yes = meeting(shop, "buy", "price")
    assert yes.by == "item" and yes.measure == "spearman", "the share of yes among an item's labels is a number"


def test_held_out_labels_are_never_looked_at():
    tasks = ("brand", "price")
    plain = tiny_study(tasks=tasks)
    frames = tiny_shop()
    out = pl.Series(plain.division.tables.frame("items")["@id"].to_list())
    held = set(out.to_list())
    for task in tasks:
        examples = plain.examples[task]
        held -= {out[int(row)] for row in examples.row_n[examples.part_n == TRAIN]}
    assert held, "some rows are held out"
    rng = np.random.default_rng(0)
    noise = pl.Series(rng.uniform(1, 99, frames["items"].height).round(2))
    other = {
        **frames,
        "items": frames["items"].with_columns(
            price=pl.when(pl.col("item").is_in(list(held))).then(noise).otherwise(pl.col("price"))
        ),
    }
    assert meeting(tiny_study(other, tasks=tasks), *tasks) == meeting(plain, *tasks)
