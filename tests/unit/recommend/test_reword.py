"""What a rewriter says is believed only if it says nothing new."""

import pytest

from motet.recommend import Loaded, Question, recommend
from motet.recommend.reword import PLAIN, find_rewriter, holds, reworded
from motet.recommend.sentences import Sentence

from .conftest import TinyScorer, make_catalogue, make_users

SAID = Sentence(
    "“Red pot” is here because of “Tea 2”: without it, its score would be 0.90 lower.", ("Red pot", "Tea 2")
)


@pytest.mark.parametrize(
    "other",
    [
        "We suggest Red pot because you had Tea 2; its score would be 0.90 lower without it.",
        "Red pot was recommended since you have had Tea 2: without it its score would be lower by 0.90.",
        SAID.text,
    ],
)
def test_other_words_for_the_same(other):
    assert holds(SAID, other)


@pytest.mark.parametrize(
    "other",
    [
        "",
        "You had Tea 2: without it, its score would be 0.90 lower.",  # does not name the item
        "Red pot is here: its score would be 0.90 lower.",  # the past is lost
        "Red pot is here because of Tea 2: its score would be 0.95 lower.",
        "Red pot is here because of Tea 2: its score would be lower.",
        "Red pot is here because of Tea 2: its score would be 0.90 lower, or 3 lower.",
        "Red pot is here because of Tea 2 and milk: without it, its score would be 0.90 lower.",
        "Red pot by Acme is here because of Tea 2: its score would be 0.90 lower.",
        "Red pot is not here because of Tea 2: its score would be 0.90 lower.",
        "Red pot is here because of Tea 2: its score would be 0.90 higher.",
        "Tea 2 is here because of Red pot: its score would be 0.90 lower.",
        "Red pot is here because of Tea 2: its score would be ninety 0.90 lower.",
        "Red pot is here because of Tea 2: its score would be −0.90 lower.",
        "Red pots are here because of Tea 2: its score would be 0.90 lower.",
        "Red pot 茶壶 is here because of Tea 2: its score would be 0.90 lower.",
        "Red pot is here because of Tea 2: its score would be 0.90 lower.\nAs an AI",
        "Red pot is here because of Tea 2, its score would be 0.90 lower" + " and so" * 40,
    ],
)
def test_lies_and_losses_are_refused(other):
    assert not holds(SAID, other)


AGAINST = Sentence("“Cup” speaks against “Pan”: without it, its score would be 0.37 higher.", ("Pan", "Cup"))
TWO = Sentence(
    "“Pan” is here because of “Cup” and “Pot”: without the one, its score would be 0.90 lower, without the other 0.50.",
    ("Pan", "Cup", "Pot"),
)
SHARES = Sentence("“Pan” has a score of 1.20: next_item 0.90, buy 0.30.", ("Pan", "next_item", "buy"))
VALUE = Sentence("“Tea 2” as brand of “Pan” raises its score by 0.20.", ("Pan", "brand", "Tea 2"))


@pytest.mark.parametrize(
    "said, other",
    [
        (AGAINST, "“Cup” speaks against “Pan”, as its score would be 0.37 higher without it."),
        (TWO, TWO.text.replace("is here", "was suggested to you")),
        (SHARES, "Here is Pan with a score of 1.20, which comes from next_item with 0.90 and buy with 0.30."),
        (VALUE, "Tea 2, as the brand of Pan, raises its score by 0.20."),
    ],
)
def test_every_template_may_be_put_in_other_words(said, other):
    assert holds(said, said.text)
    assert holds(said, other)


@pytest.mark.parametrize(
    "said, other",
    [
        (AGAINST, "“Cup” speaks for “Pan”: without it, its score would be 0.37 higher."),
        (AGAINST, "“Pan” speaks against “Cup”: without it, its score would be 0.37 higher."),
        (AGAINST, "“Cup” speaks against “Pan”: with it, its score would be 0.37 higher."),
        (SAID, "Red pot is here because of Tea 2: with it, its score would be 0.90 lower."),
        (SAID, "Red pot is here because of Tea 2: without Red pot, its score would be 0.90 lower."),
        (SAID, "Red pot is here without Tea 2: its score would be 0.90 lower."),
        (SAID, "Tea 2, Red pot is here because of Tea 2: without it, its score would be 0.90 lower."),
        (TWO, TWO.text.replace("0.90", "@").replace("0.50", "0.90").replace("@", "0.50")),
        (TWO, TWO.text.replace("the one", "@").replace("the other", "the one").replace("@", "the other")),
        (TWO, TWO.text.replace("Cup", "@").replace("Pot", "Cup").replace("@", "Pot")),
        (SHARES, "“Pan” has a score of 1.20: next_item 0.30, buy 0.90."),
        (SHARES, "“Pan” has a score of 0.90: next_item 1.20, buy 0.30."),
        (VALUE, "“Pan” as brand of “Tea 2” raises its score by 0.20."),
    ],
)
def test_facts_turned_round_are_refused(said, other):
    """What is turned round has the same names, numbers and words as what is true."""
    assert not holds(said, other)


def test_chinese_may_not_grow_names():
    said = Sentence("推荐“红茶”是因为“绿茶”：没有它，得分会低 0.90。", ("红茶", "绿茶"))
    assert holds(said, said.text)
    assert not holds(said, "推荐“红茶”是因为“绿茶”和“咖啡”：没有它，得分会低 0.90。")


def test_plain_words_name_and_count_nothing():
    assert not PLAIN & {"one", "two", "half", "not", "no", "never", "less", "more", "lower", "higher", "milk", "for"}


class Liar:
    """Names an item that nobody had, and once tells the truth."""

    def __init__(self):
        self.asked = []

    def __call__(self, sentences):
        self.asked += sentences
        return [f"{each} You will love Diamond ring, at 99 dollars!" for each in sentences]


def test_a_liar_is_not_heard():
    liar, shop = Liar(), Loaded(make_catalogue(), make_users(), TinyScorer())
    plain = recommend(shop, Question("bob", weights={"next_item": 1, "buy": 1}, k=2, explain=True))
    lied = recommend(
        Loaded(shop.catalogue, shop.users, shop.scorer, rewriter=liar),
        Question("bob", weights={"next_item": 1, "buy": 1}, k=2, explain=True),
    )
    assert liar.asked, "it was asked"
    assert lied == plain


def test_a_friend_is_heard_and_one_who_says_too_little_is_not():
    friendly = SAID.text.replace("is here", "was suggested")
    assert reworded([SAID, SAID], lambda sentences: [friendly]) == (friendly, SAID.text)
    assert reworded([SAID], None) == (SAID.text,)


def test_off_is_nobody():
    assert find_rewriter("off") is None


def test_chinese_sentences_are_left_alone():
    liar = Liar()
    shop = Loaded(make_catalogue(), make_users(), TinyScorer(), rewriter=liar)
    recommend(shop, Question("bob", weights={"next_item": 1, "buy": 1}, k=2, explain=True, language="zh"))
    assert not liar.asked
