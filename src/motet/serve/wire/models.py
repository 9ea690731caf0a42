"""Models: which there are, and which one answers."""

from __future__ import annotations

from pydantic import BaseModel, Field

from motet.serve.wire.values import Message


class ActivateIn(Message):
    """Which model shall answer: a known version, or a new folder below the service's model folder."""

    version: str | None = Field(None, min_length=1, max_length=256)
    path: str | None = Field(None, min_length=1, max_length=4_096)
    recent: bool = Field(True, description="It has to answer what was asked lately, too.")


class ActivateOut(BaseModel):
    """The model that answers from now on. golden: how many requests it answered before."""

    version: str
    previous: str
    golden: int


class ModelOut(BaseModel):
    """A model folder. active: whether it answers. sha256: of its content without users."""

    version: str
    path: str
    sha256: str
    added: int
    active: bool


class FolderOut(BaseModel):
    """A model folder that never answered here. path: as activating takes it. created: seconds since 1970."""

    path: str
    created: float


class ActivationOut(BaseModel):
    """When a model began to answer."""

    version: str
    time: int
    rolled_back: bool


class TaskOut(BaseModel):
    """A task of the model that answers."""

    kind: str
    output: str
    sources: list[str]
    ranks_items: bool


class ModelsOut(BaseModel):
    """All models, which of them served when, and what the one that answers can be asked.

    folders: those in the service's model folder that were never activated, the latest first; none is verified yet.
    """

    serving: str
    models: list[ModelOut]
    folders: list[FolderOut] = []
    history: list[ActivationOut]
    tasks: dict[str, TaskOut]
    items: int
