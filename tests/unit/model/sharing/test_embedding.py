"""One space: points of unit length, rankings by cosine, valves that keep a task out of the shared projection."""

from dataclasses import replace

import pytest
import torch

from motet.model.assemble import build
from motet.model.shape import SharingShape
from motet.model.sharing.embedding import SHARPNESS, Embedding


def made(study, **sizes):
    shape = replace(study.shape, sharing=SharingShape("embedding", **sizes))
    return build(shape, seed=0).eval()


def test_points_have_unit_length_and_the_wanted_size(study):
    sharing = made(study, size=6).sharing
    assert isinstance(sharing, Embedding)
    points = sharing.embed(torch.randn(5, study.shape.width))
    assert points.shape == (5, 6)
    assert torch.allclose(points.norm(dim=1), torch.ones(5), atol=1e-5)
    assert not sharing.embed(torch.zeros(1, study.shape.width)).any()


def test_the_space_is_never_wider_than_the_trunk(study):
    assert made(study, size=1024).sharing.size == study.shape.width


def test_a_ranking_begins_with_multiples_of_cosines(study):
    sharing = made(study, size=6).sharing
    z, vectors = torch.randn(3, study.shape.width), torch.randn(9, study.shape.width)
    scores = sharing.adapt(["next_item"], z)["next_item"] @ sharing.items("next_item", vectors).t()
    cosine = sharing.embed(z) @ sharing.embed(vectors).t()
    torch.testing.assert_close(scores, SHARPNESS * cosine, atol=1e-4, rtol=1e-4)


def test_only_the_direction_of_a_representation_counts(study):
    sharing, tasks = made(study, size=6).sharing, list(study.shape.tasks)
    z = torch.randn(4, study.shape.width)
    near, far = sharing.adapt(tasks, z), sharing.adapt(tasks, 3 * z)
    for task in tasks:
        torch.testing.assert_close(near[task], far[task], atol=1e-5, rtol=1e-5)
        assert near[task].std() > 0.1


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_shut_valve_keeps_a_task_out_of_the_projection(study, share):
    model = build(replace(study.shape, sharing=SharingShape("embedding", valves={"rating": share})), seed=0)
    z = torch.randn(4, study.shape.width)
    model.sharing.adapt(["rating"], z)["rating"].square().sum().backward()
    grad = model.sharing.down.weight.grad
    assert (grad is not None and bool(grad.any())) == (share > 0)
