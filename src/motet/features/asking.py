"""Questions put into batches that cover them, to be answered: every history is read once, whoever asks about it.

n questions of a view, B histories of L events at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from motet.features.batch import Batch, Block, Target
from motet.features.questions import Questions
from motet.features.segments import gather, single_stretches

Index = NDArray[np.int64]
ROWS_AT_ONCE, TOKENS_AT_ONCE, PAIRS_AT_ONCE = 2048, 16_384, 512
QUESTIONS_AT_ONCE = 16_384
"""About one history, and in one batch of histories."""


def question_batches(
    questions: Questions, chosen: Index, starts: Index | None, *, max_history: int, tokens: int = TOKENS_AT_ONCE
) -> Iterator[tuple[Index, Batch]]:
    """Yield (positions in `chosen`, batch without targets) that cover the chosen questions, like lengths together."""
    if questions.cut_n is None:
        for begin in range(0, len(chosen), ROWS_AT_ONCE):
            part = np.arange(begin, min(begin + ROWS_AT_ONCE, len(chosen)))
            yield part, Batch(None, (block_of(questions, chosen[part], None, {}),))
    elif questions.other_n is not None:
        yield from _pair_batches(questions, chosen, starts, max_history=max_history)
    else:
        for places, batch in history_batches([(questions, chosen)], starts, max_history=max_history, tokens=tokens):
            yield places[0], batch


def asks_of_one_history(questions: Questions) -> bool:
    """Return whether a view asks about one user's history at a time, so that `history_batches` can hold it."""
    return questions.cut_n is not None and questions.other_n is None


def history_batches(
    asked: list[tuple[Questions, Index]], starts: Index | None, *, max_history: int, tokens: int = TOKENS_AT_ONCE
) -> Iterator[tuple[list[Index], Batch]]:
    """Yield batches that cover the chosen questions of several views; each history is in one of them, once.

    A history that very many questions are about stands in several batches, so that memory is bounded.
    asked: views of which `asks_of_one_history` holds, each with its chosen questions. With every batch come, by view,
    the positions among these of the questions in the batch; where there are any, it has a block of that view.
    """
    user_n, cut_n = (np.concatenate(each) for each in zip(*(_histories(*each) for each in asked), strict=True))
    key_n = user_n * (cut_n.max(initial=0) + 1) + cut_n
    turn_n = _turns(key_n)
    _, first, history_n = np.unique(
        key_n * (turn_n.max(initial=0) + 1) + turn_n, return_index=True, return_inverse=True
    )
    history_of = np.split(history_n, np.cumsum([len(chosen) for _, chosen in asked])[:-1])
    stretches = single_stretches(user_n[first], cut_n[first], max_history=max_history)
    order = np.argsort(stretches.length_S, kind="stable")
    batch_of, row_of = np.empty(len(order), np.int64), np.empty(len(order), np.int64)
    parts = list(_parts(stretches.length_S[order], np.bincount(history_n)[order], tokens))
    for number, part in enumerate(parts):
        batch_of[order[part]], row_of[order[part]] = number, np.arange(part.stop - part.start)
    members = [_grouped(batch_of[history], len(parts)) for history in history_of]
    for number, part in enumerate(parts):
        segments = gather(stretches, order[part], starts if starts is not None else np.zeros(1, np.int64))
        width = segments.event_BL.shape[1] + 1
        places, blocks = [], []
        for (questions, chosen), history, member in zip(asked, history_of, members, strict=True):
            place = member[number]
            places.append(place)
            if len(place):
                token = row_of[history[place]] * width + stretches.length_S[history[place]]
                blocks.append(block_of(questions, chosen[place], token, {}))
        yield places, Batch(segments, tuple(blocks))


def block_of(questions: Questions, chosen: Index, state_n: Index | None, targets: Mapping[str, Target]) -> Block:
    """Return the block that asks the chosen questions of a view. state_n: the tokens that have read the histories."""

    def pick(values: Index | None) -> Index | None:
        return None if values is None else values[chosen]

    shown = "text" in questions.view.sources or "row" in questions.view.sources
    return Block(
        view=questions.view.name,
        state_n=state_n,
        gap_n=pick(questions.gap_n),
        item_n=pick(questions.item_n),
        row_n=questions.row_n[chosen] if shown else None,
        targets=targets,
        size=len(chosen),
        pair_nF=None if questions.pair_nF is None else questions.pair_nF[chosen],
        recall=questions.recall(chosen),
    )


def _histories(questions: Questions, chosen: Index) -> tuple[Index, Index]:
    """User and cut of each chosen question."""
    assert questions.user_n is not None and questions.cut_n is not None
    return questions.user_n[chosen], questions.cut_n[chosen]


def _turns(key_n: Index) -> Index:
    """Which turn each question has, where only so many may ask about one history at a time."""
    order = np.argsort(key_n, kind="stable")
    ordered = key_n[order]
    begin = np.flatnonzero(np.diff(ordered, prepend=ordered[:1] - 1))
    place = np.arange(len(order)) - np.repeat(begin, np.diff(begin, append=len(order)))
    turn_n = np.empty_like(key_n)
    turn_n[order] = place // QUESTIONS_AT_ONCE
    return turn_n


def _parts(length_S: Index, questions_S: Index, tokens: int) -> Iterator[slice]:
    """Pieces of rising lengths with so many tokens at most, padding included, and bounded questions.

    One history at least is in a piece.
    """
    begin, asked_S = 0, np.cumsum(questions_S)
    while begin < len(length_S):
        # like lengths stand together, so the longest of the next histories bounds the padding
        longest = int(length_S[min(begin + 512, len(length_S) - 1)])
        before = int(asked_S[begin - 1]) if begin else 0
        crowded = int(np.searchsorted(asked_S, before + QUESTIONS_AT_ONCE, side="right"))
        end = min(len(length_S), begin + max(1, tokens // (longest + 1)), max(begin + 1, crowded))
        yield slice(begin, end)
        begin = end


def _grouped(group_n: Index, groups: int) -> list[Index]:
    """The positions of each group, rising."""
    order = np.argsort(group_n, kind="stable")
    return np.split(order, np.searchsorted(group_n[order], np.arange(1, groups)))


def _pair_batches(
    questions: Questions, chosen: Index, starts: Index | None, *, max_history: int
) -> Iterator[tuple[Index, Batch]]:
    """Yield batches about pairs of users; a user who is asked about often is read once per batch."""
    assert questions.user_n is not None and questions.cut_n is not None
    assert questions.other_n is not None and questions.other_cut_n is not None
    for begin in range(0, len(chosen), PAIRS_AT_ONCE):
        part = np.arange(begin, min(begin + PAIRS_AT_ONCE, len(chosen)))
        asked = chosen[part]
        user = np.concatenate([questions.user_n[asked], questions.other_n[asked]])
        cut = np.concatenate([questions.cut_n[asked], questions.other_cut_n[asked]])
        one, place = np.unique(np.stack([user, cut], axis=1), axis=0, return_inverse=True)
        own = single_stretches(one[:, 0], one[:, 1], max_history=max_history)
        segments = gather(own, np.arange(len(one)), starts if starts is not None else np.zeros(1, np.int64))
        state = (np.arange(len(one)) * (segments.event_BL.shape[1] + 1) + own.length_S)[place.ravel()]
        block = block_of(questions, asked, state[: len(part)], {})
        yield part, Batch(segments, (replace(block, other_state_n=state[len(part) :]),))
