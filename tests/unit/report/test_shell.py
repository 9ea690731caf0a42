from motet.report.markup import el
from motet.report.shell import POLICY, page_of, titled


def test_a_page_loads_nothing_and_names_cannot_break_out_of_its_title() -> None:
    told = page_of("</title><script>", el("main", titled("costs", "Costs & <more>")), lang="zh")
    assert told.startswith("<!doctype html>") and 'lang="zh"' in told
    assert POLICY.replace("'", "&#x27;") in told or POLICY in told
    assert "<script" not in told and "Costs &amp; &lt;more&gt;" in told
    assert 'id="costs"' in told and 'aria-labelledby="costs-title"' in told
