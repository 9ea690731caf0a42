import http.client
import json
import logging
from pathlib import Path

import pytest

from motet.serve import Bounds
from motet.serve.guard import HEADERS, Guard

from .conftest import Shop, serving

SAFE = {"x-content-type-options", "x-frame-options", "referrer-policy", "cache-control", "content-security-policy"}


def test_every_answer_has_an_id_and_safe_headers(open_shop: Shop) -> None:
    for said in (
        open_shop.call("GET", "/health", X_Request_Id="mine-1"),
        open_shop.call("GET", "/nowhere", X_Request_Id="mine-1"),
        open_shop.call("POST", "/health", X_Request_Id="mine-1"),
        open_shop.call("POST", "/v1/recommend", {"k": 0}, X_Request_Id="mine-1"),
    ):
        assert said.headers["x-request-id"] == "mine-1" and set(said.headers) >= SAFE
        assert "access-control-allow-origin" not in said.headers
    made = open_shop.call("GET", "/health", X_Request_Id="not an id; <b>").headers["x-request-id"]
    assert len(made) == 32 and len(HEADERS) == len(SAFE)


def test_every_mistake_has_the_same_form(open_shop: Shop) -> None:
    for status, said in (
        (404, open_shop.call("GET", "/nowhere")),
        (405, open_shop.call("DELETE", "/health")),
        (422, open_shop.call("POST", "/v1/recommend", raw=b"{")),
        (422, open_shop.call("POST", "/v1/recommend", raw=b"\xff\xfe")),
        (413, open_shop.call("POST", "/v1/recommend", raw=b" " * 2_000_001)),
        (404, open_shop.call("GET", "/console%2f..%2fv1/models")),
    ):
        assert said.status == status, said
        assert set(said.body) == {"error"} and set(said.body["error"]) == {"message", "remedy"}
        assert all(said.body["error"].values())


def test_a_body_without_a_length_is_measured(open_shop: Shop) -> None:
    link = http.client.HTTPConnection("127.0.0.1", open_shop.port, timeout=20)
    link.request(
        "POST", "/v1/recommend", iter([b" " * 100_000] * 30), {"content-type": "application/json"}, encode_chunked=True
    )
    answer = link.getresponse()
    assert answer.status == 413 and json.loads(answer.read())["error"]["remedy"]
    link.close()


def test_a_body_that_does_not_come(model: Path) -> None:
    with serving(model, bounds=Bounds(body_seconds=0.1, follow_seconds=0.05)) as shop:
        link = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=20)
        link.putrequest("POST", "/v1/recommend")
        link.putheader("content-length", "10")
        link.endheaders(b"{")
        assert link.getresponse().status == 408
        link.close()


def test_without_a_key_nothing_is_to_be_had(model: Path) -> None:
    with serving(model, open_door=False) as shop:
        for path in ("/v1/models", "/metrics", "/nowhere", "/console/..%2fv1/models", "//health", "/health/"):
            assert shop.call("GET", path).status == 401, path
        secret = shop.service.store.create_key("shop", ["read"]).secret
        assert shop.call("GET", "/v1/models", Authorization=f"Bearer {secret}").status == 200
        refused = shop.call(
            "POST", "/v1/events", {"events": [{"user": "u", "item": "a"}]}, Authorization=f"Bearer {secret}"
        )
        assert refused.status == 403 and "write" in refused.body["error"]["message"]
        assert shop.call("GET", "/v1/models", Authorization=f"Bearer {secret}x").status == 401


def test_a_key_that_asks_too_often(model: Path) -> None:
    with serving(model, bounds=Bounds(rate=0.5, burst=3, follow_seconds=0.05)) as shop:
        said = [shop.call("GET", "/v1/models") for _ in range(5)]
        assert [each.status for each in said] == [200, 200, 200, 429, 429]
        assert int(said[-1].headers["retry-after"]) >= 1
        assert shop.call("GET", "/health").status == 200


def test_too_many_at_once(model: Path) -> None:
    with serving(model, bounds=Bounds(concurrency=0, follow_seconds=0.05)) as shop:
        said = shop.call("POST", "/v1/recommend", {})
        assert said.status == 503 and said.headers["retry-after"] == "1"
        assert shop.call("GET", "/ready").status == 200


def test_the_log_names_nobody(model: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "motet"), serving(model, open_door=False) as shop:
        secret = shop.service.store.create_key("shop", ["read", "admin"]).secret
        shop.call("GET", "/v1/users/ann", Authorization=f"Bearer {secret}")
        shop.call("POST", "/v1/recommend", {"user": "ann", "query": "secret wish"}, Authorization=f"Bearer {secret}")
        shop.call("GET", "/v1/users/ann?token=abc", Authorization="Bearer nothing")
    told = "\n".join(f"{record.getMessage()} {getattr(record, 'fields', '')}" for record in caplog.records)
    assert "/v1/users/{id}" in told and "'status': 401" in told
    for word in ("ann", "secret wish", secret, "abc"):
        assert word not in told


def test_a_bug_is_told_as_one(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("ann's secret")

    monkeypatch.setattr(shop.service.store, "models", fail)
    said = shop.call("GET", "/v1/models")
    assert said.status == 500 and "ann" not in str(said.body) and "request's id" in said.body["error"]["remedy"]
    assert Guard is not None
