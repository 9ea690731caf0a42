"""The page: every section in order, in one file that loads nothing."""

from __future__ import annotations

from motet.report.calibration import calibration
from motet.report.certificate import certificate
from motet.report.chosen import chosen
from motet.report.compressed import compressed
from motet.report.curves import curves
from motet.report.examples import examples
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
from motet.report.shell import page_of
from motet.report.slices import slices
from motet.report.structure import structure
from motet.report.words import Words, words


def page(saved: Saved) -> str:
    """Return the report as one HTML file."""
    said = words(saved.language)
    sections: list[tuple[str, Html | None]] = [
        ("certificate", certificate(saved, said)),
        ("savings", savings(saved, said)),
        ("structure", structure(saved, said)),
        ("metrics", metrics_table(saved, said)),
        ("slices", slices(saved, said)),
        ("lists", lists(saved, said)),
        ("examples", examples(saved, said)),
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
    return page_of(f"{saved.name} · Motet", skip, main, foot, lang=said.code)


def _contents(keys: list[str], said: Words) -> Html:
    links = [el("li", el("a", said(f"nav_{key}"), href=f"#{key}")) for key in keys]
    return el("nav", el("ul", join(links), role="list"), aria_label=said("contents"))
