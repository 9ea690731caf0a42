"""What a run is doing, on standard error: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from motet.cli.answer import Tone, write_line
from motet.cli.grid import counted, duration, kept_aside
from motet.cli.time_left import Arm, Rate, TimeLeft
from motet.stages.watching import Watch
from motet.train.events import EpochDone, Listener, StepDone

SECONDS_BETWEEN_LINES = 5.0
MOST_SECONDS_BETWEEN_LINES = 60.0
LINES = 20
"""Between two lines lies the time since the beginning, divided by this, within the bounds above."""
Show = Callable[[str, float | None, bool], None]
"""(what is being done, share done from 0 to 1 or None, whether it must be seen)"""


class Teller(Watch):
    """Puts what a run does into words, with an estimate of the time left."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._left = TimeLeft()
        self._rate = Rate()
        self._warned: set[str] = set()

    def reading(self, table: str) -> None:
        """Name the table that is being read."""
        self._show(f"reading {table}", None, True)

    def set_aside(self, rows: int, path: Path) -> None:
        """Say how many bad rows were kept aside, and where they are."""
        self._show(kept_aside(rows, path), None, True)

    def preparing(self, what: str, done: int, total: int) -> None:
        """Say how many texts are encoded, how fast, and how long the rest takes."""
        pace = self._rate.reach(what, done, total)
        ahead = ""
        if pace is not None:
            ahead = f", {shown_rate(pace[0])} a second" + (f", about {duration(pace[1])} left" if done < total else "")
        self._show(f"encoding {what}: {done:,} of {total:,}{ahead}", done / total if total else None, done >= total)

    def choosing(self, section: str, kinds: Sequence[str], arms: Sequence[Arm], units: int) -> None:
        """Say which kinds are still in the race; the time left is that of the choice alone."""
        self._left.plan(arms, units)
        words = f"choosing {section}.kind, as the project says auto, from {', '.join(kinds)}"
        self._show(f"{words}{self._ahead()}; then the run itself begins", 0.0, True)

    def chose(self, section: str, kind: str, why: str, seconds: float) -> None:
        """Say what was chosen."""
        took = f" in {duration(seconds)} of training" if seconds else ""
        self._show(f"chose {section}.kind = {kind}{took}: {why}", None, True)

    def folding(self, fold: int, folds: int) -> None:
        """Say which fold begins; the time left is that of the fold."""
        self._show(f"fold {fold + 1} of {folds}", None, True)

    def planned(self, arms: Sequence[Arm], epochs: int) -> None:
        """Say how many models will be trained."""
        self._left.plan(arms, epochs)
        names, seeds = {name for name, _ in arms}, {seed for _, seed in arms}
        words = f"training {counted(len(arms), 'model')}"
        if len(arms) > 1:
            words += f" ({counted(len(names), 'arm')}, {counted(len(seeds), 'seed')})"
        self._show(f"{words}, at most {counted(epochs, 'epoch')} each", 0.0, True)

    def estimated(self, seconds: float, epochs: int) -> None:
        """Say how long training through the language model will take, before it begins."""
        words = f"training through the language model takes about {duration(seconds)} per pass on this machine"
        self._show(f"{words}, at most {duration(epochs * seconds)} per model", 0.0, True)

    def searching(self, trial: int, passes: int, score: float | None, best: float, left: float) -> None:
        """Say how a trial does, and how much of the budget is left."""
        words = "the project's own settings" if score is None else f"{100 * score:+.2f} %"
        best_so_far = f"best so far {100 * best:+.2f} %"
        self._show(f"trial {trial}, pass {passes}: {words}; {best_so_far}; {duration(left)} left", None, False)

    def listeners(self, arm: str, seed: int) -> Sequence[Listener]:
        """Return who follows the training of an arm."""
        self._left.begin(arm, seed)
        return (_Follower(self, arm, seed),)

    def trained(self, arm: str, seed: int, seconds: float) -> None:
        """Say that an arm is finished."""
        self._left.end()
        self._show(f"trained {arm}, seed {seed}, in {duration(seconds)}{self._ahead()}", self._left.share, True)

    def judging(self, task: str, what: str) -> None:
        """Say what is compared."""
        self._show(f"judging {task}: {what}", None, True)

    def step_done(self, arm: str, seed: int, event: StepDone) -> None:
        """Move on by a step."""
        share = event.done / max(1, event.total)
        self._left.reach(event.epoch + share, began_at=event.epoch + max(0, event.done - 1) / max(1, event.total))
        self._training(arm, seed, event.epoch)

    def epoch_done(self, arm: str, seed: int, event: EpochDone) -> None:
        """Move on by an epoch; an alarm is told once, and stays to be read."""
        self._left.reach(event.epoch + 1, began_at=event.epoch)
        for alarm in event.watched.alarms:
            words = f"warning: {arm}, seed {seed}: {alarm}"
            if words not in self._warned:
                self._warned.add(words)
                write_line(words, error=True)
        self._training(arm, seed, event.epoch)

    def _training(self, arm: str, seed: int, epoch: int) -> None:
        words = f"training {arm}, seed {seed}: epoch {epoch + 1} of {self._left.epochs}{self._ahead()}"
        self._show(words, self._left.share, False)

    def _ahead(self) -> str:
        left = self._left.seconds()
        return f", at most {duration(left)} left" if left else ""


def shown_rate(rate: float) -> str:
    """Return a rate with two or three digits: `0.25`, `8.3`, `1,240`."""
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.2g}"


class _Follower:
    """Follows one arm's training."""

    def __init__(self, teller: Teller, arm: str, seed: int) -> None:
        self._teller, self._arm, self._seed = teller, arm, seed

    def step(self, event: StepDone) -> None:
        self._teller.step_done(self._arm, self._seed, event)

    def epoch(self, event: EpochDone) -> None:
        self._teller.epoch_done(self._arm, self._seed, event)


@contextmanager
def watching(tone: Tone) -> Iterator[Watch]:
    """Follow a run as the tone and the terminal allow; nothing is ever written to standard output."""
    with showing(tone) as show:
        yield Watch() if tone.quiet else Teller(show)


@contextmanager
def showing(tone: Tone) -> Iterator[Show]:
    """Return what shows progress: nothing when quiet, a bar on a terminal, lines elsewhere and with --plain."""
    if tone.quiet:
        yield lambda words, share, important: None
    elif sys.stderr.isatty() and not tone.plain:
        with bar() as show:
            yield show
    else:
        yield lines()


def lines(*, clock: Callable[[], float] = time.monotonic) -> Show:
    """Return what prints plain lines: important ones at once, the rest every few seconds, less often in long runs."""
    began = last = clock()

    def show(words: str, share: float | None, important: bool) -> None:
        nonlocal last
        now = clock()
        pause = min(MOST_SECONDS_BETWEEN_LINES, max(SECONDS_BETWEEN_LINES, (now - began) / LINES))
        if important or now - last >= pause:
            last = now
            write_line(words, error=True)

    return show


@contextmanager
def bar() -> Iterator[Show]:
    """Draw one bar on the terminal while inside; it is gone afterwards."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), BarColumn(24), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=None)

        def show(words: str, share: float | None, important: bool) -> None:
            progress.update(
                task, description=escape(words), total=None if share is None else 1.0, completed=share or 0.0
            )

        yield show
