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


def test_chinese_may_not_grow_names():
    said = Sentence("推荐“红茶”是因为“绿茶”：没有它，得分会低 0.90。", ("红茶", "绿茶"))
    assert holds(said, said.text)
    assert not holds(said, "推荐“红茶”是因为“绿茶”和“咖啡”：没有它，得分会低 0.90。")


def test_plain_words_name_and_count_nothing():
    assert not PLAIN & {"one", "two", "half", "not", "no", "never", "less", "more", "lower", "higher", "milk"}


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
