from inspect import signature

from motet.cli.answer import Answer, Reply, Tone
from motet.cli.options import Data, Explain
from motet.cli.verb import COMMON, verb


@verb("motet sing --loud")
def sing(tone: Tone, data: Data = None, loud: Explain = False) -> Answer:
    """Sing
    a song.

    Second
    paragraph.
    """
    return Answer("la", {"loud": loud, "quiet": tone.quiet}, code=3)


def test_a_verb_becomes_a_command() -> None:
    reply = sing(quiet=True, loud=True)
    assert reply == Reply(Answer("la", {"loud": True, "quiet": True}, code=3), Tone(quiet=True))
    assert list(signature(sing).parameters) == ["data", "loud", *COMMON]
    assert signature(sing).parameters["data"].annotation == Data


def test_its_help_flows_and_ends_in_examples() -> None:
    assert sing.__doc__ == "Sing a song.\n\nSecond paragraph.\n\n\b\nExamples:\n  motet sing --loud"
