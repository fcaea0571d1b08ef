"""Names of people who do not exist (化名): drawn from small pools with a literary ring."""

import random

SURNAMES = "江陆沈顾林程苏叶许宋唐梁韩方谢邵温夏柳秦"
MOTHER_GIVEN = (
    "知夏", "晚舟", "青禾", "若溪", "听雨", "语桐", "疏影", "念真", "照晴", "采薇",
    "芷兰", "云舒", "望舒", "清越", "婉", "静姝", "书瑶", "雪见", "锦书", "月白",
)  # fmt: skip
FATHER_GIVEN = (
    "云帆", "星河", "景行", "远山", "听松", "明川", "鸿渐", "承宇", "怀瑾", "牧野",
    "天阔", "思齐", "子衿", "岳", "澄", "修远", "长风", "行舟", "砚秋", "北辰",
)  # fmt: skip
NEWBORN_GIVEN = (
    "一诺", "沐晨", "予安", "清和", "嘉树", "初晴", "景明", "舒窈", "望北", "以宁",
    "乐知", "南星", "禾", "安澜", "令仪", "允执",
)  # fmt: skip
STAFF_GIVEN = ("静", "敏", "伟", "丽", "涛", "洁", "军", "娟", "磊", "颖", "峰", "倩")
MIDWIFE_GIVEN = ("春晖", "素心", "玉兰", "惠", "秀英")


def parent_name(rng: random.Random, *, sex: str) -> str:
    """Return a parent's name; `sex` is "1" or "2"."""
    return rng.choice(SURNAMES) + rng.choice(FATHER_GIVEN if sex == "1" else MOTHER_GIVEN)


def newborn_names(rng: random.Random, *, surname: str, count: int) -> list[str]:
    """Return `count` different names with one surname."""
    return [surname + given for given in rng.sample(NEWBORN_GIVEN, count)]


def midwife_name(rng: random.Random) -> str:
    """Return the name of the person who attended a birth."""
    return rng.choice(SURNAMES) + rng.choice(MIDWIFE_GIVEN)


def staff_name(rng: random.Random) -> str:
    """Return the name of an office's worker."""
    return rng.choice(SURNAMES) + rng.choice(STAFF_GIVEN)
