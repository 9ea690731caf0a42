"""Looking at what there is: columns, items by words or id, a map, users by id."""

from __future__ import annotations

from typing import Annotated, Any

import polars as pl
from fastapi import APIRouter, Query, Request

from motet.errors import RequestError
from motet.serve.look import VALUES, columns_of, found, item_of, labels_of, plane
from motet.serve.routes._base import needs, service
from motet.serve.service import Service
from motet.serve.wire.catalogue import (
    CatalogueOut,
    ColumnOut,
    FoundItem,
    FoundItems,
    LookUpIn,
    MapOut,
    UsersOut,
)

Words = Annotated[str, Query(max_length=200)]
Take = Annotated[int, Query(ge=1, le=100)]
Skip = Annotated[int, Query(ge=0, le=1_000_000)]
router = APIRouter(tags=["catalogue"])


@router.get("/v1/catalogue", operation_id="describeCatalogue", **needs("read"))
async def describe(request: Request) -> CatalogueOut:
    """Return how many items there are, what they can be filtered by, and what a profile may say."""
    own = service(request)
    running = own.running
    loaded = running.bundle.loaded

    def look() -> dict[str, Any]:
        catalogue, known = loaded.catalogue, running.known
        overlay = getattr(loaded.users, "overlay", None)
        behaviour = overlay.behaviour if overlay is not None else None
        events = known.columns
        held = columns_of(events.select(behaviour)) if behaviour in events.columns else {}
        return {
            "items": len(catalogue),
            "available": int(catalogue.available_I.sum()),
            "columns": {name: ColumnOut(**each) for name, each in columns_of(catalogue.attributes).items()},
            "profile": {name: ColumnOut(**each) for name, each in columns_of(known.profiles).items()},
            "behaviour": behaviour,
            "behaviours": held[behaviour]["values"][:VALUES] if behaviour in held else [],
            "users": len(known.users),
        }

    return CatalogueOut(**await own.io(look), model=running.version)


@router.get("/v1/items", operation_id="findItems", **needs("read"))
async def find_items(request: Request, q: Words = "", take: Take = 20, skip: Skip = 0) -> FoundItems:
    """Return items whose title or id holds every word of `q`, those with the most events first."""
    own = service(request)
    running = own.running
    catalogue = running.bundle.loaded.catalogue

    def look() -> tuple[list[FoundItem], int]:
        places, total = found(catalogue, q, skip=skip, take=take)
        return [FoundItem(**item_of(catalogue, int(place))) for place in places], total

    items, total = await own.io(look)
    return FoundItems(items=items, total=total, model=running.version)


@router.post("/v1/items/look-up", operation_id="lookUpItems", **needs("read"))
async def look_up_items(asked: LookUpIn, request: Request) -> FoundItems:
    """Return what the catalogue knows of some items, in their order; unknown ones are left out."""
    running = service(request).running
    catalogue = running.bundle.loaded.catalogue
    numbers = [catalogue.index[item] for item in dict.fromkeys(asked.items) if item in catalogue.index]
    items = [FoundItem(**item_of(catalogue, number)) for number in numbers]
    return FoundItems(items=items, total=len(catalogue), model=running.version)


@router.get("/v1/map", operation_id="mapItems", **needs("read"))
async def map_items(
    request: Request,
    by: Annotated[str | None, Query(max_length=256)] = None,
    most: Annotated[int, Query(ge=1, le=5_000)] = 5_000,
) -> MapOut:
    """Return items as points of a plane, near each other where the model finds them alike; a regular sample of many."""
    own = service(request)
    running = own.running
    loaded = running.bundle.loaded
    catalogue = loaded.catalogue
    if by is not None:
        kinds = [c.name for c in catalogue.attributes.iter_columns() if not c.dtype.is_numeric()]
        if by not in kinds:
            raise RequestError(
                f"Items have no such column to colour by; known: {', '.join(kinds) or 'none'}.", "Choose."
            )

    def look() -> dict[str, Any]:
        key = ("map", running.version, len(catalogue), running.items_seq, most)
        drawn = own.kept(key, lambda: plane(loaded.scorer.item_vectors, most=most))
        places, points, share = drawn
        return {
            "items": catalogue.ids[places].to_list(),
            "titles": [catalogue.title(int(place)) for place in places],
            "x": points[:, 0].round(5).tolist(),
            "y": points[:, 1].round(5).tolist(),
            "label": [None] * len(places) if by is None else labels_of(catalogue, by, places.tolist()),
            "explained": share,
            "total": len(catalogue),
        }

    return MapOut(**await own.io(look), by=by, model=running.version)


@router.get("/v1/users", operation_id="findUsers", **needs("admin"))
async def find_users(request: Request, q: Words = "", take: Take = 20, skip: Skip = 0) -> UsersOut:
    """Return ids of users that hold `q` and whom the model's folder knows; `q` itself is first, even if only logged.

    Who was forgotten is none of them.
    """
    own = service(request)
    running = own.running
    words = q.strip()

    def look() -> tuple[list[str], int]:
        users = running.known.users
        same = users.filter(users == words)
        alike = users.filter(users.str.to_lowercase().str.contains(words.lower(), literal=True) & (users != words))
        if not len(same) and words and _is_logged(own, words):
            same = pl.Series([words])
        page = pl.concat([same.cast(pl.String), alike.cast(pl.String)]).slice(skip, take).to_list()
        return [user for user in page if not own.store.is_forgotten(user)], len(same) + len(alike)

    users, total = await own.io(look)
    return UsersOut(users=users, total=total, model=running.version)


def _is_logged(own: Service, user: str) -> bool:
    """Whether a user came after the model was trained: the log or a profile tells of them."""
    return own.store.user(user) is not None or bool(own.store.history(user, 1))
