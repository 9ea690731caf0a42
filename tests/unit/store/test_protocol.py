"""What the protocol promises, the store does itself: a protocol's own methods would return nothing, in silence."""

import inspect

from motet.store._protocol import Store
from motet.store.backends._protocol import Backend
from motet.store.backends.postgres import Postgres
from motet.store.backends.sqlite import Sqlite
from motet.store.sql import SqlStore


def methods(protocol):
    return {name for name, found in vars(protocol).items() if inspect.isfunction(found) and name != "__init__"}


def test_every_method_of_a_store_is_written():
    wanted = {name for name in methods(Store) if not name.startswith("_") or name in ("__enter__", "__exit__")}
    assert len(wanted) > 30 and wanted - set(vars(SqlStore)) == set()


def test_every_method_of_a_backend_is_written():
    wanted = {name for name in methods(Backend) if not name.startswith("_")}
    for backend in (Sqlite, Postgres):
        assert wanted and wanted - set(vars(backend)) == set()


def test_signatures_are_those_of_the_protocol():
    for name in methods(Store) - {"__exit__", "__subclasshook__"}:
        if not name.startswith("_"):
            theirs, ours = (inspect.signature(getattr(each, name)) for each in (Store, SqlStore))
            assert list(theirs.parameters) == list(ours.parameters), name
            assert theirs.return_annotation == ours.return_annotation, name
