from motet import workflow
from motet.cli.compress import REFUSED
from motet.stages.comparing import Against
from motet.stages.compressing import Candidate, Compressed
from motet.stages.pace import Pace
from motet.transfer.certificate import Comparison

ROW = Against("ndcg@10", "test", 40, Comparison(0.2, 0.199, -0.001, -0.0015, 0.0, 0.0, "not worse"), False)
HARM = Against("auc", "test", 40, Comparison(0.8, 0.6, -0.2, -0.3, -0.1, -0.3, "harmed"), True)


def made(tasks, path=None):
    return Candidate(("int8",), 300, 0, Pace(2.0, 400.0), Pace(4.0, 200.0), tasks, path=path)


def test_the_table_tells_sizes_speeds_and_tasks(say, tmp_path, monkeypatch):
    one = made({"next_item": ROW})
    left = Candidate(("onnx",), left_out="a task cannot be exported")
    done = Compressed(tmp_path / "small", "size", 800, (one, left), one, False, 200, {"next_item": ROW})
    asked = {}
    monkeypatch.setattr(workflow, "compress", lambda *given, **named: asked.update(named) or done)
    said = say("compress", tmp_path, "--out", tmp_path / "small", "--methods", "int8, onnx", "--goal", "latency")
    assert said.code == 0 and asked["methods"] == ["int8", "onnx"] and asked["goal"] == "latency"
    assert "30.0 %" in said.out and "2.0000 / 4.0000" in said.out and "not worse" in said.out
    assert said.out.index("certificate of the chosen form") < said.out.rindex("ndcg@10")
    assert "left out: onnx (a task cannot be exported)" in said.out and "written: int8" in said.out
    told = say("compress", tmp_path, "--out", tmp_path / "small", "--json").json
    assert told["candidates"][0]["tasks"]["next_item"]["original"] == 0.2 and told["original_bytes"] == 800


def test_a_refusal_has_its_own_code_and_names_the_tasks(say, tmp_path, monkeypatch):
    done = Compressed(None, "size", 1000, (made({"buy": HARM}),), None)
    monkeypatch.setattr(workflow, "compress", lambda *given, **named: done)
    said = say("compress", tmp_path, "--out", tmp_path / "small")
    assert said.code == REFUSED and "worse: int8 in buy." in said.out and "nothing was written" in said.out


def test_a_form_that_fails_on_test_is_told(say, tmp_path, monkeypatch):
    one = made({"buy": ROW})
    done = Compressed(None, "size", 1000, (one,), one, certificate={"buy": HARM})
    monkeypatch.setattr(workflow, "compress", lambda *given, **named: done)
    said = say("compress", tmp_path, "--out", tmp_path / "small")
    assert said.code == REFUSED and "worse on test: int8 in buy." in said.out
