"""Users: profiles, everything that is held of one, and forgetting them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from motet.artifact import read_folder
from motet.errors import MotetError, StoreError
from motet.recommend.held import held_in, held_of
from motet.serve.erase import erase_from_all
from motet.serve.routes._base import needs, service
from motet.serve.running import Running
from motet.serve.service import Service, unknown
from motet.serve.wire.users import ForgottenOut, HeldEvent, ProfileIn, ProfileOut, UserOut
from motet.store import Export

router = APIRouter(tags=["users"])


@router.put("/v1/users/{id:any_id}", operation_id="putUser", **needs("write"))
async def put_user(id: str, asked: ProfileIn, request: Request) -> ProfileOut:
    """Hold a user's profile; it counts in the next list."""
    own = service(request)
    user = await own.write(own.store.put_user, id, asked.profile)
    return ProfileOut(user=id, profile=dict(user.profile), seq=user.seq)


@router.get("/v1/users/{id:any_id}", operation_id="exportUser", **needs("admin"))
async def export_user(id: str, request: Request) -> UserOut:
    """Return everything that is held of a user: in the log, in the model that answers, and in every known folder."""
    own = service(request)
    held = await own.io(own.store.export, id)
    gone = await own.io(own.store.is_forgotten, id)
    running = own.running
    told = {} if gone else await own.io(_learned, own, running, id)
    learned = told.pop(running.version, {})
    if _nothing(held) and not learned and not told:
        raise unknown("Nothing is held of this user.", "Check the id.")
    events = [HeldEvent(**{name: getattr(event, name) for name in HeldEvent.model_fields}) for event in held.events]
    profile = None if held.profile is None else dict(held.profile)
    return UserOut(user=id, profile=profile, events=events, learned=learned, model=running.version, folders=told)


@router.delete("/v1/users/{id:any_id}", operation_id="forgetUser", **needs("admin"))
async def forget_user(id: str, request: Request) -> ForgottenOut:
    """Erase a user from the log, the profiles, the model that answers, and every known model's folder.

    From then on they are kept out, also where nothing was found: then the answer is 404. Asking once more is harmless,
    and tries again what was `waiting`.
    """
    own = service(request)
    done = await own.care(_forget, own, id)
    if done is None:
        told = "Nothing is held of this user here; they are kept out from now on."
        raise unknown(told, "Check the id. motet store readmit USER lets one back in who is kept out by mistake.")
    return done


def _nothing(held: Export) -> bool:
    return held.profile is None and not held.events


def _forget(own: Service, user: str) -> ForgottenOut | None:
    """Forget a user in the store first, so that nothing of them is answered any more, then in the models.

    None where nothing was known of them anywhere, not even that they are forgotten.
    """
    before = own.store.is_forgotten(user)
    try:
        done = own.store.forget(user)
    except StoreError as error:
        own.note_fault(error)
        raise
    erased = erase_from_all(own.store.models(), [user])
    waiting = [*filter(None, [done.waiting]), *erased.waiting]
    if own.running.holds(user) or own.running.version in erased.models:
        waiting += _answer_without(own)
    elif not (before or done.events or done.profile or waiting or erased.models):
        return None
    return ForgottenOut(
        user=user,
        events=done.events,
        profile=done.profile,
        models=list(erased.models),
        time=done.time,
        waiting=waiting,
    )


def _answer_without(own: Service) -> list[str]:
    """Open the model's folder anew, without whom the store has forgotten; return why that was not possible, if so."""
    try:
        own.put_in_place(own.open(own.running.bundle.path))
    except StoreError:
        raise
    except MotetError as error:
        return [f"The model in memory may still know them in relations: {error.message}"]
    return []


def _learned(own: Service, running: Running, user: str) -> dict[str, dict[str, Any]]:
    """What the known folders on this machine hold of a user, by version, as JSON, without those that hold nothing."""
    found = {}
    for model in own.store.models():
        try:
            found[model.version] = read_folder(model.path, lambda folder: held_of(folder, user))
        except MotetError:
            continue  # gone, or not on this machine
    if running.version not in found and running.holds(user):
        found[running.version] = held_in(running.known, running.bundle.loaded.catalogue.ids, user)
    return {version: told for version, told in found.items() if told}
