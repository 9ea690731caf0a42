from motet.model.sharing._peers import peers


def test_peers_look_through_one_view_and_rankings_are_apart(study):
    found = peers(study.shape)
    assert set(found) == set(study.shape.tasks)
    for task, group in found.items():
        assert task in group and all(found[other] == group for other in group)
        assert {study.shape.tasks[other].view for other in group} == {study.shape.tasks[task].view}
    assert found["buy"] == found["rating"] == ("buy", "rating")
    assert set(found["brand"]) == {"brand", "categories", "price"}
    assert found["next_item"] == ("next_item",) and found["sentiment"] == ("sentiment",)
