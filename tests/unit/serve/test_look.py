import numpy as np
import polars as pl

from motet.serve.look import columns_of, found, labels_of, plane

from .conftest import make_catalogue


def test_near_things_are_near_in_the_plane() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat(np.eye(8)[:2], 50, 0)
    vectors = (groups + 0.05 * rng.normal(size=groups.shape)).astype(np.float32)
    places, points, share = plane(vectors)
    assert len(places) == 100 and share[0] > 0.8 > share[1]
    assert (np.sign(points[:50, 0]) == np.sign(points[0, 0])).all() and (points[:50, 0] * points[50:, 0] < 0).all()
    assert (plane(vectors)[1] == points).all()
    assert len(plane(vectors, most=7)[0]) == 7


def test_a_plane_of_little() -> None:
    for vectors in (np.zeros((0, 4)), np.zeros((3, 4)), np.ones((2, 1))):
        places, points, share = plane(vectors.astype(np.float32))
        assert points.shape == (len(places), 2) and np.isfinite(points).all() and len(share) == 2


def test_columns_tell_their_kind() -> None:
    frame = pl.DataFrame(
        {
            "tag": [["a", "b"], ["a"], None],
            "flag": [True, None, False],
            "none": [None, None, None],
            "x": [1.5, None, 2.0],
        },
        schema_overrides={"none": pl.Float64},
    )
    told = columns_of(frame)
    assert told["tag"] == {"kind": "tags", "values": ["a", "b"], "distinct": 2}
    assert told["flag"]["kind"] == "flag" and told["none"]["low"] is None
    assert (told["x"]["low"], told["x"]["high"]) == (1.5, 2.0)


def test_words_are_no_patterns() -> None:
    assert found(make_catalogue(), ".*", skip=0, take=9)[1] == 0
    assert labels_of(make_catalogue(), "kind", [3, 1]) == ["fruit", "baked"]
