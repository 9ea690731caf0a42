"""The certificate as a picture: per task, where what ships stands against its twin, on one axis for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from motet.report.figures import known, number, percent, short_percent
from motet.report.markup import Child, Html, el, join, named
from motet.report.repairs import repair_said
from motet.report.saved import lower_is_better
from motet.report.section import SIGNS, metric_name, slug, verdict_word
from motet.report.standing import Standing, baseline_change, folds_of, is_twin, standing, was_changed
from motet.report.svg import Axis, axis, bar, dot, line, mark, percent_of, picture, upright
from motet.report.words import Words

MIDDLE, ABOVE = "50%", "18%"
"""Heights in a strip: of what ships, and of what stood before repair."""

CROWDING = 2.5
"""One task may widen the axis to this many times the median extent; what goes beyond is drawn as an arrow."""

DIAMOND = "M0-5.5 5.5 0 0 5.5-5.5 0Z"
LEFTWARD, RIGHTWARD = "M5-5-3 0 5 5", "M-5-5 3 0-5 5"

Row = Mapping[str, Any]


def certificate_picture(rows: Mapping[str, Row], margin: float, words: Words) -> Html:
    """Return the picture; rows: task → its row of the certificate, margin: relative to the twin."""
    scale = common_axis([each for row in rows.values() for each in _drawn(row)], margin)
    drawn = [_row(task, row, scale, margin, words) for task, row in rows.items()]
    listed = el("ul", join(drawn), role="list")
    return el("figure", _axis_row(scale, words), listed, _legend(margin, words), class_="forest")


def common_axis(standings: Sequence[Standing], margin: float) -> Axis:
    """Return an axis around all intervals, the zero line and the margin; one wide interval squeezes no other."""
    least = 1.5 * margin or 0.01
    # A routed task is its twin: it has no extent, and says nothing of how wide the others are.
    extents = [extent for each in standings if (extent := _extent(each)) > 0]
    widest = max(least, CROWDING * median(extents)) if extents else least
    lows = [max(-widest, each.low) for each in standings if each.low is not None]
    highs = [min(widest, each.high) for each in standings if each.high is not None]
    return axis(min([-least, *lows]), max([least, *highs]))


def strip(row: Row, scale: Axis, margin: float, words: Words, *, label: str) -> Html:
    """Return the picture of one task."""
    shipped = standing(row)
    background = [
        bar(scale.inside(-margin), scale.at(0) - scale.inside(-margin), "margin"),
        join(upright(scale.at(tick), "grid") for tick in scale.ticks()),
        upright(scale.at(0), "zero"),
    ]
    if shipped.change is None:
        said = el("text", words("undefined"), x=percent_of(scale.at(0)), y=MIDDLE, dx=8, dy=4, class_="said")
        return picture(*background, said, label=label, class_="strip")
    return picture(
        *background,
        _baseline(row, scale, words),
        _interval(standing(row["before"]), scale, ABOVE, "ghost", words) if was_changed(row) else None,
        _interval(shipped, scale, MIDDLE, slug(shipped.verdict or ""), words),
        label=label,
        class_="strip",
    )


def describe(row: Row, words: Words) -> str:
    """Return a comparison in one phrase: change and interval relative to the twin."""
    found = standing(row)
    if found.change is None:
        return words("undefined")
    change = percent(found.change, sign=True)
    if is_twin(row):
        return change
    return f"{change} [{percent(found.low, sign=True)}, {percent(found.high, sign=True)}]"


def _drawn(row: Row) -> list[Standing]:
    """Return the comparisons that a row shows."""
    return [standing(row), standing(row["before"])] if was_changed(row) else [standing(row)]


def _extent(found: Standing) -> float:
    return max(abs(found.low or 0.0), abs(found.high or 0.0))


def _interval(found: Standing, scale: Axis, y: str, class_: str, words: Words) -> Html:
    """A thick line from low to high with caps, a thin one to the corrected bound, and the verdict's shape on top."""
    parts: list[Child] = []
    if found.low is not None and found.high is not None:
        low, high = scale.inside(found.low), scale.inside(found.high)
        if found.holm_low is not None and class_ != "ghost":
            parts.append(line(scale.inside(found.holm_low), y, low, y, "holm"))
        parts.append(line(low, y, high, y, "interval"))
        parts += [_end(scale, value, y) for value in (found.low, found.high)]
    if found.change is not None and scale.low <= found.change <= scale.high:
        at = scale.inside(found.change)
        shape = SIGNS.get(found.verdict or "", SIGNS["unclear"])
        parts.append(dot(at, y, 3.5, "point") if class_ == "ghost" else mark(at, y, shape, "point"))
    title = " ".join([percent(found.change, sign=True), words("before_mark") if class_ == "ghost" else ""]).strip()
    return el("g", el("title", title), *parts, class_=f"found {class_}")


def _end(scale: Axis, value: float, y: str) -> Html:
    """A cap where an interval ends, an arrow where it goes on beyond the picture."""
    if scale.low <= value <= scale.high:
        return mark(scale.at(value), y, "M0-5V5", "cap")
    return mark(scale.inside(value), y, LEFTWARD if value < scale.low else RIGHTWARD, "cap beyond")


def _baseline(row: Row, scale: Axis, words: Words) -> Html | None:
    change = baseline_change(row)
    if change is None:
        return None
    title = f"{words('baseline')}: {number(row.get('baseline'))} ({percent(change, sign=True)})"
    shape = DIAMOND
    if not scale.low <= change <= scale.high:
        shape = LEFTWARD if change < scale.low else RIGHTWARD
        title += f", {words('beyond')}"
    return el("g", el("title", title), mark(scale.inside(change), MIDDLE, shape, "baseline"))


def _row(task: str, row: Row, scale: Axis, margin: float, words: Words) -> Html:
    verdict = row.get("verdict")
    said = describe(row, words)
    spoken = f"{task}: {words.known(verdict) if verdict else ''} {said}"
    metric = row.get("metric")
    values = f"{number(row.get('twin'))} → {number(row.get('joint'))}" if known(row.get("joint")) else ""
    return el(
        "li",
        el(
            "div",
            el("strong", named(task)),
            el("small", metric_name(metric, lower=lower_is_better(metric)), " ", el("span", values, class_="digits")),
            class_="who",
        ),
        el("div", strip(row, scale, margin, words, label=spoken), class_="lane"),
        el("div", verdict_word(verdict, words), el("small", said, class_="digits"), _repair(row, words), class_="what"),
    )


def _repair(row: Row, words: Words) -> Html | None:
    repair = repair_said(row, words)
    if not repair:
        return None
    twin = is_twin(row) and not folds_of(row)
    return el("small", words("repaired_twin") if twin else words("repaired", repair=repair), class_="repair")


def _axis_row(scale: Axis, words: Words) -> Html:
    """The marks of the axis; the zero is the twin."""
    ticks = scale.ticks()
    # Every other mark on narrow screens, but always the zero.
    zero = min(range(len(ticks)), key=lambda place: abs(ticks[place]))
    decimals = max(0, -int(f"{100 * scale.step:e}".split("e")[1]))
    marks = [
        el(
            "text",
            words("twin_zero") if place == zero else percent(tick, sign=True, decimals=decimals),
            x=percent_of(scale.at(tick)),
            y="14",
            class_=_tick_class(place, zero, len(ticks)),
        )
        for place, tick in enumerate(ticks)
    ]
    return el("div", picture(*marks, class_="axis"), class_="axis-row", aria_hidden="true")


def _tick_class(place: int, zero: int, ticks: int) -> str:
    """Names by which narrow screens drop every other mark and keep the outermost inside."""
    odd = "odd" if (place - zero) % 2 else ""
    end = {0: "first", ticks - 1: "last"}.get(place, "")
    return " ".join(filter(None, ["tick", "zero-tick" if place == zero else "", odd, end]))


def _legend(margin: float, words: Words) -> Html:
    def entry(shape: Html, phrase: str) -> Html:
        return el("span", el("svg", shape, viewBox="-14 -8 28 16", class_="key", aria_hidden="true"), phrase)

    ships = join([el("path", d="M-12 0H12M-12-4V4M12-4V4", class_="stroke"), el("circle", r=4, class_="fill")])
    ghost = join([el("path", d="M-12 0H12", class_="stroke faint"), el("circle", r=3, class_="hollow")])
    holm = join([el("path", d="M-13 0H-2", class_="stroke hair"), el("path", d="M-2 0H13", class_="stroke")])
    return el(
        "figcaption",
        entry(ships, words("joint_mark")),
        entry(holm, words("holm_mark")),
        entry(
            el("rect", x=-12, y=-7, width=24, height=14, class_="margin"),
            words("margin_band", margin=short_percent(margin)),
        ),
        entry(ghost, words("before_mark")),
        entry(el("path", d=DIAMOND, class_="baseline"), words("baseline_mark")),
    )
