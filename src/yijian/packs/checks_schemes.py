"""人、开关与先后的检查: people who sign, switches that can be reached, items that can go on."""

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from yijian.domain.policy import Pack, ServiceItem
from yijian.domain.results import COMPARED
from yijian.domain.schemes import covers
from yijian.packs.findings import Finding, Severity, nearest
from yijian.packs.reading import Source, codes_in

CHANNELS = ("message", "sms")
_ORDERED = {"item_order": "事项", "page_order": "页面", "section_order": "栏目", "order": "字段"}


def check_schemes(packs_dir: Path, source: Source, pack: Pack) -> Iterator[Finding]:
    """Findings about people, switches, neighbours and what waits for what."""
    yield from _people(source, pack)
    yield from _switches(source, pack)
    yield from _alongside(packs_dir, source, pack)
    yield from _companions(source, pack)
    yield from _asks(source, pack)
    yield from _dates(source, pack)
    yield from _compared(source, pack)
    yield from _orders(source)


def _people(source: Source, pack: Pack) -> Iterator[Finding]:
    signers = {step.role for step in pack.signing}
    if not pack.roles:
        yield Finding(source.place("pack"), "没有写这件事里有哪些人（roles）")
    for statement in pack.statements:
        for index, role in enumerate(statement.signed_by):
            if role not in signers:
                place = source.place("statements", statement.id, "signed_by", index)
                yield Finding(place, f"“{role}”要签这份材料，但签名步骤（signing）里没有")
    used = {*pack.applicants, *pack.fills, *signers, *(step.role for step in pack.arrivals)}
    used |= {role for statement in pack.statements for role in statement.signed_by}
    for step in pack.arrivals:
        if step.role not in signers | set(pack.fills):
            place = source.place("pack", "arrivals", step.role)
            yield Finding(place, f"等“{step.role}”到场，但既不填表也不签名", Severity.WARNING)
    for role in pack.fills:
        if role not in used & (signers | set(pack.applicants)):
            yield Finding(source.place("pack", "fills"), f"“{role}”填表，却不申请也不签名")
    for notice in pack.notices:
        for index, channel in enumerate(notice.channels):
            if channel not in CHANNELS:
                sentence = f"没有叫“{channel}”的消息渠道{nearest(channel, CHANNELS)}"
                yield Finding(source.place("notices", notice.id, "channels", index), sentence)


def _switches(source: Source, pack: Pack) -> Iterator[Finding]:
    for switch in pack.switches:
        here = ("pack", "switches", switch.id)
        if switch.until_on is not None and switch.until_on <= switch.from_on:
            yield Finding(source.place(*here, "until"), "开关结束（until）不晚于开始（from）")
        elif switch.until_on is not None and switch.until_on <= pack.in_force_from:
            yield Finding(source.place(*here, "until"), "方案施行以前就结束了，这个开关没有用")
        if pack.in_force_until is not None and switch.from_on >= pack.in_force_until:
            yield Finding(source.place(*here, "from"), "方案失效以后才开始，这个开关没有用")
        for index, division in enumerate(switch.divisions):
            if pack.divisions and not covers(pack.divisions, division):
                place = source.place(*here, "divisions", index)
                yield Finding(place, f"“{division}”不在本方案的范围（divisions）里")
        if "online" not in pack.channels:
            sentence = "本方案没有线上渠道，开关说的是线上"
            yield Finding(source.place(*here), sentence, Severity.WARNING)


def _alongside(packs_dir: Path, source: Source, pack: Pack) -> Iterator[Finding]:
    codes = codes_in(packs_dir)
    for code, other in pack.alongside.items():
        place = source.place("pack", "alongside", code)
        if code == pack.code:
            yield Finding(place, "自己和自己不用比先后")
        elif code not in codes:
            yield Finding(place, f"没有“{code}”这个政策包{nearest(code, codes)}", Severity.WARNING)
        if not other.reason.zh.strip():
            yield Finding(place, "没有写家庭读到的理由（reason）")


def _companions(source: Source, pack: Pack) -> Iterator[Finding]:
    """Items required one by one must not go round in a ring, nor be required of themselves."""
    alone: Mapping[str, list[str]] = {
        code: [group[0] for group in item.requires if len(group) == 1]
        for code, item in pack.items.items()
    }
    try:
        TopologicalSorter(alone).prepare()
    except CycleError as error:
        ring = list(reversed(error.args[1]))
        place = source.place("items", ring[0], "requires")
        yield Finding(place, f"绕了一圈：{' → '.join(ring)}")
    for code, item in pack.items.items():
        for index, group in enumerate(item.requires):
            if code in group and len(group) > 1:
                sentence = "这一组里有事项自己，等于没有要求"
                yield Finding(source.place("items", code, "requires", index), sentence)


def _asks(source: Source, pack: Pack) -> Iterator[Finding]:
    """A blocking ask must not wait for an item that itself waits for this one."""
    for code, item in pack.items.items():
        for ask in item.asks:
            other = ask.after.partition(":")[0] if ":" in ask.after else None
            if other is None:
                continue
            place = source.place("items", code, "asks", ask.id, "after")
            if other == code:
                yield Finding(place, "说的是自己的状态，只写状态就行")
            elif ask.blocks and code in _upstream(pack, pack.items[other]):
                yield Finding(place, f"“{other}”要等本事项办结，本事项又等它，永远办不完")


def _upstream(pack: Pack, item: ServiceItem) -> set[str]:
    found: set[str] = set()
    ways = list(item.needs)
    while ways:
        need = ways.pop()
        if need not in found:
            found.add(need)
            ways.extend(pack.items[need].needs)
    return found


def _dates(source: Source, pack: Pack) -> Iterator[Finding]:
    for rule in pack.rules:
        if rule.from_on is not None and rule.until_on is not None and rule.until_on <= rule.from_on:
            yield Finding(
                source.place("rules", rule.id, "until"), "结束（until）不晚于开始（from）"
            )
    for code, item in pack.items.items():
        for index, limit in enumerate(item.limits):
            if limit.since is not None and limit.since not in pack.anchors:
                place = source.place("items", code, "limits", index, "since")
                close = nearest(limit.since, pack.anchors)
                yield Finding(place, f"没有叫“{limit.since}”的起算点（anchors）{close}")


def _compared(source: Source, pack: Pack) -> Iterator[Finding]:
    for code, item in pack.items.items():
        for result in item.results:
            wanted = COMPARED.get(result.check or "", frozenset())
            for name in sorted(wanted - result.check_with.keys()):
                place = source.place("items", code, "results", result.id, "check")
                yield Finding(place, f"核对“{result.check}”要写和哪个事实比（check_with.{name}）")


def _orders(source: Source) -> Iterator[Finding]:
    """Orders are applied and then gone from the document, so their names are looked at here."""
    model = source.model
    orders: list[tuple[tuple[str, ...], list[str], Iterable[str]]] = [
        (("pack", "item_order"), model.pack.item_order, model.items),
        (("page_order",), model.page_order, model.pages),
        (("section_order",), model.section_order, model.sections),
    ]
    orders += [
        (("sections", id_, "order"), section.order, section.fields)
        for id_, section in model.sections.items()
    ]
    for path, names, known in orders:
        for index, name in enumerate(names):
            if name not in known:
                sentence = f"没有叫“{name}”的{_ORDERED[path[-1]]}{nearest(name, known)}"
                yield Finding(source.place(*path, index), sentence)
