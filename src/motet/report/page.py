"""The page: every section in order, in one file that loads nothing."""

from __future__ import annotations

from importlib.resources import files

from motet.report.calibration import calibration
from motet.report.certificate import certificate
from motet.report.chosen import chosen
from motet.report.compressed import compressed
from motet.report.curves import curves
from motet.report.header import header
from motet.report.health import health
from motet.report.influence import influence
from motet.report.lists import lists
from motet.report.markup import Html, el, join
from motet.report.metrics_table import metrics_table
from motet.report.pareto import pareto
from motet.report.reading import project, reading
from motet.report.saved import Saved
from motet.report.savings import savings
from motet.report.slices import slices
from motet.report.words import Words, words

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What the browser may do on this page's behalf: nothing but show it."""


def page(saved: Saved) -> str:
    """Return the report as one HTML file."""
    said = words(saved.language)
    sections: list[tuple[str, Html | None]] = [
        ("certificate", certificate(saved, said)),
        ("savings", savings(saved, said)),
        ("metrics", metrics_table(saved, said)),
        ("slices", slices(saved, said)),
        ("lists", lists(saved, said)),
        ("pareto", pareto(saved, said)),
        ("compressed", compressed(saved, said)),
        ("curves", curves(saved, said)),
        ("influence", influence(saved, said)),
        ("chosen", chosen(saved, said)),
        ("calibration", calibration(saved, said)),
        ("health", health(saved, said)),
        ("project", project(saved, said)),
        ("reading", reading(saved, said)),
    ]
    present = [(key, each) for key, each in sections if each is not None]
    main = el("main", header(saved, said), _contents([key for key, _ in present], said), *(each for _, each in present))
    foot = el("footer", el("p", said("made", version=saved.motet, date=saved.created[:16].replace("T", " "))))
    skip = el("a", said("skip"), href="#certificate", class_="skip")
    body = el("body", skip, main, foot)
    return f"<!doctype html>\n{el('html', _head(saved, said), body, lang=said.code)}\n"


def _head(saved: Saved, said: Words) -> Html:
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", http_equiv="Content-Security-Policy", content=POLICY),
        el("meta", name="color-scheme", content="light dark"),
        el("title", f"{saved.name} · Motet"),
        el("style", Html(files("motet.report").joinpath("style.css").read_text(encoding="utf-8"))),
    )


def _contents(keys: list[str], said: Words) -> Html:
    links = [el("li", el("a", said(f"nav_{key}"), href=f"#{key}")) for key in keys]
    return el("nav", el("ul", join(links), role="list"), aria_label=said("contents"))
