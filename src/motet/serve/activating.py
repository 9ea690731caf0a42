"""Let a model that was just made serve: through a store that its services follow, or by asking a service."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from motet.errors import RequestError
from motet.serve.golden import check_golden
from motet.serve.running import open_model
from motet.store import Activation, Store

LOG_EVENTS = 1_000
"""Events of a user's log that golden requests look at."""
WAIT_SECONDS = 120.0
"""How long a service may take to load a model beside the one that answers, and to ask it golden requests."""


def activate_in_store(path: str | Path, store: Store, *, data: str | Path | None = None) -> Activation:
    """Note a model folder in a store and let it serve there; services on that store take it over when they look.

    The folder is verified and answers golden requests first, and is freed of whom the store has forgotten. Raises
    ArtifactError where it does not answer; then nothing has changed.
    """
    running = open_model(path, store, data=None if data is None else str(data), log_events=LOG_EVENTS)
    check_golden(running.bundle)
    store.add_model(running.version, str(running.bundle.path), running.fingerprint)
    return store.activate_model(running.version)


def activate_at(server: str, path: str | Path, *, key: str | None = None, timeout: float = WAIT_SECONDS) -> str:
    """Ask a service to let a model folder on its machine take over; return the version that answers.

    server: its address, for instance http://127.0.0.1:8000. Raises RequestError, with what the service said, where it
    refused or cannot be reached; the model before goes on.
    """
    if urlsplit(server).scheme not in ("http", "https"):
        raise RequestError(f"'{server}' is no address of a service.", "For instance: http://127.0.0.1:8000")
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    body = json.dumps({"path": str(Path(path).resolve())}).encode()
    asked = Request(f"{server.rstrip('/')}/v1/models/activate", data=body, headers=headers, method="POST")
    try:
        with urlopen(asked, timeout=timeout) as reply:
            return str(json.load(reply)["version"])
    except HTTPError as error:
        raise RequestError(f"The service at {server} did not take the model: {_said(error)}.", _REMEDY) from None
    except (URLError, OSError, ValueError, KeyError) as error:
        reason = getattr(error, "reason", None) or error
        raise RequestError(f"The service at {server} cannot be asked: {reason}.", _REMEDY) from None


_REMEDY = "The folder is written; activate it with POST /v1/models/activate once that is mended."


def _said(error: HTTPError) -> str:
    try:
        told = json.load(error)["error"]
        return f"{told['message']} {told.get('remedy', '')}".strip().rstrip(".")
    except (ValueError, KeyError, TypeError):
        return f"status {error.code}"
