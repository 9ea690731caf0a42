"""What may come in: ids, texts and values that every backend can hold, and moments that can be true."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from motet.errors import RequestError
from motet.store.limits import Limits
from motet.store.records import Event, Item, Receipt

_LARGEST = 2**63 - 1
_LARGEST_COUNT = 1_000


@dataclass(frozen=True)
class Prepared:
    """An event that may be written. digest: of its content as it was sent, so that a repeated one is recognised."""

    event: Event
    time: int
    received: int
    values: str
    digest: str
    clamped: bool


def prepare(event: Event, limits: Limits, now: int) -> Prepared | Receipt:
    """Return the event ready to be written, or the receipt that says why it is not."""
    reason = fault_of(event, limits)
    ahead = event.time is not None and not reason and event.time > now + limits.future_seconds * 1000
    if ahead and limits.future == "refuse":
        reason = f"its time is more than {limits.future_seconds:g} seconds in the future"
    if reason:
        return Receipt(event.id if isinstance(event.id, str) else "", "invalid", reason=reason)
    time = now if event.time is None or ahead else event.time
    values = as_json(event.values)
    return Prepared(event, time, now, values, _digest(event, values), ahead)


def fault_of(event: Event, limits: Limits) -> str:
    """Return why an event cannot be held, or an empty string."""
    reason = fault_in_id(event.id, "id", limits) or fault_in_id(event.user, "user", limits)
    for name in ("item", "behaviour"):
        held = getattr(event, name)
        reason = reason or ("" if held is None else fault_in_id(held, name, limits))
    reason = reason or fault_in_text(event.text, "text", limits) or fault_in_values(event.values, limits)
    if not reason and event.item is None and not event.text:
        reason = "it has neither item nor text"
    return reason or _fault_in_time(event.time)


def check_id(value: object, name: str, limits: Limits) -> None:
    """Raise RequestError where an id cannot be held."""
    _refuse(fault_in_id(value, name, limits), name)


def check_item(item: Item, limits: Limits) -> None:
    """Raise RequestError where an item cannot be held."""
    check_id(item.id, "item", limits)
    _refuse(fault_in_text(item.text, "text", limits) or fault_in_values(item.attributes, limits), f"item '{item.id}'")


def check_profile(user: str, profile: Mapping[str, Any], limits: Limits) -> None:
    """Raise RequestError where a profile cannot be held."""
    check_id(user, "user", limits)
    _refuse(fault_in_values(profile, limits), f"the profile of user '{user}'")


def fault_in_id(value: object, name: str, limits: Limits) -> str:
    """Return why a value is no id, or an empty string."""
    if not isinstance(value, str):
        return f"its {name} is no string"
    if not value:
        return f"its {name} is empty"
    if len(value) > limits.id_length:
        return f"its {name} has {len(value):,} characters, more than {limits.id_length:,}"
    return _fault_in_signs(value, name)


def fault_in_text(value: object, name: str, limits: Limits) -> str:
    """Return why a value is no text, or an empty string."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return f"its {name} is no string"
    if len(value) > limits.text_length:
        return f"its {name} has {len(value):,} characters, more than {limits.text_length:,}"
    return _fault_in_signs(value, name)


def fault_in_values(values: object, limits: Limits) -> str:
    """Return why columns cannot be held, or an empty string."""
    if not isinstance(values, Mapping):
        return "its values are no table of column and value"
    for column, value in values.items():
        reason = fault_in_id(column, "column name", limits)
        many = value if isinstance(value, list | tuple) else [value]
        if len(many) > _LARGEST_COUNT:
            reason = reason or f"its column '{column}' holds {len(many):,} values, more than {_LARGEST_COUNT:,}"
        for each in many:
            reason = reason or _fault_in_scalar(each, column, limits)
        if reason:
            return reason
    size = len(as_json(values).encode())
    return f"its values take {size:,} bytes, more than {limits.values_bytes:,}" if size > limits.values_bytes else ""


def as_json(values: Mapping[str, Any]) -> str:
    """Return columns as JSON, the same for the same content."""
    return json.dumps(dict(values), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def _refuse(reason: str, what: str) -> None:
    if reason:
        raise RequestError(f"Cannot take {what}: {reason}.", "Mend it and send it again.")


def _fault_in_scalar(value: object, column: str, limits: Limits) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, str):
        return fault_in_text(value, f"column '{column}'", limits)
    if isinstance(value, int):
        return "" if abs(value) <= _LARGEST else f"its column '{column}' holds a number beyond 64 bits"
    if isinstance(value, float):
        return "" if math.isfinite(value) else f"its column '{column}' is not a finite number"
    return f"its column '{column}' holds a {type(value).__name__}; expected text, number, yes or no, or a list of these"


def _fault_in_signs(value: str, name: str) -> str:
    if "\0" in value:
        return f"its {name} contains a NUL character"
    try:
        value.encode()
    except UnicodeEncodeError:
        return f"its {name} contains half of a surrogate pair, which is no Unicode text"
    return ""


def _fault_in_time(time: object) -> str:
    if time is None:
        return ""
    if not isinstance(time, int) or isinstance(time, bool):
        return "its time is no whole number of milliseconds"
    return "" if abs(time) <= _LARGEST else "its time is beyond 64 bits"


def _digest(event: Event, values: str) -> str:
    """Return a hash of the content as sent; 5 and 5.0 are the same number to whoever sends JSON."""
    same = {column: _plain(value) for column, value in json.loads(values).items()}
    content = [event.user, event.item, event.behaviour, event.time, same, event.text]
    whole = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(whole.encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value
