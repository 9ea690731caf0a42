"""Serve a model and call it over HTTP, with nothing but Python's own library on this side.

python examples/certify_frames.py --quick    first, it writes runs/bookshop
python examples/serve_and_call.py
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

SERVE = "from motet.cli.main import run; run()"


@contextmanager
def serving(folder: str | Path) -> Iterator[str]:
    """Serve a model on a free port of this machine, with a store of its own; yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as place:
        options = ["--store", str(Path(place, "log.db")), "--port", str(port), "--open-without-key", "--quiet"]
        process = subprocess.Popen([sys.executable, "-c", SERVE, "serve", str(folder), *options])
        try:
            yield wait_for(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()
            process.wait()


def wait_for(address: str, process: subprocess.Popen[bytes], *, seconds: float = 240) -> str:
    """Return the address when the service takes requests."""
    until = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < until:
        try:
            urlopen(f"{address}/ready").close()
            return address
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("The service did not start; run motet serve to see why.")


def call(method: str, url: str, body: Any = None) -> Any:
    """Return the JSON answer to a request."""
    sent = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, sent, {"Content-Type": "application/json"}, method=method)) as answer:
        return json.load(answer)


def put_book(service: str, name: str, book: dict[str, Any], *, seconds: float = 240) -> bool:
    """Put a book, and return whether lists can have it now.

    The first text of a service loads its language model, which a busy machine may not do before the answer is due; to
    put the same again is harmless, and tells when it is done.
    """
    until = time.monotonic() + seconds
    while not call("PUT", f"{service}/v1/items/{name}", book)["recommendable"]:
        if time.monotonic() > until:
            return False
        time.sleep(0.5)
    return True


def main() -> None:
    """Ask for a stranger's list, tell what she buys, ask again; then put a book that nobody has bought."""
    with serving("runs/bookshop") as service:
        asked = {"user": "ann", "k": 3}
        before = call("POST", f"{service}/v1/recommend", asked)
        print(before["source"], [one["item"] for one in before["items"]])
        events = [{"id": f"ann-{book}", "user": "ann", "item": book} for book in ("b3", "b9", "b17")]
        receipts = call("POST", f"{service}/v1/events", {"events": events})
        print(receipts["accepted"], "events are on disk")
        after = call("POST", f"{service}/v1/recommend", {**asked, "explain": True})
        print(after["source"], [(one["item"], one["reasons"][:1]) for one in after["items"]])
        book = {"text": "The Last Detective", "attributes": {"genre": "crime", "price": 12.0}}
        print("new:", put_book(service, "new", book))
        print("near it:", [one["item"] for one in call("GET", f"{service}/v1/items/new/similar?k=3")["items"]])


if __name__ == "__main__":
    main()
