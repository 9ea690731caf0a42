import sys

import numpy as np
import pytest
import torch

from motet.errors import MissingExtra
from motet.schema import BalanceConfig
from motet.train.balance import BALANCERS
from motet.train.balance._gramian import GramianBalancer
from motet.train.balance._torchjd import TorchjdBalancer, project, square_root
from motet.train.balance.cagrad import CaGrad
from motet.train.balance.pcgrad import PcGrad
from motet.train.balance.upgrad import UpGrad

KINDS = {"pcgrad": PcGrad, "cagrad": CaGrad, "upgrad": UpGrad}


def made(kind, *, strength=None, count=2):
    pytest.importorskip("torchjd", reason="torchjd is not installed: pip install -e '.[balance]'")
    pytest.importorskip("cvxpy", reason="cvxpy is not installed: pip install -e '.[balance]'")
    return BALANCERS.get(kind)({}, dict.fromkeys("abc"[:count], 1.0), BalanceConfig(kind=kind, strength=strength))


def shares(balancer, gradients):
    own = torch.tensor(gradients)
    found = balancer.share(own @ own.T, list("abc"[: len(own)]))
    return torch.tensor(list(found.values())), own


@pytest.mark.parametrize("kind", KINDS)
def test_the_shelf_has_them(kind):
    assert BALANCERS.get(kind) is KINDS[kind] and issubclass(KINDS[kind], TorchjdBalancer)
    assert issubclass(TorchjdBalancer, GramianBalancer)


@pytest.mark.parametrize("kind", ["pcgrad", "upgrad"])
def test_gradients_without_conflict_are_added_up(kind):
    found, _ = shares(made(kind, count=3), [[1.0, 0.0, 0.0], [0.5, 2.0, 0.0], [0.0, 0.1, 3.0]])
    torch.testing.assert_close(found, torch.ones(3), rtol=1e-3, atol=0)


def test_pcgrad_takes_away_what_goes_against_the_other():
    found, own = shares(made("pcgrad"), [[1.0, 0.0], [-1.0, 1.0]])
    # a loses its part along b: a + ½ b; b its part along a: b + a
    torch.testing.assert_close(found, torch.tensor([2.0, 1.5]))
    assert (own @ (found @ own) > 0).all()


def test_upgrad_projects_onto_the_dual_cone_by_hand():
    found, own = shares(made("upgrad"), [[1.0, 0.0], [-1.0, 1.0]])
    # a is turned to (½, ½), at a right angle to b; b to (0, 1), at a right angle to a
    torch.testing.assert_close(found @ own, torch.tensor([0.5, 1.5]), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("seed", range(20))
def test_upgrad_hurts_nobody(seed):
    own = torch.randn(3, 3, generator=torch.Generator().manual_seed(seed))
    found, own = shares(made("upgrad", count=3), own.tolist())
    assert (own @ (found @ own) > -1e-2 * own.norm(dim=1)).all()


def test_cagrad_of_unlike_tasks_lifts_the_worst_off():
    mild, strong = (shares(made("cagrad", strength=c), [[1.0, 0.0], [-0.5, 0.3]]) for c in (0.01, 0.8))

    def worst(found, own):
        return float((own @ (found @ own)).min())

    assert worst(*strong) > worst(*mild) and mild[0].tolist() == pytest.approx([1.0, 1.0], rel=0.05)


def test_the_projection_is_the_nearest_point_that_hurts_nobody():
    own = np.array([[1.0, 0.0], [-1.0, 1.0]])
    root = square_root(own @ own.T)
    np.testing.assert_allclose(root.T @ root, own @ own.T, atol=1e-12)
    np.testing.assert_allclose(project(np.array([1.0, 0.0]), root) @ own, [0.5, 0.5], atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_library_is_said_in_one_line(kind, monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] == "torchjd"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torchjd", None)
    with pytest.raises(MissingExtra, match="torchjd") as caught:
        BALANCERS.get(kind)({}, {"a": 1.0}, BalanceConfig(kind=kind))
    assert "pip install -e '.[balance]'" in caught.value.remedy
