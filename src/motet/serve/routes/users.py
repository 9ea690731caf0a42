"""Users: profiles, everything that is held of one, and forgetting them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request

from motet.errors import MotetError, StoreError
from motet.serve.erase import erase_from
from motet.serve.routes._base import needs, service
from motet.serve.running import Running
from motet.serve.service import Service, unknown
from motet.serve.wire.users import ForgottenOut, HeldEvent, ProfileIn, ProfileOut, UserOut
from motet.store import Export, Forgotten

router = APIRouter(tags=["users"])


@router.put("/v1/users/{id:any_id}", operation_id="putUser", **needs("write"))
async def put_user(id: str, asked: ProfileIn, request: Request) -> ProfileOut:
    """Hold a user's profile; it counts in the next list."""
    own = service(request)
    user = await own.write(own.store.put_user, id, asked.profile)
    return ProfileOut(user=id, profile=dict(user.profile), seq=user.seq)


@router.get("/v1/users/{id:any_id}", operation_id="exportUser", **needs("admin"))
async def export_user(id: str, request: Request) -> UserOut:
    """Return everything that is held of a user."""
    own = service(request)
    held = await own.io(own.store.export, id)
    gone = await own.io(own.store.is_forgotten, id)
    running = own.running
    learned = {} if gone else _learned(running, id)
    if _nothing(held) and not learned:
        raise unknown("Nothing is held of this user.", "Check the id.")
    events = [HeldEvent(**{name: getattr(event, name) for name in HeldEvent.model_fields}) for event in held.events]
    profile = None if held.profile is None else dict(held.profile)
    return UserOut(user=id, profile=profile, events=events, learned=learned, model=running.version)


@router.delete("/v1/users/{id:any_id}", operation_id="forgetUser", **needs("admin"))
async def forget_user(id: str, request: Request) -> ForgottenOut:
    """Erase a user from the log, the profiles, the model that answers, and every known model's folder."""
    own = service(request)
    held = await own.io(own.store.export, id)
    if _nothing(held) and id not in own.running.known and not await own.io(_in_a_folder, own, id):
        raise unknown("Nothing is held of this user.", "Check the id.")
    done, models = await own.care(_forget, own, id)
    return ForgottenOut(user=id, events=done.events, profile=done.profile, models=models, time=done.time)


def _nothing(held: Export) -> bool:
    return held.profile is None and not held.events


def _in_a_folder(own: Service, user: str) -> bool:
    """Whether the user's erasing from a folder was cut short: the store has forgotten them already."""
    return own.store.is_forgotten(user) and user in own.running.known


def _forget(own: Service, user: str) -> tuple[Forgotten, list[str]]:
    """Forget a user in the store first, so that nothing of them is answered any more, then in the models."""
    try:
        done = own.store.forget(user)
    except StoreError as error:
        own.note_fault(error)
        raise
    return done, _erase(own, user)


def _erase(own: Service, user: str) -> list[str]:
    """Erase a user from every model's folder, and from the model in memory; return the versions that held them."""
    held = []
    for model in own.store.models():
        if not Path(model.path).is_dir():
            continue
        try:
            if erase_from(model.path, [user]):
                held.append(model.version)
        except MotetError:
            if model.version == own.running.version:
                raise
    if own.running.version in held or user in own.running.known:
        own.put_in_place(own.open(own.running.bundle.path))
    return held


def _learned(running: Running, user: str) -> dict[str, Any]:
    """What the folder knows of a user, as JSON."""
    if user not in running.known:
        return {}
    history, ids = running.known.history(user), running.bundle.loaded.catalogue.ids
    rows = history.columns.to_dicts() if history.columns.width else [{} for _ in range(len(history))]
    for place, row in enumerate(rows):
        number = int(history.item_L[place])
        row["item"] = str(ids[number]) if number >= 0 else None
        if history.time_L is not None:
            row["time"] = int(history.time_L[place])
    profile = history.profile.row(0, named=True) if history.profile.height else None
    return {"events": rows, "profile": profile}
