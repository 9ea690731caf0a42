"""Events come in; the answer follows their durable commit."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter

from fastapi import APIRouter, Request

from motet.errors import RequestError, StoreError
from motet.serve.moments import milliseconds
from motet.serve.routes._base import needs, service
from motet.serve.wire.events import EventIn, EventResult, EventsIn, EventsOut
from motet.store import Event, Receipt

router = APIRouter(tags=["events"])


@router.post("/v1/events", operation_id="sendEvents", **needs("write"))
async def send_events(asked: EventsIn, request: Request) -> EventsOut:
    """Append events to the log. What is answered `saved` is on disk, and counts in the next list."""
    own = service(request)
    most = own.bounds.batch
    if len(asked.events) > most:
        raise RequestError(f"{len(asked.events):,} events are more than {most:,}.", "Send them in several requests.")
    told = [_event(each) for each in asked.events]
    promise = await own.write(own.store.submit, [each for each in told if isinstance(each, Event)])
    try:
        answers = await asyncio.wrap_future(promise)
    except StoreError as error:
        own.note_fault(error)
        raise
    held = iter(answers)
    receipts = [next(held) if isinstance(each, Event) else each for each in told]
    for status, number in Counter(each.status for each in receipts).items():
        own.metrics.events.labels(status).inc(number)
    accepted = sum(each.accepted for each in receipts)
    results = [EventResult(**vars(each)) for each in receipts]
    return EventsOut(events=results, accepted=accepted, refused=len(results) - accepted)


def _event(each: EventIn) -> Event | Receipt:
    """The event, or why it is none: one bad moment is no reason to refuse the others."""
    id = each.id or uuid.uuid4().hex
    try:
        time = milliseconds(each.time)
    except RequestError as error:
        return Receipt(id, "invalid", reason=f"{error.message} {error.remedy}")
    return Event(id, each.user, each.item, each.behaviour, time, each.values, each.text)
