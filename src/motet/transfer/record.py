"""The certificate as plain JSON values, and back. Undefined numbers are None."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from motet.transfer.certificate import Certificate, Comparison, Sharing, TaskCertificate, Tried
from motet.transfer.claims import claims

BOUNDS = ("twin", "joint", "difference", "low", "high", "holm_low")


def to_json(certificate: Certificate) -> dict[str, Any]:
    """Return the certificate as JSON values.

    Per task, the top level is what ships; `initial` is the verdict before repair and `before` its whole comparison.
    Over folds, `repairs` says in how many of them each repair was taken, and `routed` whether most took the twin.
    """
    return {
        "tasks": {name: _task(row) for name, row in certificate.tasks.items()},
        "sharing": _defined(asdict(certificate.sharing)),
        "seeds": list(certificate.seeds),
        "margin": certificate.margin,
        "claims": list(claims(certificate)),
        **({"auxiliary": list(certificate.auxiliary)} if certificate.auxiliary else {}),
        **({"folds": certificate.folds} if certificate.folds else {}),
        **({"tutored": _defined(dict(certificate.tutored))} if certificate.tutored else {}),
    }


def from_json(record: Mapping[str, Any]) -> Certificate:
    """Return the certificate that `to_json` wrote."""
    return Certificate(
        tasks={name: _row(name, task) for name, task in record["tasks"].items()},
        sharing=Sharing(**{name: _number(value) for name, value in record["sharing"].items()}),
        seeds=tuple(record["seeds"]),
        margin=record["margin"],
        auxiliary=tuple(record.get("auxiliary", ())),
        folds=record.get("folds", 0),
        tutored={name: _number(value) for name, value in _tutored(record).items()},
    )


def _tutored(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """Older records name the tasks only."""
    found = record.get("tutored", {})
    return found if isinstance(found, Mapping) else dict.fromkeys(found)


def _task(row: TaskCertificate) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "metric": row.metric,
        **_defined(asdict(row.shipped)),
        "repair": row.repair,
        **({"repairs": dict(row.repairs), "routed": row.routed} if row.repairs else {}),
        "initial": row.initial.verdict,
        "before": _defined(asdict(row.initial)),
        "baseline": None if row.baseline is None else _none(row.baseline),
        "baseline_name": row.baseline_name,
        "metrics": _defined(row.shipped_metrics),
        "tried": [_defined(asdict(each)) for each in row.tried],
        "calibration": {
            metric: {"twin": _none(twin), "joint": _none(joint)} for metric, (twin, joint) in row.calibration.items()
        },
    }


def _row(name: str, task: Mapping[str, Any]) -> TaskCertificate:
    return TaskCertificate(
        task=name,
        kind=task["kind"],
        metric=task["metric"],
        shipped=_comparison(task),
        initial=_comparison(task["before"]),
        repair=task["repair"],
        baseline=task["baseline"],
        baseline_name=task["baseline_name"],
        shipped_metrics={metric: _number(value) for metric, value in task["metrics"].items()},
        tried=tuple(Tried(**each) for each in task.get("tried", ())),
        calibration={
            metric: (_number(pair["twin"]), _number(pair["joint"]))
            for metric, pair in task.get("calibration", {}).items()
        },
        repairs=dict(task.get("repairs", {})),
    )


def _comparison(values: Mapping[str, Any]) -> Comparison:
    bounds = {name: _number(values[name]) for name in BOUNDS}
    return Comparison(**bounds, verdict=values["verdict"], needed=values["needed"], needed_seeds=values["needed_seeds"])


def _defined(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _none(value) for name, value in values.items()}


def _none(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: Any) -> Any:
    return math.nan if value is None else value
