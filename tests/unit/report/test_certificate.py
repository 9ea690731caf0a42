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


FOLDED = {**certificate_row(*TASKS["spend"]), "repair": "twin", "repairs": {"none": 3, "twin": 2}}


def test_over_folds_no_number_of_rows_is_promised_and_the_interval_stays():
    rows = read_page(certificate_table({"t": FOLDED}, EN)).one("tbody").one("tr").children
    assert rows[5].text == "−0.6300[−2.5300, +1.2700]" and rows[6].text == "unclear"
    assert rows[7].text == "twin in 2 of 5 folds; ships: twin"


def test_fewer_than_ten_users_are_said_as_a_floor():
    for row in (FOLDED, certificate_row(*TASKS["spend"])):
        shown = read_page(certificate_table({"t": {**row, "needed": 10}}, EN)).text
        assert "at least 10 users or rows are needed" in shown and "about" not in shown
    assert "至少需要 10 个用户或行" in read_page(certificate_table({"t": {**FOLDED, "needed": 10}}, words("zh"))).text


def test_baselines_are_called_by_their_chinese_names():
    row = certificate_row("interest", "map", 0.4, 0.0, 0.01, "not worse", None, None, 0.4, "own history")
    text = read_page(certificate_table({"t": row}, words("zh"))).text
    assert "自己的历史" in text and "own history" not in text
