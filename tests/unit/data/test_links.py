from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from motet.data.infer import infer_table
from motet.data.links import deeds
from motet.data.proposal import Proposal, propose

N = 800
FIRST = date(2024, 1, 1)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def written(folder: Path, **frames: pl.DataFrame) -> Proposal:
    for name, frame in frames.items():
        frame.write_csv(folder / f"{name}.csv", separator=";")
    return propose([folder / f"{name}.csv" for name in frames])


def german(rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """Sales, wares and customers whose keys have the same names in all three tables, none of them English."""
    sold = {
        "kunde_nr": [f"K{n:03d}" for n in rng.integers(0, 80, N)],
        "artikel_nr": [f"A{n:03d}" for n in rng.integers(0, 40, N)],
        "datum": [str(FIRST + timedelta(int(n))) for n in rng.integers(0, 365, N)],
        "menge": rng.integers(1, 6, N),
    }
    wares = {
        "artikel_nr": [f"A{n:03d}" for n in range(40)],
        "bezeichnung": [f"Schraube rot {n} klein" for n in range(40)],
        "marke": [f"Marke{n % 4}" for n in range(40)],
    }
    people = {
        "kunde_nr": [f"K{n:03d}" for n in range(80)],
        "ort": [f"Ort{n % 6}" for n in range(80)],
        "alter": rng.integers(18, 80, 80),
    }
    return {"verkauf": pl.DataFrame(sold), "artikel": pl.DataFrame(wares), "kunden": pl.DataFrame(people)}


def test_tables_are_linked_by_their_values(tmp_path: Path, rng: np.random.Generator) -> None:
    found = written(tmp_path, **german(rng))
    keys = {name: {role: column for role, (column, _) in table.keys.items()} for name, table in found.tables.items()}
    assert keys == {
        "events": {"user": "kunde_nr", "item": "artikel_nr", "time": "datum"},
        "items": {"id": "artikel_nr"},
        "users": {"id": "kunde_nr"},
    }
    assert found.paths["events"].stem == "verkauf" and not found.unused and not found.nobody
    assert "next_item" in [task.name for task in found.tasks]


def log(rng: np.random.Generator) -> dict[str, pl.DataFrame]:
    """A log whose columns are called after questions, members known by number, and products."""
    moments = [f"{day:02d}.06.2023 {hour:02d}:18" for day, hour in rng.integers(1, 24, (N, 2))]
    acts = {
        "who": rng.integers(1000, 1120, N),
        "what": [f"S-{n:03d}" for n in rng.integers(0, 60, N)],
        "when": moments,
        "action": rng.choice(["view", "cart", "buy"], N),
        "stars": rng.integers(1, 6, N),
    }
    members = {"member": np.arange(1000, 1120), "sex": ["M", "F"] * 60, "birth": rng.integers(1940, 2005, 120)}
    products = {
        "sku": [f"S-{n:03d}" for n in range(60)],
        "label": [f"Wine no {n} fine" for n in range(60)],
        "cost": rng.integers(1, 100, 60) + 0.5,
    }
    return {"log": pl.DataFrame(acts), "members": pl.DataFrame(members), "products": pl.DataFrame(products)}


@pytest.mark.parametrize("given", [("log", "members", "products"), ("products", "log")])
def test_who_did_what_is_told_by_what_the_values_name(
    tmp_path: Path, rng: np.random.Generator, given: tuple[str, ...]
) -> None:
    frames = log(rng)
    found = written(tmp_path, **{name: frames[name] for name in given})
    events = {role: column for role, (column, _) in found.tables["events"].keys.items()}
    assert events == {"user": "who", "item": "what", "time": "when"}
    assert found.tables["events"].columns["action"].meaning == "behaviour"
    assert ("users" in found.tables) == ("members" in given)


def test_numbers_that_lie_among_ids_by_chance_are_no_link(rng: np.random.Generator) -> None:
    people = pl.DataFrame({"n": np.arange(1000), "town": [f"t{n % 9}" for n in range(1000)]})
    visits = pl.DataFrame({"pages": rng.integers(1, 30, N), "day": [str(FIRST + timedelta(n % 90)) for n in range(N)]})
    tables = {Path("people"): infer_table(None, people), Path("visits"): infer_table(None, visits)}
    assert deeds(tables) is None
    whole = pl.DataFrame({"pages": rng.integers(0, 1000, 4 * N), "day": visits["day"].to_list() * 4})
    assert deeds({Path("people"): tables[Path("people")], Path("visits"): infer_table(None, whole)}) is None, "people"


def test_written_dates_are_moments_whatever_they_are_called(rng: np.random.Generator) -> None:
    days = [str(FIRST + timedelta(int(n))) for n in rng.integers(0, 300, N)]
    guess = infer_table(None, pl.DataFrame({"x": days, "summary": days, "y": rng.normal(size=N)}))
    assert set(guess.columns) == {"y"} and all("moment" in reason for reason in guess.dropped.values())
