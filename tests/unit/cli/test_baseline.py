from motet.cli.baseline import render


def test_the_best_stands_first_with_the_primary_metric_before_others():
    each = {
        "name": "EASE",
        "valid": 0.5,
        "test": {"recall@10": 0.25, "ndcg@10": 0.125},
        "seconds": 1.26,
        "cheap": False,
    }
    found = {"next_item": {"metric": "ndcg@10", "best": "ease", "methods": {"ease": each}, "skipped": {"als": "no"}}}
    said = render(found).splitlines()
    assert said[0].split() == ["next_item", "on", "A", "ndcg@10", "recall@10", "seconds"]
    assert said[1].split() == ["ease", "0.5000", "0.1250", "0.2500", "1.3"]
    assert said[2] == "left out: als (no)"
