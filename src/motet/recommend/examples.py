"""A few users' lists that a folder keeps to be looked at, and how a user leaves them.

They stand in the folder as JSON, and in the report between two marks each, so that forgetting cuts them from both.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from hashlib import sha1
from typing import TYPE_CHECKING, Any

from motet.artifact import Folder, Part, layout
from motet.errors import RequestError

if TYPE_CHECKING:
    from motet.recommend.bundle import Bundle

LISTS, LENGTH, HAD = 3, 5, 5
"""How many users, how many items of each list, how many of the latest items of each history."""


def few_of(users: Collection[str], known: Collection[str] | None = None) -> list[str]:
    """Return three users, chosen by a hash of their ids and by nothing else; `known` are those that may be chosen."""
    able = {str(user) for user in users} if known is None else {str(user) for user in users if str(user) in known}
    return sorted(able, key=lambda user: (sha1(f"example{user}".encode(errors="replace")).hexdigest(), user))[:LISTS]


def example_lists(bundle: Bundle, users: Sequence[str]) -> list[dict[str, Any]]:
    """Return a list per user as plain JSON values, as the folder recommends it; nothing where no task ranks items.

    Each: key (of the marks), user, had (titles, the latest first), source, weights, mode, and items with item, title,
    score, scores, contributions, reasons, sentences.
    """
    loaded = bundle.loaded
    if not any(view.ranks_items for view in loaded.scorer.tasks.values()) or not len(loaded.catalogue):
        return []
    found = []
    for key, user in enumerate(users):
        had = dict.fromkeys(loaded.users.history(user).item_L[::-1].tolist())
        try:
            told = bundle.recommend(user, k=LENGTH, explain=True).to_json()
        except RequestError:  # the project's weights may leave nothing to rank by
            continue
        for item in told["items"]:
            item["title"] = loaded.catalogue.title(loaded.catalogue.index[item["item"]])
            item["sentences"] = item.pop("explanation", {}).get("sentences", [])
        titles = [loaded.catalogue.title(number) for number in had if number >= 0][:HAD]
        found.append({"key": key, "user": user, "had": titles, **told})
    return found


def example_users(folder: Folder) -> list[str]:
    """Return whose lists a folder keeps."""
    return [str(each["user"]) for each in _kept(folder)]


def lists_of(folder: Folder, user: str) -> list[dict[str, Any]]:
    """Return the lists of a user that a folder keeps."""
    return [each for each in _kept(folder) if str(each["user"]) == user]


def without_examples(folder: Folder, users: Collection[str]) -> dict[str, Part]:
    """Return the parts of a folder that change when users leave its examples; none where none of them is there."""
    kept = _kept(folder)
    gone = [each for each in kept if str(each["user"]) in users]
    if not gone:
        return {}
    parts: dict[str, Part] = {layout.EXAMPLES: {"lists": [each for each in kept if each not in gone]}}
    if folder.has(layout.REPORT):
        page = folder.text(layout.REPORT)
        for each in gone:
            page = re.sub(f"{re.escape(mark(each['key']))}.*?{re.escape(mark(each['key'], end=True))}", "", page,
                          flags=re.DOTALL)  # fmt: skip
        parts[layout.REPORT] = page
    return parts


def mark(key: Any, *, end: bool = False) -> str:
    """Return what stands in the report before or behind an example."""
    return f"<!--{'/' if end else ''}example {int(key)}-->"


def _kept(folder: Folder) -> list[dict[str, Any]]:
    return list(folder.json(layout.EXAMPLES)["lists"]) if folder.has(layout.EXAMPLES) else []
