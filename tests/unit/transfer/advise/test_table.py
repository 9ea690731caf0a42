from motet.transfer.advise import PairFacts, TaskFacts, advise
from motet.transfer.advise.table import render

from ._facts import task


def test_the_table_reads_without_colours():
    unmeasured = PairFacts("a", "小说", None, 0.0, None, None, 0, 0.9)
    advice = advise([task("a"), TaskFacts("小说", "class", 10, 0.5, 7)], [unmeasured])
    text = render(advice)
    assert str(advice) == text
    assert "\x1b" not in text and "a · 小说" in text and "together: a, 小说: " in text
    assert 'kind = "shared_bottom"' in text
    for said in ("main task: ", "sharing: ", "balance: "):
        assert text.count(said) >= 1
