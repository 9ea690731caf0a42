"""From a request to a ranked list. Knows the model only as a `Scorer`, which the manifest names."""

from motet.recommend.bundle import Bundle, load
from motet.recommend.catalogue import Catalogue
from motet.recommend.engine import recommend, recommend_many
from motet.recommend.forget import forget
from motet.recommend.loaded import Loaded
from motet.recommend.port import Asked, History, Prediction, Scorer, TaskView
from motet.recommend.question import Question
from motet.recommend.ranked import RankedItem, RankedList
from motet.recommend.state import UserStates

__all__ = [
    "Asked",
    "Bundle",
    "Catalogue",
    "History",
    "Loaded",
    "Prediction",
    "Question",
    "RankedItem",
    "RankedList",
    "Scorer",
    "TaskView",
    "UserStates",
    "forget",
    "load",
    "recommend",
    "recommend_many",
]
