import math

import pytest

from motet.cli.grid import counted, duration, grid, kept_aside, number


def test_grid_aligns_by_cells() -> None:
    lines = grid(("name", "n"), [["苹果", "1"], ["bread", "20"]], right=(1,)).splitlines()
    assert lines == ["name    n", "苹果    1", "bread  20"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), (math.nan, "-"), (12345, "12,345"), (0.12345, "0.1235"), (123.456, "123.46"), (-0.5, "-0.5000")],
)
def test_number(value: float | None, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.2, "0 s"), (59.6, "1 min"), (61, "1 min 1 s"), (1205, "20 min"), (3600, "1 h"), (7500, "2 h 5 min")],
)
def test_duration(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_counted() -> None:
    assert counted(1, "model") == "1 model" and counted(2000, "model") == "2,000 models"


def test_one_bad_row_is_one_row() -> None:
    assert kept_aside(1, "q.parquet") == "1 bad row is kept aside, with file, row and reason: q.parquet"
    assert kept_aside(1200, "q.parquet").startswith("1,200 bad rows are")
