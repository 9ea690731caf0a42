"""What a model is made of: the tables that it reads, its parts with their numbers of parameters, who answers what.

Read from a folder's shapes and from the heads of its files of weights; no weight is loaded.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from motet.artifact import Folder, layout
from motet.artifact.compact import METADATA
from motet.schema.sharing import valve_of

State = Literal["given", "frozen", "tuned", "trained", "fixed"]
"""Of a part: data, weights that stay as they were, a language model that learned more, weights that were trained, and
what is computed from the training rows without training.
"""
INPUTS, ENCODER, TRUNK, SHARING, TASKS = range(5)
ROUTES, FUSED, JOINED, ADAPTERS = "model/routes", "fused", "joined", "model/adapters"
PARTS = ("items", "history", "texts", "rows", "pairs", "fusions")


@dataclass(frozen=True)
class Box:
    """A part. column: from inputs (0) to tasks (4). kind: what it is; name: what people call it, if anything.

    notes: keys of phrases with what fills them in. parameters: how many, None for what has none.
    """

    key: str
    column: int
    kind: str
    name: str = ""
    state: State = "trained"
    parameters: int | None = None
    notes: tuple[tuple[str, Mapping[str, Any]], ...] = ()


@dataclass(frozen=True)
class Part:
    """A model of its own: the joint one, a twin, a repaired one beside them. links: from key to key."""

    name: str
    boxes: tuple[Box, ...]
    links: tuple[tuple[str, str], ...]

    @property
    def parameters(self) -> int:
        """How many all its boxes have."""
        return sum(box.parameters or 0 for box in self.boxes)


@dataclass(frozen=True)
class Anatomy:
    """The models of a folder, the joint one first. For a fusion, one part that holds its members."""

    models: tuple[Part, ...]

    def to_json(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        return {"models": [{**asdict(model), "parameters": model.parameters} for model in self.models]}


def anatomy(folder: Folder) -> Anatomy | None:
    """Return what the model of a folder is made of, or None where the folder does not tell."""
    if folder.has(JOINED):
        return Anatomy((_joined(folder),))
    if folder.has(FUSED):
        return Anatomy((_fusion(folder),))
    if not folder.has(ROUTES):
        return None
    routes = {str(task): str(name) for task, name in folder.json(ROUTES).items()}
    rows = folder.json(layout.CERTIFICATE).get("tasks", {}) if folder.has(layout.CERTIFICATE) else {}
    names = sorted(set(routes.values()), key=lambda name: (name != "joint", name))
    models = []
    for name in names:
        if folder.has(_named(layout.SHAPE, name)):
            answered = [task for task in routes if routes[task] == name]
            models.append(_model(folder, name, answered, rows))
    return Anatomy(tuple(models)) if models else None


def _model(folder: Folder, name: str, answered: list[str], rows: Mapping[str, Any]) -> Part:
    shape = folder.json(_named(layout.SHAPE, name))
    sizes = dict(_sizes(folder, _named(layout.WEIGHTS, name)))
    known, tasks = bool(sizes), shape["tasks"]
    boxes = _inputs(shape)
    links: list[tuple[str, str]] = []
    texts = [box.key for box in boxes if any(note == "reads_text" for note, _ in box.notes)]
    encoder = _encoder(folder, name) if texts else None
    trunk = {part: _under(sizes, f"sharing.trunk.{part}.") for part in PARTS}
    trunk["history"] += _under(sizes, "sharing.trunk.now.")
    if encoder is not None:
        boxes.append(encoder)
        links += [(key, "encoder") for key in texts]
    there = _trunk_parts(shape)
    for part, table in there.items():
        called = str(shape.get("history", "")) if part == "history" else ""
        boxes.append(Box(part, TRUNK, part, called, parameters=trunk[part] if known else None))
        links += [(f"table {each}", part) for each in table]
    if encoder is not None:
        reading = ["texts"] if "texts" in there else []
        reading += ["items"] if shape.get("item_text") and "items" in there else []
        reading += ["history"] if shape.get("event_text") and "history" in there else []
        links += [("encoder", part) for part in reading]
    links += [("items", "history")] if {"items", "history"} <= set(there) else []
    links += [(part, "fusions") for part in there]
    boxes.append(Box("fusions", TRUNK, "fusions", parameters=trunk["fusions"] if known else None))
    own = sum(sizes.values()) - sum(trunk.values()) - _under(sizes, "heads.")
    boxes.append(Box("sharing", SHARING, "sharing", str(shape["sharing"]["kind"]), parameters=own if known else None))
    links.append(("fusions", "sharing"))
    remembering = [task for task in tasks if tasks[task].get("memory")] if folder.has(layout.GRAPH) else []
    if remembering:
        boxes.append(Box("memory", TRUNK, "memory", state="fixed"))
        links.append(("table events", "memory"))
    for task in sorted(tasks, key=lambda each: (each not in answered, list(tasks).index(each))):
        head = _under(sizes, f"heads.{task.replace('.', '·')}.") if known else None
        notes = _notes(task, shape, rows.get(task, {}), answers=task in answered, shared=name == "joint")
        boxes.append(Box(f"task {task}", TASKS, "head", task, parameters=head, notes=notes))
        links.append(("sharing", f"task {task}"))
        links += [("memory", f"task {task}")] if task in remembering else []
    keys = {box.key for box in boxes}
    kept = tuple(dict.fromkeys(link for link in links if set(link) <= keys))
    return Part(name, tuple(boxes), kept)


def _inputs(shape: Mapping[str, Any]) -> list[Box]:
    """The tables that a model reads, with what it reads of them."""
    read: dict[str, list[str]] = {}

    def also(table: str, what: str, when: Any = True) -> None:
        if when and what not in read.setdefault(table, []):
            read[table].append(what)

    for view, each in shape["views"].items():
        sources, table = set(each["sources"]), view.partition("[")[0]
        if sources & {"history", "other"}:
            also("events", "reads_events")
            also("events", "reads_text", shape.get("event_text"))
            also("events", "reads_columns", _any(shape["event_columns"]))
        if sources & {"history", "other", "item"} and shape["num_items"]:
            also("items", "reads_items")
            also("items", "reads_text", shape.get("item_text"))
            also("items", "reads_columns", _any(shape["item_columns"]))
        also("users", "reads_profile", sources & {"history", "other"} and _any(shape["profile"]))
        also(table, "reads_text", "text" in sources)
        also(table, "reads_columns", "row" in sources)
        also(table, "reads_pairs", "other" in sources)
    noted: dict[str, tuple[tuple[str, Mapping[str, Any]], ...]]
    noted = {table: tuple((what, {}) for what in whats) for table, whats in read.items() if whats}
    return [Box(f"table {table}", INPUTS, "table", table, "given", notes=notes) for table, notes in noted.items()]


def _trunk_parts(shape: Mapping[str, Any]) -> dict[str, list[str]]:
    """The parts of the trunk before all is fused, and the tables that each reads without a language model between."""
    found: dict[str, list[str]] = {}
    for view, each in shape["views"].items():
        sources, table = set(each["sources"]), view.partition("[")[0]
        if sources & {"history", "item", "other"} and shape["num_items"]:
            found.setdefault("items", ["items"])
        if sources & {"history", "other"}:
            found.setdefault("history", ["events", "users"])
        for source, part in (("text", "texts"), ("row", "rows"), ("other", "pairs")):
            if source in sources:
                found.setdefault(part, []).append(table)
    return {part: found[part] for part in PARTS if part in found}


def _notes(
    task: str, shape: Mapping[str, Any], row: Mapping[str, Any], *, answers: bool, shared: bool
) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    """What is said of a task's head: what it answers, what was repaired, and who answers where it does not."""
    each, sharing = shape["tasks"][task], shape["sharing"]
    notes: list[tuple[str, Mapping[str, Any]]] = [(f"answers_{each['output']}", {"n": each["size"]})]
    if rank := sharing.get("ranks", {}).get(task):
        notes.append(("has_adapter", {"rank": rank}))
    for key, share in sharing.get("valves", {}).items():
        if valve_of(key, shape["tasks"])[0] == task:
            notes.append(("has_valve" if share else "has_closed_valve", {"share": f"{share:g}"}))
    repair = row.get("repair")
    if each.get("auxiliary"):
        notes.append(("helps_only", {}))
    elif repair and answers:
        notes.append(("repaired_twin" if repair == "twin" else "repaired", {"repair": repair}))
    elif not answers:
        notes.append(("answered_elsewhere", {}) if shared else ("learned_beside", {}))
    return tuple(notes)


def _encoder(folder: Folder, name: str) -> Box | None:
    if folder.manifest.encoder is None:
        return None
    adapters = _named(ADAPTERS, name)
    learned = sum(size for _, size in _sizes(folder, adapters)) if folder.has(adapters) else None
    project = _project(folder).get("encoder", {})
    notes: list[tuple[str, Mapping[str, Any]]] = []
    if learned is not None and isinstance(project, dict):
        notes.append(("tuned_by", {"how": str(project.get("tune", "lora"))}))
    state: State = "frozen" if learned is None else "tuned"
    called = folder.manifest.encoder.id.partition(":")[0]
    return Box("encoder", ENCODER, "encoder", called, state, learned, tuple(notes))


def _fusion(folder: Folder) -> Part:
    """The members of a fused folder, and which of them each task asks."""
    told = folder.json(FUSED)
    boxes, links = [], []
    for name, each in told["members"].items():
        model = each["kind"] == "model"
        count = None
        if model:
            files = [part for part in folder.names() if part.startswith(f"{each['part']}/model/")]
            count = sum(size for part in files for _, size in _sizes(folder, part)) or None
        kind, state = ("member", "trained") if model else ("classic", "fixed")
        boxes.append(Box(f"member {name}", TRUNK, kind, name, state, count))  # type: ignore[arg-type]
    boxes.append(Box("sharing", SHARING, "fusion", state="trained"))
    links += [(box.key, "sharing") for box in boxes if box.key != "sharing"]
    for task, each in told["tasks"].items():
        note = ("asks_members", {"members": ", ".join(each["members"])})
        boxes.append(Box(f"task {task}", TASKS, "head", task, notes=(note,)))
        links.append(("sharing", f"task {task}"))
    return Part("fused", tuple(boxes), tuple(links))


def _joined(folder: Folder) -> Part:
    """The members of a folder of several catalogues: each answers for its own items."""
    told = folder.json(JOINED)
    boxes = []
    for each in told["members"]:
        files = [part for part in folder.names() if part.startswith(f"{each['part']}/") and "/model/" in part]
        count = sum(size for part in files for _, size in _sizes(folder, part)) or None
        note = ("ranks_own", {"n": each["items"]})
        boxes.append(Box(f"member {each['name']}", TRUNK, "member", each["name"], "trained", count, (note,)))
    links = [(box.key, "sharing") for box in boxes]
    boxes.append(Box("sharing", SHARING, "shares", state="fixed"))
    boxes += [Box(f"task {task}", TASKS, "head", task) for task in told["tasks"]]
    links += [("sharing", f"task {task}") for task in told["tasks"]]
    return Part("fused", tuple(boxes), tuple(links))


def _sizes(folder: Folder, name: str) -> Iterator[tuple[str, int]]:
    """Yield every array of a file of weights with how many numbers it has; nothing for a file of another kind."""
    from safetensors import safe_open

    whole = name if name.endswith(".safetensors") else f"{name}.safetensors"
    if whole not in folder.manifest.parts:
        return
    with safe_open(str(folder.file(whole)), framework="numpy") as file:
        if METADATA not in (file.metadata() or {}):
            names = file.keys()
            for key in names:
                yield key, math.prod(file.get_slice(key).get_shape())
            return
    for key, array in folder.arrays(whole).items():
        yield key, int(array.size)


def _under(sizes: Mapping[str, int], prefix: str) -> int:
    return sum(size for key, size in sizes.items() if key.startswith(prefix))


def _named(part: str, name: str) -> str:
    room, file = part.split("/")
    return part if name == "joint" else f"{room}/{name}/{file}"


def _any(columns: Mapping[str, Any]) -> bool:
    return any(bool(value) for value in columns.values())


def _project(folder: Folder) -> Mapping[str, Any]:
    if not folder.has(layout.PROJECT):
        return {}
    try:
        return tomllib.loads(folder.text(layout.PROJECT))
    except tomllib.TOMLDecodeError:
        return {}
