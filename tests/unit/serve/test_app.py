"""The door, tried at every endpoint that /openapi.json names, with every kind of key."""

from collections.abc import Iterator
from typing import Any

import pytest

from motet.serve.app import make_app
from motet.serve.routes._base import ERRORS
from motet.serve.settings import Settings

from .conftest import Shop, serving, write_model

SPEC: dict[str, Any] = make_app(Settings(folder="", store="")).openapi()
OPERATIONS = [(method, path, told) for path, each in SPEC["paths"].items() for method, told in each.items()]
OPEN = {"/health", "/ready"}
KEYS = ("none", "read", "write", "admin")


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, dict[str, str]]]:
    with serving(write_model(tmp_path_factory.mktemp("models") / "first"), open_door=False) as shop:
        yield shop, {name: shop.service.store.create_key(name, [name]).secret for name in KEYS[1:]}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("method", "path", "told"), OPERATIONS, ids=[told["operationId"] for _, _, told in OPERATIONS])
def test_the_door(locked: tuple[Shop, dict[str, str]], key: str, method: str, path: str, told: dict) -> None:
    shop, secrets = locked
    scope = told.get("x-scope")
    assert (scope is None) == (path in OPEN)
    sent = {} if key == "none" else {"Authorization": f"Bearer {secrets[key]}"}
    body = {} if method in ("post", "put") else None
    said = shop.call(method.upper(), path.replace("{id}", "nobody-known").replace("{task}", "nope"), body, **sent)
    if scope is None:
        assert said.status == 200
    elif key == "none":
        assert said.status == 401
    elif key in (scope, "admin"):
        assert said.status in (200, 404, 422)
    else:
        assert said.status == 403
    assert said.status == 200 or set(said.body) == {"error"}


def test_a_client_can_be_generated() -> None:
    ids = [told["operationId"] for _, _, told in OPERATIONS]
    assert len(set(ids)) == len(ids) == 25 and all(id.isidentifier() for id in ids)
    for _, path, told in OPERATIONS:
        schema = told["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
        assert "$ref" in schema or path in ("/metrics", "/v1/runs/{id}/events")
        assert told.get("security") == (None if path in OPEN else [{"HTTPBearer": []}])
        for status in ERRORS:
            assert told["responses"][str(status)]["content"]["application/json"]["schema"]["$ref"].endswith("/Error")
    assert "HTTPValidationError" not in SPEC["components"]["schemas"]
