from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from motet.cli.top_rows import about, highest
from motet.errors import RequestError
from motet.recommend import Prediction

from .conftest import Say


@dataclass
class View:
    item: str | None = "item"
    user: str | None = None


ROWS = pl.DataFrame({"item": [7, 8, None, 7], "text": ["a", "b", "c", "d"]})


def test_numbers_and_shares_of_yes_are_in_order():
    assert highest([Prediction(value=v) for v in (1.0, 3.0, 2.0, 3.0)], 3, "helpful") == [1, 3, 2]
    shares = [Prediction("no", 0.1), Prediction("yes", 0.9), Prediction("yes", 0.6)]
    assert highest(shares, 9, "helpful") == [1, 2, 0]


def test_classes_have_no_order():
    with pytest.raises(RequestError, match="no order"):
        highest([Prediction("red", 0.5)], 1, "colour")


def test_rows_of_an_item_keep_their_numbers():
    kept, numbers = about(ROWS, [1, 2, 4, 5], View(), items=["7"], users=None)
    assert kept["text"].to_list() == ["a", "d"] and numbers == [1, 5]
    everything, _ = about(ROWS, None, View(), items=None, users=None)
    assert everything.height == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [({"items": None, "users": ["u"]}, "whose they are"), ({"items": ["9"], "users": None}, "None of the input")],
)
def test_what_cannot_be_kept_is_said(options, message):
    with pytest.raises(RequestError, match=message):
        about(ROWS, None, View(), **options)


def test_the_command_shows_the_best_rows_first(say: Say, model: Path, tmp_path: Path) -> None:
    pl.DataFrame({"body": ["x" * n for n in (3, 9, 1, 6)]}).write_csv(tmp_path / "r.csv")
    options = ["predict", model, "--task", "mood", "--input", tmp_path / "r.csv", "--top", "2"]
    found = say(*options, "--json").json
    assert [each["probability"] for each in found["predictions"]] == pytest.approx([0.9, 0.6])
    assert say(*options).out.splitlines()[1].split()[0] == "x" * 9


def test_answers_without_a_file_are_put_in_order_too(say: Say, model: Path) -> None:
    options = ["--text", "abc", "--text", "abcdef", "--text", "a", "--top", "2", "--json"]
    found = say("predict", model, "--task", "mood", *options).json
    assert [each["probability"] for each in found["predictions"]] == pytest.approx([0.6, 0.3])
