from pathlib import Path

import polars as pl
import pytest

pytest.importorskip("sqlalchemy")

import motet
from motet import workflow
from motet.artifact import open_folder
from motet.schema import Project
from motet.serve.activating import activate_at, activate_in_store
from motet.serve.running import learned_until, name_of, open_model
from motet.stages import comparing
from motet.stages.grown import continued, project_of, read_grown, sources_of
from motet.stages.sources import Source, rows_of, store_source
from motet.store import Event, Item, open_store

from ._updates import bytes_of, old_and_new

CANARY, WORD, LATE = "canary-7f3a", "zzcanaryword", "friend-of-the-house"


@pytest.fixture(scope="module")
def one(tmp_path_factory) -> Path:
    """A model of a shop in which the canary searched with a word of their own."""
    folder = tmp_path_factory.mktemp("shop")
    project = old_and_new(folder)
    events = pl.read_parquet(folder / "events.parquet")
    start = int(events["time"].min())
    theirs = [(CANARY, None, start + at, "search", None, f"{WORD} pan") for at in range(4)]
    theirs += [(CANARY, f"i00{at}", start + 9 + at, "buy", 5.0, None) for at in range(4)]
    more = pl.DataFrame(theirs, schema=events.schema, orient="row")
    pl.concat([events, more]).write_parquet(folder / "events.parquet")
    return workflow.train(Project.read(project), folder / "one").path


@pytest.fixture(scope="module")
def where(one) -> str:
    """A store in which somebody was forgotten who is in the model's rows, and somebody who is in the log."""
    new = pl.read_parquet(one.parent / "new.parquet")
    events = [
        Event(
            id=f"e{number}",
            user=row["user"],
            item=row["item"],
            behaviour=row["event"],
            time=row["time"] * 1000,
            text=row["query"],
            values={} if row["rating"] is None else {"rating": row["rating"]},
        )
        for number, row in enumerate(new.to_dicts())
    ]
    first = int(new["time"].min()) * 1000
    events += [Event(id=f"c{at}", user=CANARY, item="i001", time=first + at, text=WORD) for at in range(4)]
    events += [Event(id=f"l{at}", user=LATE, item=f"i00{at}", time=first + at, behaviour="buy") for at in range(4)]
    with open_store(one.parent / "shop.db") as store:
        store.append(events)
        store.put_item(Item("put-item", {"brand": "Alder", "price": 3.5}, text="kettle spoon"))
        store.forget(CANARY)
        store.forget("u005")
    return str(one.parent / "shop.db")


@pytest.fixture(autouse=True)
def lenient(monkeypatch):
    """What is asked here is who comes along, not how well so little is learned."""
    monkeypatch.setattr(comparing, "is_worse", lambda comparison, *, margin: False)


def test_a_log_is_read_as_the_events_table_has_it(one, where):
    project = project_of(open_folder(one))
    with open_store(where) as store:
        source = store_source(store, where, [])
        tables = rows_of(source, project, store=store)
        assert store_source(store, where, [Source(log=name_of(store), upto=7)]).after == 7
    frame = tables.frame("events")
    told = pl.read_parquet(one.parent / "new.parquet").filter(pl.col("user") != "u005")
    assert frame.height == told.height + 4
    assert frame["rating"].drop_nulls().sum() == told["rating"].drop_nulls().sum()
    assert set(frame["query"].drop_nulls()) == set(told["query"].drop_nulls())
    assert tables.frame("items")["title"].to_list() == ["kettle spoon"]


def test_events_that_differ_by_their_id_only_are_all_learned_and_those_of_the_tables_once(one, tmp_path):
    folder = open_folder(one)
    project, where = project_of(folder), str(tmp_path / "twins.db")
    held = pl.read_parquet(one.parent / "events.parquet").filter(pl.col("item").is_not_null()).row(0, named=True)
    copy = Event("copy", held["user"], held["item"], held["event"], time=held["time"] * 1000)
    with open_store(where) as store:
        twins = [Event(f"t{n}", "u002", "i003", "view", time=1_795_000_000_000) for n in range(3)]
        store.append([*twins, copy, Event("old", "u003", "i003", "view", time=5_000)])
        first = read_grown(folder, project, [store_source(store, where, [])], store=store)
        frame = first.tables.frame("events")
        assert first.rows["events"] == 4, "three twins and an old one; the copy is in the tables"
        assert frame.filter(pl.col("@user") == "u003")["@time"].min() == 5_000
        store.append([Event("t3", "u002", "i003", "view", time=1_795_000_000_000)])
        later = store_source(store, where, first.sources)
        more = read_grown(folder, project, [*first.sources, later], store=store)
        assert more.rows["events"] == 5


def test_an_update_from_a_store_brings_nobody_back_who_was_forgotten(one, where, tmp_path):
    out = tmp_path / "two"
    held = bytes_of(one)
    assert all(trace.encode() in held for trace in (CANARY, WORD, "u005")), "or there is nothing to leave out"
    found = motet.update(one, out, store=where)
    assert found.accepted and found.forgotten == 2 and found.new_items == 1
    everything = bytes_of(out)
    for trace in (CANARY, WORD, "u005"):
        assert trace.encode() not in everything
    assert LATE in motet.load(out).loaded.users
    (source,) = sources_of(open_folder(out))
    with open_store(where) as store:
        assert source.upto == store.head() == learned_until(out, store)
        activation = activate_in_store(out, store)
        assert store.active_model().version == activation.version
        running = open_model(out, store, data=None, log_events=100)
        known = running.known.history(LATE)
        live = running.bundle.loaded.users.history(LATE)
        assert len(live.item_L) == len(known.item_L) == 4, "what the folder learned of the log counts once"
        store.append([Event(id="after", user=LATE, item="i009")])
        assert len(running.bundle.loaded.users.history(LATE).item_L) == 5
        again = motet.update(out, tmp_path / "three", store=where)
        assert again.rows["events"] == 1
        assert not continued(open_folder(one))


def test_who_was_readmitted_comes_back_with_what_they_did_since(one, tmp_path):
    folder, project = open_folder(one), project_of(open_folder(one))
    with open_store(tmp_path / "s.db") as store:
        store.forget("u006")
        store.readmit("u006")
        store.append([Event(id="back", user="u006", item="i001")])
        grown = read_grown(folder, project, [store_source(store, str(tmp_path / "s.db"), [])], store=store)
    frame = grown.tables.frame("events")
    assert frame.filter(pl.col("@user") == "u006").height == 1 and grown.forgotten == 1


def test_a_service_that_cannot_be_reached_or_refuses_is_told(tmp_path):
    with pytest.raises(motet.MotetError, match="cannot be asked"):
        activate_at("http://127.0.0.1:9", tmp_path, timeout=1)
    with pytest.raises(motet.MotetError, match="no address"):
        activate_at("ftp://x", tmp_path)
