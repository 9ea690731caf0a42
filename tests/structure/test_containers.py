"""The Dockerfile and compose.yaml fit the project: what they copy exists, and what they run is understood."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from motet.cli.main import make_app

from ._tree import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
STEPS = [
    line.split(None, 1) for line in re.sub(r"\\\n", " ", DOCKERFILE).splitlines() if line and not line.startswith("#")
]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
KNOWN = {"FROM", "ENV", "WORKDIR", "RUN", "COPY", "ARG", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK"}
COMMANDS = [json.loads(told) for word, told in STEPS if word == "CMD"] + [COMPOSE["services"]["motet"]["command"]]


def test_every_step_is_known_and_what_is_copied_exists() -> None:
    assert {word for word, _ in STEPS} == KNOWN | {"ENTRYPOINT", "CMD"}
    copied = [shlex.split(told)[:-1] for word, told in STEPS if word == "COPY" and not told.startswith("--from")]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for name in sum(copied, []):
        assert (ROOT / name).exists() and f"!{name}" in ignored, name


def test_versions_are_those_of_the_project() -> None:
    """torch is the one of constraints.txt, and the extras exist."""
    torch = next(told.partition("=")[2] for word, told in STEPS if word == "ARG" and told.startswith("TORCH="))
    assert torch in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    extras = re.search(r"'\.\[(.*?)\]'", DOCKERFILE)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert extras is not None
    assert all(re.search(rf"^{name} = \[", project, re.M) for name in extras[1].split(","))


def test_nobody_runs_as_root_and_each_runs_until_it_is_unwell() -> None:
    words = [word for word, _ in STEPS]
    assert words.index("USER") < words.index("ENTRYPOINT") and "HEALTHCHECK" in words
    check = next(told for word, told in STEPS if word == "HEALTHCHECK")
    compile(json.loads(check[check.index("[") :])[2], "healthcheck", "exec")
    assert all("healthcheck" in told or "build" in told for told in COMPOSE["services"].values())
    assert COMPOSE["services"]["motet"]["depends_on"]["database"]["condition"] == "service_healthy"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_commands_are_understood(command: list[str]) -> None:
    """The verb and its options are Motet's; what they name is not there, which is all that is complained about."""
    said = CliRunner().invoke(make_app(), [command[0], "--help"], env={"COLUMNS": "200"})
    assert said.exit_code == 0
    assert all(word in said.output for word in command if word.startswith("--"))


def test_no_password_is_written_down() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    assert re.search(r"POSTGRES_PASSWORD: \$\{POSTGRES_PASSWORD:\?", text)
    assert re.search(r"://motet:\$\{POSTGRES_PASSWORD\}@", text)
