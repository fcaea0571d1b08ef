"""表单的检查: ask only what is needed, lose nothing of the official form, offer what is listed."""

from collections.abc import Iterator

from yijian.domain.policy import FactKind, Pack
from yijian.packs.compiling import expressions_in, language_of
from yijian.packs.findings import Finding, Severity
from yijian.packs.reading import Source
from yijian.packs.references import OUTSIDE
from yijian.packs.sources_of_facts import FactSources


def check_form(source: Source, pack: Pack, facts: FactSources) -> Iterator[Finding]:
    """Findings about fields, pages, the official form and the ways of delivery."""
    yield from _minimal(source, pack, facts)
    yield from _official(source, pack)
    yield from _pages(source, pack)
    yield from _delivery(source, pack)
    yield from _code_lists(source, pack)


def _minimal(source: Source, pack: Pack, facts: FactSources) -> Iterator[Finding]:
    used = _used_by_policy(source, pack, facts)
    reaches = {
        code: facts.with_origins((*item.payload, item.office_fact))
        for code, item in pack.items.items()
    }
    for section in pack.form:
        for field in section.fields:
            path = ("sections", section.id, "fields", field.fact)
            if not field.items and not field.official and field.fact not in used:
                sentence = f"没有事项、规则或官方表格需要“{field.label.zh}”，不能向家庭要"
                yield Finding(source.place(*path), sentence)
            for index, code in enumerate(field.items):
                parts = [c for c, item in pack.items.items() if c == code or item.part_of == code]
                gets = any(field.fact in reaches[part] for part in parts)
                if not gets and not field.official and field.fact not in used:
                    sentence = f"事项“{code}”的机构收不到“{field.label.zh}”（payload），不必要"
                    yield Finding(source.place(*path, "items", index), sentence)


def _used_by_policy(source: Source, pack: Pack, facts: FactSources) -> frozenset[str]:
    """Facts that rules, exemptions, other fields, delivery or notices look at."""
    words = language_of(source.model.facts)
    needed = {
        fact
        for path, text, kind in expressions_in(source.model)
        if path[0] != "facts"
        for fact in words.expression(text, kind).needs
    }
    needed |= {delivery.fact for delivery in pack.delivery if delivery.fact is not None}
    return facts.with_origins(needed)


def _official(source: Source, pack: Pack) -> Iterator[Finding]:
    cells = source.model.official
    asked = {field.fact for field in pack.fields()}
    if not cells:
        yield Finding(source.place("pack"), "form.yaml 没有列出官方申请表的格子（official）")
        return
    for cell, official in cells.items():
        if official.fact is not None and official.fact not in asked:
            place = source.place("official", cell)
            yield Finding(place, f"官方表格的“{cell}”在表单里没有（{official.fact}），也没有决定")
    filled = {official.fact for official in cells.values()}
    for section in pack.form:
        for field in section.fields:
            if field.official and field.fact not in filled:
                place = source.place("sections", section.id, "fields", field.fact)
                sentence = f"“{field.label.zh}”标为官方表格的格子，但 official 里没有它"
                yield Finding(place, sentence)


def _pages(source: Source, pack: Pack) -> Iterator[Finding]:
    used = {section.page for section in pack.form}
    for page in pack.pages:
        if page.id not in used:
            yield Finding(
                source.place("pages", page.id), "这一页没有任何表单内容", Severity.WARNING
            )
    seen: dict[str, str] = {}
    for section in pack.form:
        for field in section.fields:
            if field.fact in seen:
                place = source.place("sections", section.id, "fields", field.fact)
                yield Finding(place, f"“{field.fact}”在“{seen[field.fact]}”里已经问过")
            seen[field.fact] = section.id


def _delivery(source: Source, pack: Pack) -> Iterator[Finding]:
    for delivery in pack.delivery:
        place = source.place("delivery", delivery.item)
        codes = {option.code for option in delivery.options}
        if delivery.fact is None:
            if len(codes) != 1:
                yield Finding(place, "有几种送达方式时要写由哪个字段选择（fact）")
            continue
        listed = pack.code_lists.get(pack.facts[delivery.fact].code_list or "")
        if listed is not None and codes != set(listed.entries):
            odd = "、".join(sorted(codes ^ set(listed.entries)))
            yield Finding(place, f"送达方式与代码表“{listed.id}”对不上：{odd}")
        if any(option.needs_address for option in delivery.options) and not _asks_address(pack):
            yield Finding(place, "需要地址，但表单没有收件地址的字段")


def _asks_address(pack: Pack) -> bool:
    return any(field.fact.endswith("address") for field in pack.fields())


def _code_lists(source: Source, pack: Pack) -> Iterator[Finding]:
    for id_, fact in pack.facts.items():
        if fact.kind in (FactKind.CODE, FactKind.CODES) and fact.code_list is None:
            sentence = f"“{fact.title.zh}”是代码，却没有写代码表（code_list）"
            yield Finding(source.place("facts", id_), sentence, Severity.WARNING)
    for section in pack.form:
        for field in section.fields:
            list_id = pack.facts[field.fact].code_list
            listed = pack.code_lists.get(list_id or "")
            if listed is None or list_id in OUTSIDE:
                continue
            path = ("sections", section.id, "fields", field.fact)
            for name, expression in (("default", field.default), ("offered", field.offered)):
                if expression is None or expression.needs:
                    continue
                value = expression.value({})
                codes = value if isinstance(value, tuple) else (value,)
                for code in codes:
                    if code not in listed.entries:
                        sentence = f"代码表“{listed.id}”里没有“{code}”"
                        yield Finding(source.place(*path, name), sentence)
