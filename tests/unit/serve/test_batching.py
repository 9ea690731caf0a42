import threading
import time
from collections.abc import Iterator

import pytest

from motet.serve.batching import Batcher
from motet.serve.failures import HttpError


class Model:
    """Doubles numbers, refuses negative ones, and waits at its gate."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.sizes: list[int] = []

    def __call__(self, questions: list[int]) -> list[int]:
        self.gate.wait(10)
        if any(question < 0 for question in questions):
            raise ValueError("negative")
        return [2 * question for question in questions]


@pytest.fixture
def model() -> Iterator[Model]:
    made = Model()
    yield made
    made.gate.set()


def batcher(model: Model, **given: float) -> Batcher:
    options = {"threads": 1, "together": 4, "waiting": 8, "seconds": 10.0, **given}
    return Batcher(model, note=model.sizes.append, **options)  # type: ignore[arg-type]


def test_what_waits_together_is_answered_together(model: Model) -> None:
    made = batcher(model)
    model.gate.clear()
    first = made.ask(0)
    while len(made):
        time.sleep(0.001)
    promises = [made.ask(number) for number in range(1, 7)]
    model.gate.set()
    assert first.result(5) == 0 and [each.result(5) for each in promises] == [2, 4, 6, 8, 10, 12]
    made.close()
    assert model.sizes == [1, 4, 2]


def test_one_at_fault_harms_no_other(model: Model) -> None:
    made = batcher(model)
    model.gate.clear()
    made.ask(0)
    while len(made):
        time.sleep(0.001)
    good, bad, work = made.ask(1), made.ask(-1), made.do(lambda: "done")
    model.gate.set()
    assert good.result(5) == 2 and work.result(5) == "done"
    with pytest.raises(ValueError):
        bad.result(5)
    made.close()


def test_too_many_are_told_to_come_back_at_once(model: Model) -> None:
    made = batcher(model, waiting=2)
    model.gate.clear()
    made.ask(0)
    while len(made):
        time.sleep(0.001)
    kept = [made.ask(1), made.ask(2)]
    with pytest.raises(HttpError) as found:
        made.ask(3)
    assert found.value.status == 503 and found.value.headers["Retry-After"] == "1"
    model.gate.set()
    assert [each.result(5) for each in kept] == [2, 4]
    made.close()


def test_what_waited_too_long_is_not_begun(model: Model) -> None:
    made = batcher(model, seconds=0.0)
    model.gate.clear()
    late = made.ask(1)
    time.sleep(0.01)
    model.gate.set()
    with pytest.raises(HttpError):
        late.result(5)
    made.close()


def test_what_waits_is_finished_before_the_end(model: Model) -> None:
    made = batcher(model)
    promises = [made.ask(number) for number in range(5)]
    made.close()
    assert [each.result(0) for each in promises] == [0, 2, 4, 6, 8]
    with pytest.raises(HttpError):
        made.ask(1)
