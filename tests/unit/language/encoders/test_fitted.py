"""What encoders fitted on a project's texts share: nothing is read before the fit, and a state can be taken over."""

import pytest

from motet.errors import RequestError
from motet.language.encoders._fitted import Fitted
from motet.language.encoders.lexical import Lexical


def test_an_encoder_without_a_state_reads_nothing_and_says_what_to_do() -> None:
    with pytest.raises(RequestError, match="has not read any text yet") as caught:
        Lexical().encode(["a pan"])
    assert "Fit it" in caught.value.remedy and issubclass(Lexical, Fitted)


def test_what_was_fitted_answers_alike_in_another_encoder() -> None:
    first, second = Lexical(), Lexical()
    first.fit(["a red pan", "a blue pan", "red apples", "blue plums"])
    second.restore(first.state())
    assert (first.encode(["a red plum"]) == second.encode(["a red plum"])).all() and first.id == second.id != "lexical"
