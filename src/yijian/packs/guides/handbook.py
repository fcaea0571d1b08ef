"""办事指南: the whole service in the order in which guides of public services are written."""

from collections.abc import Iterator
from datetime import date

from yijian.domain.policy import Material, Rule, RuleKind
from yijian.packs.guides import notice, questions
from yijian.packs.guides.chart import chart_part
from yijian.packs.guides.pages import Part, Table
from yijian.packs.guides.speaking import Speaker

KINDS = {
    RuleKind.CONDITION: ("条件", "condition"),
    RuleKind.EXCLUSION: ("暂不受理", "exclusion"),
    RuleKind.WINDOW: ("期限", "time window"),
    RuleKind.READINESS: ("准备", "readiness"),
}
CHANNELS = {
    "online": ("网上", "online"),
    "counter": ("政务服务中心综合窗口", "comprehensive window of the service centre"),
    "hospital_window": ("出生医院综合窗口", "window in the birth hospital"),
}


def parts(say: Speaker, today: date) -> Iterator[Part]:
    """The service guide."""
    pack = say.pack
    yield Part(1, say.word("基本信息", "In short"), table=_facts(say))
    yield Part(1, say.word("受理条件", "Conditions"), table=_conditions(say))
    yield Part(1, say.word("怎么申请", "How to apply"), tuple(notice.steps(say)))
    yield Part(1, say.word("申请材料", "Materials"), table=_materials(say))
    yield chart_part(say, today)
    yield Part(1, say.word("结果送达", "How results reach you"), tuple(_results(say)))
    not_yet = tuple(_switches(say))
    if not_yet:
        yield Part(1, say.word("还没有开通的", "Not yet online"), not_yet)
    insurance = pack.words.get("insurance_note")
    if insurance is not None and pack.insurance is not None:
        yield Part(1, say.word("医保从哪天算起", "When cover begins"), (say(insurance),))
    yield Part(1, say.word("常见问题", "Questions and answers"), tuple(questions.lines(say, today)))
    yield Part(1, say.word("依据的文件", "Documents"), tuple(documents(say)))


def _applicants(say: Speaker) -> Iterator[str]:
    """Who may open the case, and who fills it in: both count as applicants."""
    yield from map(say.role, dict.fromkeys((*say.pack.applicants, *say.pack.fills)))


def _facts(say: Speaker) -> Table:
    pack = say.pack
    channels = say.joined(say.word(*CHANNELS[c]) for c in pack.channels if c in CHANNELS)
    rows = [
        (say.word("名称", "Name"), say(pack.service_title)),
        (say.word("适用地方", "Place"), say(pack.title)),
        (say.word("牵头部门", "Lead"), say.office(pack.lead_office_kind)),
        (say.word("谁可以申请", "Who applies"), say.either(_applicants(say))),
        (say.word("在哪里办", "Where"), channels),
        (say.word("起始日期", "From"), pack.in_force_from.isoformat()),
        (
            say.word("收费", "Fee"),
            say.word("不收费，保费和快递费另算", "None; premium and courier apart"),
        ),
    ]
    rows += [(say.word("承诺时限", "Promise"), line) for line in notice.promise(say)]
    return Table((say.word("项目", "What"), say.word("内容", "How it is")), tuple(rows))


def _conditions(say: Speaker) -> Table:
    head = (
        say.word("条件", "Condition"),
        say.word("种类", "Kind"),
        say.word("不符合时怎么办", "If it is not met"),
        say.word("依据", "Basis"),
    )
    return Table(head, tuple(_condition(say, rule) for rule in say.pack.rules))


def _condition(say: Speaker, rule: Rule) -> tuple[str, ...]:
    way = [say(rule.repair)] if rule.repair is not None else []
    return (
        say(rule.title),
        say.word(*KINDS[rule.kind]),
        "\n".join([*way, say(rule.way_on)]),
        say.basis(*rule.basis),
    )


def _materials(say: Speaker) -> Table:
    """Every material once, with the items that use it."""
    used: dict[str, tuple[Material, list[str]]] = {}
    for item in say.pack.items.values():
        for material in item.materials:
            used.setdefault(material.id, (material, []))[1].append(say(item.title))
    head = (
        say.word("材料", "Material"),
        say.word("要不要交", "Needed?"),
        say.word("用于", "For"),
        say.word("依据", "Basis"),
    )
    rows = tuple(
        (
            say(material.title) + (f"（{say(material.hint)}）" if say(material.hint) else ""),
            need_words(say, material),
            say.joined(items),
            say.basis(material.basis),
        )
        for material, items in used.values()
    )
    return Table(head, rows)


def need_words(say: Speaker, material: Material) -> str:
    """Whether a material must be handed in."""
    if material.waived:
        return say.word("免提交", "not needed")
    if material.when is not None:
        return say.word("有需要的才交", "only where needed")
    return say.word("要交", "needed")


def _results(say: Speaker) -> Iterator[str]:
    for delivery in say.pack.delivery:
        title = say.item(delivery.item)
        for way in notice.ways(say, delivery):
            yield f"{title}{say.word('：', ': ')}{way}"


def _switches(say: Speaker) -> Iterator[str]:
    for switch in say.pack.switches:
        until = (
            switch.until_on.isoformat()
            if switch.until_on
            else say.word("另行通知", "further notice")
        )
        yield say.word(
            f"{say(switch.text)}（{switch.from_on.isoformat()} 起，到{until}）",
            f"{say(switch.text)} (from {switch.from_on.isoformat()} until {until})",
        )


def documents(say: Speaker) -> Iterator[str]:
    """The documents with number, issuers and day."""
    for source in say.pack.sources.values():
        issuers = say.joined(source.issuers)
        yield f"《{source.title}》{source.number}，{issuers}，{source.issued_on.isoformat()}"
