"""Tables in: read, check, quarantine, divide, guard."""

from motet.data.tables import ID, ITEM, OTHER, ROW, TIME, USER, Division, EventIndex, Table, Tables

__all__ = ["ID", "ITEM", "OTHER", "ROW", "TIME", "USER", "Division", "EventIndex", "Table", "Tables"]
