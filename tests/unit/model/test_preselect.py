import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from motet.features.growing import Growth
from motet.model.preselect import Table, may_lead


def world(
    seed: int, size: int, width: int, scale: float, near: bool
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    vectors = torch.randn(size, width, generator=generator)
    if near:  # a few points with tiny differences, which half precision cannot tell apart
        vectors = vectors[: max(1, size // 20)].repeat(20, 1)[:size]
        vectors = vectors + 1e-4 * torch.randn(len(vectors), width, generator=generator)
    return vectors * scale, torch.randn(3, width, generator=generator), torch.randn(len(vectors), generator=generator)


@given(
    st.integers(0, 10_000),
    st.integers(1, 700),
    st.sampled_from([1, 7, 64]),
    st.sampled_from([0.01, 1.0, 30.0]),
    st.booleans(),
    st.integers(1, 60),
    st.sampled_from([0.0, 0.5, 0.95]),
)
@settings(max_examples=150, deadline=None)
def test_nobody_of_the_true_first_is_missed(
    seed: int, size: int, width: int, scale: float, near: bool, num: int, hidden: float
) -> None:
    vectors, z, bias = world(seed, size, width, scale, near)
    allowed = torch.rand(len(vectors), generator=torch.Generator().manual_seed(seed)) >= hidden
    table = Table.of(vectors, low=True)
    scores, slack = table.scores(z, bias)
    true = z.double() @ vectors.double().t() + bias.double()
    assert slack is not None and ((scores - true).abs() <= slack).all(), "the bound holds for every item"
    for row in range(3):
        found = may_lead(scores[row], slack[row], allowed, num).tolist()
        order = [each for each in true[row].argsort(descending=True).tolist() if allowed[each]]
        assert set(order[:num]) <= set(found) and found == sorted(found) and allowed[found].all()
        exact = table.exact(z[row], bias, torch.tensor(found, dtype=torch.int64))
        torch.testing.assert_close(exact.double(), true[row][found], rtol=1e-4, atol=1e-4 * max(1.0, scale))


def test_few_more_than_wanted_are_scored_again() -> None:
    vectors, z, bias = world(0, 20_000, 64, 0.3, False)
    scores, slack = Table.of(vectors, low=True).scores(z, bias)
    assert slack is not None
    assert len(may_lead(scores[0], slack[0], torch.ones(20_000, dtype=torch.bool), 200)) < 300


def test_full_precision_has_no_slack() -> None:
    vectors, z, bias = world(1, 50, 8, 1.0, False)
    table = Table.of(vectors, low=False)
    scores, slack = table.scores(z, bias)
    assert slack is None and table.low_Id is None
    assert may_lead(scores[0], None, torch.ones(50, dtype=torch.bool), 5).tolist() == sorted(
        scores[0].topk(5).indices.tolist()
    )


@pytest.mark.parametrize("low", [True, False])
def test_a_table_grows_as_if_it_were_made_anew(low: bool) -> None:
    vectors, z, bias = world(2, 40, 8, 1.0, False)
    whole = torch.cat([vectors, 5 * vectors[:2]])
    whole[3] = 9.0
    grown = Table.of(vectors, low=low).grown(Growth(), "low", whole, np.array([40, 3, 41]))
    anew = Table.of(whole, low=low)
    more = torch.cat([bias, bias[:2]])
    assert torch.equal(grown.scores(z, more)[0], anew.scores(z, more)[0])
    if low:
        assert torch.equal(grown.low_Id, anew.low_Id) and grown.lost >= anew.lost and grown.longest >= anew.longest
