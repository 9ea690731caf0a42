"""Settings laid over a project that was read: what `--set` does, after the file is gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motet.errors import ProjectError
from motet.schema.project import Project, set_dotted


def with_settings(project: Project, settings: Mapping[str, Any]) -> Project:
    """Return the project with dotted keys set, checked as if its file said so; raises ProjectError as reading does."""
    content: dict[str, Any] = {name: getattr(project, name) for name in type(project).model_fields}
    for key, value in settings.items():
        name, _, rest = key.partition(".")
        if name not in content or name in ("root", "search") or not rest:
            known = ", ".join(each for each in content if each not in ("root", "search"))
            raise ProjectError(f"'{key}' is no key of a project file; its sections: {known}.", "Check the dotted name.")
        if name in ("tables", "tasks"):
            section, _, rest = rest.partition(".")
            if section not in content[name] or not rest:
                raise ProjectError(f"'{key}' names nothing in [{name}].", f"Known: {', '.join(content[name])}.")
            content[name] = {**content[name], section: _plain(content[name][section])}
            set_dotted(content[name][section], rest, value)
        else:
            content[name] = _plain(content[name])
            set_dotted(content[name], rest, value)
    return Project(**content)


def _plain(section: Any) -> dict[str, Any]:
    """A section as what was said in it, ready to be said anew."""
    if isinstance(section, dict):
        return dict(section)
    found: dict[str, Any] = section.model_dump(exclude_unset=True)
    # what is not written, or stands in the class, is said all the same
    return found | {
        name: getattr(section, name) for name in ("kind", "frame") if getattr(section, name, None) is not None
    }
