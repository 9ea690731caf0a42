"""Join models of catalogues of different content types into one folder with one list over all of them."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import tomli_w
from numpy.typing import NDArray

from motet.artifact import Folder, Part, layout, open_folder, write_folder
from motet.errors import RequestError
from motet.recommend import Catalogue, UserStates, load
from motet.recommend.fused import MEMBERS
from motet.recommend.joined import JOINED, TYPE, listed_tasks
from motet.recommend.loaded import Loaded
from motet.recommend.shares import Shares, fit_shares, left_out_loss
from motet.stages.apart import check_apart
from motet.stages.exampling import report
from motet.stages.fusing_members import kept_parts

USER, ITEM, TIME, TEXT = "@user", "@item", "@time", "@text"


@dataclass(frozen=True)
class Member:
    """A model to join. first: the number of its first item in the joint catalogue. text: width of the vectors of its
    events' texts; block: where they begin in the joint vectors.
    """

    name: str
    folder: Folder
    loaded: Loaded
    first: int = 0
    text: int = 0
    block: int = 0


def other_items(paths: Sequence[str | Path]) -> bool:
    """Return whether the models at `paths` are of catalogues without an item in common.

    Raises RequestError where some items are common and others are not: then it cannot be told what an id means.
    """
    folders = [open_folder(path) for path in paths]
    if len(folders) < 2 or not all(folder.has(layout.ITEMS) for folder in folders):
        return False
    ids = [set(folder.frame(layout.ITEMS)[ITEM].to_list()) for folder in folders]
    pairs = [(one, other) for one in range(len(ids)) for other in range(one)]
    if all(ids[one] == ids[other] for one, other in pairs):
        return False
    for one, other in pairs:
        if common := sorted(ids[one] & ids[other]):
            names = f"'{folders[other].path.name}' and '{folders[one].path.name}'"
            message = f"{names} have {len(common)} items in common, for instance '{common[0]}', but not all of them."
            raise RequestError(message, "Give items of different types ids that differ, or fuse models of one project.")
    return True


def join(paths: Sequence[str | Path], out: str | Path, *, data: str | Path | None = None) -> dict[str, Any]:
    """Join the models at `paths` into a folder at `out`; return what was joined, as plain JSON values.

    {"path", "members": {name: {"items", "events", "share", "tasks_left"}}, "tasks", "users", "users_of_several",
    "strength", "log_loss": {"own", "all"}}. share: of all events. strength: for how many events of one user
    these shares count; log_loss: of an event's type, told from the user's other events, and from the shares alone.
    tasks_left: those that not every model can rank its items by. Raises RequestError where histories do not go
    together, or no task is common.
    """
    out = check_apart(out, *paths)
    members = _members(paths, data)
    tasks = listed_tasks([member.loaded.scorer.tasks for member in members])
    if not tasks:
        raise RequestError(
            "No task ranks the items of every model.", "Name a task of one kind the same in all of their projects."
        )
    users, states = joint_users(members)
    catalogue = joint_catalogue(members)
    counts = type_counts(states, [len(member.loaded.catalogue) for member in members])
    shares = fit_shares(counts)
    told = _told(members, tasks, shares, counts)
    parts: dict[str, Part] = {**catalogue.to_parts(), **states.to_parts()}
    parts[layout.PROJECT] = _project(members, list(tasks))
    for number, member in enumerate(members):
        place = f"{MEMBERS}/m{number}"
        parts |= {f"{place}/{name}": member.folder.data(name) for name in kept_parts(member.folder)}
        parts[f"{place}/{layout.MANIFEST}"] = member.folder.manifest.to_bytes()
    kinds = [_kind(member, at) for at, member in enumerate(members)]
    parts[JOINED] = {"members": kinds, "shares": shares.to_json(), "tasks": list(tasks), "told": told}
    write_folder(
        out,
        parts,
        name=" + ".join(member.folder.manifest.name for member in members),
        seed=members[0].folder.manifest.seed,
        runtime="joined",
        tasks={name: view.kind for name, view in tasks.items()},
    )
    report(out, users, data=data)
    return {"path": str(out), **told}


def joint_catalogue(members: Sequence[Member]) -> Catalogue:
    """Return the items of all members, one member after the other, with a column that names whose each is."""
    own = [member.loaded.catalogue for member in members]
    frames = []
    for member, each in zip(members, own, strict=True):
        named = pl.repeat(member.name, len(each), eager=True).alias(TYPE)
        frames.append(pl.DataFrame([named, *each.attributes.drop(TYPE, strict=False).iter_columns()]))
    titles = [
        pl.repeat(None, len(each), dtype=pl.String, eager=True) if each.titles is None else each.titles for each in own
    ]
    return Catalogue(
        pl.concat([each.ids.cast(pl.String).alias(ITEM) for each in own]),
        _stacked(frames, "items"),
        np.concatenate([each.popularity_I for each in own]),
        np.concatenate([each.available_I for each in own]),
        pl.concat([each.alias("@title") for each in titles]) if any(each.titles is not None for each in own) else None,
    )


def joint_users(members: Sequence[Member]) -> tuple[list[str], UserStates]:
    """Return all users, and everything that any member knows of them, events in the order of their time."""
    own = [member.loaded.users for member in members]
    units = {each.time_unit for each in own if len(each.item_N)}
    if len(units) > 1:
        message = f"The histories count time in different units: {', '.join(sorted(units))}."
        raise RequestError(message, "Give all events times of one kind, and train anew.")
    users = list(dict.fromkeys(user for each in own for user in each.users.to_list()))
    number = {user: at for at, user in enumerate(users)}
    width = sum(member.text for member in members)
    frames, blocks, begin = [], [], 0
    for member, each in zip(members, own, strict=True):
        frames.append(_events(member, number, begin))
        if member.text:
            block = np.zeros((len(each.text_MD), width), np.float32)
            block[:, member.block : member.block + member.text] = each.text_MD
            blocks.append(block)
            begin += len(block)
    events = _stacked(frames, "events").sort(USER, *([TIME] if TIME in frames[0].columns else []), maintain_order=True)
    count = np.bincount(events[USER].to_numpy(), minlength=len(users))
    columns = events.drop(USER, ITEM, TIME, TEXT, strict=False)
    profiles = _profiles(members, users)
    return users, UserStates(
        users=pl.Series(USER, users, dtype=pl.String),
        starts=np.concatenate([[0], np.cumsum(count)]).astype(np.int64),
        item_N=events[ITEM].to_numpy().astype(np.int32),
        columns=columns,
        time_N=events[TIME].to_numpy().astype(np.int64) if TIME in events.columns else None,
        text_N=events[TEXT].to_numpy().astype(np.int32) if blocks else None,
        text_MD=np.concatenate(blocks) if blocks else np.zeros((0, 0), np.float32),
        profiles=profiles,
        time_unit=next(iter(units), "none"),
    )


def type_counts(states: UserStates, items: Sequence[int]) -> NDArray[np.int64]:
    """Return (U, M): how many of each user's events are with items of each member."""
    ends = np.cumsum(items)
    of_N = np.repeat(np.arange(len(states)), np.diff(states.starts))
    known = states.item_N >= 0
    type_N = np.searchsorted(ends, states.item_N[known], side="right")
    found = np.zeros((len(states), len(items)), np.int64)
    np.add.at(found, (of_N[known], type_N), 1)
    return found


def _members(paths: Sequence[str | Path], data: str | Path | None) -> list[Member]:
    found: list[Member] = []
    first = block = 0
    for path in paths:
        folder, loaded = open_folder(path), load(path, data=data).loaded
        name = folder.path.name
        while name in {each.name for each in found}:
            name += "'"
        text = loaded.users.text_MD.shape[1] if loaded.users.text_N is not None else 0
        found.append(Member(name, folder, loaded, first, text, block))
        first, block = first + len(loaded.catalogue), block + text
    return found


def _events(member: Member, number: dict[str, int], begin: int) -> pl.DataFrame:
    """A member's events with the numbers that users, items and texts have in the joint folder."""
    states = member.loaded.users
    of_N = np.repeat(np.array([number[user] for user in states.users.to_list()], np.int64), np.diff(states.starts))
    item_N = np.where(states.item_N >= 0, states.item_N.astype(np.int64) + member.first, -1)
    fields: dict[str, Any] = {USER: of_N, ITEM: item_N}
    if states.time_N is not None:
        fields[TIME] = states.time_N
    fields[TEXT] = np.full(len(item_N), -1, np.int64)
    if member.text and states.text_N is not None:
        fields[TEXT] = np.where(states.text_N >= 0, states.text_N.astype(np.int64) + begin, -1)
    return pl.DataFrame({**fields, **_plain(states.columns)})


def _profiles(members: Sequence[Member], users: Sequence[str]) -> pl.DataFrame:
    """One row per user; of what several members know, the first that knows something counts."""
    known = [member.loaded.users for member in members if member.loaded.users.profiles.width]
    if not known:
        return pl.DataFrame()
    frames = [each.profiles.with_columns(each.users.cast(pl.String).alias(USER)) for each in known]
    stacked = _stacked(frames, "users")
    first = stacked.group_by(USER, maintain_order=True).agg(pl.exclude(USER).drop_nulls().first())
    order = pl.DataFrame({USER: pl.Series(list(users), dtype=pl.String)})
    return order.join(first, on=USER, how="left", maintain_order="left").drop(USER)


def _stacked(frames: Sequence[pl.DataFrame], table: str) -> pl.DataFrame:
    """The frames below one another; a column that some do not have is null there."""
    kinds: dict[str, pl.DataType] = {}
    for frame in frames:
        for name, kind in frame.schema.items():
            if kinds.setdefault(name, kind) != kind:
                message = f"The column '{name}' of {table} is {kinds[name]} in one model and {kind} in another."
                raise RequestError(message, "Give it one meaning in all projects, or another name in one of them.")
    return pl.concat(frames, how="diagonal")


def _plain(frame: pl.DataFrame) -> dict[str, pl.Series]:
    return {column.name: column for column in frame.iter_columns()}


def _kind(member: Member, at: int) -> dict[str, Any]:
    states = member.loaded.users
    return {
        "name": member.name,
        "part": f"{MEMBERS}/m{at}",
        "items": len(member.loaded.catalogue),
        "columns": states.columns.columns,
        "profile": states.profiles.columns,
        "text": member.text,
    }


def _told(
    members: Sequence[Member], tasks: dict[str, Any], shares: Shares, counts: NDArray[np.int64]
) -> dict[str, Any]:
    by_all = replace(shares, strength=1e9)
    return {
        "members": {
            member.name: {
                "items": len(member.loaded.catalogue),
                "events": int(counts[:, at].sum()),
                "share": float(shares.share_M[at]),
                "tasks_left": [name for name in member.loaded.scorer.tasks if name not in tasks],
            }
            for at, member in enumerate(members)
        },
        "tasks": list(tasks),
        "users": len(counts),
        "users_of_several": int(((counts > 0).sum(axis=1) > 1).sum()),
        "strength": shares.strength,
        "log_loss": {"own": left_out_loss(shares, counts), "all": left_out_loss(by_all, counts)},
    }


def _project(members: Sequence[Member], tasks: Sequence[str]) -> str:
    """The first member's project, as far as serving reads it: what lists weigh, how they are explained, its events."""
    told = tomllib.loads(members[0].folder.text(layout.PROJECT)) if members[0].folder.has(layout.PROJECT) else {}
    told.setdefault("project", {})["name"] = " + ".join(member.folder.manifest.name for member in members)
    told["tasks"] = {name: each for name, each in told.get("tasks", {}).items() if name in tasks}
    return tomli_w.dumps(told)
