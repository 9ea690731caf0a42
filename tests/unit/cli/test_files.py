import json
import math
from pathlib import Path

import polars as pl
import pytest

from motet.cli.files import check_out, chunks, read_ids, read_numbered, read_rows, write_rows
from motet.errors import DataError, RequestError


def test_ids_of_lines_and_of_first_columns(tmp_path: Path) -> None:
    (tmp_path / "ids.txt").write_text("\ufeffann\n\n bob \n", encoding="utf-8")
    (tmp_path / "ids.csv").write_text("user,age\n7,1\n8,2\n")
    pl.DataFrame({"user": [7.0, None, 8.0]}).write_parquet(tmp_path / "ids.parquet")
    assert read_ids(tmp_path / "ids.txt") == ["ann", "bob"]
    assert read_ids(tmp_path / "ids.csv") == ["7", "8"]
    assert read_ids(tmp_path / "ids.parquet") == ["7", "8"]


@pytest.mark.parametrize(("name", "content"), [("a.txt", b""), ("b.txt", b"\xff\xfe\x00x"), ("c.csv", b"user\n")])
def test_ids_that_are_none(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError):
        read_ids(tmp_path / name)
    with pytest.raises(DataError, match="There is no file"):
        read_ids(tmp_path / "missing.txt")


@pytest.mark.parametrize("kind", ["parquet", "csv", "jsonl"])
def test_rows_come_back(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "new" / f"rows.{kind}"
    write_rows(pl.DataFrame({"a": ["x", "y"], "n": [1.5, 2.5], "l": [["p", "q"], []]}), path)
    found = read_rows(path)
    assert found["a"].to_list() == ["x", "y"] and found["n"].cast(pl.Float64).to_list() == [1.5, 2.5]
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    if kind == "csv":
        assert found["l"].to_list()[0] == "p|q"


def test_json_lines_hold_records_and_no_nan(tmp_path: Path) -> None:
    write_rows(pl.DataFrame(), tmp_path / "l.jsonl", [{"user": "苹", "score": math.nan}])
    text = (tmp_path / "l.jsonl").read_text(encoding="utf-8")
    assert "苹" in text and json.loads(text) == {"user": "苹", "score": None}


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "l.jsonl"
    path.write_text("old")
    with pytest.raises(ValueError, match="broken"):
        write_rows(pl.DataFrame(), path, (_raise() for _ in range(1)))
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def _raise() -> dict[str, str]:
    raise ValueError("broken")


def test_kinds_of_files_that_are_not_written() -> None:
    check_out(Path("a.CSV"))
    with pytest.raises(RequestError, match="no known kind"):
        check_out(Path("a.xlsx"))


def test_chunks() -> None:
    assert [list(part) for part in chunks([1, 2, 3], 2)] == [[1, 2], [3]]


def test_broken_records_are_named_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r.jsonl").write_text('{"a": 1}\n{"a": \n')
    assert read_rows(tmp_path / "r.jsonl")["a"].to_list() == ["1"]
    assert "line 2 is left out: broken JSON" in capsys.readouterr().err


def test_many_broken_lines_are_counted_and_no_sound_one_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r.csv"
    path.write_text("a,b\n1,2\n" + "3\n" * 8 + "4,5\n")
    frame, numbers = read_numbered(path)
    assert frame["b"].to_list() == ["2", "5"] and numbers == [1, 10]
    assert capsys.readouterr().err.splitlines()[-1].endswith("3 more broken lines are left out")
    path.write_text("a,b\n1\n")
    with pytest.raises(DataError, match="line 2"):
        read_numbered(path)
