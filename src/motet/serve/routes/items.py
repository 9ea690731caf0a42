"""Items are put and withdrawn; both count in the next list."""

from __future__ import annotations

from fastapi import APIRouter, Request

from motet.serve.routes._base import needs, service
from motet.serve.service import unknown
from motet.serve.wire.items import ItemIn, ItemOut, Withdrawn
from motet.store import Item

WAIT_SECONDS = 10.0
router = APIRouter(tags=["items"])


@router.put("/v1/items/{id:any_id}", operation_id="putItem", **needs("write"))
async def put_item(id: str, asked: ItemIn, request: Request) -> ItemOut:
    """Hold an item. A new one is recommendable from its text and attributes as soon as this is answered."""
    own = service(request)
    item = await own.write(own.store.put_item, Item(id, asked.attributes, asked.text, asked.available))
    reached = await own.reaches(item.seq, WAIT_SECONDS)
    known = id in own.running.bundle.loaded.catalogue.index
    return ItemOut(
        id=id,
        attributes=dict(item.attributes),
        text=item.text,
        available=item.available,
        recommendable=reached and known and item.available,
        seq=item.seq,
    )


@router.delete("/v1/items/{id:any_id}", operation_id="withdrawItem", **needs("write"))
async def withdraw_item(id: str, request: Request) -> Withdrawn:
    """Take an item off every list."""
    own = service(request)
    held = await own.io(own.store.item, id)
    if held is None and id not in own.running.bundle.loaded.catalogue.index:
        raise unknown("There is no such item.", "Check its id.")
    if held is None:  # known from training only: it is held as withdrawn from now on
        await own.write(own.store.put_item, Item(id, available=False))
    changed = await own.write(own.store.withdraw_item, id)
    item = await own.io(own.store.item, id)
    if item is not None:
        await own.reaches(item.seq, WAIT_SECONDS)
    return Withdrawn(id=id, withdrawn=changed)
