"""The HTTP interface: every endpoint and every object, read from the app's own OpenAPI description."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from motet.serve import Settings, make_app

INTRODUCTION = """# HTTP

What `motet serve` answers. The same as a machine reads it: `GET /openapi.json` of a running service. How to start one,
and what it promises: [serve](../guide/serve.md).

A key goes into the header `Authorization: Bearer KEY` and needs the scope that is named. Ids in paths are
percent-encoded. Every error is `{"error": {"message": …, "remedy": …}}`, with one of these statuses:
"""

MACHINE = 2**53 - 1
"""A bound as wide as this is no bound to tell of: beyond it JSON's numbers lose their last digit."""


def page() -> str:
    """Return the page."""
    told = description()
    lines = [INTRODUCTION, "| status | means |", "|---|---|"]
    lines += [f"| {status} | {meaning} |" for status, meaning in sorted(_failures(told).items())]
    for path, method, endpoint in endpoints(told):
        lines += ["", *_endpoint(path, method, endpoint)]
    lines += ["", "## Objects", "", "What goes in and comes out, by name. A key without a default must be given."]
    for name, schema in sorted(told["components"]["schemas"].items()):
        lines += ["", *_object(name, schema)]
    return "\n".join(lines)


def description() -> dict[str, Any]:
    """Return the app's OpenAPI description; nothing is opened for it."""
    found: dict[str, Any] = make_app(Settings(folder="model", store="store.db")).openapi()
    return found


def endpoints(told: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (path, method, endpoint) of every endpoint, in the app's order."""
    for path, methods in told["paths"].items():
        for method, endpoint in methods.items():
            yield path, method.upper(), endpoint


def _failures(told: Mapping[str, Any]) -> dict[str, str]:
    """Return what each status above 399 means."""
    return {
        status: " ".join(answer["description"].split())
        for _, _, endpoint in endpoints(told)
        for status, answer in endpoint["responses"].items()
        if int(status) >= 400
    }


def _endpoint(path: str, method: str, endpoint: Mapping[str, Any]) -> list[str]:
    lines = [f"## {method} {path}", "", *_paragraphs(endpoint.get("description", ""))]
    scope = endpoint.get("x-scope")
    lines += [f"Scope: {scope}." if scope else "No key is asked for."]
    body = endpoint.get("requestBody")
    if body:
        lines += ["", f"Takes {_named(body['content']['application/json']['schema'])}."]
    given = endpoint.get("parameters", [])
    if given:
        lines += ["", "| parameter | in | type | default | meaning |", "|---|---|---|---|---|"]
        lines += [f"| `{each['name']}` | {each['in']} | {_row(each['schema'], each)} |" for each in given]
    answer = _answer(endpoint["responses"])
    return [*lines, "", f"Answers {answer}."]


def _answer(responses: Mapping[str, Any]) -> str:
    """Return what comes back when all is well."""
    for status, response in responses.items():
        if status.startswith("2"):
            for kind, content in response.get("content", {}).items():
                return _named(content["schema"]) if content.get("schema") else f"`{kind}`"
    return "with nothing"


def _object(name: str, schema: Mapping[str, Any]) -> list[str]:
    lines = [f"### {name}", "", *_paragraphs(schema.get("description", ""))]
    fields = schema.get("properties", {})
    if not fields:
        return lines[:-1]
    required = set(schema.get("required", ()))
    lines += ["| key | type | default | meaning |", "|---|---|---|---|"]
    return lines + [
        f"| `{key}` | {_row(field, {'required': key in required, **field})} |" for key, field in fields.items()
    ]


def _row(schema: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """Return type, default and meaning as cells."""
    if told.get("required"):
        default = "required"
    else:
        default = f"`{_plain(schema['default'])}`" if schema.get("default") not in (None, "") else ""
    meaning = " ".join((told.get("description") or schema.get("description") or "").split())
    return f"{_named(schema)} | {default} | {_cell(meaning)}"


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _named(schema: Mapping[str, Any]) -> str:
    """Return a schema as a reader would say it."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for several in ("anyOf", "oneOf"):
        if several in schema:
            words = list(dict.fromkeys(_named(each) for each in schema[several] if each.get("type") != "null"))
            plain = [word for word in words if not word.startswith(("[", "`", "list"))]
            return " or ".join(words if len(plain) < 3 else [*(word for word in words if word[0] == "["), "value"])
    if "enum" in schema:
        return " or ".join(f'`"{each}"`' for each in schema["enum"])
    if "const" in schema:
        return f'`"{schema["const"]}"`'
    kind = schema.get("type")
    if kind == "array":
        return f"list of {_named(schema.get('items', {}))}"
    if kind == "object":
        inner = schema.get("additionalProperties")
        return f"object of {_named(inner)}" if isinstance(inner, Mapping) and inner else "object"
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    return f"{words.get(str(kind), 'value')}{_bounds(schema)}"


def _bounds(schema: Mapping[str, Any]) -> str:
    signs = (("minimum", "≥"), ("exclusiveMinimum", ">"), ("maximum", "≤"), ("exclusiveMaximum", "<"))
    found = [f"{sign} {schema[key]:,.12g}" for key, sign in signs if abs(schema.get(key, MACHINE)) < MACHINE]
    return f", {', '.join(found)}" if found else ""


def _paragraphs(text: str) -> list[str]:
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if paragraph:
            lines += [" ".join(paragraph.split()), ""]
    return lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
