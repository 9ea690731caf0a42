"""Database URLs: where they come from, and how they are shown without what is secret."""

from __future__ import annotations

import os
import re
from urllib.parse import unquote

from motet.errors import ProjectError

_SECRET_KEYS = re.compile(r"(?i)([?&;](?:password|passwd|pwd|pass|sslpassword|token|secret)=)([^&;\s]*)")
_ADDRESS = re.compile(r"(?<=://)(?P<user>[^:/@?]*):(?P<password>.*)@", re.DOTALL)
_STARS = "***"


def known_url(url: str) -> str:
    """Return the URL that `url` means: itself, or what the variable NAME of `env:NAME` holds.

    Raises ProjectError where the variable is empty, or where a password has signs that end it too early: the driver
    would then take its rest for a host, and name it in messages.
    """
    if not url.startswith("env:"):
        return _unambiguous(url)
    variable = url.removeprefix("env:")
    held = os.environ.get(variable, "").strip()
    if not held:
        raise ProjectError(
            f"The variable {variable} is not set; expected a database URL in it.",
            f"Set it, for instance: export {variable}='postgresql://user:password@host/database'",
        )
    return _unambiguous(held)


def _unambiguous(url: str) -> str:
    found = _ADDRESS.search(url)
    if found and any(sign in found["password"] for sign in "@/?#"):
        raise ProjectError(
            f"The URL '{without_password(url)}' has a password with '@', '/', '?' or '#' in it.",
            "Write these signs as %40, %2F, %3F and %23.",
        )
    return url


def without_password(url: str) -> str:
    """Return a URL as it may be shown: `postgresql://ann:***@host/shop`. A password may hold any sign, also `@`."""
    return _ADDRESS.sub(rf"\g<user>:{_STARS}@", _SECRET_KEYS.sub(rf"\1{_STARS}", url), count=1)


def hide(text: str, url: str) -> str:
    """Return the first line of a driver's message, without the URL's password in any spelling."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "no reason given")
    line = line.replace(url, without_password(url))
    found = _ADDRESS.search(url)
    secrets = [match[2] for match in _SECRET_KEYS.finditer(url)] + ([found["password"]] if found else [])
    for secret in sorted({spelling for each in secrets for spelling in (each, unquote(each))}, key=len, reverse=True):
        if secret:
            line = line.replace(secret, _STARS)
    return without_password(line)[:300].rstrip(".")
