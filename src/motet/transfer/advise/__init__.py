"""Which tasks to learn together and how: arithmetic on what was counted and measured elsewhere."""

from motet.transfer.advise.advice import Advice, Proposal
from motet.transfer.advise.decide import advise
from motet.transfer.advise.facts import PairFacts, TaskFacts
from motet.transfer.advise.gains import Gain, relative_gains
from motet.transfer.advise.halving import Choice, Trial, halve, units_in_all
from motet.transfer.advise.kinds import kinds_of

__all__ = [
    "Advice",
    "Choice",
    "Gain",
    "PairFacts",
    "Proposal",
    "TaskFacts",
    "Trial",
    "advise",
    "halve",
    "kinds_of",
    "relative_gains",
    "units_in_all",
]
