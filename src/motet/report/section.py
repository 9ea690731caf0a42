"""What every section of the page shares: its frame, tables, verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from motet.report.markup import Child, Html, el, join, text
from motet.report.words import Words

VERDICTS = ("improved", "not worse", "unclear", "harmed")

SIGNS = {
    "improved": "M0-6.5 6.5 5H-6.5Z",
    "not worse": "M-6-4.6H6V-1.2H-6ZM-6 1.2H6V4.6H-6Z",
    "unclear": "M-5.5 0A5.5 5.5 0 1 0 5.5 0A5.5 5.5 0 1 0-5.5 0ZM-2.7 0A2.7 2.7 0 1 1 2.7 0A2.7 2.7 0 1 1-2.7 0Z",
    "harmed": "M0 6.5 6.5-5H-6.5Z",
}
"""A shape per verdict around (0, 0), so that none is told by its colour alone."""


def section(key: str, words: Words, *children: Child, lead: str | None = None) -> Html:
    """Return a section of the page, titled by its key; its lead is one sentence."""
    shown = words(f"{key}_lead") if lead is None else lead
    heading = el("h2", words(key), id=f"{key}-title")
    return el("section", heading, el("p", shown, class_="lead"), *children, id=key, aria_labelledby=f"{key}-title")


def note(words: Words) -> Html:
    """Return what stands where nothing was saved."""
    return el("p", words("nothing"), class_="nothing")


def slug(name: str) -> str:
    """Return a verdict as a class name; unknown ones are plain."""
    return f"v-{name.replace(' ', '-')}" if name in VERDICTS else "v-none"


def sign(verdict: str) -> Html:
    """Return a verdict's shape as a small picture."""
    path = el("path", d=SIGNS.get(verdict, ""), fill_rule="evenodd")
    return el("svg", path, viewBox="-8 -8 16 16", class_="sign", aria_hidden="true")


def verdict_word(verdict: str | None, words: Words) -> Html:
    """Return a verdict as shape and word."""
    if verdict not in VERDICTS:
        return el("span", "–", class_="verdict v-none")
    return el("span", sign(verdict), words(verdict), class_=f"verdict {slug(verdict)}")


def table(heads: Sequence[Child], rows: Iterable[Sequence[Child]], *, label: str, numbers: Sequence[int] = ()) -> Html:
    """Return a table in a frame that scrolls; the first cell of a row names it, columns in `numbers` align right."""

    def class_of(at: int) -> str | None:
        return "number" if at in numbers else None

    head = el("tr", *(el("th", each, scope="col", class_=class_of(at)) for at, each in enumerate(heads)))
    body = [
        el("tr", el("th", row[0], scope="row"), *(el("td", row[at], class_=class_of(at)) for at in range(1, len(row))))
        for row in rows
    ]
    caption = el("caption", label, class_="unseen")
    inner = el("table", caption, el("thead", head), el("tbody", join(body)))
    return el("div", inner, class_="scroll", tabindex=0, role="region", aria_label=label)


def metric_name(metric: str | None, *, lower: bool) -> Html:
    """Return a metric's name, with a downward arrow if it is an error."""
    if not metric:
        return Html("–")
    return text(f"{metric}\u00a0↓" if lower else metric)
