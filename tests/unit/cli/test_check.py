from pathlib import Path

import polars as pl
import pytest

from motet.cli.check import QUARANTINE

from .conftest import Say


def test_a_sound_shop(say: Say, shop: Path) -> None:
    said = say("check", shop)
    assert said.code == 0
    assert "reading events" in said.err
    assert "next_item" in said.out and f"next: motet certify {shop} --out runs/tiny" in said.out
    assert not (shop.parent / QUARANTINE).exists()


def test_as_json(say: Say, shop: Path) -> None:
    said = say("check", shop, "--json", "--quiet")
    assert said.code == 0 and said.err == ""
    found = said.json
    assert found["tables"]["items"] == {
        "rows_read": 40,
        "rows": 40,
        "duplicates": 0,
        "quarantined": 0,
        "outliers": {},
    }
    assert set(found["tasks"]) == {"next_item", "stars", "brand", "happy"}
    assert found["tasks"]["next_item"]["test"] == 60 and found["tasks"]["happy"]["coverage"] == 1.0
    assert found["split"] == "leave_one_out" and found["quarantine"] is None and found["suspicious"] == []


def test_bad_rows_are_kept_aside(say: Say, shop: Path, tmp_path: Path) -> None:
    with (shop.parent / "events.csv").open("a") as stream:
        stream.write("u01,i01,1600000000,many\n")
    said = say("check", shop)
    aside = shop.parent / QUARANTINE
    assert f"1 bad row is kept aside, with file, row and reason: {aside}" in said.out
    row = pl.read_parquet(aside).row(0, named=True)
    assert (row["table"], row["file"], row["column"]) == ("events", "events.csv", "stars") and "many" in row["reason"]
    other = tmp_path / "else.parquet"
    assert say("check", shop, "--out", other, "--json").json["quarantine"] == str(other)
    assert pl.read_parquet(other).height == 1


def test_the_first_bad_rows_are_shown_with_their_reasons(say: Say, shop: Path) -> None:
    with (shop.parent / "events.csv").open("a") as stream:
        stream.writelines(f"u01,i01,{1600000000 + n},many\n" for n in range(7))
    lines = say("check", shop).out.splitlines()
    at = next(number for number, line in enumerate(lines) if "7 bad rows are kept aside" in line)
    rows = len((shop.parent / "events.csv").read_text().splitlines()) - 7
    assert lines[at + 1] == f"  events.csv:{rows + 1}  stars: not a number: 'many'"
    assert lines[at + 5].startswith(f"  events.csv:{rows + 5}  ") and lines[at + 6 : at + 8] == ["  and 2 more", ""]
    assert len(say("check", shop, "--json").json["first_bad"]) == 5


def test_what_may_be_a_mistake_is_named_and_stays_in(say: Say, shop: Path) -> None:
    assert say("check", shop, "--json").json["odd"] == []
    before = say("check", shop, "--json").json["tables"]["events"]["rows"]
    with (shop.parent / "events.csv").open("a") as stream:
        stream.write("u01,GONE,-5,3\n")
    said = say("check", shop)
    assert "odd (it stays in):\n  1 of 41 items of 'events' is not in 'items' (1 row, known by events alone" in said.out
    assert "\n  1 moment is far from all others in 'events.time': 1969-12-31\n" in said.out
    found = say("check", shop, "--json").json
    assert found["tables"]["events"]["rows"] == before + 1
    assert [each["column"] for each in found["odd"]] == ["item", "time"]


def test_a_mended_table_clears_its_old_quarantine(say: Say, shop: Path) -> None:
    (shop.parent / QUARANTINE).write_bytes(b"old")
    assert say("check", shop).code == 0
    assert not (shop.parent / QUARANTINE).exists()


def test_a_leak_is_refused_by_name(say: Say, shop: Path) -> None:
    items = pl.read_csv(shop.parent / "items.csv")
    items.with_columns(price=pl.col("brand").rank("dense")).write_csv(shop.parent / "items.csv")
    said = say("check", shop, "--json")
    assert said.code == 2 and "Column 'price'" in said.json["error"]["message"]
    said = say("check", shop, "--json", "--set", 'tasks.brand.allow=["price"]')
    (finding,) = said.json["suspicious"]
    assert finding["allowed"] and finding["column"] == "price" and finding["task"] == "brand"
    assert "allowed: Column 'price'" in say("check", shop, "--set", 'tasks.brand.allow=["price"]').out


def test_too_few_labels_stop_with_the_reason(say: Say, shop: Path) -> None:
    reviews = pl.read_csv(shop.parent / "reviews.csv").head(5)
    reviews.write_csv(shop.parent / "reviews.csv")
    said = say("check", shop)
    assert said.code == 2 and "Task 'happy' has 3 known" in said.err or "Task 'happy' has" in said.err


def test_data_says_where_the_tables_are(say: Say, shop: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.toml"
    alone.write_text(shop.read_text())
    assert say("check", alone).code == 2
    said = say("check", alone, "--data", shop.parent)
    assert said.code == 0 and f"motet certify {alone} --data {shop.parent}" in said.out


@pytest.mark.parametrize("setting", ["split.kind=time", "split.kind=last_fraction"])
def test_settings_count(setting: str, say: Say, shop: Path) -> None:
    said = say("check", shop, "--json", "--set", setting)
    assert said.json["split"] == setting.split("=")[1]


@pytest.mark.parametrize(
    "setting", ["sharing.kind=mmoo", "balance.kind=zzz", "encoder.name=lexica", "train.device=cuda:9999"]
)
def test_a_project_that_could_not_train_does_not_pass(say: Say, shop: Path, setting: str) -> None:
    said = say("check", shop, "--set", setting, "--json")
    assert said.code == 2 and said.json["error"]["remedy"]


def test_a_table_that_is_mostly_bad_leaves_its_bad_rows_behind(say: Say, shop: Path) -> None:
    with (shop.parent / "items.csv").open("a") as stream:
        stream.write("i00,again,Alder,3\n")
    with (shop.parent / "events.csv").open("a") as stream:
        stream.writelines(f"u01,i01,1600000000,many{n}\n" for n in range(2000))
    said = say("check", shop, "--json")
    aside = shop.parent / QUARANTINE
    assert said.code == 2 and str(aside) in said.json["error"]["remedy"]
    assert pl.read_parquet(aside)["table"].to_list() == ["events"] * 2000


def test_a_label_that_may_mean_unknown_is_named(say: Say, shop: Path) -> None:
    items = pl.read_csv(shop.parent / "items.csv")
    brand = pl.when(pl.int_range(pl.len()) % 3 == 0).then(pl.lit("NA")).otherwise("brand")
    items.with_columns(brand=brand).write_csv(shop.parent / "items.csv")
    assert "doubtful: 'NA' is a label of task 'brand' like any other (14 times)." in say("check", shop).out
    assert say("check", shop, "--json").json["doubtful"] == {"brand": {"NA": 14}}
