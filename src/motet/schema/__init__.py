"""The words everyone shares: meanings, tables, tasks, splits, the project file."""

from motet.schema.augment import AugmentConfig
from motet.schema.blend import BlendConfig, CalibrateConfig, Limit, Rule, TypesConfig
from motet.schema.explain import ExplainConfig
from motet.schema.graph import GraphConfig
from motet.schema.meanings import MEANINGS, Meaning
from motet.schema.project import Project, parse_override
from motet.schema.retrieve import RetrieveConfig
from motet.schema.settings import (
    AUTO,
    BalanceConfig,
    CertifyConfig,
    EncoderConfig,
    ProjectInfo,
    SharingConfig,
    TrainConfig,
    TrunkConfig,
    UpdateConfig,
)
from motet.schema.sharing import BLOCKS, valve_of
from motet.schema.split import FOLDS, TEST, TRAIN, VALID, SplitSpec, TaskSplit
from motet.schema.tables import EVENTS, ITEMS, USERS, Column, TableSpec
from motet.schema.tasks import (
    Binary,
    ClassTask,
    Interest,
    LabelledTask,
    Masked,
    NextItem,
    Number,
    Rating,
    Relation,
    Tags,
    TaskBase,
    TaskSpec,
)

__all__ = [
    "AUTO",
    "AugmentConfig",
    "BLOCKS",
    "RetrieveConfig",
    "valve_of",
    "EVENTS",
    "FOLDS",
    "ITEMS",
    "MEANINGS",
    "TEST",
    "TRAIN",
    "USERS",
    "VALID",
    "BalanceConfig",
    "Binary",
    "BlendConfig",
    "CalibrateConfig",
    "CertifyConfig",
    "ClassTask",
    "Column",
    "EncoderConfig",
    "ExplainConfig",
    "GraphConfig",
    "Interest",
    "LabelledTask",
    "Limit",
    "Masked",
    "Meaning",
    "NextItem",
    "Number",
    "Project",
    "ProjectInfo",
    "Rating",
    "Relation",
    "Rule",
    "SharingConfig",
    "SplitSpec",
    "TableSpec",
    "Tags",
    "TaskBase",
    "TaskSpec",
    "TaskSplit",
    "TrainConfig",
    "TrunkConfig",
    "TypesConfig",
    "UpdateConfig",
    "parse_override",
]
