"""What every layer of the history trunk keeps."""
# ruff: noqa: D102 (a test's name says what it asks)

from __future__ import annotations

import torch
from torch import Tensor, nn

from motet.model.trunk.readers import READERS

WIDTH, TOKENS = 8, 6


class ReaderContract:
    """Two histories of six tokens; the second one has read four."""

    def make(self, name: str, *, seed: int = 0) -> nn.Module:
        """Return a layer in evaluation mode, its weights moved away from zero."""
        torch.manual_seed(seed)
        layer = READERS.get(name)(WIDTH, 2, 10, 0.3)
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter.add_(0.1 * torch.randn(parameter.shape))
        return layer.eval()

    def tokens(self) -> tuple[Tensor, Tensor]:
        """Return (B, T, d) and which tokens are known."""
        x = torch.randn(2, TOKENS, WIDTH, generator=torch.Generator().manual_seed(5))
        known = torch.ones(2, TOKENS, dtype=torch.bool)
        known[1, 4:] = False
        return x, known

    def test_every_token_has_a_state(self, name: str) -> None:
        found = self.make(name)(*self.tokens())
        assert found.shape == (2, TOKENS, WIDTH) and bool(torch.isfinite(found).all())

    def test_a_later_token_leaves_earlier_states_as_they_were(self, name: str) -> None:
        layer, (x, known) = self.make(name), self.tokens()
        other = x.clone()
        other[:, 3] = x.flip(0, 2)[:, 3]
        moved = (layer(other, known) - layer(x, known)).abs().amax(2) > 1e-6
        assert not moved[:, :3].any() and bool(moved[0, 3:].all()) and bool(moved[1, 3])

    def test_padding_on_the_right_changes_nothing(self, name: str) -> None:
        layer, (x, known) = self.make(name), self.tokens()
        alone = layer(x[1:, :4], known[1:, :4])
        torch.testing.assert_close(layer(x, known)[1:, :4], alone, rtol=1e-4, atol=1e-5)

    def test_padding_between_the_profile_and_the_events_changes_nothing(self, name: str) -> None:
        layer, (x, known) = self.make(name), self.tokens()
        gap = torch.full((1, 2, WIDTH), 7.0)
        shifted = torch.cat([x[:1, :1], gap, x[:1, 1:]], dim=1)
        there = torch.tensor([[True, False, False, *[True] * (TOKENS - 1)]])
        found = layer(shifted, there)
        kept = torch.cat([found[:, :1], found[:, 3:]], dim=1)
        torch.testing.assert_close(kept, layer(x[:1], known[:1]), rtol=1e-4, atol=1e-5)

    def test_what_was_read_before_is_remembered(self, name: str) -> None:
        layer, (x, known) = self.make(name), self.tokens()
        other = x.clone()
        other[0, 1] = x[1, 1]
        assert bool(((layer(other, known) - layer(x, known))[0, 5].abs() > 1e-7).any())

    def test_the_same_seed_gives_the_same_states(self, name: str) -> None:
        one, same, other = self.make(name), self.make(name), self.make(name, seed=1)
        assert torch.equal(one(*self.tokens()), same(*self.tokens()))
        assert not torch.equal(one(*self.tokens()), other(*self.tokens()))

    def test_the_gradient_reaches_every_weight(self, name: str) -> None:
        layer, (x, known) = self.make(name), self.tokens()
        found = layer(x, known)
        (found * torch.randn(found.shape)).sum().backward()
        for called, parameter in layer.named_parameters():
            assert parameter.grad is not None and bool(parameter.grad.any()), called
