"""The sections of a project file that are not data: encoder, trunk, sharing, balance, train, certify.

They stand here, and not beside what they configure, because they are one public contract; every field has a default
that gives a sound run.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from motet.schema._base import Strict

AUTO = "auto"
"""The kind that stands for "choose": see `stages.choosing`."""


class ProjectInfo(Strict):
    """The run's name and the language of its texts."""

    name: str = "motet"
    language: Literal["en", "zh", "multi"] = "en"


class EncoderConfig(Strict):
    """The language model: a short name, a Hub name, a local folder or an endpoint.

    name: by default `minilm` for English; otherwise `e5` where it is installed, else `lexical`. key: the variable that
    holds an endpoint's key, as `env:NAME`. max_tokens: longer texts keep head and tail.
    tune: whether the language model is trained by all tasks that read texts: with low-rank adapters (lora, of `rank`,
    scaled by alpha / rank, beside the linear layers named in `targets`, or all) or every weight of it (full).
    layers: only its last so many. learning_rate: of the language model; by default 5e-4 for lora, 5e-5 for full.
    items: so many items of a step have their texts read anew; 0 leaves items' texts to the model as it came.
    """

    name: str | None = None
    key: str | None = Field(default=None, pattern=r"^env:[A-Za-z_]\w*$")
    tune: Literal["frozen", "lora", "full"] = "frozen"
    max_tokens: int = Field(default=128, ge=8, le=8192)
    rank: int = Field(default=8, ge=1, le=256)
    alpha: int = Field(default=16, ge=1)
    targets: tuple[str, ...] = ()
    layers: int | None = Field(default=None, ge=1)
    learning_rate: float | None = Field(default=None, gt=0)
    items: int = Field(default=32, ge=0, le=4096)

    @field_validator("tune", mode="before")
    @classmethod
    def _off_is_frozen(cls, tune: object) -> object:
        return "frozen" if tune == "off" else tune

    @property
    def rate(self) -> float:
        """The language model's learning rate."""
        return self.learning_rate or (5e-4 if self.tune == "lora" else 5e-5)


class TrunkConfig(Strict):
    """The shared representation.

    history: what reads a user's events: transformer, gru or lstm. text: what reads a row's texts beside the language
    model's vector: bag (n-grams), cnn or lstm (words in order).
    dropout: None chooses by how many events an item has (.5 sparse, .2 dense). stop_words: leave out of the word
    n-grams what says little by itself. parts_of_speech: n-grams of word classes beside those of words and characters.
    """

    width: int = Field(default=64, ge=8, multiple_of=8)
    layers: int = Field(default=2, ge=1, le=12)
    heads: int = Field(default=2, ge=1)
    max_history: int = Field(default=50, ge=1)
    history: str = "transformer"
    text: str = "bag"
    dropout: float | None = Field(default=None, ge=0, lt=1)
    stop_words: bool = False
    parts_of_speech: bool = False


class SharingConfig(Strict):
    """The collaboration strategy between trunk and heads, by short name or `auto`, and its sizes.

    experts: how many experts are shared (mmoe, ple). rank: of the tasks' private adapters (valve). size: numbers of
    the one low-dimensional space (embedding). chain: yes-or-no tasks each of which presumes the one before (esmm).
    valves: by task, or by `task.block`, the share of its gradient that enters the shared weights (1 unless said).
    """

    kind: str = "shared_bottom"
    experts: int = Field(default=4, ge=1, le=64)
    rank: int = Field(default=8, ge=1, le=256)
    size: int = Field(default=32, ge=2, le=1024)
    chain: tuple[str, ...] = ()
    valves: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)


class BalanceConfig(Strict):
    """How the tasks' losses are combined, by short name or `auto`.

    main: the task that the others serve (norm and metabalance hold their gradients to its); a ranking where there is
    one and none is named. strength: how strictly they are held (norm: the largest ratio of forces; metabalance: how
    much of the way to the main task's length, at most 1; gradnorm: the exponent of the rates; cagrad: its c).
    """

    kind: str = "norm"
    main: str | None = None
    strength: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _within_the_way(self) -> Self:
        if self.kind == "metabalance" and self.strength is not None and self.strength > 1:
            raise ValueError(
                f"balance.strength is {self.strength:g}; under metabalance it is at most 1, all of the way"
            )
        return self


class TrainConfig(Strict):
    """The training loop.

    epochs: at most this many passes. patience: stop after so many passes without a better validation score.
    head_start: whether the main task of the joint model (see balance.main) learns alone before the others join it.
    tutors: whom the joint model of a certificate imitates beside its labels: nobody, or the twins of all seeds.
    minutes: a budget for one model; certify ignores it. refit: after certify, train once more on all rows.
    batch: rows (or history targets) in a step of the largest table; by default about 150 steps make an epoch.
    Smaller tables take proportional bites. weight_decay: apart from the gradient for adamw, an L2 penalty for the other
    optimisers. watch: look at how the tasks of a joint run pull, every so many steps; 0 turns it off, and by default it
    takes at most a tenth of the time. listeners: by short name, who else is told of every step and epoch.
    auto_passes: how many passes over the data choosing may take in all, where a kind is `auto`.
    """

    epochs: int = Field(default=40, ge=1)
    patience: int = Field(default=5, ge=1)
    batch: int | None = Field(default=None, ge=8)
    optimizer: Literal["adamw", "adam", "rmsprop", "sgd", "adagrad"] = "adamw"
    learning_rate: float = Field(default=2e-3, gt=0)
    weight_decay: float = Field(default=0.02, ge=0)
    clip: float = Field(default=5.0, gt=0)
    seed: int = Field(default=0, ge=0)
    head_start: bool = True
    tutors: Literal["off", "twins"] = "twins"
    device: str = "auto"
    minutes: float | None = Field(default=None, gt=0)
    refit: bool = False
    watch: int | None = Field(default=None, ge=0)
    listeners: tuple[str, ...] = ()
    auto_passes: float = Field(default=12.0, gt=0)


Rung = Literal["valve", "read_only", "private", "interpolate", "twin"]


class CertifyConfig(Strict):
    """How carefully the tasks are compared, and what is done for those that sharing harms.

    margin: how much worse than its twin still counts as not worse. ladder: the repairs that may be tried, in order.
    """

    seeds: int = Field(default=3, ge=2)
    margin: float = Field(default=0.02, ge=0, lt=1)
    ladder: tuple[Rung, ...] = ("valve", "read_only", "private", "interpolate", "twin")


class UpdateConfig(Strict):
    """How a model goes on with new rows.

    epochs: passes over the new rows and the replayed ones. rate: the learning rate, in parts of the training's. replay:
    old questions of a view that are learned again, at most. imitate: how much the running model's answers count beside
    labels. retrain_below: a main task with a recent value below this part of the certified one asks for training anew.
    """

    epochs: int = Field(default=3, ge=1, le=100)
    rate: float = Field(default=0.5, gt=0, le=2)
    replay: int = Field(default=100_000, ge=1)
    imitate: float = Field(default=0.3, ge=0, le=1)
    retrain_below: float = Field(default=0.9, gt=0, lt=1)
