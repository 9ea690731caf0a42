import json
from dataclasses import replace

import pytest

from motet.errors import DataError
from motet.schema import AUTO
from motet.stages import choosing
from motet.stages.choosing import choose_kinds, chosen_json, chosen_rows, open_sections
from motet.stages.kinds import can_be_had, with_kinds
from motet.stages.running import prepare_work, work_folder
from motet.stages.watching import Watch
from motet.testing.study import tiny_study
from motet.transfer.advise.halving import units_in_all

OPEN = {"sharing": {"kind": AUTO}, "balance": {"kind": AUTO}}
QUICK = {"train": {"epochs": 1, "batch": 512, "device": "cpu", "auto_passes": 4}, "trunk": {"width": 8, "layers": 1}}


class Told(Watch):
    def __init__(self):
        self.rounds, self.found, self.trained_arms = [], [], []

    def choosing(self, section, kinds, arms, units):
        self.rounds.append((section, tuple(kinds), len(arms), units))

    def kinds(self, section):
        return {kind for name, kinds, _, _ in self.rounds if name == section for kind in kinds}

    def chose(self, section, kind, why, seconds):
        self.found.append((section, kind, seconds > 0))

    def listeners(self, arm, seed):
        self.trained_arms.append(arm)
        return ()


@pytest.fixture(scope="module")
def open_study():
    return tiny_study(tasks=("rating", "buy"), settings={**OPEN, **QUICK})


@pytest.fixture(scope="module")
def few(module_patch):
    """Two candidates each, so that a choice is quick."""
    lists = {"sharing": ("shared_bottom", "ple"), "balance": ("norm", "scale")}
    module_patch.setattr(choosing, "kinds_of", lambda section: {kind: f"it is {kind}" for kind in lists[section]})


@pytest.fixture(scope="module")
def module_patch():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def chosen(open_study, few, tmp_path_factory):
    out, told = tmp_path_factory.mktemp("auto") / "model", Told()
    return choose_kinds(open_study, out=out, resume=False, watch=told), out, told


def test_kinds_that_are_given_are_left_alone(study, tmp_path):
    assert open_sections(study) == []
    assert choose_kinds(study, out=tmp_path / "m", resume=False, watch=Watch()) is study


def test_every_open_kind_is_decided_and_says_why(chosen):
    study, _, told = chosen
    assert open_sections(study) == []
    assert study.shape.sharing.kind == study.project.sharing.kind in ("shared_bottom", "ple")
    assert study.project.balance.kind in ("norm", "scale")
    said = chosen_json(study)
    for section in ("sharing", "balance"):
        assert said[section]["kind"] == getattr(study.project, section).kind and said[section]["why"].endswith(".")
        assert {each["kind"] for each in said[section]["tried"]} == told.kinds(section)
        assert "log" not in said[section]
    assert [(section, kind) for section, kind, _ in told.found] == [
        (section, said[section]["kind"]) for section in ("sharing", "balance")
    ]


def test_the_budget_holds_for_all_candidates_together(chosen):
    study, _, _ = chosen
    spent = sum(each["passes"] for found in chosen_json(study).values() for each in found["tried"])
    assert 0 < spent <= study.project.train.auto_passes + 1e-3
    assert units_in_all(2) == 2


def test_the_run_log_has_every_candidate_and_the_reason(chosen):
    study, _, _ = chosen
    rows = chosen_rows(study)
    assert {row["arm"] for row in rows} == {"sharing shared_bottom", "sharing ple", "balance norm", "balance scale"}
    reasons = [row["why"] for row in rows if row.get("why")]
    assert len(reasons) == 2 and all(each.startswith("chosen: ") for each in reasons)
    assert all(f"score/{task}" in row for row in rows for task in study.shape.tasks)


def test_a_choice_is_made_once(chosen, open_study, few):
    study, out, _ = chosen
    told = Told()
    again = choose_kinds(open_study, out=out, resume=True, watch=told)
    assert told.trained_arms == [] and [fresh for _, _, fresh in told.found] == [False, False]
    assert chosen_json(again) == chosen_json(study)
    work = prepare_work(again, out, resume=False)
    assert (work / "choice.json").exists(), "the run that follows keeps what was chosen"
    assert json.loads((work / "choice.json").read_text())["sharing"]["kind"] == study.project.sharing.kind


def test_an_interrupted_choice_goes_on_to_the_same_result(chosen, open_study, few, tmp_path):
    class Stop(Told):
        def chose(self, section, kind, why, seconds):
            raise KeyboardInterrupt

    out = tmp_path / "m"
    with pytest.raises(KeyboardInterrupt):
        choose_kinds(open_study, out=out, resume=False, watch=Stop())
    assert (work_folder(out) / "choosing" / "sharing" / "ple").is_dir()
    again = choose_kinds(open_study, out=out, resume=True, watch=Told())
    wanted = chosen_json(chosen[0])
    for section, found in chosen_json(again).items():
        assert (found["kind"], found["tried"]) == (wanted[section]["kind"], wanted[section]["tried"])


def test_a_task_alone_needs_no_choice(open_study, tmp_path):
    told = Told()
    alone = choose_kinds(open_study, out=tmp_path / "m", resume=False, watch=told, single="rating")
    assert (alone.project.sharing.kind, alone.project.balance.kind) == ("shared_bottom", "norm")
    assert not alone.chosen and told.rounds == [] and not work_folder(tmp_path / "m").exists()


def test_a_kind_that_cannot_learn_here_loses(open_study, few, tmp_path):
    plain_fit = choosing.fit

    def fails(model, *given, **named):
        if model.shape.sharing.kind == "ple":
            raise DataError("no step had finite losses.", "Look for extreme numbers.")
        return plain_fit(model, *given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(choosing, "fit", fails)
        found = choose_kinds(open_study, out=tmp_path / "m", resume=False, watch=Told())
    assert found.project.sharing.kind == "shared_bottom"
    assert next(e["score"] for e in chosen_json(found)["sharing"]["tried"] if e["kind"] == "ple") == -1.0


def test_what_does_not_fit_is_no_candidate(study, monkeypatch):
    assert can_be_had(with_kinds(study, sharing="ple", balance="famo"))
    assert not can_be_had(with_kinds(study, sharing="no_such_thing"))
    monkeypatch.setitem(__import__("sys").modules, "torchjd", None)
    assert not can_be_had(with_kinds(study, balance="pcgrad"))


def test_only_the_kind_changes(study):
    valved = replace(
        study,
        project=study.project.model_copy(update={"sharing": study.project.sharing.model_copy(update={"experts": 7})}),
    )
    found = with_kinds(valved, sharing="mmoe", balance="scale")
    assert found.project.sharing.experts == 7 and found.project.sharing.kind == found.shape.sharing.kind == "mmoe"
    assert found.project.balance.kind == "scale" and found.plan is study.plan
