import json
from pathlib import Path

import polars as pl
import pytest

from .conftest import Say


def items(found: dict[str, list[dict[str, str]]]) -> list[str]:
    return [one["item"] for one in found["items"]]


def test_one_list(say: Say, model: Path) -> None:
    said = say("recommend", model, "--user", "ann", "-k", "2")
    assert said.code == 0 and said.out.splitlines()[0] == "for user ann, from the history:"
    assert said.out.splitlines()[2].split()[1] == "dates" and said.out.splitlines()[2].endswith("Sweet dates")
    assert said.out.splitlines()[1].split() == ["item", "score", "title"]
    untitled = say("recommend", model, "--user", "ann", "--exclude", "dates")
    assert untitled.out.splitlines()[1].split() == ["item", "score"]
    found = say("recommend", model, "--user", "ann", "-k", "2", "--json").json
    assert items(found) == ["dates", "cheese"] and found["source"] == "history"
    assert set(found["items"][0]) == {"item", "score", "scores", "reasons", "contributions"}


def test_what_may_be_asked_for(say: Say, model: Path) -> None:
    def asked(*options: str) -> list[str]:
        return items(say("recommend", model, "--user", "ann", "--json", *options).json)

    assert asked("--exclude", "dates,cheese") == ["bread"]
    assert asked("--filter", "price>=2", "--filter", "price<=3") == ["cheese", "bread"]
    assert asked("--filter", "kind=baked", "--filter", "kind=fruit") == ["dates", "bread"]
    assert asked("--weights", "next_item=2", "--diversity", "0.5", "-k", "1") == ["dates"]
    assert items(say("recommend", model, "--query", "bread", "--json").json)[0] == "dates"


def test_quotas_of_content_types(say: Say, model: Path) -> None:
    quota = ("--types", "kind", "--at-most", "fruit=1", "--at-least", "baked=0.25")
    found = say("recommend", model, "--user", "zed", "-k", "4", *quota, "--json").json["items"]
    assert [one["type"] for one in found].count("fruit") == 1 and "baked" in [one["type"] for one in found]
    assert "is no quota" in say("recommend", model, "--user", "ann", "--types", "kind", "--at-most", "fruit").err


def test_reasons_and_strangers(say: Say, model: Path) -> None:
    said = say("recommend", model, "--user", "ann", "--explain")
    assert "      - same kind as 1 of your items: fruit" in said.out
    assert "nothing is known of this user" in say("recommend", model, "--user", "zed").out
    assert "no item is left" in say("recommend", model, "--user", "ann", "--filter", "price>=9").out


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_a_list_for_each_of_many(kind: str, say: Say, model: Path, tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("user,age\nann,1\nzed,2\n")
    out = tmp_path / f"lists.{kind}"
    said = say("recommend", model, "--users", tmp_path / "users.csv", "--out", out, "-k", "2", "--json")
    assert said.json == {"users": 2, "sources": {"history": 1, "popular": 1}, "out": str(out)}
    if kind == "jsonl":
        first, second = (json.loads(line) for line in out.read_text().splitlines())
        assert first["user"] == "ann" and items(first) == ["dates", "cheese"] and second["source"] == "popular"
        return
    frame = pl.read_csv(out) if kind == "csv" else pl.read_parquet(out)
    assert frame.columns == ["user", "rank", "item", "score", "source"]
    assert frame["user"].to_list() == ["ann", "ann", "zed", "zed"] and frame["rank"].to_list() == [1, 2, 1, 2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "For whom?"),
        (["--user", "a", "--users", "f"], "both --user and --users"),
        (["--users", "f"], "--users needs --out"),
        (["--user", "a", "--out", "f.csv"], "--out is for many lists"),
        (["--users", "f", "--out", "f.xlsx"], "no known kind"),
        (["--user", "a", "--weights", "x"], "is no weight"),
        (["--user", "a", "--weights", "nope=1"], "nope"),
        (["--user", "a", "--filter", "colour=red"], "no column 'colour'"),
        (["--user", "a", "-k", "0"], "Expected k"),
    ],
)
def test_mistakes(options: list[str], message: str, say: Say, model: Path) -> None:
    said = say("recommend", model, *options, "--json")
    assert said.code == 2 and message in said.json["error"]["message"]


def test_no_model_there(say: Say, tmp_path: Path) -> None:
    said = say("recommend", tmp_path / "none", "--user", "a")
    assert said.code == 2 and "none" in said.err
