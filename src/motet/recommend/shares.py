"""How likely a user's next event is of each content type: their own events, drawn towards what all users do.

p_m = (n_m + strength · share_m) / (n + strength), the mean of a Dirichlet posterior. The strength is the one that tells
an event's type best from the same user's other events.

U = users, M = types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from motet.errors import ArtifactError

STRENGTHS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
LEAST = 1e-6
"""Of a type's share: an item of a type that nobody has used yet is improbable, not impossible."""


@dataclass(frozen=True)
class Shares:
    """share_M: of all users' events, summing to 1. strength: for how many events of one user they count."""

    share_M: NDArray[np.float64]
    strength: float

    def of(self, count_BM: NDArray[np.integer]) -> NDArray[np.float64]:
        """Return (B, M), rows summing to 1, for users with so many events of each type."""
        total_B = count_BM.sum(axis=1, keepdims=True)
        return (count_BM + self.strength * self.share_M) / (total_B + self.strength)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"shares": self.share_M.tolist(), "strength": self.strength}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Shares:
        """Return what `to_json` wrote; raises ArtifactError for anything else."""
        try:
            found = cls(np.array(told["shares"], np.float64), float(told["strength"]))
            if found.share_M.ndim != 1 or not (found.share_M > 0).all() or not 0 < found.strength < np.inf:
                raise ValueError("a share or the strength is not above 0")
            return found
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"The shares of types cannot be read: {error}.", "Fuse anew.") from None


def fit_shares(count_UM: NDArray[np.integer]) -> Shares:
    """Return the shares of all events, and the strength with the least loss when each event is left out in turn."""
    total_M = count_UM.sum(axis=0).astype(np.float64)
    share_M = np.maximum(total_M / max(1.0, total_M.sum()), LEAST) if total_M.sum() else np.ones(len(total_M))
    share_M = share_M / share_M.sum()
    return min((Shares(share_M, strength) for strength in STRENGTHS), key=lambda each: left_out_loss(each, count_UM))


def left_out_loss(shares: Shares, count_UM: NDArray[np.integer]) -> float:
    """Return the mean −log p of every event's type, told from the same user's other events; 0 without events."""
    total_U = count_UM.sum(axis=1, keepdims=True)
    own = count_UM > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        p_UM = (count_UM - 1 + shares.strength * shares.share_M) / (total_U - 1 + shares.strength)
    events = int(count_UM.sum())
    return float(-(count_UM[own] * np.log(p_UM[own])).sum() / events) if events else 0.0
