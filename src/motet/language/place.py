"""Where kept vectors and unpacked models live."""

from __future__ import annotations

import os
from pathlib import Path


def default_cache_folder() -> Path:
    """Return `$MOTET_CACHE`, or `motet` in the user's cache folder (`$XDG_CACHE_HOME`, else `~/.cache`)."""
    chosen = os.environ.get("MOTET_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "motet"
