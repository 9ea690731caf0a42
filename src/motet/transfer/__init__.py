"""Transfer: did sharing help or harm each task, what is done about it, and the certificate that says so."""

from motet.transfer.arms import JOINT, TWIN, Arms, Role
from motet.transfer.certificate import Certificate, Comparison, Sharing, TaskCertificate, Tried, Verdict
from motet.transfer.certify import Certified, certify
from motet.transfer.climb import Choice, climb
from motet.transfer.difference import Difference
from motet.transfer.folds import FoldedTask, certify_folds
from motet.transfer.record import from_json, to_json
from motet.transfer.table import render
from motet.transfer.verdict import judge

__all__ = [
    "JOINT",
    "TWIN",
    "Arms",
    "Certificate",
    "Certified",
    "Choice",
    "Comparison",
    "Difference",
    "FoldedTask",
    "Role",
    "Sharing",
    "TaskCertificate",
    "Tried",
    "Verdict",
    "certify",
    "certify_folds",
    "climb",
    "from_json",
    "judge",
    "render",
    "to_json",
]
