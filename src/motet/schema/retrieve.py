"""How candidates are found in large catalogues: the section `retrieve`."""

from __future__ import annotations

from pydantic import Field

from motet.schema._base import Strict


class RetrieveConfig(Strict):
    """From which size on candidates are preselected, and how.

    whole: up to so many items, every one is scored in full. exact: up to so many, candidates are preselected in half
    precision and scored again in full, which finds the same ones; above, an index finds most of them. recall: the share
    of the true first hundred that the index must find; one that finds less is not used. probes: how many of its cells
    are searched; more find more, and take longer.
    """

    whole: int = Field(default=50_000, ge=0)
    exact: int = Field(default=300_000, ge=0)
    recall: float = Field(default=0.95, ge=0, le=1)
    probes: int = Field(default=64, ge=1, le=4096)
