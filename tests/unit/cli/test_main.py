import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from motet import __version__, workflow
from motet.cli.main import COMMANDS, main

from .conftest import Say


def name_of(command: object) -> str:
    """What people type: a word of two parts has a hyphen."""
    return command.__name__.replace("_", "-")  # type: ignore[attr-defined]


def test_no_arguments_is_help(say: Say) -> None:
    said = say()
    assert said.code == 0 and said.err == "" and said.out == say("--help").out
    assert all(name_of(command) in said.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=name_of)
def test_every_command_has_examples_and_the_common_options(command: object, say: Say) -> None:
    name = name_of(command)
    said = say(name, "--help")
    assert said.code == 0
    assert "Examples:" in said.out and f"  motet {name}" in said.out
    assert all(option in said.out for option in ("--json", "--quiet", "--debug"))


def bracketed(command: object) -> set[str]:
    """The words in brackets of a command's docstring and of its options' help."""
    options = [hint.__metadata__[0] for hint in command.__annotations__.values()]  # type: ignore[attr-defined]
    told = [command.__doc__ or "", *(option.help or "" for option in options)]
    return set(re.findall(r"\[[^\]]+\]", " ".join(told)))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_help_keeps_every_word_in_brackets(command: object, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typer.rich_utils.MAX_WIDTH", 400)
    help_text = " ".join(say(command.__name__, "--help").out.split())  # type: ignore[attr-defined]
    assert [word for word in bracketed(command) if word not in help_text] == []
    assert "\\[" not in help_text


def test_some_help_has_words_in_brackets() -> None:
    found = {command.__name__: bracketed(command) for command in COMMANDS}
    assert "[sharing]" in found["neighbours"] and {"[demo]", "[default: runs/NAME]"} <= found["demo"]


def test_version(say: Say) -> None:
    assert say("--version").out == f"motet {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message", "remedy"),
    [
        (["chek"], "Did you mean 'check'?", "See: motet --help"),
        (["check"], "Missing argument 'PROJECT'.", "See: motet check --help"),
        (["check", "a.toml", "--sett", "x"], "No such option: --sett", "See: motet check --help"),
        (["recommend", "x", "-k", "many"], "Invalid value for '--length' / '-k'", "See: motet recommend --help"),
    ],
)
def test_usage_mistakes(arguments: list[str], message: str, remedy: str, say: Say) -> None:
    said = say(*arguments)
    assert said.code == 2 and said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith("error: ") and message in line and line.endswith(remedy)
    said = say(*arguments, "--json")
    assert said.code == 2 and said.err == ""
    assert message in said.json["error"]["message"] and said.json["error"]["remedy"] == remedy


def test_a_users_mistake_is_one_line_or_one_object(say: Say, tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    said = say("check", missing)
    assert (said.code, said.out) == (2, "") and len(said.err.splitlines()) == 1
    said = say("check", missing, "--json")
    assert (said.code, said.err) == (2, "") and set(said.json) == {"error"}
    assert set(said.json["error"]) == {"message", "remedy"}
    said = say("check", missing, "--debug")
    assert said.code == 2 and "Traceback" in said.err and said.err.splitlines()[-1].startswith("error: ")


def test_a_bug_names_itself(say: Say, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("odd")

    monkeypatch.setattr(workflow, "train", broken)
    said = say("train", shop, "--out", "x")
    assert said.code == 1 and said.err.startswith("error: A bug in Motet: RuntimeError: odd.")
    assert "--debug" in said.err and "Traceback" not in said.err
    said = say("train", shop, "--out", "x", "--json")
    assert said.code == 1 and "odd" in said.json["error"]["message"]


def test_an_interrupt_says_how_to_go_on(say: Say, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workflow, "certify", interrupted)
    said = say("certify", shop, "--out", "x")
    assert said.code == 130
    assert said.err == f"error: Interrupted. Go on with: motet certify {shop} --out x --resume\n"
    said = say("certify", shop, "--out", "x", "--json")
    assert said.code == 130 and "--resume" in said.json["error"]["remedy"] and said.err == ""


def test_warnings_are_one_line_and_only_our_own(say: Say, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def warning(*_: object, **__: object) -> None:
        warnings.warn_explicit("ours", UserWarning, "file.py", 1, module="motet.language.cache")
        warnings.warn_explicit("theirs", UserWarning, "file.py", 1, module="torch.nn")
        raise KeyboardInterrupt

    monkeypatch.setattr(workflow, "train", warning)
    said = say("train", shop, "--out", "x", "--quiet")
    assert said.err.splitlines()[0] == "warning: ours" and "theirs" not in said.err


def test_a_reader_that_leaves_is_no_fault(shop: Path) -> None:
    """As in `motet … | head -0`: nothing is said about it."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        command = [sys.executable, "-c", "from motet.cli.main import run; run()", "check", str(shop), "--quiet"]
        done = subprocess.run(command, stdout=gone, stderr=subprocess.PIPE, timeout=60)
    assert done.stderr == b"" and done.returncode == 141


def test_what_follows_two_dashes_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--", "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.startswith("error: ")
