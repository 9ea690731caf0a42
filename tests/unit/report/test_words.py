import re
from string import Formatter

from motet.report.words import phrases, words


def fields(phrase):
    return {name for _, name, _, _ in Formatter().parse(phrase) if name}


def test_both_languages_say_everything_and_fill_in_the_same():
    for key, (english, chinese) in phrases().items():
        assert english and chinese, key
        assert fields(english) == fields(chinese), key
        assert re.search(r"[\u4e00-\u9fff]", chinese) or not re.search("[A-Za-z]", re.sub("{.*?}", "", english)), key
        assert not re.search(r"[\u4e00-\u9fff]", english), key


def test_counting():
    assert words("en").count("task", 1) == "1 task"
    assert words("en").count("row", 1234) == "1,234 rows"
    assert words("zh").count("task", 1) == "1 个任务"


def test_languages_other_than_chinese_read_english():
    assert words("multi")("verdict") == words("en")("verdict") == "verdict"
    assert words("zh")("verdict") == "结论"
    assert words("zh").code == "zh-Hans"


def test_names_that_are_not_ours_stay():
    assert words("zh").known("unknown label") == "标签未知"
    assert words("zh").known("{braces} of their own") == "{braces} of their own"


def test_simple_baselines_have_chinese_names_but_for_those_of_methods():
    from motet.baseline import BASELINES

    names = {BASELINES.get(each).name for each in BASELINES.names()}
    missing = {name for name in names if name not in phrases()}
    assert "own history" in names and all(words("zh").known(name) != name for name in names - missing)
    assert missing <= {"Adamic-Adar", "ALS", "EASE", "Katz", "LightGBM", "item-kNN"}
