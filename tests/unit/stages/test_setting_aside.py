from pathlib import Path

import polars as pl
import pytest

from motet.data import BadRowsError, read_tables
from motet.schema import Project
from motet.stages.setting_aside import QUARANTINE, beside, refused_rows_to, set_aside


def shop(folder: Path, *, bad_items: int, bad_events: int) -> Project:
    items = ["i,p", *(f"i{n},{n}" for n in range(20)), *(f"x{n},?" for n in range(bad_items))]
    events = ["u,i,r", *(f"u{n},i{n},{n}" for n in range(20)), *("u,i1,?" for _ in range(bad_events))]
    (folder / "items.csv").write_text("\n".join(items))
    (folder / "events.csv").write_text("\n".join(events))
    tables = {
        "items": {"path": "items.csv", "id": "i", "columns": {"p": "number"}},
        "events": {"path": "events.csv", "user": "u", "item": "i", "columns": {"r": "number"}},
    }
    return Project(tables=tables, tasks={"r": {"kind": "rating", "column": "r"}}, root=folder)


def test_bad_rows_are_written_and_stale_ones_removed(tmp_path: Path) -> None:
    place = beside(tmp_path / "runs" / "shop")
    assert place.name == "shop." + QUARANTINE and place.parent.name == "runs"
    assert set_aside(read_tables(shop(tmp_path, bad_items=2, bad_events=1)), place) == place
    assert pl.read_parquet(place)["table"].to_list() == ["items", "items", "events"]
    good = read_tables(shop(tmp_path, bad_items=0, bad_events=0))
    assert set_aside(good, place) is None and not place.exists()
    mine = tmp_path / "mine.parquet"
    mine.write_text("kept")
    assert set_aside(good, mine) is None and mine.exists()


def test_a_refused_table_leaves_its_rows_and_those_of_the_tables_before_it(tmp_path: Path) -> None:
    place = tmp_path / QUARANTINE
    with pytest.raises(BadRowsError) as caught, refused_rows_to(place):
        read_tables(shop(tmp_path, bad_items=2, bad_events=50))
    assert str(place) in caught.value.remedy and "50 of 70 rows are bad" in caught.value.message
    found = pl.read_parquet(place)
    assert found["table"].to_list() == ["items"] * 2 + ["events"] * 50
    assert found.filter(table="events")["row"].to_list() == list(range(22, 72))
