"""Advised sections as lines of a project file, alone or in the place of those that a file has."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

import tomli_w

_HEADER = re.compile(r"^\s*\[{1,2}\s*([^\[\]]+?)\s*\]{1,2}\s*(?:#.*)?$")


def section_lines(sections: Mapping[str, Mapping[str, Any]]) -> str:
    """Return sections as TOML."""
    return tomli_w.dumps({name: dict(keys) for name, keys in sections.items()})


def with_sections(text: str, sections: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a project file with these sections in the place of its own; all other lines stay, comments included.

    Keys of a replaced section that are not among the new ones are kept.
    """
    content = tomllib.loads(text)
    merged = {name: {**_free(name, content), **keys} for name, keys in sections.items()}
    kept = _without(text, set(sections))
    written = f"{kept.rstrip()}\n\n{section_lines(merged)}" if kept.strip() else section_lines(merged)
    wanted = {**content, **merged}
    try:
        same = tomllib.loads(written) == wanted
    except tomllib.TOMLDecodeError:
        same = False
    # a section may be written in ways that lines do not show, for instance as `sharing.kind = "ple"`
    return written if same else tomli_w.dumps(wanted)


def _free(name: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a section that advice does not speak about; kinds, valves and the main task it decides anew."""
    own = content.get(name, {})
    return {key: value for key, value in own.items() if key not in ("kind", "valves", "main", "strength")}


def _without(text: str, names: set[str]) -> str:
    """The lines that belong to none of these sections."""
    kept, inside = [], False
    for line in text.splitlines():
        header = _HEADER.match(line)
        if header:
            inside = header[1].split(".")[0].strip().strip("\"'") in names
        if not inside:
            kept.append(line)
    return "\n".join(kept)
