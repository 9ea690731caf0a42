"""What every head keeps."""
# ruff: noqa: D102 (a test's name says what it asks)

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from motet.model.heads import HEADS, Head
from motet.model.shape import ColumnShape, ModelShape, SharingShape, TaskShape, ViewShape
from motet.model.trunk import State

LEVELS = (1.0, 2.0, 3.0, 5.0)
ITEMS, WIDTH, PAIRS = 9, 8, 3


class HeadContract:
    """A head on its own: 40 questions with a random representation. n = questions."""

    n = 40

    def size(self, name: str) -> int:
        """Return how many numbers a head answers."""
        return {"binary": 1, "relation": 1, "number": 1, "ranking": ITEMS, "ordinal": len(LEVELS)}.get(name, 5)

    def label(self, name: str) -> Tensor:
        """Return labels that depend on the representation of `state`."""
        z_nd = self.state().z_nd
        if name in ("binary", "relation"):
            return (z_nd[:, 0] > 0).float()
        if name == "number":
            return z_nd[:, 0]
        if name == "tags":
            return (z_nd[:, :5] > 0).float()
        return z_nd[:, : min(4, self.size(name))].argmax(dim=1)

    def state(self) -> State:
        """Return what a trunk might say about the questions."""
        z_nd = torch.randn(self.n, WIDTH, generator=torch.Generator().manual_seed(1))
        return State("view", z_nd, z_nd, torch.arange(self.n) % (ITEMS + 1), {}, pair_nF=z_nd[:, :PAIRS])

    def some(self, state: State, part: slice) -> State:
        """Return the state of some of the questions."""
        assert state.item_n is not None and state.pair_nF is not None
        z_nd, item_n, pair_nF = state.z_nd[part], state.item_n[part], state.pair_nF[part]
        return replace(state, z_nd=z_nd, history_nd=z_nd, item_n=item_n, pair_nF=pair_nF)

    def vectors(self) -> Tensor:
        """Return the vectors of a catalogue, (I + 1, d), row 0 zero."""
        vectors_Id = torch.randn(ITEMS + 1, WIDTH, generator=torch.Generator().manual_seed(2))
        return vectors_Id * (torch.arange(ITEMS + 1) > 0)[:, None]

    def make(self, name: str, *, seed: int = 0) -> Head:
        """Return a head in evaluation mode."""
        levels = LEVELS if name == "ordinal" else ()
        task = TaskShape("v", name, self.size(name), levels, 1.0, 1.0)
        sources = {"ranking": ("history",), "relation": ("history", "other")}.get(name, ("history", "item"))
        view = ViewShape(sources, ColumnShape(), 0, {}, pairs=PAIRS)
        none = ColumnShape()
        shape = ModelShape(
            WIDTH, 1, 2, 10, 0.0, SharingShape(), ITEMS, 0, none, 0, none, none, {"v": view}, {"task": task}
        )
        torch.manual_seed(seed)
        head: Any = HEADS.get(name)(task, shape)
        return head.eval()

    def test_scores_and_answers_have_one_row_per_question(self, name: str) -> None:
        head, state = self.make(name), self.state()
        scores = head.scores(state.z_nd, state, self.vectors())
        wanted = (self.n,) if name in ("binary", "relation", "number") else (self.n, self.size(name))
        assert scores.shape == wanted
        assert head.answer(scores).shape == wanted
        assert torch.isfinite(head.answer(scores)).all()

    def test_answers_are_probabilities_or_finite_numbers(self, name: str) -> None:
        head, state = self.make(name), self.state()
        answer = head.answer(30 * head.scores(state.z_nd, state, self.vectors()))
        if name == "number":
            assert torch.isfinite(answer).all()
        else:
            answer = answer.exp() if name == "ranking" else answer
            assert (answer >= 0).all() and (answer <= 1).all()
        if name in ("class", "ordinal", "ranking"):
            assert torch.allclose(answer.sum(dim=1), torch.ones(self.n), atol=1e-5)

    def test_the_loss_is_a_mean_over_questions(self, name: str) -> None:
        head, state, label = self.make(name), self.state(), self.label(name)
        whole = head.loss(state.z_nd, state, label, self.vectors())
        assert whole.shape == () and torch.isfinite(whole)
        halves = []
        for part in (slice(0, self.n // 2), slice(self.n // 2, None)):
            own = self.some(state, part)
            halves.append(head.loss(own.z_nd, own, label[part], self.vectors()))
        assert torch.allclose(whole, torch.stack(halves).mean(), rtol=1e-4)

    def test_the_loss_falls_under_gradient_steps_and_answers_follow(self, name: str) -> None:
        head, state, label = self.make(name), self.state(), self.label(name)
        optimizer = torch.optim.Adam(head.parameters(), lr=0.05)  # type: ignore[attr-defined]
        z_nd = state.z_nd.clone().requires_grad_()
        optimizer.add_param_group({"params": [z_nd]})
        losses = []
        for _ in range(60):
            optimizer.zero_grad()
            loss = head.loss(z_nd, replace(state, z_nd=z_nd, history_nd=z_nd), label, self.vectors())
            loss.backward()
            optimizer.step()
            losses.append(float(loss.detach()))
        assert losses[-1] < 0.5 * losses[0]

    def test_a_better_answer_has_a_smaller_loss(self, name: str) -> None:
        head, state, label = self.make(name), self.state(), self.label(name)
        z_nd = state.z_nd.clone().requires_grad_()
        loss = head.loss(z_nd, replace(state, z_nd=z_nd, history_nd=z_nd), label, self.vectors())
        (slope,) = torch.autograd.grad(loss, z_nd)
        assert slope.abs().sum() > 0
        moved = (z_nd - 0.1 * slope / slope.norm()).detach()
        after = head.loss(moved, replace(state, z_nd=moved, history_nd=moved), label, self.vectors())
        assert float(after.detach()) < float(loss.detach())

    def test_a_question_is_answered_alone_as_among_others(self, name: str) -> None:
        head, state = self.make(name), self.state()
        together = head.scores(state.z_nd, state, self.vectors())[3:4]
        own = self.some(state, slice(3, 4))
        assert torch.allclose(head.scores(own.z_nd, own, self.vectors()), together, atol=1e-6)

    def test_weights_are_all_that_a_head_remembers(self, name: str) -> None:
        one, other, state = self.make(name, seed=0), self.make(name, seed=5), self.state()
        other.load_state_dict(one.state_dict())  # type: ignore[attr-defined]
        first, second = (head.scores(state.z_nd, state, self.vectors()) for head in (one, other))
        assert torch.equal(first, second)
