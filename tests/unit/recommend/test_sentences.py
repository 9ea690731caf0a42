"""Sentences state what was measured, name the item, and read in two languages."""

import re

import pytest

from motet.recommend.sentences import amount, sentences, shortened
from motet.recommend.split import EventPart, Explanation, MemoryPart, TraitPart
from motet.recommend.words import Words, phrases


def explanation(*losses: float, item: tuple[TraitPart, ...] = (), memory: MemoryPart | None = None) -> Explanation:
    events = [EventPart(ago, f"i{ago}", f"Tea {ago}", loses) for ago, loses in enumerate(losses, 1)]
    return Explanation({"next_item": -1.25}, tuple(events), item, memory)


def told(what: Explanation, language: str = "en", title: str = "Red pot") -> list[str]:
    return [each.text for each in sentences(title, -1.25, what, Words(language))]


def test_the_strongest_event_is_the_reason():
    assert told(explanation(0.2, 0.9, -0.001)) == [
        "“Red pot” is here because of “Tea 2”: without it, its score would be 0.90 lower."
    ]


def test_a_second_event_of_like_strength_is_named_and_an_opposing_one():
    found = told(explanation(0.6, 0.9, -0.5))
    assert "“Tea 2” and “Tea 1”" in found[0] and "0.90" in found[0] and "0.60" in found[0]
    assert found[1] == "“Tea 3” speaks against “Red pot”: without it, its score would be 0.50 higher."


def test_what_rounds_to_nothing_is_not_told():
    assert told(explanation(0.004, -0.004)) == []


def test_traits_memory_and_objectives():
    item = (TraitPart("brand", "Acme", 0.7), TraitPart("@text", None, 0.1))
    what = Explanation({"next_item": -1.0, "rating": -0.25}, (), item, MemoryPart(0.5, 0.2))
    assert told(what) == [
        "“Acme” as brand of “Red pot” raises its score by 0.70.",
        "Of what speaks for “Red pot”, 50% is memory: what was had before, what came after it, or what is described "
        "alike.",
        "“Red pot” has a score of −1.25: next_item −1.00, rating −0.25.",
    ]
    text = Explanation({}, (), item[1:])
    assert told(text) == ["The words that describe “Red pot” raise its score by 0.10."]


def test_an_item_that_returns():
    assert told(explanation(0.5), title="Tea 1") == [
        "“Tea 1” is here because you had it before: without that, its score would be 0.50 lower."
    ]


def test_an_event_without_an_item_is_what_was_written():
    what = Explanation({}, (EventPart(2, None, None, 0.5),))
    assert "what was written 2 events ago" in told(what)[0]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_sentence_names_the_item_and_only_what_is_in_it(language):
    item = (TraitPart("brand", "Acme", 0.7),)
    what = Explanation({"a": -1.0, "b": 1.0}, explanation(0.6, 0.9, -0.5).events, item, MemoryPart(0.5, 0.2))
    found = sentences("Red pot", 0.0, what, Words(language))
    assert len(found) == 5
    for each in found:
        assert each.names[0] == "Red pot"
        assert all(name in each.text for name in each.names)
        assert ("得分" in each.text or "依据" in each.text) == (language == "zh")


def test_both_languages_fill_in_the_same():
    for key, pair in phrases().items():
        english, chinese = (set(re.findall(r"{(\w+)}", phrase)) for phrase in pair)
        assert english == chinese, key


def test_numbers_and_names_are_short():
    assert amount(-0.001) == "0.00" and amount(-1.234) == "−1.23"
    assert shortened("a\n b") == "a b" and len(shortened("x" * 200)) == 80
