import gzip
from pathlib import Path

import polars as pl
import pytest

from .conftest import Say


def test_texts(say: Say, model: Path) -> None:
    found = say("predict", model, "--task", "mood", "--text", "abc", "--text", "abcdef", "--json").json
    assert found == {
        "predictions": [
            {"label": "yes", "probability": 0.3, "value": None},
            {"label": "yes", "probability": 0.6, "value": None},
        ]
    }
    said = say("predict", model, "--task", "mood", "--text", "abc")
    assert said.out.splitlines()[1].split() == ["abc", "yes", "0.3000", "-"]


def test_one_user_and_many_items(say: Say, model: Path) -> None:
    options = ["--user", "ann", "--item", "bread", "--item", "dates"]
    found = say("predict", model, "--task", "rating", *options, "--json").json
    assert [each["value"] for each in found["predictions"]] == [1.0, 3.0]
    assert say("predict", model, "--task", "rating", *options).out.splitlines()[2].split()[:2] == ["dates", "ann"]


def test_two_users(say: Say, model: Path) -> None:
    options = ["--user", "ann", "--other", "anton", "--other", "bob"]
    found = say("predict", model, "--task", "friend", *options, "--json").json
    assert [each["probability"] for each in found["predictions"]] == [0.2, 0.0]
    assert say("predict", model, "--task", "friend", *options).out.splitlines()[1].split()[:2] == ["ann", "anton"]


def test_what_the_catalogue_knows_of_an_item_need_not_be_told(say: Say, model: Path) -> None:
    found = say("predict", model, "--task", "brand", "--item", "dates", "--json").json
    assert [each["value"] for each in found["predictions"]] == [3.0]


def test_rows_are_read_as_the_model_s_tables_were(say: Say, model: Path, tmp_path: Path) -> None:
    rows = tmp_path / "people.csv.gz"
    rows.write_bytes(gzip.compress(b'person,age,job\n1,"1,200",clerk\n2,old,cook\n3,,cook\n'))
    out = tmp_path / "answers.parquet"
    said = say("predict", model, "--task", "income", "--input", rows, "--out", out, "--quiet", "--json")
    assert [each["value"] for each in said.json["predictions"]] == [1200.0, None, None]
    assert said.err == "warning: 1 cell of 'age' counts as unknown: not a number\n"
    frame = pl.read_parquet(out)
    assert frame["job"].to_list() == ["clerk", "cook", "cook"]
    assert frame["predicted_value"].to_list() == [1200.0, None, None]


def test_long_tables_are_cut_for_people_and_asked_in_parts(
    say: Say, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("motet.cli.predict.AT_ONCE", 7)
    pl.DataFrame({"body": ["x" * (n % 10) for n in range(50)]}).write_parquet(tmp_path / "r.parquet")
    options = ["predict", model, "--task", "mood", "--input", tmp_path / "r.parquet"]
    assert "… and 10 more" in say(*options).out
    found = say(*options, "--json").json["predictions"]
    assert [each["probability"] for each in found] == pytest.approx([n % 10 / 10 for n in range(50)])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--task", "rating", "--user", "ann"], "'rating' needs --user and --item"),
        (["--task", "income", "--text", "x"], "'income' needs --input"),
        (["--task", "mood"], "'mood' needs --text"),
        (["--task", "friend", "--user", "ann"], "'friend' needs --user and --other"),
        (["--task", "brand"], "'brand' needs --item."),
        (["--task", "brand", "--item", "zzz"], "no item 'zzz'"),
        (["--task", "moood", "--text", "x"], "no task 'moood'"),
        (["--task", "next_item", "--user", "ann"], "ranks items"),
        (["--task", "rating", "--user", "ann", "--item", "zzz"], "no item 'zzz'"),
        (["--task", "mood", "--text", "x", "--out", "x.xlsx"], "no known kind"),
        (["--task", "mood", "--input", "nowhere.csv"], "no file"),
    ],
)
def test_mistakes(options: list[str], message: str, say: Say, model: Path) -> None:
    said = say("predict", model, *options, "--json")
    assert said.code == 2 and message in said.json["error"]["message"]


def test_input_without_the_tables_columns(say: Say, model: Path, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    said = say("predict", model, "--task", "income", "--input", tmp_path / "x.csv")
    assert said.code == 2 and "none of the columns of table 'people'" in said.err
    (tmp_path / "e.csv").write_text("age\n")
    assert say("predict", model, "--task", "income", "--input", tmp_path / "e.csv").code == 2


def test_columns_that_the_input_lacks_are_named(say: Say, model: Path, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("person,age\n1,30\n")
    said = say("predict", model, "--task", "income", "--input", tmp_path / "people.csv")
    assert said.code == 0 and "warning: the input has no column 'job': it counts as unknown" in said.err
    (tmp_path / "none.csv").write_text("person,age,job\n")
    said = say("predict", model, "--task", "income", "--input", tmp_path / "none.csv")
    assert said.code == 2 and "no rows" in said.err


def test_a_broken_line_costs_that_line(say: Say, model: Path, tmp_path: Path) -> None:
    rows, out = tmp_path / "people.csv", tmp_path / "answers.csv"
    rows.write_text("person,age\n1,30\n2\n3,50\n")
    said = say("predict", model, "--task", "income", "--input", rows, "--json", "--quiet")
    assert said.code == 0 and said.json["rows"] == [1, 3]
    assert [each["value"] for each in said.json["predictions"]] == [30.0, 50.0]
    assert f"warning: '{rows}', line 3 is left out: expected 2 fields, found 1" in said.err
    assert say("predict", model, "--task", "income", "--input", rows, "--out", out).code == 0
    assert pl.read_csv(out).select("row", "predicted_value").rows() == [(1, 30.0), (3, 50.0)]
    rows.write_text("row,age\n1,30\n2\n")
    assert say("predict", model, "--task", "income", "--input", rows, "--out", out).code == 0
    assert pl.read_csv(out).columns[:2] == ["_row", "row"]


def test_sound_files_need_no_numbers(say: Say, model: Path, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("person,age\n1,30\n")
    assert "rows" not in say("predict", model, "--task", "income", "--input", tmp_path / "p.csv", "--json").json
