import http.client
import json
from pathlib import Path

import polars as pl

from motet.artifact import write_folder
from motet.serve import Bounds
from motet.serve.wire.results import ResultsOut

from ..conftest import Shop, make_catalogue, make_users, serving

LOG = pl.DataFrame(
    {
        "arm": ["joint", "joint", "buy"],
        "seed": [0, 0, 0],
        "epoch": [0, 1, 0],
        "best": [True, False, True],
        "score/buy": [0.5, float("nan"), 0.4],
        "loss/buy": [1.0, 0.5, 2.0],
        "affinity/next_item>buy": [0.1, 0.9, None],
        "cosine/item/next_item|buy": [0.5, 0.0, None],
    }
)


def trained(path: Path) -> Path:
    parts = {**make_catalogue().to_parts(), **make_users().to_parts(), "evaluation/log": LOG}
    parts["evaluation/certificate"] = {"tasks": {"buy": {"verdict": "improved"}}, "margin": 0.02}
    parts["evaluation/metrics"] = {"overall": {"score": 0.5}, "data": {"tables": {}}}
    write_folder(path, parts, name="shop", runtime="fixed", seed=1, tasks={"next_item": "next_item", "buy": "binary"})
    return path


def test_what_training_left(tmp_path: Path) -> None:
    with serving(trained(tmp_path / "models" / "shop")) as shop:
        said = shop.call("GET", "/v1/results").body
        assert ResultsOut(**said).name == "shop"
        assert said["certificate"]["tasks"] == {"buy": {"verdict": "improved"}} and said["kinds"]["buy"] == "binary"
        assert said["affinity"] == {"next_item": {"buy": 0.1}}  # up to the kept epoch
        assert said["cosines"] == {"item": {"next_item": {"buy": 0.5}}}
        run = shop.call("GET", "/v1/runs/shop").body
        assert (run["state"], run["score"]) == ("finished", 0.5)
        assert run["metrics"] == {"next_item": "ndcg@10", "buy": "auc"}
        joint = run["curves"][0]
        assert joint["epochs"] == [1, 2] and joint["kept"] == 1 and joint["scores"]["buy"] == [0.5, None]


def test_plain_training_has_no_certificate(open_shop: Shop) -> None:
    said = open_shop.call("GET", "/v1/results").body
    assert said["certificate"] is None and said["affinity"] == {}
    assert [run["name"] for run in open_shop.call("GET", "/v1/runs").body["runs"]] == ["first"]
    for name in ("nothing", "..", "%2e%2e", "first%2f.."):
        assert open_shop.call("GET", f"/v1/runs/{name}").status == 404, name


def events(shop: Shop, path: str) -> list[dict[str, str]]:
    link = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=20)
    link.request("GET", path)
    answer = link.getresponse()
    assert answer.status == 200 and answer.getheader("content-type", "").startswith("text/event-stream")
    parts = answer.read().decode().strip().split("\n\n")
    link.close()
    return [dict(line.split(": ", 1) for line in part.splitlines()) for part in parts]


def test_a_run_is_followed_line_by_line(tmp_path: Path) -> None:
    model = trained(tmp_path / "models" / "shop")
    progress = tmp_path / "models" / "next.work" / "progress.jsonl"
    progress.parent.mkdir()
    line = {"event": "epoch", "arm": "joint", "seed": 0, "epoch": 0, "best": True, "score/buy": 0.25}
    line["metrics"] = {"buy": "auc", "nonsense": 1}
    progress.write_text(json.dumps(line) + "\n" + "nonsense\n" + '{"half": ')
    with serving(model, bounds=Bounds(stream_seconds=0.2, follow_seconds=0.05)) as shop:
        assert shop.call("GET", "/v1/runs/next").body["curves"][0]["scores"] == {"buy": [0.25]}
        assert shop.call("GET", "/v1/runs/next").body["metrics"] == {"buy": "auc"}
        first = events(shop, "/v1/runs/next/events")
        assert json.loads(first[1]["data"]) == line and len(first) == 2
        with progress.open("a") as stream:
            stream.write("1}\n")
        again = events(shop, f"/v1/runs/next/events?after={first[1]['id']}")
        assert json.loads(again[1]["data"]) == {"half": 1} and len(again) == 2
        done = events(shop, "/v1/runs/shop/events")
        assert done[-1]["event"] == "done" and json.loads(done[-1]["data"]) == {"state": "finished"}
        shop.service.streams = shop.service.bounds.streams
        assert shop.call("GET", "/v1/runs/next/events").status == 503
