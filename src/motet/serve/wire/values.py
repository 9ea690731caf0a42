"""The values that all messages are made of. What is no finite number, and what no database can hold, is refused."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

Id = Annotated[str, Field(min_length=1, max_length=256, strict=True)]
Text = Annotated[str, Field(max_length=20_000, strict=True)]
Name = Annotated[str, Field(min_length=1, max_length=256)]
Whole = Annotated[StrictInt, Field(ge=-(2**53), le=2**53)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Scalar = StrictBool | Whole | Number | Annotated[StrictStr, Field(max_length=20_000)] | None
Value = Scalar | Annotated[list[Scalar], Field(max_length=1_000)]
Values = Annotated[dict[Name, Value], Field(max_length=1_000)]


class Message(BaseModel):
    """What comes in: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ErrorDetail(BaseModel):
    """What was found, and what to try."""

    message: str
    remedy: str


class Error(BaseModel):
    """Every answer that is none."""

    error: ErrorDetail
