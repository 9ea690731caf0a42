"""The page by domain repeats no figure of the results, which change with every measurement."""

import re

from _snippets import ROOT

PAGE = ROOT / "docs" / "how-to" / "by-domain.md"
WORDS = "none|no|one|two|three|four|five|six|seven|eight|nine|ten"
FIGURE = re.compile(
    rf"\b(?:\d+|{WORDS})\b(?: tasks?| of \w+)? (?:improved|harmed|routed|repaired|unclear|left unclear)"
    r"|(?<!\d)\.\d{3,}|\d ?%|No certificate",
    re.IGNORECASE,
)


def paragraphs():
    return [each for each in PAGE.read_text(encoding="utf-8").split("\n\n") if "**Measured**" in each]


def test_what_was_measured_is_linked_and_not_repeated():
    found = paragraphs()
    assert len(found) >= 4
    for each in found:
        assert re.search(r"\]\(\.\./\.\./benchmarks/results/\w+\.md\)", each), each
    assert not FIGURE.findall(PAGE.read_text(encoding="utf-8"))


def test_every_named_result_is_there():
    for name in re.findall(r"benchmarks/results/(\w+)\.md", PAGE.read_text(encoding="utf-8")):
        assert (ROOT / "benchmarks" / "results" / f"{name}.md").exists()


def test_figures_are_recognised():
    assert FIGURE.search("(two tasks improved, none harmed)") and FIGURE.search("AUC .9437 alone")
    assert (
        FIGURE.search("three of five unclear")
        and FIGURE.search("five left unclear")
        and FIGURE.search("parameters −64 %")
    )
