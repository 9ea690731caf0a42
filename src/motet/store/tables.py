"""The store's tables, in words that every SQL database understands."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, MetaData, Table, Text

VERSION = 1
"""The version of these tables; `migrate.py` knows how older ones become this one."""

METADATA = MetaData()

_NUMBER = BigInteger().with_variant(Integer, "sqlite")
_ID = Text().with_variant(Text(collation="C"), "postgresql")  # the same order everywhere, whatever the server's locale

schema_version = Table("motet_schema_version", METADATA, Column("version", Integer, nullable=False))

meta = Table("motet_meta", METADATA, Column("name", _ID, primary_key=True), Column("value", Text, nullable=False))

counter = Table(
    "motet_counter",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("value", _NUMBER, nullable=False),
)

events = Table(
    "motet_events",
    METADATA,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("id", _ID, nullable=False, unique=True),
    Column("user_id", _ID, nullable=False),
    Column("item_id", _ID),
    Column("behaviour", _ID),
    Column("time", _NUMBER, nullable=False),
    Column("received", _NUMBER, nullable=False),
    Column("data", Text, nullable=False),
    Column("text", Text),
    Column("digest", Text, nullable=False),
    Column("clamped", Boolean, nullable=False),
)
Index("motet_events_of_user", events.c.user_id, events.c.time, events.c.id)

items = Table(
    "motet_items",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("seq", _NUMBER, nullable=False, index=True),
    Column("updated", _NUMBER, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("text", Text),
    Column("available", Boolean, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
)

users = Table(
    "motet_users",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("seq", _NUMBER, nullable=False, index=True),
    Column("updated", _NUMBER, nullable=False),
    Column("profile", Text, nullable=False),
)

tombstones = Table(
    "motet_tombstones",
    METADATA,
    Column("mark", _ID, primary_key=True),
    Column("seq", _NUMBER, nullable=False, index=True),
    Column("time", _NUMBER, nullable=False),
    Column("lifted", _NUMBER),
    Column("erased", _NUMBER),
)

keys = Table(
    "motet_keys",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("salt", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("created", _NUMBER, nullable=False),
    Column("last_used", _NUMBER),
    Column("revoked", _NUMBER),
)

models = Table(
    "motet_models",
    METADATA,
    Column("version", _ID, primary_key=True),
    Column("path", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("added", _NUMBER, nullable=False),
)

activations = Table(
    "motet_activations",
    METADATA,
    Column("seq", _NUMBER, primary_key=True, autoincrement=False),
    Column("version", _ID, nullable=False),
    Column("time", _NUMBER, nullable=False),
    Column("rolled_back", Boolean, nullable=False),
)
