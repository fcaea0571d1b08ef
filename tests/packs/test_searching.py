"""A question in a family's own words finds what the pack says about it, or nothing at all."""

from functools import cache

import pytest

from tests.packs.edited import PACKS
from tests.packs.test_guides import TODAY, shipped
from yijian.packs.guides import Speaker
from yijian.packs.guides.questions import Question, asked
from yijian.packs.guides.searching import LONGEST, search
from yijian.packs.loading import running_codes

MEANT = {
    "zh": {
        "上户口要多久": "出生登记要多久？",
        "给孩子报户口几天能办好": "出生登记要多久？",
        "出生证要带什么": "《出生医学证明》签发要带什么材料？",
        "社保卡去哪里领": "社会保障卡申领怎么拿到？",
        "我们没结婚能办吗": "不符合“父母已登记结婚”，还能办吗？",
        "小绿本怎么领": "《预防接种证》发放怎么拿到？",
        "医保从哪天开始报销": "医保从哪天算起？",
        "医保费怎么交": "城乡居民医保缴费由谁办、怎么办？",
        "爸爸妈妈民族不一样": "不符合“父母民族相同”，还能办吗？",
        "宝宝已经满月了还能办吗": "不符合“出生30天以内”，还能办吗？",
        "妈妈身份证过期了怎么办": "不符合“妈妈的身份证在有效期内”，还能办吗？",
        "全部办完要几天": "全部办完要多久？",
        "要不要爸爸签字": "谁申请、谁签名？",
        "落户不成功怎么办": "出生登记没办成怎么办？",
        "生育津贴怎么领": "生育医疗费用报销怎么拿到？",
    },
    "en": {
        "How long does the hukou take?": "How long does this take: Birth registration?",
        "we are not married": "What if this is not so: The parents are married?",
        "how long does everything take, all of it": "How long does all of it take?",
        "how do I get the social security card": "How do I get this: Social security card?",
    },
}
NOT_MEANT = {
    "zh": (
        "今天天气怎么样", "公积金怎么提取", "驾照年审", "幼儿园怎么报名", "结婚证丢了怎么补", "你好",
        "怎么", "？？？", "", "一二三四五六七八九十", "护照怎么办", "学区房多少钱",
    ),
    "en": ("what is the weather", "how do I renew my passport", "the", "school enrolment"),
}  # fmt: skip


@cache
def known(code: str, language: str) -> tuple[Question, ...]:
    return tuple(asked(Speaker(shipped(code), language), TODAY))


@pytest.mark.parametrize(
    ("language", "question"), [(lang, q) for lang, pairs in MEANT.items() for q in pairs]
)
def test_what_families_ask_finds_what_is_meant(language: str, question: str) -> None:
    found = search(known("340000-anhui", language), question)
    assert found and found[0].question.question == MEANT[language][question]
    assert found[0].question.answer and found[0].question.bases


@pytest.mark.parametrize(
    ("language", "question"), [(lang, q) for lang, these in NOT_MEANT.items() for q in these]
)
def test_what_the_pack_does_not_say_is_not_answered(language: str, question: str) -> None:
    assert search(known("340000-anhui", language), question) == []


@pytest.mark.parametrize("code", running_codes(PACKS))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_answer_stands_on_a_clause_and_finds_itself(code: str, language: str) -> None:
    sources = shipped(code).sources
    for one in known(code, language):
        assert one.answer.strip(), one.question
        assert one.bases, one.question
        assert all(basis.document in sources for basis in one.bases), one.question
        found = search(known(code, language), one.question, most=100)
        assert one in [each.question for each in found], one.question


def test_only_the_beginning_of_a_long_question_is_looked_at() -> None:
    questions = known("340000-anhui", "zh")
    assert search(questions, "天" * LONGEST + "上户口要多久") == []
    assert search(questions, "上户口要多久" + " " * LONGEST + "天" * 10_000)
