import numpy as np
import polars as pl

from motet.recommend import Catalogue, Loaded
from motet.serve.newcomers import ItemColumns, grow
from motet.store import Item

from .conftest import FixedScorer, make_catalogue, make_users

COLUMNS = ItemColumns({"title": "text", "kind": "category", "price": "number"})


def loaded() -> Loaded:
    return Loaded(make_catalogue(), make_users(), FixedScorer())


def test_new_items_stand_at_the_end() -> None:
    items = [
        Item("tea", {"kind": "drink", "price": "9", "else": 1}, "Green tea"),
        Item("pie"),
        Item("apple", available=False),
    ]
    found = grow(loaded(), items, COLUMNS)
    catalogue = found.catalogue
    assert catalogue.ids.to_list() == ["apple", "bread", "cheese", "dates", "tea", "pie"]
    assert catalogue.index == {id: place for place, id in enumerate(catalogue.ids)}
    assert catalogue.available_I.tolist() == [False, True, True, True, True, True]
    assert catalogue.attributes.row(4, named=True) == {"kind": "drink", "price": 9.0}
    assert catalogue.attributes.row(0, named=True) == {"kind": "fruit", "price": 1.0}, "what training knew stays"
    assert catalogue.title(4) == "Green tea" and catalogue.title(5) == "pie" and catalogue.title(0) == "Red apple"
    assert len(found.scorer.item_vectors) == 6 and catalogue.popularity_I.tolist() == [0] * 6


def test_the_model_is_told_of_new_texts_only() -> None:
    class Listening(FixedScorer):
        told: list

        def with_items(self, places_n: np.ndarray, frame: object) -> FixedScorer:
            self.told = [places_n.tolist(), frame.to_dicts()]  # type: ignore[attr-defined]
            return super().with_items(places_n, frame)  # type: ignore[arg-type]

    scorer = Listening()
    start = Loaded(make_catalogue(), make_users(), scorer)
    cheaper = grow(start, [Item("dates", {"price": 2.5})], COLUMNS)
    assert cheaper.scorer is scorer and cheaper.catalogue.attributes["price"].to_list() == [1, 2, 3, 2.5]
    grow(start, [Item("dates", {}, "Dry dates"), Item("tea", {"kind": "drink"})], COLUMNS)
    assert scorer.told[0] == [3, 4]
    assert scorer.told[1][0] == {"title": "Dry dates", "kind": "fruit", "price": 4.0}


def test_without_a_table_of_items_only_known_ones_change() -> None:
    found = grow(loaded(), [Item("tea", {}, "tea"), Item("bread", available=False)], ItemColumns.of({}))
    assert len(found.catalogue) == 4 and found.catalogue.available_I.tolist() == [True, False, True, True]
    start = loaded()
    assert grow(start, [Item("tea")], ItemColumns({})) is start


def test_what_an_item_costs_does_not_grow_with_the_catalogue() -> None:
    class Deaf(FixedScorer):
        def with_items(self, places_n: np.ndarray, frame: object) -> FixedScorer:
            return self

    def copied(size: int) -> int:
        catalogue = Catalogue(
            pl.Series("@item", [f"i{each}" for each in range(size)]), pl.DataFrame({"price": [1.0] * size})
        )
        now = Loaded(catalogue, make_users(), Deaf(item_vectors=np.zeros((0, 0), np.float32)))
        columns = ItemColumns({"price": "number"})
        now = grow(now, [Item("first")], columns)
        before = now.catalogue.copied  # type: ignore[attr-defined]
        for each in range(40):
            now = grow(now, [Item(f"n{each}", {"price": each}), Item("i3", {"price": 2 * each})], columns)
        cost = now.catalogue.copied - before  # type: ignore[attr-defined]
        assert now.catalogue.attributes["price"][3] == 78 and now.catalogue.index["n39"] == size + 40
        return cost

    assert copied(500) == copied(20_000)
