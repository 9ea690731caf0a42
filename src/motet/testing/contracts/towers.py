"""What every text tower keeps."""
# ruff: noqa: D102 (a test's name says what it asks)

from __future__ import annotations

import torch
from torch import Tensor, nn

from motet.model.inputs import BagTensors
from motet.model.shape import ColumnShape, ViewShape
from motet.model.trunk.towers import TOWERS

WIDTH, TEXT, WORDS = 8, 6, 12


class TowerContract:
    """Three texts: one of four words, one empty, one of two."""

    def make(self, name: str, *, seed: int = 0) -> nn.Module:
        """Return a tower in evaluation mode, its weights moved away from zero."""
        torch.manual_seed(seed)
        bags = {"word": WORDS} if getattr(TOWERS.get(name), "reads", "") == "ngrams" else {}
        tower = TOWERS.get(name)(ViewShape(("text",), ColumnShape(), TEXT, bags, tower=name, words=WORDS), WIDTH)
        with torch.no_grad():
            for parameter in tower.parameters():
                parameter.add_(0.1 * torch.randn(parameter.shape))
        return tower.eval()

    def texts(self) -> tuple[Tensor, dict[str, BagTensors], Tensor]:
        """Return vectors, bags, and words in order."""
        vector = torch.randn(3, TEXT, generator=torch.Generator().manual_seed(3))
        vector[1] = 0
        bag = BagTensors(torch.tensor([2, 5, 7, 3, 2]), torch.tensor([0, 3, 3, 5]), torch.full((5,), 0.5))
        words = torch.tensor([[4, 7, 9, 4], [0, 0, 0, 0], [5, 4, 0, 0]])
        return vector, {"word": bag}, words

    def test_a_row_has_one_point(self, name: str) -> None:
        found = self.make(name)(*self.texts())
        assert found.shape == (3, WIDTH) and bool(torch.isfinite(found).all())

    def test_padding_changes_nothing(self, name: str) -> None:
        tower, (vector, bags, words) = self.make(name), self.texts()
        wide = torch.cat([words, torch.zeros(3, 5, dtype=torch.int64)], dim=1)
        torch.testing.assert_close(tower(vector, bags, wide), tower(vector, bags, words))

    def test_a_text_is_read_alone_as_among_others(self, name: str) -> None:
        tower, (vector, bags, words) = self.make(name), self.texts()
        row = torch.tensor([2])
        own = {family: bag.take(row) for family, bag in bags.items()}
        torch.testing.assert_close(tower(vector[row], own, words[row, :2]), tower(vector, bags, words)[row])

    def test_empty_texts_alone_are_answered(self, name: str) -> None:
        tower, (vector, bags, _) = self.make(name), self.texts()
        row = torch.tensor([1])
        own = {family: bag.take(row) for family, bag in bags.items()}
        found = tower(vector[row], own, torch.zeros(1, 0, dtype=torch.int64))
        torch.testing.assert_close(found, tower(*self.texts())[row])

    def test_the_same_seed_gives_the_same_answer(self, name: str) -> None:
        one, same, other = self.make(name), self.make(name), self.make(name, seed=1)
        assert torch.equal(one(*self.texts()), same(*self.texts()))
        assert not torch.equal(one(*self.texts()), other(*self.texts()))

    def test_words_and_vector_are_read(self, name: str) -> None:
        tower, (vector, bags, words) = self.make(name), self.texts()
        before = tower(vector, bags, words)
        heavier = {"word": BagTensors(bags["word"].ids, bags["word"].starts, 3 * bags["word"].weights)}
        said = tower(vector, heavier, torch.where(words > 0, words + 1, words))
        assert ((said - before).abs().amax(1) > 1e-5).tolist() == [True, False, True]
        assert (((tower(-vector, bags, words) - before).abs().amax(1)) > 1e-5).tolist() == [True, False, True]

    def test_the_gradient_reaches_every_weight(self, name: str) -> None:
        tower = self.make(name)
        found = tower(*self.texts())
        (found * torch.randn(found.shape)).sum().backward()
        for called, parameter in tower.named_parameters():
            assert parameter.grad is not None and bool(parameter.grad.any()), called
