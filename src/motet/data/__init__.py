"""Tables in: read, check, quarantine, divide, guard."""

from motet.data.divide import divide
from motet.data.leakage import check_leakage
from motet.data.proposal import Proposal, propose
from motet.data.quarantine import BadRowsError, forget_quarantined, write_quarantine
from motet.data.read import read_tables
from motet.data.tables import ID, ITEM, OTHER, ROW, TIME, USER, Division, EventIndex, Table, Tables

__all__ = [
    "ID",
    "ITEM",
    "OTHER",
    "ROW",
    "TIME",
    "USER",
    "Division",
    "EventIndex",
    "Proposal",
    "Table",
    "Tables",
    "BadRowsError",
    "check_leakage",
    "divide",
    "propose",
    "read_tables",
    "forget_quarantined",
    "write_quarantine",
]
