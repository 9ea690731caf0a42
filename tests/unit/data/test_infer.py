import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from motet.data import check_leakage, divide, read_tables
from motet.data.infer import complete, infer_table
from motet.data.proposal import propose
from motet.data.words import is_personal, name_words
from motet.errors import DataError
from motet.schema import Project, TableSpec

WORDS = ["lovely", "broken", "fits", "cheap", "great", "awful", "fast", "slow", "box", "blue"]
N = 2000


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def sentences(rng: np.random.Generator, count: int, length: int = 8) -> list[str]:
    return [" ".join(rng.choice(WORDS, length)) for _ in range(count)]


def proposed(folder: Path, *files: str) -> dict[str, Any]:
    """Return the proposal as parsed TOML, after it has gone through reading, dividing and the leakage guard."""
    text = propose([folder / file for file in files]).to_toml(folder)
    (folder / "motet.toml").write_text(text, encoding="utf-8")
    project = Project.read(folder / "motet.toml")
    check_leakage(divide(project, read_tables(project)))
    return tomllib.loads(text)


def reviews(rng: np.random.Generator, count: int = N) -> list[dict[str, Any]]:
    """Rows as the raw Amazon review files have them."""
    return [
        {
            "overall": float(rng.choice([1, 2, 4, 5])),
            "verified": bool(rng.random() < 0.7),
            "reviewTime": f"{rng.integers(1, 13):02d} {rng.integers(1, 29)}, 20{rng.integers(10, 19)}",
            "reviewerID": f"A{rng.integers(0, 100):03d}",
            "asin": f"B{rng.integers(0, 60):04d}",
            "style": {"Size:": " 7 oz"},
            "reviewerName": "Kim B",
            "reviewText": " ".join(rng.choice(WORDS, 9)),
            "summary": " ".join(rng.choice(WORDS, 3)),
            "unixReviewTime": int(rng.integers(1_400_000_000, 1_500_000_000)),
            **({"image": ["https://x.org/a.jpg"]} if rng.random() < 0.1 else {}),
        }
        for _ in range(count)
    ]


def wares(count: int = 160) -> list[dict[str, Any]]:
    """Rows as the raw Amazon metadata files have them."""
    return [
        {
            "category": ["Beauty", ["Hair", "Skin", "Nails"][n % 3]],
            "description": [f"Thing number {n} is good for you.", "It lasts."],
            "title": f"Thing number {n} in blue",
            "brand": f"Maker &amp; {n % 5}" if n % 4 else "",
            "price": f"${n + 1}.50" if n % 8 else "",
            "also_buy": [f"B{n + 1:04d}", f"B{n + 2:04d}"],
            "imageURL": ["https://x.org/b.jpg"],
            "fit": "",
            "rank": f"{n + 1},{n:03d} in Beauty & Care (",
            "asin": f"B{n:04d}",
        }
        for n in range(count)
    ]


def lines(rows: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_raw_reviews_and_metadata_need_no_hand(tmp_path: Path, rng: np.random.Generator) -> None:
    (tmp_path / "reviews.json").write_text(lines(reviews(rng)))
    (tmp_path / "meta.json").write_text(lines(wares()))
    found = proposed(tmp_path, "reviews.json", "meta.json")
    events, items = found["tables"]["events"], found["tables"]["items"]
    assert events["path"] == "reviews.json"
    assert (events["user"], events["item"], events["time"]) == ("reviewerID", "asin", "unixReviewTime")
    assert events["columns"] == {"overall": "number", "verified": "flag", "reviewText": "text", "summary": "text"}
    assert items["id"] == "asin"
    expected = {"category": "tags", "description": "text", "title": "text", "brand": "category", "price": "number"}
    assert items["columns"] == expected
    tasks = {name: task["kind"] for name, task in found["tasks"].items()}
    assert tasks == {
        "next_item": "next_item", "interest": "interest", "rating": "rating", "sentiment": "binary",
        "verified": "binary", "category": "tags", "brand": "class", "price": "number",
    }  # fmt: skip
    assert found["tasks"]["sentiment"]["text"] == ["reviewText", "summary"]
    text = (tmp_path / "motet.toml").read_text()
    assert "# reviewerName: left out, personal data" in text
    assert "# also_buy: left out, lists of other items" in text
    assert "# reviewTime: left out, a further moment" in text
    assert "# rank: left out, numbers before the same few words" in text


def test_foreign_names_are_found_by_their_ids(tmp_path: Path, rng: np.random.Generator) -> None:
    moments = zip(rng.integers(1, 29, N), rng.integers(0, 60, N), strict=True)
    pl.DataFrame(
        {
            "customer": [f"C{n:04d}" for n in rng.integers(0, 150, N)],
            "sku": [f"S-{n}" for n in rng.integers(0, 100, N)],
            "when": [f"{day:02d}.06.2018 10:{minute:02d}" for day, minute in moments],
            "stars": rng.integers(1, 6, N),
            "comment": sentences(rng, N),
            "email": [f"{n}@mail.org" for n in range(N)],
        }
    ).write_csv(tmp_path / "orders.csv")
    pl.DataFrame(
        {
            "code": [f"S-{n}" for n in range(150)],
            "label": [f"Thing {n}" for n in range(150)],
            "maker": [f"M{n % 7}" for n in range(150)],
            "cost": [f"${n}.50" for n in range(150)],
        }
    ).write_csv(tmp_path / "stock.csv")
    members = pl.DataFrame(
        {"who": [f"C{n:04d}" for n in range(160)], "full_name": "x y", "group": [f"g{n % 4}" for n in range(160)]}
    )
    members.write_parquet(tmp_path / "members.parquet")
    found = proposed(tmp_path, "members.parquet", "stock.csv", "orders.csv")
    tables = found["tables"]
    assert list(tables) == ["events", "items", "users"]
    assert {key: tables["events"][key] for key in ("user", "item", "time")} == {
        "user": "customer",
        "item": "sku",
        "time": "when",
    }
    assert tables["events"]["columns"] == {"stars": "number", "comment": "text"}
    assert (tables["items"]["id"], tables["users"]["id"]) == ("code", "who")
    assert tables["items"]["columns"] == {"label": "text", "maker": "category", "cost": "number"}
    assert tables["users"]["columns"] == {"group": "category"}
    assert {"next_item", "rating", "sentiment", "maker", "cost", "interest"} == set(found["tasks"])


def test_actions_and_flags_become_yes_or_no(tmp_path: Path, rng: np.random.Generator) -> None:
    pl.DataFrame(
        {
            "uid": rng.integers(0, 100, N),
            "iid": rng.integers(0, 80, N),
            "ts": rng.integers(1_500_000_000, 1_600_000_000, N),
            "action": rng.choice(["view", "cart", "purchase"], N, p=[0.7, 0.2, 0.1]),
            "liked": rng.choice(["yes", "no"], N),
        }
    ).write_ndjson(tmp_path / "log.jsonl")
    found = proposed(tmp_path, "log.jsonl")
    assert found["tables"]["events"]["columns"] == {"action": "behaviour", "liked": "flag"}
    assert found["tasks"]["buy"] == {"kind": "binary", "table": "events", "column": "action", "positive": ["purchase"]}
    assert found["tasks"]["liked"]["kind"] == "binary"


def test_a_text_table_without_users(tmp_path: Path, rng: np.random.Generator) -> None:
    pl.DataFrame(
        {
            "clothing_id": rng.integers(0, 60, N),
            "review_text": sentences(rng, N, 20),
            "rating": rng.integers(1, 6, N),
            "recommended_ind": rng.integers(0, 2, N),
            "department_name": rng.choice(["Tops", "Shoes", "Coats"], N),
            "__index_level_0__": range(N),
        }
    ).write_parquet(tmp_path / "reviews.parquet")
    found = proposed(tmp_path, "reviews.parquet")
    assert list(found["tables"]) == ["reviews"]
    assert "user" not in found["tables"]["reviews"]
    kinds = {name: task["kind"] for name, task in found["tasks"].items()}
    assert kinds == {"rating": "rating", "sentiment": "binary", "recommended_ind": "binary", "department_name": "class"}
    assert "__index_level_0__" not in found["tables"]["reviews"]["columns"]


def test_a_plain_table_gets_its_label_and_loses_what_gives_it_away(tmp_path: Path, rng: np.random.Generator) -> None:
    income = rng.choice([" - 50000.", " 50000+."], N, p=[0.9, 0.1])
    pl.DataFrame(
        {
            "age": rng.integers(18, 80, N),
            "worker": rng.choice([" Private", " State", " ?"], N),
            "wage": rng.integers(0, 900, N).astype(str),
            "instance_weight": rng.random(N),
            "bracket": [{" - 50000.": "low", " 50000+.": "high"}[value] for value in income],
            "income": income,
        }
    ).write_parquet(tmp_path / "people.parquet")
    found = proposed(tmp_path, "people.parquet")
    assert found["tables"]["people"]["columns"] == {
        "age": "number",
        "worker": "category",
        "wage": "number",
        "income": "category",
    }
    assert found["tasks"]["income"] == {
        "kind": "binary",
        "table": "people",
        "column": "income",
        "positive": ["50000+."],
    }
    assert "# bracket: left out, it gives the label away" in (tmp_path / "motet.toml").read_text()


def test_relations_and_parts_of_dates(tmp_path: Path, rng: np.random.Generator) -> None:
    pairs = pl.DataFrame({"userID": rng.integers(0, 100, N), "artistID": rng.integers(0, 300, N)}).unique(
        maintain_order=True
    )
    pairs.write_csv(tmp_path / "listens.csv")
    friends = pl.DataFrame({"userID": rng.integers(0, 100, 400), "friendID": rng.integers(0, 100, 400)})
    friends.filter(pl.col("userID") != pl.col("friendID")).write_csv(tmp_path / "friends.csv")
    tagged = pl.DataFrame(
        {"userID": [1, 2] * 50, "artistID": [3, 4] * 50, "tagID": range(100), "day": [1, 2] * 50, "year": 2009}
    )
    tagged.write_csv(tmp_path / "tagged.csv")
    found = proposed(tmp_path, "tagged.csv", "friends.csv", "listens.csv")
    assert found["tables"]["events"]["path"] == "listens.csv"
    assert {key: found["tables"]["friends"][key] for key in ("user", "other")} == {
        "user": "userID",
        "other": "friendID",
    }
    assert found["tasks"]["friends"] == {"kind": "relation", "table": "friends"}
    assert "tagged" not in found["tables"]
    assert '# "tagged.csv": left out, no task would read it' in (tmp_path / "motet.toml").read_text()


def test_labels_that_are_few_or_constant_are_not_proposed(tmp_path: Path, rng: np.random.Generator) -> None:
    pl.DataFrame({"text": sentences(rng, N), "good": "yes", "rare": [1] * 5 + [0] * (N - 5)}).write_csv(
        tmp_path / "a.csv"
    )
    pl.DataFrame({"text": sentences(rng, 40), "good": ["yes", "no"] * 20}).write_csv(tmp_path / "b.csv")
    for file in ("a.csv", "b.csv"):
        proposal = propose([tmp_path / file])
        assert proposal.tasks == []
        assert "[tasks." not in [line[:7] for line in proposal.to_toml().splitlines()]


def test_a_label_that_the_text_says_is_not_proposed(tmp_path: Path, rng: np.random.Generator) -> None:
    kinds = rng.choice(["red apple", "green pear", "blue plum"], N)
    text = [f"A {kind}, {words}" for kind, words in zip(kinds, sentences(rng, N), strict=True)]
    pl.DataFrame({"text": text, "kind": kinds}).write_csv(tmp_path / "a.csv")
    proposal = propose([tmp_path / "a.csv"])
    assert proposal.tables["a"].columns["kind"].meaning == "category"
    assert proposal.tasks == []


def test_chinese_tables(tmp_path: Path, rng: np.random.Generator) -> None:
    pl.DataFrame(
        {
            "用户": [f"u{n}" for n in rng.integers(0, 100, N)],
            "商品id": [f"p{n}" for n in rng.integers(0, 80, N)],
            "时间": [f"2020-01-{day:02d}" for day in rng.integers(1, 29, N)],
            "评分": rng.integers(1, 6, N),
            "评论": ["".join(rng.choice(list("很好不错喜欢质量差失望推荐购买"), 12)) for _ in range(N)],
        }
    ).write_csv(tmp_path / "a.csv")
    found = proposed(tmp_path, "a.csv")
    assert found["project"]["language"] == "zh"
    events = found["tables"]["events"]
    assert (events["user"], events["item"], events["time"]) == ("用户", "商品id", "时间")
    assert events["columns"] == {"评分": "number", "评论": "text"}


def test_odd_names_survive_as_toml(tmp_path: Path, rng: np.random.Generator) -> None:
    frame = pl.DataFrame({'a "b" \\c': sentences(rng, N), "x.y": rng.integers(0, 2, N), "line\nbreak": 1.5, "@me": 2})
    frame.write_parquet(tmp_path / "odd ones.parquet")
    found = proposed(tmp_path, "odd ones.parquet")
    assert found["tables"]["odd_ones"]["columns"] == {'a "b" \\c': "text", "x.y": "flag"}


def test_paths_are_written_relative_to_the_file(tmp_path: Path, rng: np.random.Generator) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "out").mkdir()
    pl.DataFrame({"text": sentences(rng, N), "good": rng.integers(0, 2, N)}).write_csv(tmp_path / "data" / "a.csv")
    text = propose([tmp_path / "data" / "a.csv"]).to_toml(tmp_path / "out")
    assert tomllib.loads(text)["tables"]["a"]["path"] == "../data/a.csv"


def test_a_file_whose_rows_do_not_fit_its_first_line_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wine.csv").write_text("178,13,one,two\n" + "1.5,2,3,4,5,6\n" * 178)
    with pytest.raises(DataError, match=r"178 of 178 rows cannot be read: expected 4 fields, found 6 \(line 2\)"):
        propose([tmp_path / "wine.csv"])


def test_missing_files_and_none_at_all(tmp_path: Path) -> None:
    (tmp_path / "bare.csv").write_text("a,b\n")
    for files, said in (
        ([], "No files"),
        ([tmp_path / "no.csv"], "There is no file"),
        ([tmp_path], "is a folder"),
        ([tmp_path / "bare.csv"], "has no rows"),
    ):
        with pytest.raises(DataError, match=said):
            propose(files)


def test_complete_fills_a_bare_frame_by_its_name() -> None:
    frame = pl.DataFrame(
        {"id": [1, 2, 3], "title": ["a b c d", "e f g h", "i j k l"], "tags": [["x"], ["x", "y"], ["y"]]}
    )
    spec = complete(TableSpec(frame=frame), "items", frame)
    assert spec.id == "id"
    assert {name: column.meaning for name, column in spec.columns.items()} == {"title": "text", "tags": "tags"}


def test_repeated_purchases_may_return(tmp_path: Path, rng: np.random.Generator) -> None:
    frame = pl.DataFrame({"household": rng.integers(0, 50, N), "product": rng.integers(0, 10, N), "time": range(N)})
    frame.write_csv(tmp_path / "a.csv")
    assert proposed(tmp_path, "a.csv")["tasks"]["next_item"]["repeats"] == "allow"


def test_every_column_is_either_declared_or_explained() -> None:
    row = wares()
    frame = pl.DataFrame({key: [ware[key] for ware in row] for key in row[0]})
    guess = infer_table(None, frame)
    keys = {column for column, _ in guess.keys.values()}
    assert keys | set(guess.columns) | set(guess.dropped) == set(frame.columns)
    assert all(reason for reason in guess.dropped.values())


def test_words_for_unknown_do_not_hide_what_a_column_is() -> None:
    frame = pl.DataFrame(
        {
            "budget": ["NA", "n/a", *(str(n * 37) for n in range(60)), "NULL"] * 2,
            "seen": ["yes", "no", "None", *["NA"] * 60] * 2,
            "born": ["NA"] * 30
            + [f"{1 + n}.3.1990" for n in range(28)]
            + ["NA"] * 5
            + [f"{1 + n}.4.1990" for n in range(30)]
            + ["NA"] * 33,
            "lost": ["NA"] * 126,
        }
    )
    guess = infer_table(None, frame)
    assert {name: found.meaning for name, found in guess.columns.items()} == {"budget": "number", "seen": "flag"}
    assert guess.dropped["lost"] == "always empty"
    assert guess.dropped["born"].startswith("a further moment")


@pytest.mark.parametrize("form", ["{day}/{month}/1999", "{month}/{day}/1999", "1999/{month:02d}/{day:02d}"])
def test_dates_with_slashes_are_no_tags(form: str) -> None:
    days = [form.format(day=n % 28 + 1, month=n % 12 + 1) for n in range(300)]
    guess = infer_table(None, pl.DataFrame({"published": days, "kind": ["a/b", "b/c", "c/a"] * 100}))
    assert guess.columns.keys() == {"kind"}
    assert guess.columns["kind"].separator == "/"
    assert guess.dropped["published"].startswith("a further moment")


@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("yes", "no")])
def test_a_flag_with_words_for_unknown_loses_what_gives_it_away(
    tmp_path: Path, rng: np.random.Generator, yes: str, no: str
) -> None:
    used = rng.random(N) < 0.3
    frame = pl.DataFrame({"spent": rng.random(N), "saved": used * (1 + rng.random(N)), "used": np.where(used, yes, no)})
    frame = frame.with_columns(used=pl.when(pl.int_range(pl.len()) % 9 == 0).then(pl.lit("NA")).otherwise("used"))
    frame.write_csv(tmp_path / "weeks.csv")
    found = proposed(tmp_path, "weeks.csv")
    assert found["tasks"] == {"used": {"kind": "binary", "table": "weeks", "column": "used"}}
    assert found["tables"]["weeks"]["columns"] == {"spent": "number", "used": "flag"}


def test_codes_on_packages_name_items_and_are_no_numbers(tmp_path: Path, rng: np.random.Generator) -> None:
    codes = 51_200_000_000 + rng.integers(0, 90, N)
    days = [f"2017-{month:02d}-03" for month in rng.integers(1, 13, N)]
    log = pl.DataFrame({"household_id": rng.integers(0, 100, N), "coupon_upc": codes, "redemption_date": days})
    log.with_columns(shelf_ean=codes[::-1]).write_csv(tmp_path / "log.csv")
    found = proposed(tmp_path, "log.csv")["tables"]["events"]
    assert (found["user"], found["item"], found["time"]) == ("household_id", "coupon_upc", "redemption_date")
    assert found["columns"] == {}


def test_a_price_is_a_label_where_nothing_else_is(tmp_path: Path, rng: np.random.Generator) -> None:
    price = rng.lognormal(size=N)
    frame = {"price": price, "carat": rng.random(N), "taxed": 1.2 * price, "depth": rng.random(N)}
    pl.DataFrame(frame).write_csv(tmp_path / "stones.csv")
    found = proposed(tmp_path, "stones.csv")
    assert found["tasks"] == {"price": {"kind": "number", "table": "stones", "column": "price"}}
    assert found["tables"]["stones"]["columns"].keys() == {"price", "carat", "depth"}


def test_tags_are_proposed_and_years_and_counts_are_not(tmp_path: Path, rng: np.random.Generator) -> None:
    some = [
        sorted(rng.choice(["Drama", "Comedy", "Short", "Action"], rng.integers(1, 4), replace=False)) for _ in range(N)
    ]
    frame = pl.DataFrame(
        {
            "title": sentences(rng, N),
            "helpful": [["1", "2"], ["3", "4"]] * (N // 2),
            "year": rng.integers(1930, 2005, N),
        }
    )
    for name, genres in {
        "json": [json.dumps(each) for each in some],
        "semi": [";".join(each) for each in some],
    }.items():
        frame.with_columns(pl.Series("genres", genres), helpful=pl.lit("[1, 2]")).write_csv(tmp_path / f"{name}.csv")
        found = proposed(tmp_path, f"{name}.csv")
        assert found["tasks"] == {"genres": {"kind": "tags", "table": name, "column": "genres"}}
    counts = propose([_written(tmp_path / "counts.jsonl", frame)])
    assert counts.tables["counts"].columns["helpful"].meaning == "tags"
    assert counts.tasks == []


def _written(path: Path, frame: pl.DataFrame) -> Path:
    frame.write_ndjson(path)
    return path


def test_words_of_names() -> None:
    assert {"reviewer", "id"} <= name_words("reviewerID")
    assert {"unix", "review", "time"} <= name_words("unixReviewTime")
    assert {"user", "id"} <= name_words("userid")
    assert {"image", "url"} <= name_words("imageURL")
    assert is_personal("reviewerName") and is_personal("e-mail") and is_personal("last_name")
    assert not is_personal("product_name") and not is_personal("name")
