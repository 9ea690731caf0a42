"""The tutorial does what it says, and its Chinese twin says the same."""

import re
import socket
from pathlib import Path

import pytest
from _snippets import ROOT, run_all, snippets

PAGE = ROOT / "docs" / "tutorial" / "README.md"
CHINESE = ROOT / "docs" / "zh" / "tutorial.md"


@pytest.mark.slow
def test_every_step_works_and_an_event_changes_the_list(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = int(taken.getsockname()[1])
    told = run_all(PAGE, tmp_path, port=port)
    assert "difference [95 % interval]" in told and "task next_item" in told
    assert (tmp_path / "runs" / "books" / "report.html").exists()
    assert re.search(r"^rating .* mae", told, re.M)
    before, sent, after = told.strip().splitlines()[-3:]
    assert before.startswith("popular ['b") and sent == "3 events are on disk" and after.startswith("history ['b")
    travel = [int(book) % 3 == 2 for book in re.findall(r"'b(\d+)'", after)]
    assert len(travel) == 3 and all(travel)


def test_the_chinese_tutorial_has_the_same_steps_and_snippets() -> None:
    assert snippets(CHINESE) == snippets(PAGE)
    assert headings(CHINESE) == headings(PAGE)


@pytest.mark.parametrize("page", [PAGE, CHINESE])
def test_the_switch_is_the_only_thing_that_changes(page: Path) -> None:
    """A head start would give the joint model passes that the single task does not have."""
    together, alone = (
        line for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("motet train ")
    )
    assert "train.head_start=false" in together and "--single rating" in alone
    assert "training 2 models" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(("page", "said"), [(PAGE, "first seed"), (CHINESE, "第一个随机种子")])
def test_evaluate_is_not_said_to_show_the_certificates_numbers(page: Path, said: str) -> None:
    before = page.read_text(encoding="utf-8").partition("motet evaluate runs/books")[0]
    assert said in before.splitlines()[-2] + before.splitlines()[-3] + before.splitlines()[-4]


def headings(page: Path) -> list[str]:
    """Return a page's headings without their words: level, and number where there is one."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return [match[0].rstrip() for match in re.finditer(r"^#+ (\d+\.)?", text, re.M)]
