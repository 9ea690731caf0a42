"""How to read the page, and the project file."""

from __future__ import annotations

from motet.report.certificate import margin_of
from motet.report.figures import short_percent
from motet.report.markup import Html, el
from motet.report.saved import Saved
from motet.report.section import VERDICTS, note, section, verdict_word
from motet.report.words import Words

TERMS = ("twin", "joint", "interval", "repair", "baseline", "scale")


def reading(saved: Saved, words: Words) -> Html:
    """Return the section that explains verdicts and terms."""
    margin = margin_of(saved)
    shown = short_percent(margin)
    verdicts = [
        el("div", el("dt", verdict_word(each, words)), el("dd", words(f"read_{each}", margin=shown)))
        for each in VERDICTS
    ]
    terms = [el("div", el("dt", words(each)), el("dd", words(f"read_{each}"))) for each in TERMS]
    return section("reading", words, el("dl", *verdicts, *terms, class_="terms"), lead="")


def project(saved: Saved, words: Words) -> Html:
    """Return the section with the project file, folded."""
    if not saved.project.strip():
        return section("project", words, note(words))
    file = el("pre", el("code", saved.project), tabindex=0)
    return section("project", words, el("details", el("summary", words("project_open")), file))
