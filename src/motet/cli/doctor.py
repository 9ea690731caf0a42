"""motet doctor: what this machine has, what is installed, and what to do about what is missing."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from motet.cli.answer import Answer, Tone
from motet.cli.grid import grid
from motet.cli.verb import verb
from motet.errors import install, install_command

HIDDEN_EXTRAS = ("dev",)
OLDEST_PYTHON = (3, 11)
LITTLE_MEMORY = 4.0
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([\w-]+)['\"]")
_INNER = re.compile(r"motet\[([\w,-]+)\]")
_BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}


@verb("motet doctor", "motet doctor --json")
def doctor(tone: Tone) -> Answer:
    """Look at the machine and the installation.

    Shows cores, memory, versions, extras, encoders and optional programs, whether the cache folder can be written, and
    what to do about what is missing. The exit code is 2 where something that every run needs is missing.
    """
    core, extras = dependencies()
    found: dict[str, Any] = {
        "machine": machine(),
        "python": platform.python_version(),
        "motet": installed("motet"),
        "dependencies": core,
        "extras": extras,
        "encoders": encoders(),
        "cache": cache(),
        "device": device(),
        "programs": programs(),
    }
    problems = troubles(found)
    found = {**found, "problems": problems, "advice": advice(found), "ok": not problems}
    return Answer(render(found), found, code=2 if problems else 0)


def machine() -> dict[str, Any]:
    """Return cores that may be used, memory in GiB, and whether the processor multiplies in bf16."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"system": platform.platform(terse=True), "cores": usable, "memory_gib": _memory(), "bf16": _bf16()}


def dependencies() -> tuple[dict[str, str | None], dict[str, dict[str, Any]]]:
    """Return the versions of what every run needs, and per extra what it brings and whether it is there."""
    core: dict[str, str | None] = {}
    extras: dict[str, dict[str, str | None]] = {}
    inner: dict[str, list[str]] = {}
    for line in metadata.requires("motet") or ():
        requirement, _, marker = line.partition(";")
        name = _NAME.match(requirement.strip())
        extra = _EXTRA.search(marker)
        if name is None:
            continue
        if extra is None:
            core[name.group()] = installed(name.group())
        elif extra[1] not in HIDDEN_EXTRAS:
            own = extras.setdefault(extra[1], {})
            nested = _INNER.match(requirement.replace(" ", ""))
            if nested:
                inner.setdefault(extra[1], []).extend(nested[1].split(","))
            else:
                own[name.group()] = installed(name.group())
    for extra_name, parts in inner.items():
        for part in parts:
            extras[extra_name] |= extras.get(part, {})
    return core, {name: _extra(name, packages) for name, packages in sorted(extras.items())}


def _extra(name: str, packages: Mapping[str, str | None]) -> dict[str, Any]:
    complete = all(packages.values())
    install = None if complete else install_command(name)
    return {"installed": complete, "packages": dict(packages), "install": install}


def installed(name: str) -> str | None:
    """Return the version of a distribution, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def encoders() -> dict[str, dict[str, Any]]:
    """Return, per short name, whether the encoder can be used."""
    from motet.errors import MotetError
    from motet.language.encoders import ENCODERS
    from motet.schema import EncoderConfig

    found: dict[str, dict[str, Any]] = {}
    for name in ENCODERS.names():
        try:
            ENCODERS.get(name)(EncoderConfig())
            found[name] = {"available": True, "reason": None}
        except MotetError as error:
            found[name] = {"available": False, "reason": str(error)}
    return found


def cache() -> dict[str, Any]:
    """Return the cache folder, and whether it can be written."""
    from motet.language.cache import default_cache_folder

    folder = default_cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        return {"path": str(folder), "writable": False, "reason": error.strerror or str(error)}
    return {"path": str(folder), "writable": True, "reason": None}


def device() -> dict[str, Any]:
    """Return where torch computes: the device that `auto` chooses, its name, and torch's threads."""
    try:
        import torch
    except ImportError as error:
        return {"name": None, "chosen": None, "threads": None, "reason": str(error)}
    gpu = torch.cuda.is_available()
    name = torch.cuda.get_device_name(0) if gpu else platform.processor() or platform.machine()
    return {"name": name, "chosen": "cuda" if gpu else "cpu", "threads": torch.get_num_threads(), "reason": None}


def programs() -> dict[str, dict[str, Any]]:
    """Return programs that some uses need and no run does: where they are, what for, how to get them."""
    return {
        name: {"path": find(), "for": purpose, "install": install}
        for name, (find, purpose, install) in PROGRAMS.items()
    }


def _chromium() -> str | None:
    return next((path for name in CHROMIUMS if (path := shutil.which(name))), None)


def _postgresql() -> str | None:
    beside = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return shutil.which("postgres") or (str(beside[-1]) if beside else None)


CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
PROGRAMS: Mapping[str, tuple[Callable[[], str | None], str, str]] = {
    "chromium": (_chromium, "tests of the console in a browser", "apt install chromium"),
    "postgresql": (_postgresql, "a store of your own on this machine", "apt install postgresql"),
}


def advice(found: Mapping[str, Any]) -> list[str]:
    """Return what could be better, with what to do; none of it keeps a run from working."""
    said = []
    memory = found["machine"]["memory_gib"]
    if memory is not None and memory < LITTLE_MEMORY:
        said.append(f"{memory} GiB of memory are little: keep the encoder small and train.batch low.")
    if found["machine"]["bf16"] is False and found["device"]["chosen"] == "cpu":
        said.append(
            "The processor does not multiply in bf16: encoding and training take longer, with the same results."
        )
    if not any(each["available"] for name, each in found["encoders"].items() if name != "lexical"):
        said.append(f"No language model is installed. {install('language')}")
    said += [
        f"{each['install']} ({', '.join(name for name, version in each['packages'].items() if not version)} missing)"
        for each in found["extras"].values()
        if each["install"]
    ]
    said += [f"{each['install']}, for {each['for']}" for each in found["programs"].values() if not each["path"]]
    return said


def troubles(found: Mapping[str, Any]) -> list[str]:
    """Return what must be put right before anything runs, each with its remedy."""
    problems = []
    if sys.version_info < OLDEST_PYTHON:
        problems.append(f"Python {found['python']} is too old: install Python 3.11 or newer.")
    problems += [
        f"{name} is not installed: pip install {name}" for name, version in found["dependencies"].items() if not version
    ]
    if found["device"]["reason"]:
        problems.append(f"torch cannot be imported: {found['device']['reason']}")
    if not found["cache"]["writable"]:
        cache_folder = found["cache"]
        problems.append(f"{cache_folder['path']} cannot be written ({cache_folder['reason']}): set MOTET_CACHE")
    return problems


def render(found: Mapping[str, Any]) -> str:
    """Return what was found, for people."""
    hardware, place = found["machine"], found["device"]
    memory = f"{hardware['memory_gib']} GiB" if hardware["memory_gib"] else "unknown"
    bf16 = {True: "yes", False: "no", None: "unknown"}[hardware["bf16"]]
    rows = [
        ["motet", found["motet"] or "not installed"],
        ["python", found["python"]],
        ["system", hardware["system"]],
        ["cores", str(hardware["cores"])],
        ["memory", memory],
        ["bf16", bf16],
        ["device", f"{place['chosen'] or 'none'} ({place['name'] or 'unknown'}), {place['threads']} threads"],
        ["cache", found["cache"]["path"] + ("" if found["cache"]["writable"] else " (cannot be written)")],
        *([name, version or "missing"] for name, version in found["dependencies"].items()),
        *([f"extra {name}", extra["install"] or "installed"] for name, extra in found["extras"].items()),
        *([f"encoder {name}", each["reason"] or "available"] for name, each in found["encoders"].items()),
        *([name, each["path"] or "missing (optional)"] for name, each in found["programs"].items()),
    ]
    end = [f"problem: {problem}" for problem in found["problems"]] or ["everything that a run needs is here"]
    end += [f"optional: {each}" for each in found["advice"]]
    return "\n".join([grid(("", ""), rows).lstrip("\n"), "", *end])


def _memory() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)
    except (AttributeError, OSError, ValueError):
        return None


def _bf16() -> bool | None:
    """Whether the processor says so; None where it cannot be asked."""
    try:
        text = Path("/proc/cpuinfo").read_text(errors="replace")
    except OSError:
        return None
    flags = next((line for line in text.splitlines() if line.lower().startswith(("flags", "features"))), "")
    return bool(_BF16_FLAGS & set(flags.split()))
