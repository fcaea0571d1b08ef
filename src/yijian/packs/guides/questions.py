"""常见问题: questions families ask, answered by values of the pack and by nothing else.

Every answer names the clauses it rests on. What a pack does not say is not answered.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from yijian.domain.policy import Material, Pack, Rule, ServiceItem
from yijian.domain.wording import Basis
from yijian.packs.guides import notice
from yijian.packs.guides.pages import Part
from yijian.packs.guides.speaking import Speaker


@dataclass(frozen=True, slots=True)
class Question:
    """One question, its answer, and the clauses that the answer rests on."""

    question: str
    answer: str
    bases: tuple[Basis, ...]


def parts(say: Speaker, today: date) -> Iterator[Part]:
    """Questions and answers, grouped."""
    for heading, asked in _grouped(say, today):
        yield Part(1, heading, tuple(_printed(say, question) for question in asked))


def lines(say: Speaker, today: date) -> Iterator[str]:
    """All of them in one list, as they are printed."""
    for question in asked(say, today):
        yield _printed(say, question)


def asked(say: Speaker, today: date) -> Iterator[Question]:
    """Every question that the pack answers on a day."""
    for _, found in _grouped(say, today):
        yield from found


def _grouped(say: Speaker, today: date) -> Iterator[tuple[str, list[Question]]]:
    yield say.word("能不能办", "Whether it can be done"), list(_about_conditions(say))
    yield say.word("怎么办、多久", "How, and how long"), list(_about_items(say, today))
    yield say.word("怎么拿到、谁出钱", "Getting it, paying"), list(_about_delivery(say))


def _printed(say: Speaker, question: Question) -> str:
    basis = say.basis(*question.bases)
    zh = f"问：{question.question}\n答：{question.answer}" + (f"（{basis}）" if basis else "")
    en = f"Q: {question.question}\nA: {question.answer}" + (f" ({basis})" if basis else "")
    return say.word(zh, en)


def _about_conditions(say: Speaker) -> Iterator[Question]:
    for rule in say.pack.rules:
        title = say(rule.title)
        asks = say.word(f"不符合“{title}”，还能办吗？", f"What if this is not so: {title}?")
        yield Question(asks, _way(say, rule), rule.basis)


def _way(say: Speaker, rule: Rule) -> str:
    sentences = [say(rule.failed), say(rule.repair), say(rule.way_on)]
    return say.word("", " ").join(sentence for sentence in sentences if sentence)


def _about_items(say: Speaker, today: date) -> Iterator[Question]:
    pack = say.pack
    signing = (*(s.basis for s in pack.signing), *(s.basis for s in pack.statements))
    how = say.word("", " ").join(notice.steps(say))
    yield Question(say.word("谁申请、谁签名？", "Who applies, who signs?"), how, signing)
    if pack.promise is not None:
        asks = say.word("全部办完要多久？", "How long does all of it take?")
        yield Question(asks, "\n".join(notice.promise(say)), (pack.promise.basis,))
    for item in pack.items.values():
        yield from _about_item(say, item, today)
    yield from _about_insurance(say, pack)


def _about_item(say: Speaker, item: ServiceItem, today: date) -> Iterator[Question]:
    title, own = say(item.title), (item.basis,)
    limit = item.limit_on(max(today, say.pack.in_force_from))
    if limit is not None:
        asks = say.word(f"{title}要多久？", f"How long does this take: {title}?")
        yield Question(asks, say.duration(limit), (limit.basis,))
    if not item.applied_for:
        asks = say.word(f"{title}要申请吗？", f"Must one apply: {title}?")
        yield Question(asks, say(item.summary), own)
    else:
        asks = say.word(f"{title}由谁办、怎么办？", f"Who does this, and how: {title}?")
        done_by = say.word("由", "Done by: ") + say.office(item.office_kind)
        told = [say(item.summary), done_by + say.word("办理。", ".")]
        yield Question(asks, say.word("", " ").join(filter(None, told)), own)
    if item.materials:
        asks = say.word(f"{title}要带什么材料？", f"What must be brought for this: {title}?")
        yield Question(asks, _materials(say, item.materials), _bases(item.materials))
    for exemption in item.exemptions:
        asks = say.word(f"什么时候不用办{title}？", f"When is this not needed: {title}?")
        yield Question(asks, say(exemption.text), (exemption.basis,))
    if item.way_offline is not None:
        asks = say.word(f"{title}没办成怎么办？", f"What if this fails: {title}?")
        yield Question(asks, say(item.way_offline), own)


def _materials(say: Speaker, materials: tuple[Material, ...]) -> str:
    brought = [m for m in materials if not m.waived]
    groups = (
        (say.word("要带：", "Bring: "), [m for m in brought if m.when is None]),
        (say.word("有需要的才要：", "Only where needed: "), [m for m in brought if m.when]),
        (say.word("不用带：", "No need to bring: "), [m for m in materials if m.waived]),
    )
    lines = [head + say.joined(say(m.title) for m in group) for head, group in groups if group]
    return say.word("。", ". ").join(lines)


def _bases(materials: tuple[Material, ...]) -> tuple[Basis, ...]:
    return tuple(dict.fromkeys(material.basis for material in materials))


def _about_insurance(say: Speaker, pack: Pack) -> Iterator[Question]:
    rule = pack.insurance
    if rule is None:
        return
    told = (
        ("insurance_note", "医保从哪天算起？", "When does the cover begin?"),
        ("insurance_both_years", "医保缴当年，还是缴两年？", "One year's premium, or two?"),
        ("payment_guide", "医保费怎么缴？", "How is the premium paid?"),
    )
    for word, zh, en in told:
        if word in pack.words:
            yield Question(say.word(zh, en), say(pack.words[word]), rule.basis)


def _about_delivery(say: Speaker) -> Iterator[Question]:
    for delivery in say.pack.delivery:
        title = say.item(delivery.item)
        asks = say.word(f"{title}怎么拿到？", f"How do I get this: {title}?")
        bases = dict.fromkeys(option.basis for option in delivery.options)
        yield Question(asks, "\n".join(notice.ways(say, delivery)), tuple(bases))
