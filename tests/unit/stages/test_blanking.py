from dataclasses import replace

import numpy as np
import polars as pl

from motet.data import Table, Tables
from motet.features.columns import ColumnState
from motet.features.state import FeatureState
from motet.language.encoders.lexical import Lexical
from motet.schema import TableSpec
from motet.stages.blanking import NOTHING, blanked
from motet.stages.study import Fitted


def test_words_and_values_that_nobody_else_wrote_leave_and_the_rest_keeps_its_place():
    encoder = Lexical()
    encoder.fit(["red pan", "red kettle", "secretword pan"])
    known = encoder.encode(["red pan"])
    place = list(encoder.state()["word_terms"]).index("pan")
    events = ColumnState({"event": ("buy", "secretword", "view")}, {}, (), ())
    state = FeatureState({}, {}, None, None, events, {}, None, {}, {}, True)
    frame = pl.DataFrame({"event": ["view", "buy"], "query": ["red pan", "red kettle"]})
    tables = Tables({"events": Table("events", TableSpec(path="x"), frame)}, pl.DataFrame())
    found = blanked(Fitted(state, encoder), tables)
    assert found.state.events.categories["event"] == ("buy", f"{NOTHING}1", "view")
    words = list(encoder.state()["word_terms"])
    assert "secretword" not in words and words[place] == "pan" and len(set(words)) == len(words)
    np.testing.assert_array_equal(encoder.encode(["red pan"]), known)
    assert replace(found.state, events=events) == state
