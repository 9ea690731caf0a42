"""Made-up facts of a few tasks."""

from motet.transfer.advise import Gain, PairFacts, TaskFacts


def task(name, *, kind="binary", labels=1000, value=1.0):
    return TaskFacts(name, kind, labels, 1.5, 120, value)


def pair(one, other, there=0.0, back=0.0, *, error=0.01, cosine=0.1, correlation=None, fewer=0.0):
    return PairFacts(
        one,
        other,
        by="row",
        overlap=0.5,
        correlation=correlation,
        measure=None if correlation is None else "cramer_v",
        both=40,
        complementarity=fewer,
        forward=Gain(there, error),
        backward=Gain(back, error),
        cosine=cosine,
    )
