"""One trunk for all tasks (Caruana 1997): heads alone are private."""

from motet.model.sharing._base import SharedTrunk
from motet.model.sharing._protocol import SHARING


@SHARING.register("shared_bottom")
class SharedBottom(SharedTrunk):
    """Hands every task the same representation."""
