"""For tests, here and of other people's plug-ins: a tiny shop, and contracts that every plug-in keeps.

`contracts` (one file per shelf) and `study` need torch, and are therefore not imported here.
"""

from motet.testing.project import tiny_in_memory, tiny_project
from motet.testing.shop import write_tiny_shop
from motet.testing.tables import tiny_shop

__all__ = ["tiny_in_memory", "tiny_project", "tiny_shop", "write_tiny_shop"]
