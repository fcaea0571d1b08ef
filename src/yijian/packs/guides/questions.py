"""常见问题: questions families ask, answered by values of the pack and by nothing else."""

from collections.abc import Iterator
from datetime import date

from yijian.domain.policy import Pack, Rule
from yijian.packs.guides import notice
from yijian.packs.guides.pages import Part
from yijian.packs.guides.speaking import Speaker


def parts(say: Speaker, today: date) -> Iterator[Part]:
    """Questions and answers, grouped."""
    yield Part(1, say.word("能不能办", "Whether it can be done"), tuple(_about_conditions(say)))
    yield Part(1, say.word("怎么办、多久", "How, and how long"), tuple(_about_items(say, today)))
    yield Part(1, say.word("怎么拿到、谁出钱", "Getting it, paying"), tuple(_about_delivery(say)))


def lines(say: Speaker, today: date) -> Iterator[str]:
    """All of them in one list."""
    for part in parts(say, today):
        yield from part.lines


def _answer(say: Speaker, question_zh: str, question_en: str, answer: str) -> str:
    return say.word(f"问：{question_zh}\n答：{answer}", f"Q: {question_en}\nA: {answer}")


def _about_conditions(say: Speaker) -> Iterator[str]:
    for rule in say.pack.rules:
        title = say(rule.title)
        yield _answer(
            say,
            f"不符合“{title}”，还能办吗？",
            f"What if this is not so: {title}?",
            _way(say, rule),
        )


def _way(say: Speaker, rule: Rule) -> str:
    sentences = [say(rule.failed), say(rule.repair), say(rule.way_on)]
    basis = say.basis(*rule.basis)
    said = say.word("", " ").join(sentence for sentence in sentences if sentence)
    return f"{said}（{basis}）" if basis else said


def _about_items(say: Speaker, today: date) -> Iterator[str]:
    pack = say.pack
    how = say.word("", " ").join(notice.steps(say))
    yield _answer(say, "谁申请、谁签名？", "Who applies, who signs?", how)
    for line in notice.promise(say):
        yield _answer(say, "全部办完要多久？", "How long does all of it take?", line)
    for item in pack.items.values():
        limit = item.limit_on(max(today, pack.in_force_from))
        title = say(item.title)
        if limit is not None:
            long = f"{say.duration(limit)}（{say.basis(limit.basis)}）"
            yield _answer(say, f"{title}要多久？", f"How long does this take: {title}?", long)
        if not item.applied_for:
            yield _answer(say, f"{title}要申请吗？", f"Must one apply: {title}?", say(item.summary))
        for exemption in item.exemptions:
            yield _answer(
                say, f"什么时候不用办{title}？", f"When is this not needed: {title}?",
                say(exemption.text),
            )  # fmt: skip
        if item.way_offline is not None:
            yield _answer(
                say, f"{title}没办成怎么办？", f"What if this fails: {title}?",
                say(item.way_offline),
            )  # fmt: skip
    yield from _about_insurance(say, pack)


def _about_insurance(say: Speaker, pack: Pack) -> Iterator[str]:
    note = pack.words.get("insurance_note")
    if pack.insurance is None or note is None:
        return
    yield _answer(say, "医保从哪天算起？", "When does the cover begin?", say(note))


def _about_delivery(say: Speaker) -> Iterator[str]:
    for delivery in say.pack.delivery:
        title = say.item(delivery.item)
        ways = "\n".join(notice.ways(say, delivery))
        yield _answer(say, f"{title}怎么拿到？", f"How do I get this: {title}?", ways)
