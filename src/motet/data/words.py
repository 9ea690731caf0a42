"""Words that column names are made of, in English and Chinese, and what they usually mean."""

from __future__ import annotations

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


USER = _set(
    "user userid uid customer client member household visitor shopper buyer reviewer account subscriber guest patient "
    "student reader player listener viewer cust usr 用户 买家 顾客 会员"
)
ITEM = _set(
    "item itemid iid product sku asin movie film artist book article song track listing goods isbn video game "
    "restaurant business merchant clothing ad news recipe course show episode beer wine hotel store app prod "
    "upc ean gtin barcode 商品 物品 产品 电影 书籍 音乐"
)
NUMBERED = _set("id key upc ean gtin barcode")
OTHER = _set("friend other follows followee followed trustee trusted target peer contact neighbour neighbor")
TIME = _set(
    "time timestamp ts date datetime when created at day unix moment posted ordered dt pos position "
    "seq step order 时间 日期"
)
RATING = _set("rating ratings stars star score overall grade 评分 打分 星级")
BEHAVIOUR = _set("event action behaviour behavior activity interaction 行为")
PRICE = _set("price cost amount spend value 价格 金额")
LABEL = _set("label target y class outcome churn default survived income response converted liked 标签")
TEXT = _set(
    "text review comment title summary description body content headline query abstract caption message feedback "
    "subject question answer feature features 评论 标题 内容 描述 文本"
)
NAMED = _set("name title label 名称 名字")
CATEGORY = _set("category cat brand genre department class type kind group segment make 类别 品牌 类目")
COUNT = _set("qty quantity count num amount age kids children visits times pieces 数量 年龄")
CODE = _set("code zip zipcode industry occupation class type category level region store year month")
PERSONAL = _set(
    "email mail phone tel telephone mobile address street ip ssn passport birthdate birthday dob surname firstname "
    "lastname fullname username nickname 姓名 电话 手机 邮箱 地址 身份证 昵称"
)
LINK = _set("url uri link href image images img picture photo thumbnail avatar icon 图片 链接")
RELATED = _set("also related similar bought viewed viewing recommend recommended")
BUYING = _set("buy bought purchase purchased order ordered transaction pay paid checkout conversion 购买 下单")
JUNK = re.compile(r"^(|unnamed.*|index|level_\d+|__index_level_\d+__|row_?(id|num|number|index)|_c0)$", re.IGNORECASE)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_JOINED = re.compile(r"^(.{3,}?)(id|time|date|name|text|url|key|code|no)$")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def name_words(name: str) -> set[str]:
    """Return the lower-case words of a column name: reviewerID, reviewer_id and reviewerid all hold `reviewer`."""
    words = {word.lower() for word in re.split(r"[^0-9A-Za-z\u4e00-\u9fff]+", _CAMEL.sub("_", name)) if word}
    for word in list(words):
        match = _JOINED.match(word)
        if match:
            words |= set(match.groups())
        if word.endswith("s") and len(word) > 3:
            words.add(word[:-1])
        if _CHINESE.search(word):
            words |= {known for known in USER | ITEM | TIME | RATING | TEXT | CATEGORY if known in word}
    return words


def is_personal(name: str) -> bool:
    """Tell whether a column's name speaks of people's names or ways to reach them."""
    words = name_words(name)
    persons = USER | {"author", "first", "last", "full", "nick", "sur", "person"}
    return bool(words & PERSONAL) or ("name" in words and bool(words & persons))
