"""A model as graphs of fixed operations (ONNX): one makes the catalogue's vectors, one per view answers its tasks.

Weights stand beside the graphs, once for all of them. Whatever gathers by what it finds (pasts, the memory) is left to
the runtime.
"""

from __future__ import annotations

import copy
import io
import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from motet.errors import ArtifactError
from motet.features.batch import Batch, Block, Segments
from motet.model.assemble import MotetModel
from motet.model.heads.ranking import RankingHead
from motet.model.inputs import EventTensors, FeatureTensors, ItemTensors, RowTensors
from motet.model.padded import PaddedBags, PaddedPlain, PaddedWords
from motet.model.shape import ColumnShape, ModelShape
from motet.model.trunk import Trunk

OPSET = 18
LEAST = 256
"""Constants of fewer numbers stay within a graph."""
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Graphs:
    """files: name → an ONNX graph. weights: graph/name → what it lacks. told: inputs, tasks and outputs of each.

    rankings: task/name → what the runtime needs to rank.
    """

    files: Mapping[str, bytes]
    weights: Mapping[str, NDArray[Any]]
    told: Mapping[str, Any]
    rankings: Mapping[str, NDArray[Any]]


class Catalogue(nn.Module):
    """Item arrays → the vectors of every trunk that needs some, then the catalogue as every ranking sees it."""

    def __init__(self, model: MotetModel, inputs: Sequence[str]) -> None:
        super().__init__()
        self.model, self.names = model, tuple(inputs)
        self.trunks: Any = nn.ModuleList(trunks_of(model))
        self.rankings = [task for task, each in model.shape.tasks.items() if each.output == "ranking"]

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        """Return the vectors, (I + 1, d) each."""
        tensors = FeatureTensors(items_from(dict(zip(self.names, given, strict=True))), None, None, {}, CPU)
        vectors = [self.model.vectors(trunk, tensors) for trunk in self.trunks]
        seen = [
            self.model.catalogue(
                task, vectors[_place(self.model.sharing.trunk_of(task))], lambda one: vectors[_place(one)]
            )
            for task in self.rankings
        ]
        return tuple(each for each in (*vectors, *seen) if each is not None)


class View(nn.Module):
    """The arrays of a view's questions → the answers of its tasks; of a ranking, the states that items are held to."""

    def __init__(self, model: MotetModel, view: str, tasks: Sequence[str], inputs: Sequence[str]) -> None:
        super().__init__()
        self.model, self.view, self.tasks, self.names = model, view, tuple(tasks), tuple(inputs)

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        """Return one tensor per task, in order."""
        known = dict(zip(self.names, given, strict=True))
        tensors, batch = inputs_of(known, self.view)
        model, found = self.model, []
        for task in self.tasks:
            trunk = model.sharing.trunk_of(task)
            state = model.states(trunk, batch, tensors, lambda one: known.get(f"vectors.{_place(one)}"))[self.view]
            if model.shape.tasks[task].output == "ranking":
                found.append(model.read(task, state))
            else:
                found.append(model.head(task).answer(model.scores(task, state, known.get(f"vectors.{_place(trunk)}"))))
        return tuple(found)


def export_graphs(model: MotetModel, tasks: Sequence[str]) -> Graphs:
    """Return the graphs of a model that answers these tasks; raises ArtifactError naming what cannot be exported."""
    if model.tuned():
        raise ArtifactError("A model that trains its language model has no ONNX form.", "Serve it with torch.")
    model = copy.deepcopy(model).cpu().float().eval().requires_grad_(False)
    for at, trunk in enumerate(trunks_of(model)):
        trunk.remembering = set()
        trunk.place = at  # type: ignore[assignment]  # while a graph is traced, a module is another object at every look
    shape = model.shape
    files: dict[str, bytes] = {}
    weights: dict[str, NDArray[Any]] = {}
    told: dict[str, Any] = {"views": {}, "max_history": shape.max_history, "gaps": [], "catalogue": None}
    told["gaps"] = [name for name, view in shape.views.items() if view.gaps]
    needs = [trunk for trunk in trunks_of(model) if _looks_up(trunk.shape)]
    if needs:
        sample = item_sample(shape)
        graph = Catalogue(model, list(sample))
        files["catalogue"] = _exported(graph, sample, "the catalogue", weights, "catalogue")
        told["catalogue"] = {
            "vectors": [at for at, trunk in enumerate(trunks_of(model)) if _looks_up(trunk.shape)],
            "rankings": graph.rankings,
        }
    for number, view in enumerate(dict.fromkeys(shape.tasks[task].view for task in tasks)):
        own = [task for task in tasks if shape.tasks[task].view == view]
        sample = view_sample(model, view)
        name = f"view{number}"
        files[name] = _exported(View(model, view, own, list(sample)), sample, f"'{view}'", weights, name)
        told["views"][view] = {"graph": name, "tasks": own}
    return Graphs(files, weights, told, _rankings(model, tasks))


def trunks_of(model: MotetModel) -> list[Trunk]:
    """Return every trunk of a model once."""
    found: dict[int, Trunk] = {}
    for task in model.shape.tasks:
        for trunk in (model.sharing.trunk_of(task), model.sharing.own_trunk(task)):
            if trunk is not None:
                found.setdefault(id(trunk), trunk)
    return list(found.values())


def items_from(known: Mapping[str, Tensor]) -> ItemTensors:
    """Return the catalogue's tensors."""
    text, masked = known["item.text"], known["item.text_masked"]
    return ItemTensors(
        text, masked, plain_from(known, "item.plain"), plain_from(known, "item.masked"), known["item.count"]
    )


def plain_from(known: Mapping[str, Tensor], name: str) -> PaddedPlain:
    """Return plain columns."""
    tags = PaddedBags(known[f"{name}.tags"], known[f"{name}.weights"])
    vectors = known.get(f"{name}.vectors")
    return PaddedPlain(known[f"{name}.codes"], known[f"{name}.bins"], tags.ids, tags.ids, vectors, tags)


def inputs_of(known: Mapping[str, Tensor], view: str) -> tuple[FeatureTensors, Batch]:
    """Return what a model reads of the arrays of a view's questions."""
    items = items_from(known) if "item.text" in known else None
    events, profiles, segments = None, None, None
    if "event.item" in known:
        plain = plain_from(known, "event.plain")
        text_N, vectors = known["event.text"], known["event.vectors"]
        events = EventTensors(known["event.item"], known["event.gap"], text_N, plain, vectors)
        segments = Segments(known["event_BL"], known["user_B"])  # type: ignore[arg-type]
    if "profile.codes" in known:
        profiles = plain_from(known, "profile")
    row = None
    if "row_n" in known:
        bags: dict[str, Any] = {
            name.removeprefix("bag.").removesuffix(".ids"): PaddedBags(
                each, known[name.removesuffix("ids") + "weights"]
            )
            for name, each in known.items()
            if name.startswith("bag.") and name.endswith(".ids")
        }
        words = PaddedWords(known["row.words"]) if "row.words" in known else None
        plain = plain_from(known, "row") if "row.codes" in known else None  # type: ignore[assignment]
        row = RowTensors(plain, known.get("row.text"), bags, words)
    n = next(known[name] for name in ("state_n", "row_n", "item_n") if name in known).shape[0]
    state, gap, item, asked = (known.get(name) for name in ("state_n", "gap_n", "item_n", "row_n"))
    other, pair = known.get("other_n"), known.get("pair_nF")
    block = Block(view, state, gap, item, asked, {}, n, other, pair)  # type: ignore[arg-type]
    tensors = FeatureTensors(items, events, profiles, {} if row is None else {view: row}, CPU)
    return tensors, Batch(segments, (block,))


def item_sample(shape: ModelShape, rows: int = 5) -> dict[str, Tensor]:
    """Return item arrays of the shape that a graph is traced with."""
    sample = {"item.text": torch.rand(rows, shape.item_text), "item.text_masked": torch.rand(rows, shape.item_text)}
    sample |= _plain_sample("item.plain", shape.item_columns, rows) | _plain_sample(
        "item.masked", shape.item_columns, rows
    )
    return {**sample, "item.count": torch.arange(rows)}


def view_sample(model: MotetModel, view: str) -> dict[str, Tensor]:
    """Return the arrays of a view's questions that a graph is traced with."""
    shape, seen, n = model.shape, model.shape.views[view], 4
    sample: dict[str, Tensor] = {}
    if "history" in seen.sources:
        events, users = 7, 3
        sample |= {"event.item": torch.arange(events) % 3, "event.gap": torch.arange(events) % 2}
        sample |= _plain_sample("event.plain", shape.event_columns, events)
        sample |= {"event.text": torch.arange(events) % 2, "event.vectors": torch.rand(6, shape.event_text)}
        sample |= {"event_BL": torch.tensor([[1, 2, 3], [4, 5, 0]]), "user_B": torch.tensor([1, 2])}
        if not shape.profile.empty:
            sample |= _plain_sample("profile", shape.profile, users)
        sample["state_n"] = torch.tensor([3, 6, 1, 0])
        if seen.gaps:
            sample["gap_n"] = torch.arange(n) % 2
    if "other" in seen.sources:
        sample |= {"other_n": torch.tensor([6, 3, 0, 1]), "pair_nF": torch.rand(n, seen.pairs)}
    if "item" in seen.sources:
        sample["item_n"] = torch.arange(n)
        if seen.about_items:
            sample |= item_sample(shape)
    if "text" in seen.sources or "row" in seen.sources:
        rows = 5
        sample["row_n"] = torch.arange(n)
        if "text" in seen.sources:
            sample["row.text"] = torch.rand(rows, seen.text)
            if seen.words:
                sample["row.words"] = torch.arange(rows * 6).view(rows, 6) % 3
        for family in seen.bags if "text" in seen.sources else ():
            sample[f"bag.{family}.ids"] = torch.zeros(rows, 6, dtype=torch.int64)
            sample[f"bag.{family}.weights"] = torch.rand(rows, 6)
        if "row" in seen.sources:
            sample |= _plain_sample("row", seen.row, rows)
    if {"history", "item"} & set(seen.sources):
        for at, trunk in enumerate(trunks_of(model)):
            if _looks_up(trunk.shape) and view in trunk.shape.views:
                sample[f"vectors.{at}"] = torch.rand(5, trunk.shape.width)
    return sample


def _plain_sample(name: str, shape: ColumnShape, rows: int) -> dict[str, Tensor]:
    codes, bins = torch.zeros(rows, shape.code_columns, dtype=torch.int64), torch.rand(rows, shape.bins)
    found = {f"{name}.codes": codes, f"{name}.bins": bins}
    found |= {f"{name}.tags": torch.zeros(rows, 3, dtype=torch.int64), f"{name}.weights": torch.rand(rows, 3)}
    if shape.vectors:
        found[f"{name}.vectors"] = torch.rand(rows, sum(shape.vectors) + len(shape.vectors))
    return found


def _place(trunk: Trunk) -> int:
    return trunk.place  # type: ignore[return-value]


def _looks_up(shape: ModelShape) -> bool:
    return any({"history", "item"} & set(view.sources) and not view.about_items for view in shape.views.values())


def _exported(
    graph: nn.Module, sample: Mapping[str, Tensor], what: str, weights: dict[str, NDArray[Any]], name: str
) -> bytes:
    """Trace a graph, with its large constants taken out into `weights`."""
    import onnx

    # the exporter tells of packages that no model here needs
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                graph.eval(),
                tuple(sample.values()),
                dynamo=True,
                opset_version=OPSET,
                input_names=list(sample),
                dynamic_shapes=(tuple(_moving(key, each) for key, each in sample.items()),),
                optimize=True,
                verbose=False,
            )
        assert program is not None
        buffer = io.BytesIO()
        program.save(buffer)  # type: ignore[arg-type]
    except Exception as error:  # the exporter has no family of errors of its own
        reason = str(error).strip().splitlines()[0][:160]
        raise ArtifactError(
            f"{what} cannot be exported to ONNX: {type(error).__name__}: {reason}", "Serve it with torch."
        ) from error
    made = onnx.load_from_string(buffer.getvalue())
    for each in made.graph.initializer:
        value = onnx.numpy_helper.to_array(each)
        if value.size >= LEAST:
            weights[f"{name}/{each.name}"] = np.array(value)
            each.ClearField("raw_data")
            each.data_location = onnx.TensorProto.EXTERNAL
            for key, told in (("location", "beside"), ("offset", "0"), ("length", str(value.nbytes))):
                each.external_data.add(key=key, value=told)
    del made.metadata_props[:]
    for node in made.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del made.graph.value_info[:]
    return made.SerializeToString()


FIXED = ("codes", "bins", "vectors", "text", "text_masked")
"""Arrays whose second dimension the model's shape decides."""


def _moving(name: str, example: Tensor) -> dict[int, Any]:
    """Which dimensions of an input may differ from call to call."""
    dynamic = torch.export.Dim.DYNAMIC
    last = name.rpartition(".")[2]
    if example.ndim == 1:
        return {0: dynamic}
    fixed = last in FIXED or name.startswith("vectors.") or name == "pair_nF"
    return {0: dynamic} if fixed else {0: dynamic, 1: dynamic}


def _rankings(model: MotetModel, tasks: Sequence[str]) -> dict[str, NDArray[Any]]:
    """What the runtime adds to states · items: biases, readiness to return, trust in the memory."""
    found: dict[str, NDArray[Any]] = {}
    for task in tasks:
        if model.shape.tasks[task].output != "ranking":
            continue
        head = model.head(task)
        assert isinstance(head, RankingHead)
        found[f"{task}/bias"] = head.bias.numpy()
        if head.repeats is not None:
            found[f"{task}/shift"] = head.repeats.shift.weight[:, 0].numpy()
            found[f"{task}/repeats"] = torch.stack([head.repeats.often, head.repeats.lately]).numpy()
        if head.memory is not None:
            found[f"{task}/trust"] = head.memory.weights().numpy()
        if head.mix is not None:
            found[f"{task}/gate"] = head.mix.gate.numpy()
    return found
