"""Users as serving holds them, to what a trunk reads: the same arrays that training made of the same events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from motet.features.batch import Segments
from motet.features.memory import Recall
from motet.model.encoded import encoded
from motet.model.inputs import FeatureTensors, to_tensors
from motet.model.parts import Served
from motet.recommend.port import History


@dataclass(frozen=True)
class States:
    """B users, encoded: the events they did, their profiles, where each one's state will stand, what they recall."""

    tensors: FeatureTensors
    segments: Segments
    state_B: NDArray[np.int64]
    gap_B: NDArray[np.int64] | None
    recall: Recall | None = None


def states_of(
    histories: Sequence[History], served: Served, items: Any, max_history: int, device: torch.device
) -> States:
    """Return the histories encoded, the last `max_history` events of each. items: the catalogue, as tensors."""
    found = encoded(histories, served, max_history)
    tensors = replace(to_tensors(found.arrays, device), items=items)
    return States(tensors, found.segments, found.state_B, found.gap_B, found.recall)
