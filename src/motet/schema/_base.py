"""The common manners of everything read from a project file: unknown keys are refused, strings are stripped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from motet.errors import ProjectError
from motet.schema._explain import explain


class Strict(BaseModel):
    """A frozen section of the project file; ProjectError where it does not hold together."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, populate_by_name=True)

    if not TYPE_CHECKING:  # type checkers know the fields better than this signature tells

        def __init__(self, **fields: Any) -> None:
            try:
                super().__init__(**fields)
            except ValidationError as error:
                raise ProjectError(*explain(error, type(self))) from None

        # Sections within sections are then made without this: the outermost explains, with the whole path.
        __init__.__pydantic_base_init__ = True
