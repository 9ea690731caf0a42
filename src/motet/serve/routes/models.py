"""Models: which there are, and letting another one answer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter, Request

from motet.errors import ArtifactError, RequestError
from motet.serve.golden import check_golden
from motet.serve.routes._base import needs, service
from motet.serve.running import under
from motet.serve.runs import runs_in
from motet.serve.service import Service, unknown
from motet.serve.wire.models import ActivateIn, ActivateOut, ActivationOut, FolderOut, ModelOut, ModelsOut, TaskOut

router = APIRouter(tags=["models"])


@router.get("/v1/models", operation_id="listModels", **needs("read"))
async def list_models(request: Request) -> ModelsOut:
    """Return the known models, when each of them served, and the tasks of the one that answers."""
    own = service(request)
    running = own.running
    models = [ModelOut(**vars(model)) for model in await own.io(own.store.models)]
    history = await own.io(own.store.activations)
    folders = await own.io(_never_activated, own, [model.path for model in models])
    tasks = {
        name: TaskOut(kind=view.kind, output=view.output, sources=list(view.sources), ranks_items=view.ranks_items)
        for name, view in running.bundle.loaded.scorer.tasks.items()
    }
    return ModelsOut(
        serving=running.version,
        models=models,
        folders=folders,
        history=[ActivationOut(version=each.version, time=each.time, rolled_back=each.rolled_back) for each in history],
        tasks=tasks,
        items=len(running.bundle.loaded.catalogue),
    )


@router.post("/v1/models/activate", operation_id="activateModel", **needs("admin"))
async def activate_model(asked: ActivateIn, request: Request) -> ActivateOut:
    """Load a model beside the one that answers, let it answer golden requests, then let it take over.

    A damaged or foreign folder, or one that does not answer, is refused, and nothing changes. The version before is
    activated in the same way.
    """
    own = service(request)
    if (asked.version is None) == (asked.path is None):
        raise RequestError("Expected a version or a path.", "Name one of them.")
    return await own.care(_activate, own, asked)


def _activate(own: Service, asked: ActivateIn) -> ActivateOut:
    previous = own.running.version
    try:
        other = own.open(_path(own, asked))
        _check_same(own, asked, other.fingerprint)
        golden = check_golden(other.bundle, own.recent if asked.recent else ())
    except ArtifactError:
        own.metrics.swaps.labels("refused").inc()
        raise
    own.store.add_model(other.version, str(other.bundle.path), other.fingerprint)
    own.store.activate_model(other.version)
    own.put_in_place(other)
    own.metrics.swaps.labels("activated").inc()
    return ActivateOut(version=other.version, previous=previous, golden=golden)


def _path(own: Service, asked: ActivateIn) -> str:
    if asked.path is not None:
        return str(under(_root(own), asked.path))
    model = next((model for model in own.store.models() if model.version == asked.version), None)
    if model is None:
        raise unknown("There is no model of this version.", "GET /v1/models lists them.")
    return model.path


def _root(own: Service) -> str:
    """Where models are activated from: the folder that was named for it, or the one that holds the served model."""
    return own.settings.models or str(Path(own.settings.folder).resolve().parent)


def _never_activated(own: Service, paths: Sequence[str]) -> list[FolderOut]:
    """Return the finished models right in the service's model folder that it has not known; links are not followed."""
    known = {Path(path).resolve() for path in paths}
    found = [run for run in runs_in(_root(own)) if run.state == "finished" and run.path.resolve() not in known]
    return [FolderOut(path=run.path.name, created=run.created) for run in found]


def _check_same(own: Service, asked: ActivateIn, fingerprint: str) -> None:
    """A version is what was activated under its name, not what lies in its folder by now."""
    model = next((model for model in own.store.models() if model.version == asked.version), None)
    if model is not None and model.sha256 != fingerprint:
        raise ArtifactError("Another model lies in this version's folder by now.", "Activate it by its path.")
