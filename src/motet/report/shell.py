"""What every page has around it: one offline file that loads nothing and runs nothing."""

from __future__ import annotations

from importlib.resources import files

from motet.report.markup import Child, Html, el

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What the browser may do on a page's behalf: nothing but show it."""


def page_of(title: str, *body: Child, lang: str = "en") -> str:
    """Return a whole HTML file: the house's style, a policy that forbids all loading, and what stands in the body."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", http_equiv="Content-Security-Policy", content=POLICY),
        el("meta", name="color-scheme", content="light dark"),
        el("title", title),
        el("style", Html(files("motet.report").joinpath("style.css").read_text(encoding="utf-8"))),
    )
    return f"<!doctype html>\n{el('html', head, el('body', *body), lang=lang)}\n"


def titled(key: str, title: str, *children: Child) -> Html:
    """Return a section under a heading; `section` does the same for the report's sections, titled in its language."""
    return el("section", el("h2", title, id=f"{key}-title"), *children, id=key, aria_labelledby=f"{key}-title")
