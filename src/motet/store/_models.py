"""Models: which there are, which one serves, and which served before."""

from __future__ import annotations

from sqlalchemy import Connection, select

from motet.errors import RequestError
from motet.store import tables as t
from motet.store._sequence import take
from motet.store.records import Activation, Model

_m = t.models.c
_a = t.activations.c


def add(connection: Connection, version: str, path: str, sha256: str, now: int) -> Model:
    """Note a model. The same once more is harmless; RequestError where the version is held with other content."""
    take(connection, 0)
    row = connection.execute(select(t.models).where(_m.version == version)).one_or_none()
    if row is not None and row.sha256 != sha256:
        raise RequestError(f"Model '{version}' is held with another checksum.", "Give the new folder its own version.")
    if row is None:
        connection.execute(t.models.insert(), {"version": version, "path": path, "sha256": sha256, "added": now})
    elif row.path != path:
        connection.execute(t.models.update().where(_m.version == version).values(path=path))
    return next(model for model in models(connection) if model.version == version)


def models(connection: Connection) -> list[Model]:
    """Return all models, the oldest first."""
    serving = _serving(activations(connection))
    active = serving[-1] if serving else None
    rows = connection.execute(select(t.models).order_by(_m.added, _m.version))
    return [Model(row.version, row.path, row.sha256, row.added, row.version == active) for row in rows]


def activations(connection: Connection) -> list[Activation]:
    """Return which models began to serve, the latest last."""
    rows = connection.execute(select(t.activations).order_by(_a.seq))
    return [Activation(row.seq, row.version, row.time, bool(row.rolled_back)) for row in rows]


def activate(connection: Connection, version: str, now: int) -> Activation:
    """Let a model serve. Raises RequestError for one that was never added."""
    seq = take(connection)
    known = [model.version for model in models(connection)]
    if version not in known:
        told = ", ".join(known) or "none"
        raise RequestError(f"There is no model '{version}'; known: {told}.", "Add it first.")
    return _began(connection, Activation(seq, version, now))


def roll_back(connection: Connection, now: int) -> Activation:
    """Let the model before the active one serve again; a second call goes one further back."""
    seq = take(connection)
    serving = _serving(activations(connection))
    if len(serving) < 2:
        raise RequestError("No model served before this one.", "Activate one by its version.")
    return _began(connection, Activation(seq, serving[-2], now, rolled_back=True))


def _began(connection: Connection, made: Activation) -> Activation:
    row = {"seq": made.seq, "version": made.version, "time": made.time, "rolled_back": made.rolled_back}
    connection.execute(t.activations.insert(), row)
    return made


def _serving(history: list[Activation]) -> list[str]:
    """Return the models one on top of the other, without those that were taken back."""
    serving: list[str] = []
    for each in history:
        if each.rolled_back:
            serving.pop()
        elif not serving or serving[-1] != each.version:
            serving.append(each.version)
    return serving
