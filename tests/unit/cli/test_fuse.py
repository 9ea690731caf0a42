from motet.cli.fuse import render


def test_what_was_chosen_and_what_each_member_adds_is_shown():
    change = {"difference": 0.01, "low": 0.005, "high": 0.015}
    own = {"valid": 0.2, "test": 0.1, "adds": change}
    told = {
        "metric": "ndcg@10",
        "chosen": "mean of log",
        "best_member": "ease",
        "gain": change,
        "members": {"ease": own},
    }
    told["members"]["model"] = {**own, "adds": None}
    lines = render({"tasks": {"next_item": told}}).splitlines()
    assert lines[1].split()[-3:] == ["0.0100", "0.0050", "0.0150"] and "mean of log" in lines[1]
    assert lines[-2].split() == ["next_item", "ease", "0.2000", "0.1000", "0.0100", "0.0050", "0.0150"]
    assert lines[-1].split()[-3:] == ["-", "-", "-"]
