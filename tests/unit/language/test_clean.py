import pytest

from motet.language.clean import folded, head_and_tail, readable, sound


def test_sound_text_can_be_written():
    assert sound("a\x00b\ufeffc\td") == "a b c\td"
    assert sound("\ud83d\ude00") == "😀"
    assert sound("lone \ud800 half") == "lone \ufffd half"
    sound("any \udfff \x00 text").encode("utf-8")


def test_head_and_tail_are_kept():
    assert head_and_tail("a" * 10, 10) == "a" * 10
    assert head_and_tail("b" * 30 + "e" * 30, 8, gap="|") == "b" * 6 + "|" + "e" * 2


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Creams &amp; Moisturizers", "Creams & Moisturizers"),
        ("5&#39;8&quot; tall", "5'8\" tall"),
        ("twice &amp;quot;escaped&amp;quot;", 'twice "escaped"'),
        ("AT&T, R&D & Q&A; B&copy", "AT&T, R&D & Q&A; B&copy"),
        ("one<br />two <b>three</b>", "one two three"),
        ("I <3 it, 1 < 2 > 0", "I <3 it, 1 < 2 > 0"),
        ("  many \n\t blanks\u3000here ", "many blanks here"),
        ("&#55296; and &#0;", "\ufffd and \ufffd"),
        ("", ""),
    ],
)
def test_readable_text_is_what_a_person_sees(given, expected):
    assert readable(given) == expected


def test_folded_text_is_lower_case_and_of_one_width():
    assert folded("ＡＢＣ ①  Straße") == "abc 1  straße"
