"""Every user's history and profile, as flat arrays: what lists are made from, and what `forget` erases."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from motet.artifact import Folder, Part
from motet.artifact.layout import EVENTS, HISTORIES, PROFILES, STATE, USERS
from motet.errors import ArtifactError
from motet.recommend.port import History


def _no_text() -> NDArray[np.float32]:
    return np.zeros((0, 0), np.float32)


@dataclass(frozen=True)
class UserStates:
    """U users and their N events, one user after the other, each oldest first.

    users: String, ids. starts: int64 (U + 1,), offsets into the events. item_N: int32 index into the catalogue, -1
    for none. columns: the events' own columns, N rows, or a frame without columns. time_N: int64 or None.
    text_N: int32 row of text_MD, -1 for none; None where events have no text. text_MD: float32 text vectors.
    profiles: the users table's columns, U rows, or a frame without columns. time_unit: none, order or ms.
    """

    users: pl.Series
    starts: NDArray[np.int64]
    item_N: NDArray[np.int32]
    columns: pl.DataFrame = field(default_factory=pl.DataFrame)
    time_N: NDArray[np.int64] | None = None
    text_N: NDArray[np.int32] | None = None
    text_MD: NDArray[np.float32] = field(default_factory=_no_text)
    profiles: pl.DataFrame = field(default_factory=pl.DataFrame)
    time_unit: str = "none"

    def __post_init__(self) -> None:
        reason = self._fault()
        if reason:
            raise ArtifactError(f"The users' histories do not fit together: {reason}.", "Train anew.")

    @classmethod
    def empty(cls) -> UserStates:
        """Return the state of no users at all."""
        return cls(pl.Series("@user", [], dtype=pl.String), np.zeros(1, np.int64), np.zeros(0, np.int32))

    def __len__(self) -> int:
        return len(self.users)

    def __contains__(self, user: object) -> bool:
        return user in self.index

    @cached_property
    def index(self) -> dict[str, int]:
        """User id → number."""
        return {user: number for number, user in enumerate(self.users.to_list())}

    def history(self, user: str | None) -> History:
        """Return what is known of a user; an unknown one has an empty history and no profile."""
        number = None if user is None else self.index.get(user)
        if number is None:
            return self._slice(0, 0, self.profiles.head(0))
        return self._slice(int(self.starts[number]), int(self.starts[number + 1]), self.profiles[number : number + 1])

    def without(self, user: str) -> UserStates:
        """Return the state as if the user had never been: no id, no event, no profile, no text of theirs alone."""
        number = self.index.get(user)
        if number is None:
            return self
        start, stop = int(self.starts[number]), int(self.starts[number + 1])
        kept_N = np.ones(len(self.item_N), np.bool_)
        kept_N[start:stop] = False
        text_N, text_MD = self._texts_of(kept_N)
        return UserStates(
            users=self.users.filter(pl.Series(np.arange(len(self)) != number)),
            starts=np.concatenate([self.starts[: number + 1], self.starts[number + 2 :] - (stop - start)]),
            item_N=self.item_N[kept_N],
            columns=self.columns.filter(pl.Series(kept_N)) if self.columns.width else self.columns,
            time_N=None if self.time_N is None else self.time_N[kept_N],
            text_N=text_N,
            text_MD=text_MD,
            profiles=self.profiles.filter(pl.Series(np.arange(len(self)) != number))
            if self.profiles.width
            else self.profiles,
            time_unit=self.time_unit,
        )

    def to_parts(self) -> dict[str, Part]:
        """Return the state as parts of a model folder."""
        arrays: dict[str, NDArray[Any]] = {"starts": self.starts, "item": self.item_N, "text_vectors": self.text_MD}
        if self.time_N is not None:
            arrays["time"] = self.time_N
        if self.text_N is not None:
            arrays["text"] = self.text_N
        return {
            USERS: pl.DataFrame({"@user": self.users}),
            HISTORIES: arrays,
            EVENTS: self.columns,
            PROFILES: self.profiles,
            STATE: {"time_unit": self.time_unit},
        }

    @classmethod
    def from_folder(cls, folder: Folder) -> UserStates:
        """Return the state that `to_parts` wrote."""
        arrays = folder.arrays(HISTORIES)
        try:
            return cls(
                users=folder.frame(USERS)["@user"],
                starts=arrays["starts"],
                item_N=arrays["item"],
                columns=folder.frame(EVENTS),
                time_N=arrays.get("time"),
                text_N=arrays.get("text"),
                text_MD=arrays["text_vectors"],
                profiles=folder.frame(PROFILES),
                time_unit=str(folder.json(STATE)["time_unit"]),
            )
        except (KeyError, TypeError, pl.exceptions.ColumnNotFoundError) as error:
            raise ArtifactError(f"The users' histories lack {error}.", "Train anew.") from None

    def _slice(self, start: int, stop: int, profile: pl.DataFrame) -> History:
        texts = None
        if self.text_N is not None:
            row_L = self.text_N[start:stop]
            texts = np.zeros((stop - start, self.text_MD.shape[1]), np.float32)
            texts[row_L >= 0] = self.text_MD[row_L[row_L >= 0]]
        return History(
            item_L=self.item_N[start:stop],
            columns=self.columns[start:stop],
            time_L=None if self.time_N is None else self.time_N[start:stop],
            text_LD=texts,
            profile=profile,
        )

    def _texts_of(self, kept_N: NDArray[np.bool_]) -> tuple[NDArray[np.int32] | None, NDArray[np.float32]]:
        """The texts that the kept events still use, numbered anew."""
        if self.text_N is None:
            return None, self.text_MD
        text_N = self.text_N[kept_N]
        used = np.unique(text_N[text_N >= 0])
        return np.where(text_N >= 0, np.searchsorted(used, text_N), -1).astype(np.int32), self.text_MD[used]

    def _fault(self) -> str:
        num_users, num_events = len(self.users), len(self.item_N)
        if self.starts.shape != (num_users + 1,):
            return f"{num_users} users and {len(self.starts)} offsets"
        if self.starts[0] != 0 or self.starts[-1] != num_events or (np.diff(self.starts) < 0).any():
            return f"the offsets do not divide {num_events} events"
        flat = {"times": self.time_N, "texts": self.text_N}
        lengths = {name: len(array) for name, array in flat.items() if array is not None}
        lengths |= {"columns": self.columns.height} if self.columns.width else {}
        for name, length in lengths.items():
            if length != num_events:
                return f"{length} {name} for {num_events} events"
        if self.profiles.width and self.profiles.height != num_users:
            return f"{self.profiles.height} profiles for {num_users} users"
        if self.text_N is not None and len(self.text_N) and self.text_N.max() >= len(self.text_MD):
            return "an event names a text that is not there"
        return ""
