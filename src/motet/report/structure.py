"""The section with the picture of the model's structure."""

from __future__ import annotations

from motet.report.markup import Html, el
from motet.report.saved import Saved
from motet.report.section import section
from motet.report.structure_picture import label, structure_picture
from motet.report.words import Words


def structure(saved: Saved, words: Words) -> Html | None:
    """Return the section, or None where the folder does not tell what its model is made of."""
    if saved.anatomy is None:
        return None
    drawing = structure_picture(saved.anatomy, words)
    shown = label(saved.anatomy, words)
    return section(
        "structure", words, el("div", drawing, class_="anatomy", tabindex=0, role="region", aria_label=shown)
    )
