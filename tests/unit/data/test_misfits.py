"""A proposal in the face of a few cells that do not fit: they change no meaning, and are named."""

from pathlib import Path

import polars as pl
import pytest

from motet.data import read_tables
from motet.data.infer import infer_table
from motet.data.profile import Profile
from motet.data.proposal import propose
from motet.schema import Project


def column(name: str, cells: list[str | None]) -> tuple[str | None, str]:
    """Return the meaning of a column beside another one, and what is said of its misfits."""
    guess = infer_table(None, pl.DataFrame({name: cells, "note": [f"row {n}" for n in range(len(cells))]}))
    found = guess.columns.get(name)
    return (None, "") if found is None else (found.meaning, found.misfits)


@pytest.mark.parametrize(
    ("name", "cells", "meaning", "said"),
    [
        ("happy", ["yes", "no"], "flag", "1 cell is no yes or no, its row will be kept aside: 'maybe'"),
        ("happy", ["1", "0"], "flag", "1 cell is no yes or no, its row will be kept aside: 'maybe'"),
        ("stars", list("12345"), "number", "1 cell is no number, its row will be kept aside: 'maybe'"),
        ("price", ["1.5", "2.5", "9"], "number", "1 cell is no number, its row will be kept aside: 'maybe'"),
        ("room", list("123"), "category", ""),  # codes stay codes, whatever is written
        ("city", ["Bonn", "Ulm"], "category", ""),
    ],
)
def test_one_strange_cell_changes_no_meaning(name: str, cells: list[str], meaning: str, said: str) -> None:
    many = (cells * 60)[:99]
    assert column(name, many) == (meaning, "")
    assert column(name, [*many, "maybe"]) == (meaning, said)
    assert column(name, [*many, None, "n/a"]) == (meaning, "")


def test_small_columns_and_many_strange_cells_are_taken_as_they_are() -> None:
    assert column("happy", ["yes", "no"] * 9 + ["maybe"]) == ("category", "")
    assert column("happy", ["yes", "no"] * 50 + ["maybe"] * 3) == ("category", "")
    assert Profile("x", pl.Series(["1"] * 98 + ["a", "b"])).mostly("number")
    assert not Profile("x", pl.Series(["1"] * 97 + ["a", "b", "c"])).mostly("number")
    assert not Profile("x", pl.Series(["1"] * 18 + ["a"])).mostly("number")


def test_counts_of_nought_and_one_with_a_rare_two_are_no_flag() -> None:
    assert column("complaints", ["0", "1"] * 60 + ["2"])[0] != "flag"


def test_many_misfits_are_counted_and_the_commonest_are_quoted() -> None:
    odd = ["five"] * 3 + ["one", "two", "three"]
    assert column("stars", list("12345") * 100 + odd)[1].startswith("6 cells are no numbers, their rows will be kept")
    assert column("stars", list("12345") * 100 + odd)[1].split(": ")[1].startswith("'five', ")
    assert column("stars", list("12345") * 100 + odd)[1].endswith(", …")


def test_the_task_stays_and_check_sets_aside_what_was_named(tmp_path: Path) -> None:
    rows = [f"u{n % 30},i{n % 7},{'maybe' if n == 5 else 'yes' if n % 3 else 'no'}" for n in range(300)]
    (tmp_path / "reviews.csv").write_text("\n".join(["user,item,happy", *rows]))
    found = propose([tmp_path / "reviews.csv"])
    text = found.to_toml(tmp_path)
    assert "happy" in {task.name for task in found.tasks} and not found.unused
    assert "1 cell is no yes or no, its row will be kept aside: 'maybe'" in text
    (tmp_path / "motet.toml").write_text(text)
    (bad,) = read_tables(Project.read(tmp_path / "motet.toml")).quarantine.to_dicts()
    assert (bad["row"], bad["column"]) == (7, "happy") and "maybe" in bad["reason"]
