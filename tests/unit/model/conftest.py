import pytest
import torch

from motet.model.assemble import build
from motet.stages.study import Study
from motet.testing.study import tiny_study


@pytest.fixture(scope="session")
def study() -> Study:
    return tiny_study(settings={"trunk": {"width": 16, "layers": 2, "max_history": 10}})


@pytest.fixture
def model(study):
    """An untrained model in evaluation mode, its weights moved away from zero."""
    made = build(study.shape, seed=0)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=generator))
    return made.eval()


@pytest.fixture
def batches(study):
    """The first step of the first epoch."""
    return next(iter(study.plan.epoch(0, 0, study.shape.tasks)))[1]
