import numpy as np

from motet.features import asking
from motet.features.asking import asks_of_one_history, history_batches, question_batches
from motet.schema import TEST


def test_judging_asks_each_chosen_question_once_with_its_own_history(study):
    for task in study.examples:
        questions = study.features.questions[study.features.state.views[task].name]
        labels = questions.tasks[task]
        chosen = labels.question_m[labels.part_m == TEST]
        starts = study.division.events.starts
        seen = []
        for place, batch in question_batches(questions, chosen, starts, max_history=4, tokens=40):
            (block,) = batch.blocks
            assert block.size == len(place) and not block.targets
            seen += place.tolist()
            for at, position in enumerate(place):
                question = chosen[position]
                if questions.cut_n is not None:
                    cut = int(questions.cut_n[question])
                    row, token = divmod(int(block.state_n[at]), batch.segments.event_BL.shape[1] + 1)
                    end = int(starts[max(questions.user_n[question] - 1, 0)]) + cut
                    read = batch.segments.event_BL[row]
                    assert read[read > 0].tolist() == list(range(max(end - min(cut, 4), 0) + 1, end + 1))
                    assert token == min(cut, 4) and batch.segments.user_B[row] == questions.user_n[question]
                if questions.other_n is not None:
                    row, token = divmod(int(block.other_state_n[at]), batch.segments.event_BL.shape[1] + 1)
                    assert token == min(int(questions.other_cut_n[question]), 4)
                    assert batch.segments.user_B[row] == questions.other_n[question]
                    assert (block.pair_nF[at] == questions.pair_nF[question]).all()
                if questions.item_n is not None:
                    assert block.item_n[at] == questions.item_n[question]
                if block.row_n is not None:
                    assert block.row_n[at] == questions.row_n[question]
        assert sorted(seen) == list(range(len(chosen))), task


def asked_of_one_history(study):
    return [(each, np.arange(len(each))) for each in study.features.questions.values() if asks_of_one_history(each)]


def test_a_history_stands_in_one_batch_whoever_asks_about_it(study):
    asked, starts = asked_of_one_history(study), study.division.events.starts
    assert len(asked) > 1
    histories = []
    for _, batch in history_batches(asked, starts, max_history=10, tokens=200):
        segments = batch.segments
        lasts = segments.event_BL.max(axis=1, initial=0)
        histories += list(zip(segments.user_B.tolist(), lasts.tolist(), strict=True))
    assert len(histories) == len(set(histories))
    wanted = {pair for each, _ in asked for pair in zip(each.user_n.tolist(), each.cut_n.tolist(), strict=True)}
    assert len(histories) == len(wanted) < sum(len(chosen) for _, chosen in asked)


def test_every_view_finds_its_own_questions_in_shared_batches(study):
    asked, starts = asked_of_one_history(study), study.division.events.starts
    seen = [[] for _ in asked]
    for places, batch in history_batches(asked, starts, max_history=10, tokens=200):
        blocks = {block.view: block for block in batch.blocks}
        width = batch.segments.event_BL.shape[1] + 1
        for (questions, _), place, found in zip(asked, places, seen, strict=True):
            found += place.tolist()
            assert (questions.view.name in blocks) == bool(len(place))
            if len(place):
                row, token = np.divmod(blocks[questions.view.name].state_n, width)
                assert (batch.segments.user_B[row] == questions.user_n[place]).all()
                assert (token == np.minimum(questions.cut_n[place], 10)).all()
    assert [sorted(found) for found in seen] == [chosen.tolist() for _, chosen in asked]


def test_no_question_is_no_batch(study):
    asked = [(questions, chosen[:0]) for questions, chosen in asked_of_one_history(study)]
    assert not list(history_batches(asked, study.division.events.starts, max_history=10))


def test_however_many_ask_about_one_history_a_batch_is_bounded(study, monkeypatch):
    monkeypatch.setattr(asking, "QUESTIONS_AT_ONCE", 7)
    (questions, _), *_ = asked_of_one_history(study)
    crowd = np.zeros(20, np.int64)  # the same question twenty times
    found = list(history_batches([(questions, crowd)], study.division.events.starts, max_history=10))
    assert [batch.blocks[0].size for _, batch in found] == [7, 7, 6]
    assert sorted(np.concatenate([places[0] for places, _ in found]).tolist()) == list(range(20))
    for places, batch in history_batches(asked_of_one_history(study), study.division.events.starts, max_history=10):
        assert sum(map(len, places)) <= 7 and batch.segments is not None
