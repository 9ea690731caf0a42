"""The head of the page: what this is, and all claims in one sentence."""

from __future__ import annotations

from collections import Counter

from motet.report.figures import known, number, short_percent
from motet.report.markup import Html, el, join, named
from motet.report.saved import Saved
from motet.report.savings import saved_share
from motet.report.section import VERDICTS, sign, slug
from motet.report.standing import is_routed
from motet.report.words import Words


def header(saved: Saved, words: Words) -> Html:
    """Return the head of the page."""
    return el(
        "header",
        el("p", el("span", "Motet", class_="wordmark"), " ", words("report"), class_="kicker"),
        el("h1", named(saved.name)),
        el("p", " · ".join(facts(saved, words)), class_="facts"),
        el("p", claim(saved, words), class_="claim"),
        el("ul", join(_tiles(saved, words)), class_="tiles", role="list"),
    )


def facts(saved: Saved, words: Words) -> list[str]:
    """Return what was trained, when, on how much."""
    found = [saved.created[:10]] if saved.created else []
    rows = [table.get("rows") for table in (saved.data.get("tables") or {}).values()]
    if any(known(each) for each in rows):
        found.append(words.count("row", sum(int(each) for each in rows if known(each))))
    found.append(words.count("task", len(saved.tasks)))
    seeds = len((saved.certificate or {}).get("seeds") or [])
    if seeds:
        found.append(words.count("seed", seeds))
    questions = (saved.metrics.get("overall") or {}).get("questions")
    if known(questions):
        found.append(words.count("question", int(questions)))
    if saved.encoder:
        found.append(words("encoder", name=saved.encoder.partition(":")[0]))
    return found


def claim(saved: Saved, words: Words) -> str:
    """Return everything that may be said about sharing, the unpleasant included."""
    rows = saved.rows.values()
    if not rows:
        return words("claim_none")
    shipped, routed = Counter(row.get("verdict") for row in rows), _routed(saved)
    parts = [
        words(
            "claim",
            harmed=shipped["harmed"],
            improved=shipped["improved"],
            steady=shipped["not worse"],
            unclear=shipped["unclear"],
            routed=routed,
        )
    ]
    share = saved_share((saved.certificate or {}).get("sharing"))
    if share is not None:
        parts.append(words("claim_saved" if share >= 0 else "claim_added", share=_share(share)))
    before = sum(row.get("initial") == "harmed" for row in rows)
    sentences = [
        words.list(parts) + words.stop,
        words("claim_before", harmed=before, total=words.count("task", len(rows))),
    ]
    if 3 * routed > len(rows):
        sentences.append(words("claim_failed"))
    return ("" if words.language == "zh" else " ").join(sentences)


def _tiles(saved: Saved, words: Words) -> list[Html]:
    if not saved.rows:
        score = (saved.metrics.get("overall") or {}).get("score")
        return [_tile(number(score), words("score"))] if known(score) else []
    counts = Counter(row.get("verdict") for row in saved.rows.values())
    tiles = [_tile(str(counts[verdict]), words(verdict), verdict) for verdict in VERDICTS]
    tiles.append(_tile(str(_routed(saved)), words("routed")))
    share = saved_share((saved.certificate or {}).get("sharing"))
    if share is not None:
        tiles.append(_tile(_share(share), words("parameters_saved" if share >= 0 else "parameters_added")))
    return tiles


def _tile(value: str, name: str, verdict: str | None = None) -> Html:
    shown = el("span", sign(verdict) if verdict else None, value, class_="value")
    class_ = " ".join(["tile", slug(verdict) if verdict else "", "empty" if value == "0" else ""]).strip()
    return el("li", shown, el("span", name), class_=class_)


def _routed(saved: Saved) -> int:
    return sum(is_routed(row) for row in saved.rows.values())


def _share(share: float) -> str:
    return short_percent(abs(share))
