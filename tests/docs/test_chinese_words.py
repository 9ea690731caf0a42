"""The Chinese pages, the report and the glossary call one thing by one word."""

import re
import tomllib

import pytest
from _snippets import ROOT

REPORT = tomllib.loads((ROOT / "src" / "motet" / "report" / "words.toml").read_text(encoding="utf-8"))
PAGES = ["README.zh-CN.md", "docs/zh/README.md", "docs/zh/glossary.md", "docs/zh/tutorial.md"]
OTHERS = re.compile("联合模型|共享模型|单任务模型|提升 [{0-9]|[0-9] 个提升|确定的提升|容许范围")
"""Words for joint, twin, improved and margin that are not the glossary's."""


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def glossary() -> dict[str, str]:
    """Return English → Chinese of the terms, and of the verdicts in their row."""
    text = read("docs/zh/glossary.md")
    terms = dict(re.findall(r"^\| \*\*([\w -]+)\*\* (\S+) \|", text, re.M))
    return terms | dict(re.findall(r"\*([\w ]+)\*（(\w+)）", text))


@pytest.mark.parametrize(
    "term",
    ["joint", "twin", "improved", "not worse", "unclear", "harmed", "certificate", "verdict", "repair"]
    + ["task", "kind", "affinity", "candidate", "objective"],
)
def test_the_report_says_it_as_the_glossary_does(term: str) -> None:
    assert REPORT[term][1] in (glossary()[term], f"个{glossary()[term]}", f"前瞻{glossary()[term]}")


def test_the_margin_and_the_valve_have_the_glossarys_names() -> None:
    assert glossary()["margin"] in REPORT["margin_band"][1]
    assert glossary()["valve"] in REPORT["has_valve"][1]


def test_no_other_words_stand_for_these() -> None:
    for key, (_, chinese) in REPORT.items():
        assert not OTHERS.search(chinese), key
    for page in PAGES:
        assert not OTHERS.search(read(page)), page


@pytest.mark.parametrize("page", ["README.zh-CN.md", "docs/zh/tutorial.md"])
def test_links_to_english_pages_say_so(page: str) -> None:
    for line in read(page).splitlines():
        for link in re.finditer(r"\]\(([^)#]+\.md)[^)]*\)(?=(.*))", line):
            chinese = "zh" in link[1] or (page.startswith("docs/zh") and "/" not in link[1])
            switch = line.startswith("*[English]") or "*[English]" in line
            assert chinese or switch or "英文" in link[2], f"{page}: {link[0]}"
