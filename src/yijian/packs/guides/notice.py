"""一次性告知: everything a family must know, on one page, so that nobody has to come twice."""

from collections.abc import Iterator
from datetime import date

from yijian.domain.forms import Delivery
from yijian.domain.policy import Choice, ServiceItem
from yijian.packs.guides.pages import Part
from yijian.packs.guides.speaking import Speaker

TOPICS = (
    ("issuing_scheme", "由谁来办", "Who does it"),
    ("enquiry_desk", "医院不能签发的", "Where the hospital does not issue"),
    ("tell_the_officer", "请告诉医院一声", "Tell the hospital"),
    ("insurance_note", "医保从哪天算起", "When cover begins"),
    ("insurance_both_years", "缴当年，还是两年", "One year or two"),
    ("payment_guide", "医保费怎么缴", "How to pay the premium"),
    ("guidance_points", "宝宝第一年", "The baby's first year"),
)
"""Words of a pack that tell a family something at the end, with a heading for each."""


def parts(say: Speaker, today: date) -> Iterator[Part]:
    """The one-time notice."""
    pack = say.pack
    if "entrance" in pack.words:
        yield Part(1, say.word("在哪里办", "Where"), (say(pack.words["entrance"]),))
    conditions = tuple(say(rule.title) for rule in pack.rules)
    heading = say.word("什么家庭可以一次办", "Which families can do it all at once")
    yield Part(1, heading, conditions)
    heading = say.word("有一条不符合，怎么办", "If one of these is not met")
    yield Part(1, heading, tuple(_elsewhere(say)))
    yield Part(1, say.word("怎么办", "How"), tuple(steps(say)))
    not_yet = tuple(
        say(switch.text)
        for switch in pack.switches
        if switch.from_on <= today and (switch.until_on is None or today < switch.until_on)
    )
    if not_yet:
        yield Part(1, say.word("还没有开通的", "Not yet online"), not_yet)
    yield Part(1, say.word("办哪些事", "What is done"), promise(say))
    for item in pack.items.values():
        yield Part(2, say(item.title), tuple(_item(say, item, today)))
    papers = tuple(
        f"{say(rule.title)}: {say(rule.holder)} → {say(rule.goes_to)}（{say(rule.every)}）"
        for rule in pack.custody
    )
    if papers:
        yield Part(1, say.word("纸质材料由谁保管", "Who keeps the paper"), papers)
    for word, zh, en in TOPICS:
        if word in pack.words:
            yield Part(1, say.word(zh, en), tuple(say(pack.words[word]).splitlines()))


def _elsewhere(say: Speaker) -> Iterator[str]:
    """Where a family goes instead, each way once, with the conditions that lead there."""
    ways: dict[str, list[str]] = {}
    for rule in say.pack.rules:
        ways.setdefault(say(rule.way_on).strip(), []).append(say(rule.title))
    for way, titles in ways.items():
        yield say.word("“", "") + say.word("”“", "; ").join(titles) + say.word("”：", ": ") + way


def steps(say: Speaker) -> Iterator[str]:
    """Who applies and who signs, in order."""
    pack = say.pack
    for arrival in pack.arrivals:
        who = say.role(arrival.role)
        face = arrival.live_check
        zh = f"{who}登录" + ("、刷脸。" if face else "。")
        en = f"{who} logs in" + (" and passes a face check." if face else ".")
        yield say.word(zh, en[0].upper() + en[1:])
    fillers = say.either(say.role(role) for role in pack.fills or pack.applicants)
    yield say.word(f"由{fillers}填写，填一次。", f"Filled in by {fillers}, once.")
    for number, step in enumerate(pack.signing, 1):
        who = say.role(step.role)
        zh = f"第{number}个签名：{who}" + ("，先刷脸。" if step.live_check else "。")
        en = f"Signature {number}: {who}" + (", after a face check." if step.live_check else ".")
        some = step.when is not None
        yield say.word(
            zh + ("（有需要时）" if some else ""), en + (" (when needed)" if some else "")
        )
    for statement in pack.statements:
        signers = say.joined(say.role(role) for role in statement.signed_by)
        title = say(statement.title)
        yield say.word(f"另签一份：{title}（{signers}）", f"Also signed: {title} ({signers})")


def promise(say: Speaker) -> tuple[str, ...]:
    """The joint promise in one line; nothing when the pack makes none."""
    if say.pack.promise is None:
        return ()
    mail = say.word("（邮寄时间除外）", " (mailing not counted)")
    without = mail if say.pack.promise.without_mailing else ""
    return (say.word("全部办完：", "All of it: ") + say.duration(say.pack.promise) + without,)


def choice_words(say: Speaker, item: ServiceItem) -> str:
    """Whether a family must, may or need not ask for an item."""
    if not item.applied_for:
        return say.word("不用申请。", "No application needed.")
    return {
        Choice.ALWAYS: say.word("必办。", "Always included."),
        Choice.DEFAULT: say.word("可以不办。", "Can be left out."),
        Choice.OPTIONAL: say.word("需要时勾选。", "Tick it when wanted."),
    }[item.choice]


def _item(say: Speaker, item: ServiceItem, today: date) -> Iterator[str]:
    pack = say.pack
    yield say(item.summary)
    yield choice_words(say, item)
    needs = say.items(code for code in item.needs if code in pack.items)
    if needs:
        yield say.word(f"在{needs}之后。", f"After: {needs}.")
    limit = item.limit_on(max(today, pack.in_force_from))
    if limit is not None:
        yield say.word("多久：", "How long: ") + say.duration(limit)
    waived = say.joined(say(m.title) for m in item.materials if m.waived)
    brought = [m for m in item.materials if not m.waived]
    always = say.joined(say(m.title) for m in brought if m.when is None)
    sometimes = say.joined(say(m.title) for m in brought if m.when is not None)
    if always:
        yield say.word("要带：", "Bring: ") + always
    if sometimes:
        yield say.word("有需要的才要：", "Only where needed: ") + sometimes
    if waived:
        yield say.word("不用带：", "No need to bring: ") + waived
    for ask in item.asks:
        yield say(ask.text)
    for delivery in pack.delivery:
        if delivery.item == item.code:
            yield from ways(say, delivery)
    for exemption in item.exemptions:
        yield say(exemption.text)
    if item.way_offline is not None:
        yield say.word("线下办理：", "At a counter: ") + say(item.way_offline)


def ways(say: Speaker, delivery: Delivery) -> Iterator[str]:
    """Each way one item's result reaches the family, in one line."""
    for option in delivery.options:
        told = [say(option.title), say(option.where)]
        bring, cost = say(option.bring), say(option.cost)
        if bring:
            told.append(say.word("带：", "bring: ") + bring)
        if cost:
            told.append(say.word("费用：", "cost: ") + cost)
        line = say.word("；", "; ").join(part for part in told if part)
        yield say.word("怎么拿：", "How you get it: ") + line
