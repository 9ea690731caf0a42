import sys
from pathlib import Path

import pytest

from motet.cli.answer import Tone
from motet.cli.time_left import Rate
from motet.cli.watching import Teller, bar, lines, shown_rate, watching
from motet.train.events import EpochDone, StepDone, Watched


def test_a_run_in_words() -> None:
    said: list[str] = []
    teller = Teller(lambda words, share, important: said.append(words))
    teller.reading("events")
    teller.set_aside(1200, Path("run.quarantine.parquet"))
    teller.preparing("texts", 500, 2000)
    teller.planned([("joint", 0), ("rating", 0)], 4)
    (listener,) = teller.listeners("joint", 0)
    listener.step(StepDone(0, 1, 2, {}, {}))
    listener.epoch(EpochDone(0, 4, {}, {}, (), True, 1.0))
    teller.trained("joint", 0, 61.0)
    teller.judging("rating", "baseline")
    assert said[1] == "1,200 bad rows are kept aside, with file, row and reason: run.quarantine.parquet"
    del said[1]
    assert said[:3] == [
        "reading events",
        "encoding texts: 500 of 2,000",
        "training 2 models (2 arms, 1 seed), at most 4 epochs each",
    ]
    assert said[3].startswith("training joint, seed 0: epoch 1 of 4, at most ") and said[3].endswith(" left")
    assert said[5].startswith("trained joint, seed 0, in 1 min 1 s")
    assert said[6] == "judging rating: baseline"


def test_lines_come_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    show = lines(clock=lambda: now[0])
    show("one", 0.1, False)
    now[0] = 6.0
    show("two", 0.2, False)
    show("three", 0.3, False)
    show("four", 0.4, True)
    now[0] = 1000.0
    show("five", 0.5, False)
    now[0] = 1040.0
    show("six", 0.5, False)
    now[0] = 1055.0
    show("seven", 0.6, False)
    captured = capsys.readouterr()
    assert captured.err.splitlines() == ["two", "four", "five", "seven"] and captured.out == ""


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with watching(Tone(quiet=True)) as watch:
        watch.reading("events")
        assert list(watch.listeners("joint", 0)) == []
    assert capsys.readouterr() == ("", "")


def test_a_bar_keeps_to_standard_error(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with bar() as show:
        show("training [joint]", 0.5, False)
        show("reading", None, True)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("drawn", [False, True])
def test_an_alarm_is_told_once_and_stays(
    drawn: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: drawn)
    watched = Watched(alarms=("Expert 'expert 2' has collapsed.",))
    with watching(Tone()) as watch:
        watch.planned([("joint", 0)], 3)
        (listener,) = watch.listeners("joint", 0)
        for epoch in range(2):
            listener.epoch(EpochDone(epoch, 3, {}, {}, (), True, 1.0, watched))
    captured = capsys.readouterr()
    assert captured.err.count("warning: joint, seed 0: Expert 'expert 2' has collapsed.") == 1 and captured.out == ""


def test_a_choice_is_told_with_its_reason_and_what_it_may_still_take() -> None:
    said: list[str] = []
    teller = Teller(lambda words, share, important: said.append(words))
    teller.choosing("sharing", ["shared_bottom", "ple"], [("sharing shared_bottom", 0), ("sharing ple", 0)], 2)
    assert "shared_bottom, ple" in said[-1] and "sharing.kind" in said[-1]
    (follower,) = teller.listeners("sharing shared_bottom", 0)
    follower.step(StepDone(0, 1, 2, {}, {}))
    assert "left" in said[-1] and "epoch 1 of 2" in said[-1]
    teller.chose("sharing", "ple", "it is better.", 75.0)
    assert said[-1] == "chose sharing.kind = ple in 1 min 15 s of training: it is better."
    teller.chose("sharing", "ple", "it is better.", 0.0)
    assert said[-1] == "chose sharing.kind = ple: it is better."


def test_encoding_says_how_fast_and_how_long(monkeypatch: pytest.MonkeyPatch) -> None:
    now, said = [0.0], []
    teller = Teller(lambda words, share, important: said.append(words))
    monkeypatch.setattr(teller, "_rate", Rate(lambda: now[0]))
    teller.preparing("texts", 0, 90_000)
    now[0] = 10.0
    teller.preparing("texts", 12_400, 90_000)
    now[0] = 70.0
    teller.preparing("texts", 90_000, 90_000)
    assert said == [
        "encoding texts: 0 of 90,000",
        "encoding texts: 12,400 of 90,000, 1,240 a second, about 1 min 3 s left",
        "encoding texts: 90,000 of 90,000, 1,286 a second",
    ]
    assert [shown_rate(each) for each in (0.25, 8.34, 12.3)] == ["0.25", "8.3", "12"]


def test_plain_draws_no_bar_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with watching(Tone(plain=True)) as watch:
        watch.reading("events")
    assert capsys.readouterr().err == "reading events\n"
