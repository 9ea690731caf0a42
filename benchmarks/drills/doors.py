"""Every operation with every kind of key; paths that lead out, ids that are code, texts that are markup."""

from __future__ import annotations

import http.client
import itertools
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from benchmarks.drills._bench import Bench, Found, Running, service

OPEN = {"/health", "/ready"}
SECRET = "root:"
STEPS = ("..", "%2e%2e", "%2e.", "..%00", "....", "%252e%252e", "..;", "%c0%ae%c0%ae")
SLASHES = ("/", "%2f", "\\", "%5c", "//", "%252f")
STARTS = ("/console", "/v1/runs", "/v1/items", "/static")
CODE = (
    "'; DROP TABLE motet_events; --",
    '" OR ""="',
    "1; SELECT pg_sleep(5)",
    "${jndi:ldap://x}",
    "{{7*7}}",
    "$(touch /tmp/motet-was-here)",
    "%s%s%n",
    "=HYPERLINK(1)",
    "a\r\nX-Injected: yes",
    '{"$gt": ""}',
)
MARKUP = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def run(bench: Bench) -> Found:
    with service(bench.fixed()) as running:
        wrong, tried = _matrix(running)
        leaks, paths = _paths(running)
        broken, codes = _codes(running)
        unsafe = _markup(running)
    with service(bench.fixed(), door=True) as running:
        control = _matrix(running)[0]
    figure = f"{tried} operations and keys, {wrong} let through or kept out wrongly; {paths} paths, {leaks} lead out"
    figure += f"; {codes} injections, {broken} worked; markup comes back {'UNSAFE' if unsafe else 'as JSON text'}"
    return Found(wrong + leaks + broken + unsafe == 0, figure, control > 0, f"{control} wrong with the door open")


def _matrix(running: Running) -> tuple[int, int]:
    spec = running.call("GET", "/openapi.json", key="")[1]
    keys = {"none": None, "bad": "Bearer motet_nonsense", "basic": "Basic YTpi"}
    keys |= {name: f"Bearer {secret}" for name, secret in running.keys.items()}
    wrong = tried = 0
    for path, methods in spec["paths"].items():
        for method, told in methods.items():
            scope = told.get("x-scope")
            for name, key in keys.items():
                filled = path.replace("{id}", "nobody-known").replace("{task}", "nope")
                body = {} if method in ("post", "put") else None
                status = _raw(running, method.upper(), filled, body, key)[0]
                tried += 1
                wrong += not _right(name, scope, status, path)
    return wrong, tried


def _right(name: str, scope: str | None, status: int, path: str) -> bool:
    if scope is None:
        return path in OPEN and status == 200
    if name in ("none", "bad", "basic"):
        return status == 401
    return status in (200, 404, 422) if name in (scope, "admin") else status == 403


def _ways() -> Iterator[str]:
    for start, step, slash in itertools.product(STARTS, STEPS, SLASHES):
        yield start + (slash + step) * 8 + slash + "etc" + slash + "passwd"


def _paths(running: Running) -> tuple[int, int]:
    """How many paths showed a file of the machine, or something that needs a key, to somebody without one."""
    leaks = tried = 0
    for number, path in enumerate(_ways()):
        key = running.keys["admin"] if number % 2 else ""
        status, _, text = _raw(running, "GET", path, None, f"Bearer {key}" if key else None)
        tried += 1
        leaks += SECRET in text or (status == 200 and not key and not path.startswith("/console"))
    for path in ("/console%2f..%2fv1/models", "/console/..%2fv1%2fmodels", "/health/../v1/models", "//v1/models"):
        tried += 1
        leaks += '"serving"' in _raw(running, "GET", path, None, None)[2]
    for path in ("../../etc", "/etc", "first/../../..", "..", "first\0", "~", "file:///etc"):
        tried += 1
        leaks += running.call("POST", "/v1/models/activate", {"path": path})[0] != 422
    return leaks, tried


def _codes(running: Running) -> tuple[int, int]:
    """How many strings did more than to be stored as they are."""
    broken = 0
    for number, code in enumerate(CODE):
        event = {"id": f"x{number}{code}", "user": code, "item": code, "behaviour": code, "text": code}
        status, said = running.call("POST", "/v1/events", {"events": [event]})
        broken += status != 200 or said["accepted"] != 1
        status, said = running.call("GET", f"/v1/users/{quote(code, safe='')}")
        broken += status != 200 or [each["text"] for each in said["events"]] != [code]
        status, headers, _ = _raw(running, "GET", "/health", None, None, **{"x-request-id": code.replace("\r\n", " ")})
        broken += status != 200 or "x-injected" in headers or headers["x-request-id"] == code
    return broken + (running.call("GET", "/ready")[0] != 200), 3 * len(CODE)


def _markup(running: Running) -> int:
    """Whether markup in an item comes back as anything else than text within JSON that no browser would run."""
    running.good("PUT", "/v1/items/markup", {"text": MARKUP, "attributes": {"kind": MARKUP}})
    status, headers, text = _raw(
        running, "POST", "/v1/items/look-up", {"items": ["markup"]}, f"Bearer {running.keys['read']}"
    )
    kept = MARKUP in json.dumps(json.loads(text), ensure_ascii=False).replace('\\"', '"')
    safe = headers.get("content-type", "").startswith("application/json")
    safe &= headers.get("x-content-type-options") == "nosniff" and "default-src 'none'" in headers.get(
        "content-security-policy", ""
    )
    return int(not (status == 200 and kept and safe))


def _raw(
    running: Running, method: str, path: str, body: Any, authorization: str | None, **more: str
) -> tuple[int, dict[str, str], str]:
    """Ask with a path exactly as it is written."""
    link = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    try:
        link.putrequest(method, path.replace(" ", "%20"), skip_accept_encoding=True)
        data = b"" if body is None else json.dumps(body).encode()
        sent = {"content-type": "application/json", "content-length": str(len(data)), **more}
        if authorization is not None:
            sent["authorization"] = authorization
        for name, value in sent.items():
            link.putheader(name, value)
        link.endheaders(data or None)
        answer = link.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, headers, answer.read(100_000).decode("utf-8", "replace")
    finally:
        link.close()
