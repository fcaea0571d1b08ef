"""工作指引: everything the people who handle cases must know, with the review points of each step.

It says every value of the pack, also how the system judges, so that a change of policy is always a
change of this paper.
"""

from collections.abc import Iterator
from datetime import date

from yijian.domain.forms import FormField
from yijian.domain.policy import Limit, OnRefusal, Rule, Scope, ServiceItem
from yijian.packs.guides import handbook, messages, notice
from yijian.packs.guides.chart import chart_part
from yijian.packs.guides.pages import Part, Table
from yijian.packs.guides.speaking import Speaker


def parts(say: Speaker, today: date) -> Iterator[Part]:
    """The staff work guide."""
    pack = say.pack
    yield Part(1, say.word("这件事", "The service"), tuple(_scheme(say)))
    yield Part(1, say.word("谁申请、谁签名", "Who applies and signs"), tuple(_people(say)))
    yield Part(1, say.word("条件与核验", "Conditions and checks"))
    for rule in pack.rules:
        yield Part(2, say(rule.title), tuple(_rule(say, rule)))
    yield chart_part(say, today)
    for item in pack.items.values():
        yield Part(1, say(item.title), tuple(_item(say, item)))
    yield Part(1, say.word("申请表", "The form"), table=_form(say))
    yield Part(2, say.word("官方申请表的每一格", "Every printed cell"), tuple(_cells(say)))
    for statement in pack.statements:
        yield Part(
            2,
            say(statement.title),
            (
                say.word("谁签：", "Signed by: ") + say.joined(map(say.role, statement.signed_by)),
                *_when(say, statement.when),
                say(statement.text),
                say.joined(map(say.fact, statement.rows)),
                say.basis(statement.basis),
            ),
        )
    yield Part(1, say.word("送达", "Delivery"), table=_delivery(say))
    yield Part(1, say.word("纸质各联", "Paper parts"), tuple(_custody(say)))
    yield from messages.parts(say, today)
    yield Part(1, say.word("还没有开通的", "Not yet online"), tuple(_switches(say)))
    yield Part(1, say.word("说明和告知文字", "Words"), tuple(_words(say)))
    yield Part(1, say.word("我们的决定", "Our decisions"), tuple(_decisions(say)))
    yield Part(1, say.word("依据的文件", "Documents"), tuple(_documents(say)))


def _scheme(say: Speaker) -> Iterator[str]:
    pack = say.pack
    yield f"{pack.code} · {say(pack.title)} · {say(pack.service_title)}"
    yield say.word("适用地方：", "Places: ") + say.joined(pack.divisions)
    until = pack.in_force_until
    period = pack.in_force_from.isoformat() + (f" – {until.isoformat()}" if until else "")
    yield say.word("施行：", "In force: ") + period
    yield say.word("牵头：", "Lead: ") + say.office(pack.lead_office_kind)
    yield say.word("渠道：", "Channels: ") + say.joined(pack.channels)
    yield say.word("给家庭看的进度：", "Progress shown to families: ") + pack.statuses
    yield from notice.promise(say)
    if pack.promise is not None:
        yield say.word("承诺依据：", "Promise, basis: ") + _limit(say, pack.promise)
    if pack.delivery_record_hours is not None:
        hours = pack.delivery_record_hours
        yield say.word(f"分娩信息 {hours} 小时内录入", f"Deliveries recorded within {hours} hours")
    if pack.insurance is not None:
        rule = pack.insurance
        begins, ends = rule.two_years_from, rule.two_years_until
        yield (
            say.word(
                f"医保：出生后 {rule.deadline_days} 天内缴费从出生起算，之后按 {rule.late}；"
                f"{begins[0]}月{begins[1]}日至{ends[0]}月{ends[1]}日出生可缴两年",
                f"Insurance: paid within {rule.deadline_days} days it covers from birth, later "
                f"{rule.late}; born {begins[0]}/{begins[1]} to {ends[0]}/{ends[1]}: two years",
            )
            + f"（{say.basis(*rule.basis)} {rule.decision or ''}）"
        )
    yield say.word("优先次序：", "Precedence: ") + str(pack.precedence)
    for beside in pack.alongside.values():
        leads = (
            say.word("本方案先", "this one leads")
            if beside.leads
            else say.word("对方先", "the other leads")
        )
        free = (
            say.word("家庭可选", "free choice")
            if beside.choice
            else say.word("不可选", "no choice")
        )
        yield f"{beside.other}: {leads}, {free} · {say(beside.reason)} {beside.decision or ''}"
    for anchor, fact in pack.anchors.items():
        yield f"{anchor}: {say.fact(fact)}（{fact}）"
    if pack.subject is not None:
        yield say.word("为谁办：", "Done for: ") + say(pack.subject.title)
    if pack.watermark is not None:
        yield say.word("水印：", "Watermark: ") + say(pack.watermark)


def _people(say: Speaker) -> Iterator[str]:
    pack = say.pack
    for role in pack.roles.values():
        sex = f"（{role.sex}）" if role.sex else ""
        yield f"{role.id}: {say(role.title)} · {say(role.short)}{sex}"
    yield say.word("申请：", "Apply: ") + say.joined(map(say.role, pack.applicants))
    yield say.word("填表：", "Fill in: ") + say.joined(map(say.role, pack.fills or pack.applicants))
    for arrival in pack.arrivals:
        after = say.joined(map(say.role, arrival.after))
        yield (
            say.word("先到场：", "Comes first: ") + say.role(arrival.role)
            + say.word("，刷脸：", ", face check: ") + say.yes_no(arrival.live_check)
            + (say.word("，在后：", ", after: ") + after if after else "")
            + f"（{say.basis(arrival.basis)}）"
        )  # fmt: skip
    for step in pack.signing:
        after = say.joined(map(say.role, step.after))
        condition = say.word("，当 ", ", when ") + step.when.source if step.when else ""
        yield (
            say.word("签名：", "Signs: ") + say.role(step.role)
            + say.word("，刷脸：", ", face check: ") + say.yes_no(step.live_check)
            + (say.word("，在后：", ", after: ") + after if after else "")
            + condition + f" · {say(step.text)}（{say.basis(step.basis)}）"
        )  # fmt: skip


def _when(say: Speaker, condition: object) -> tuple[str, ...]:
    source = getattr(condition, "source", None)
    return (say.word("当：", "When: ") + source,) if source else ()


def _rule(say: Speaker, rule: Rule) -> Iterator[str]:
    scope = (
        say.word("每个孩子", "each child")
        if rule.scope is Scope.NEWBORN
        else say.word("全家", "the family")
    )
    yield f"{rule.id} · {say.word(*handbook.KINDS[rule.kind])} · {scope}"
    yield say.word("系统判断：", "Judged by: ") + rule.condition.source
    if rule.from_on is not None or rule.until_on is not None:
        yield say.word("何时有效：", "Valid: ") + f"{rule.from_on or '…'} – {rule.until_on or '…'}"
    registers = [
        say(say.pack.registers[register]) if register in say.pack.registers else register
        for register in rule.registers
    ]
    if registers:
        yield say.word("查：", "Looked up in: ") + say.joined(registers)
    yield say.word("符合时：", "When met: ") + say(rule.met)
    yield say.word("不符合时告诉家庭：", "Said when not met: ") + say(rule.failed)
    if rule.repair is not None:
        yield say.word("最小的补救：", "Smallest repair: ") + say(rule.repair)
    yield say.word("去处：", "Way on: ") + say(rule.way_on)
    yield say.word("依据：", "Basis: ") + say.basis(*rule.basis)


def _limit(say: Speaker, limit: Limit) -> str:
    decided = f" {limit.decision}" if limit.decision else ""
    since = say.word(f"{limit.from_on.isoformat()} 起", f"from {limit.from_on.isoformat()}")
    counted = f" · {say.word('起算：', 'counted from: ')}{limit.since}" if limit.since else ""
    return f"{say.duration(limit)}{counted} · {since} · {say.basis(limit.basis)}{decided}"


def _item(say: Speaker, item: ServiceItem) -> Iterator[str]:
    yield f"{item.code} · {say(item.summary)}"
    yield (
        say.word("谁办：", "Who: ") + say.office(item.office_kind)
        + say.word("，按 ", ", found by ") + say.fact(item.office_fact)
    )  # fmt: skip
    yield (
        say.word("每个孩子一件", "one for each child")
        if item.scope is Scope.NEWBORN
        else say.word("全家一件", "one for the family")
    )
    yield notice.choice_words(say, item)
    if item.needs:
        yield say.word("在什么之后：", "After: ") + say.items(item.needs)
    for group in item.requires:
        either = say.word("或", " or ").join(map(say.item, group))
        yield say.word("要一起选：", "Only together with: ") + either
    if item.part_of:
        yield say.word("计入：", "Counted under: ") + say.item(item.part_of)
    for limit in item.limits:
        yield say.word("时限：", "Limit: ") + _limit(say, limit)
    yield (
        say.word("没办成：其余都转窗口", "On refusal: the rest goes to the counter")
        if item.on_refusal is OnRefusal.STOP_REMAINING
        else say.word("没办成：只停靠它的事项", "On refusal: only what needs it stops")
    )
    for number, point in enumerate(item.review_points, 1):
        yield say.word(f"审查要点 {number}：", f"Review point {number}: ") + say(point)
    yield say.word("收到的信息：", "Receives: ") + say.joined(map(say.fact, item.payload))
    for material in item.materials:
        condition = f"，{material.when.source}" if material.when is not None else ""
        kind = f"，{material.kind}" if material.kind else ""
        source = f"，{material.register}" if material.register else ""
        yield (
            say.word("材料：", "Material: ") + f"{say(material.title)}（"
            + f"{handbook.need_words(say, material)}{condition}{kind}{source}）"
            + f"{say(material.hint)} · {say.basis(material.basis)}"
        )  # fmt: skip
    for result in item.results:
        parts = [result.kind.value, say.word("必填", "required") if result.required else ""]
        parts += [result.check or "", say.fact(result.fact) if result.fact else ""]
        yield (
            say.word("反馈：", "Gives back: ") + f"{say(result.title)}"
            + f"（{say.joined(part for part in parts if part)}）"
        )  # fmt: skip
    for exemption in item.exemptions:
        yield (
            say.word("不用办：", "Not needed: ") + f"{exemption.condition.source} · "
            + f"{say(exemption.text)}（{say.basis(exemption.basis)}）"
        )  # fmt: skip
    for ask in item.asks:
        waits = say.word("，等家庭", ", waits for the family") if ask.blocks else ""
        yield (
            say.word("请家庭：", "Family is asked: ")
            + f"{say(ask.title)}（{ask.kind}，{ask.after}{waits}） {say(ask.text)} "
            + f"[{say(ask.button)}] {say.basis(ask.basis)}"
        )  # fmt: skip
    if item.way_offline is not None:
        yield say.word("线下办理：", "At a counter: ") + say(item.way_offline)
    yield say.word("依据：", "Basis: ") + say.basis(item.basis)


def _form(say: Speaker) -> Table:
    head = (
        say.word("部分", "Section"),
        say.word("栏目", "Field"),
        say.word("从哪里来", "Comes from"),
        say.word("谁用", "Used by"),
        say.word("规则", "Rules"),
        say.word("依据", "Basis"),
    )
    rows = tuple(
        (say(section.title), *_field(say, field))
        for section in say.pack.form
        for field in section.fields
    )
    return Table(head, rows)


def _cells(say: Speaker) -> Iterator[str]:
    """Each cell with the field that fills it, or the decision why none does."""
    for cell, by in say.pack.official.items():
        known = f"{say.fact(by)}（{by}）" if by in say.pack.facts else by
        yield f"{cell} → {known}"


def _field(say: Speaker, field: FormField) -> tuple[str, ...]:
    fact = say.pack.facts[field.fact]
    if fact.register is not None and fact.register in say.pack.registers:
        origin = say(say.pack.registers[fact.register])
    elif fact.derive is not None:
        origin = say.word("系统推算 ", "derived ") + fact.derive.source
    else:
        origin = say.word("家庭", "family")
    rules = [
        say.word("必填", "required") if field.required else "",
        say.word("要打字", "typed") if field.typed else "",
        say.word("默认 ", "default ") + field.default.source if field.default else "",
        say.word("可选 ", "offered ") + field.offered.source if field.offered else "",
        say.word("显示 ", "shown ") + field.shown.source if field.shown else "",
        say(field.hint),
    ]
    users = say.items(field.items) or (say.word("申请表本身", "the form itself"))
    label = f"{say(field.label)}\n{field.fact}（{fact.kind.value}）"
    said = say.word("；", "; ").join(rule for rule in rules if rule)
    return (label, origin, users, said, say.basis(field.basis))


def _delivery(say: Speaker) -> Table:
    head = (
        say.word("事项", "Item"),
        say.word("方式", "Way"),
        say.word("在哪里", "Where"),
        say.word("带什么", "Bring"),
        say.word("费用", "Cost"),
        say.word("依据", "Basis"),
    )
    rows = tuple(
        (
            say.item(delivery.item) + (f"\n{delivery.fact}" if delivery.fact else ""),
            f"{say(option.title)}"
            + (say.word("（要地址）", " (address)") if option.needs_address else ""),
            say(option.where),
            say(option.bring),
            say(option.cost),
            say.basis(option.basis),
        )
        for delivery in say.pack.delivery
        for option in delivery.options
    )
    return Table(head, rows)


def _custody(say: Speaker) -> Iterator[str]:
    for rule in say.pack.custody:
        extra = [
            say.word("当 ", "when ") + rule.when.source if rule.when else "",
            say.word("注明：", "marked: ") + say(rule.mark) if rule.mark else "",
            "" if rule.cut is None else say.word("裁切：", "cut: ") + say.yes_no(rule.cut),
        ]
        yield (
            f"{say(rule.title)}: {say(rule.holder)} → {say(rule.goes_to)}（{say(rule.every)}）"
            + say.word("；", "; ").join(part for part in extra if part)
            + f" {say.basis(rule.basis)}"
        )


def _switches(say: Speaker) -> Iterator[str]:
    for switch in say.pack.switches:
        until = switch.until_on.isoformat() if switch.until_on else "…"
        where = say.joined(switch.divisions) or say.word("全域", "everywhere")
        what = say.items(switch.items) or say.word("整件事", "the whole service")
        why = f"{say.basis(switch.basis)} {switch.decision or ''}".strip()
        when = f"{switch.from_on.isoformat()} – {until}"
        yield f"{what} · {where} · {when} · {say(switch.text)}（{why}）"


def _words(say: Speaker) -> Iterator[str]:
    for key, text in say.pack.words.items():
        yield f"{key}: {say(text)}"


def _decisions(say: Speaker) -> Iterator[str]:
    for decision in say.pack.decisions.values():
        day = decision.on.isoformat()
        yield f"{decision.id}（{day}） {say(decision.question)} → {say(decision.decided)}"


def _documents(say: Speaker) -> Iterator[str]:
    yield from handbook.documents(say)
    for source in say.pack.sources.values():
        for clause, what in source.clauses.items():
            yield f"{source.number} {clause}{say.word('：', ': ')}{what}"
