"""查问: somebody's own words find the questions that a pack answers, or nothing.

Words are compared, nothing is made up. Chinese is cut into pairs of characters, English into
words; what families call a thing and what the documents call it count as the same. A question of
which too little is known stays unanswered: silence is better than an answer to something else.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from yijian.packs.guides.questions import Question

LONGEST = 100
"""Characters of a question that are looked at."""
ENOUGH = 0.5
"""The share of a question's weight that a passage must know."""
IN_THE_ANSWER = 0.6
"""What a word weighs that stands in the answer only, against one in the question."""
NEAR = 0.75
"""A passage is shown beside the best one when it knows at least this share of what that knows."""
SAME: tuple[tuple[str, ...], ...] = (
    (
        "上户口",
        "落户",
        "入户",
        "报户口",
        "户口登记",
        "出生登记",
        "户口",
        "birth registration",
        "hukou",
    ),
    ("出生证明", "出生证", "出生医学证明", "birth certificate"),
    ("社保卡", "社会保障卡", "social security card"),
    ("医保", "医疗保险", "居民医保", "参保", "health insurance", "medical insurance", "insurance"),
    (
        "缴费",
        "交钱",
        "交费",
        "缴钱",
        "付款",
        "保费",
        "医保费",
        "怎么交",
        "怎么缴",
        "premium",
        "pay",
        "paid",
        "payment",
    ),
    ("报销", "生育津贴", "生育保险", "reimbursed", "reimbursement", "reimburse"),
    ("从哪天", "哪天开始", "什么时候生效", "生效", "when does the cover", "cover begin"),
    ("预防接种证", "接种证", "疫苗本", "小绿本", "打疫苗", "vaccination booklet", "vaccination"),
    ("多久", "多长时间", "几天", "多少天", "时限", "how long", "how many days"),
    ("全部办完", "都办完", "全办完", "办完", "一共", "all of it", "altogether"),
    ("要带", "带什么", "材料", "准备什么", "带哪些", "brought", "bring", "documents", "papers"),
    (
        "怎么拿",
        "怎么领",
        "领取",
        "去哪里领",
        "去哪领",
        "去哪拿",
        "在哪领",
        "邮寄",
        "寄到",
        "快递",
        "collect",
        "get this",
        "i get",
    ),
    (
        "没有结婚",
        "没结婚",
        "未婚",
        "单亲",
        "非婚",
        "登记结婚",
        "没领结婚证",
        "没有领结婚证",
        "not married",
        "unmarried",
        "are married",
    ),
    ("集体户", "家庭户", "collective", "family household"),
    ("不一样", "不同", "相同", "different", "the same"),
    ("民族", "ethnic", "ethnicity", "ethnic group"),
    ("外地", "外省", "户籍不在", "本地户口", "户籍", "another province"),
    ("过期", "有效期", "expired", "is valid"),
    ("签名", "签字", "sign", "signs"),
    ("没办成", "不成功", "退回", "被拒", "失败", "fails", "failed", "refused"),
    ("不用办", "不需要办", "可以不办", "not needed"),
    (
        "谁申请",
        "谁来申请",
        "谁来办",
        "由谁办",
        "谁办",
        "哪里办",
        "哪个部门",
        "who applies",
        "apply",
        "applies",
        "who does this",
    ),
    ("爸爸妈妈", "爸爸和妈妈", "父母", "双方", "parents", "both parents"),
    ("30天", "一个月", "满月", "30 days", "a month"),
)
"""Words that mean the same to whoever asks: what families say, what the documents say."""
EMPTY = (
    "请问", "怎么样", "怎么", "什么", "可以", "能不能", "是不是", "有没有", "需要", "应该", "为什么",
    "一下", "我们", "你们", "我家", "宝宝", "孩子", "小孩", "婴儿", "新生儿", "还能", "吗", "呢", "的",
    "了", "我", "要", "去", "在", "是", "有", "办理", "办",
)  # fmt: skip
"""What nearly every question has, and what says nothing about what is meant."""
_EMPTY_ENGLISH = frozenset(
    "a an and are be can do does for get how i if in is it my of on our the this to we what when"
    " where which who with you your baby child must need".split()
)
_HAN = re.compile(r"[㐀-䶿一-鿿]+")
_WORD = re.compile(r"[a-z]{2,}|\d+")


@dataclass(frozen=True, slots=True)
class Found:
    """One question of the pack that fits, and how much of what was asked it knows (0 to 1)."""

    question: Question
    share: float


def search(questions: Sequence[Question], asked: str, most: int = 3) -> list[Found]:
    """The questions that fit best, the best first; nothing when none fits well enough."""
    wanted = set(_terms(asked[:LONGEST], asking=True))
    if not wanted:
        return []
    known = [(set(_terms(q.question)), set(_terms(q.answer))) for q in questions]
    spread = Counter(term for heads, bodies in known for term in heads | bodies)
    weight = {term: _weight(term, spread[term], len(questions)) for term in wanted}
    whole = sum(weight.values())
    found = []
    for question, (heads, bodies) in zip(questions, known, strict=True):
        inside = sum(
            weight[term] * (1 if term in heads else IN_THE_ANSWER * (term in bodies))
            for term in wanted
        )
        if inside >= ENOUGH * whole:
            found.append(Found(question, inside / whole))
    found.sort(key=lambda one: -one.share)
    return [one for one in found if one.share >= NEAR * found[0].share][:most]


def _weight(term: str, spread: int, passages: int) -> float:
    """A rare term says more; one that no passage has says most, and nobody answers it."""
    return math.log(1 + (passages + 1) / (spread + 0.5)) * (3 if term.startswith("=") else 1)


def _terms(text: str, *, asking: bool = False) -> Iterator[str]:
    """What a text is compared by: the meanings it names, its pairs of characters, its words."""
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    for number, same in enumerate(SAME):
        named = [word for word in same if _names(plain, word)]
        if named:
            yield f"={number}"
            if asking:
                # What has been understood need not be found once more by its characters.
                for word in named:
                    plain = plain.replace(word, " ")
    if asking:
        for word in EMPTY:
            plain = plain.replace(word, " ")
    for run in _HAN.findall(plain):
        yield from (run[at : at + 2] for at in range(len(run) - 1))
    yield from (word for word in _words(plain) if word not in _EMPTY_ENGLISH)


def _names(plain: str, word: str) -> bool:
    if word.isascii():
        return re.search(rf"\b{re.escape(word)}\b", plain) is not None
    return word in plain


def _words(plain: str) -> Iterable[str]:
    return _WORD.findall(plain)
