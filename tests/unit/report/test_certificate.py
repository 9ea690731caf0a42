from motet.report.certificate import certificate_table
from motet.report.words import words

from ._artifact import TASKS, certificate_row
from ._reader import read_page

EN = words("en")


def cells(name):
    rows = read_page(certificate_table({name: certificate_row(*TASKS[name])}, EN)).one("tbody").one("tr")
    return [cell.text for cell in rows.children]


def test_a_row_in_numbers():
    assert cells("rating") == [
        "rating",
        "rating",
        "mae\u00a0↓",
        "0.6312",
        "0.6291",
        "+0.0021[−0.0067, +0.0109]",
        "not worse",
        "–",
        "0.7020item mean",
    ]


def test_an_unclear_verdict_says_what_would_tell():
    assert cells("spend")[6] == "unclearabout 12,400 users or rows would tell"
    row = {**certificate_row(*TASKS["spend"]), "needed": None, "needed_seeds": 9}
    assert "about 9 seeds would tell" in read_page(certificate_table({"t": row}, EN)).text
    row["needed"] = 12_400
    told = "about 12,400 users or rows and 9 seeds would tell"
    assert told in read_page(certificate_table({"t": row}, EN)).text
    assert "约需 12,400 个用户或行以及 9 个随机种子" in read_page(certificate_table({"t": row}, words("zh"))).text
    row["needed"] = row["needed_seeds"] = None
    assert "more data would hardly tell" in read_page(certificate_table({"t": row}, EN)).text
    assert "再多数据也难以判定" in read_page(certificate_table({"t": row}, words("zh"))).text
    row["low"] = None  # undefined: no data is asked for
    assert "would" not in read_page(certificate_table({"t": row}, EN)).text


def test_a_routed_task_has_no_interval_and_says_what_it_was():
    routed = cells("品牌")
    assert routed[5:8] == ["0.0000", "not worsewas harmed", "twin"]
