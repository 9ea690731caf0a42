from motet.cli.attributed import LOWERS, PLAIN, RAISES, marked, shown
from motet.recommend.attribution import Attribution, Cell, Word

FOUND = Attribution(
    *("mood", "gradient", None, "log-odds", 0.0, 1.0, "good but small"),
    (Word(0, 4, "good", 2.0), Word(5, 8, "but", 0.1), Word(9, 14, "small", -1.0)),
    (Cell("age", "40", 0.5),),
    0.25,
)


def test_words_are_marked_by_what_they_do() -> None:
    assert marked(FOUND, colour=False) == "[+good] but [-small]"
    assert marked(FOUND, colour=True) == f"{RAISES}good{PLAIN} but {LOWERS}small{PLAIN}"


def test_the_strongest_come_first_and_the_whole_last() -> None:
    lines = shown(FOUND, colour=False).splitlines()
    assert lines[0] == "mood · gradient: +0.000 → +1.000 (log-odds)"
    assert [line.split()[0] for line in lines[4:]] == ["good", "small", "age", "but", "(the"]
    assert "age = 40" in lines[6]
