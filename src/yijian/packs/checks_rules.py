"""规则与时限的检查: rules that can say something, limits without holes, a promise that adds up."""

import re
from collections.abc import Iterator
from datetime import datetime, time

from yijian.domain.clocks import SHANGHAI
from yijian.domain.plan import critical_workdays
from yijian.domain.policy import FactKind, Pack
from yijian.domain.results import CHECKS
from yijian.packs.compiling import expressions_in, language_of
from yijian.packs.findings import Finding, Severity, nearest
from yijian.packs.reading import Source
from yijian.packs.sources_of_facts import FactSources

_COMPARED = re.compile(r"\b([a-z][a-z0-9_]*)\s*[!=]=\s*([\"'])([^\"']*)\2")


def check_rules(source: Source, pack: Pack, facts: FactSources) -> Iterator[Finding]:
    """Findings about rules, exemptions and every expression's codes."""
    seen: dict[tuple[str, str], str] = {}
    for rule in pack.rules:
        for name, said in (("failed", rule.failed), ("way_on", rule.way_on)):
            if not said.zh.strip():
                sentence = f"规则“{rule.id}”没有写 {name}"
                yield Finding(source.place("rules", rule.id, name), sentence)
        same = ("".join(rule.condition.source.split()), rule.scope.value)
        if same in seen:
            sentence = f"条件与规则“{seen[same]}”完全一样，只留一条"
            yield Finding(source.place("rules", rule.id, "condition"), sentence)
        seen.setdefault(same, rule.id)
    for path, text, kind in expressions_in(source.model):
        yield from _expression(source, pack, facts, path, text, kind)


def _expression(
    source: Source,
    pack: Pack,
    facts: FactSources,
    path: tuple[str | int, ...],
    text: str,
    kind: FactKind,
) -> Iterator[Finding]:
    needs = language_of(source.model.facts).expression(text, kind).needs
    place = source.place(*path)
    if kind is FactKind.YES_NO and not needs and path[-1] != "default":
        yield Finding(place, "这个条件不看任何事实，永远是同一个答案")
    for fact in sorted(needs):
        if not facts.can_be_known(fact):
            yield Finding(place, f"事实“{fact}”没有来处（登记库、表单、办理结果都不给），永远未知")
    for fact, _, code in _COMPARED.findall(text):
        listed = pack.code_lists.get((pack.facts[fact].code_list or "") if fact in needs else "")
        if listed is not None and code not in listed.entries:
            close = nearest(code, listed.entries)
            yield Finding(place, f"代码表“{listed.id}”里没有“{code}”{close}")


def check_items(source: Source, pack: Pack, facts: FactSources) -> Iterator[Finding]:
    """Findings about limits, payloads and results of items."""
    for code, item in pack.items.items():
        yield from _limits(source, pack, code)
        if item.retention is None:
            sentence = "没有写保管期限（retention），档案按永久保管"
            yield Finding(source.place("items", code), sentence, Severity.WARNING)
        reachable = _upstream(pack, code)
        for index, fact in enumerate(item.payload):
            place = source.place("items", code, "payload", index)
            if not facts.can_be_known(fact):
                yield Finding(place, f"事实“{fact}”没有来处，机构永远收不到")
            giver = facts.given_by.get(fact)
            if giver is not None and giver not in reachable and pack.facts[fact].register is None:
                sentence = f"“{fact}”由事项“{giver}”给出，但本事项不在它之后（needs）"
                yield Finding(place, sentence)
        if not facts.can_be_known(item.office_fact):
            sentence = f"事实“{item.office_fact}”没有来处，永远找不到机构"
            yield Finding(source.place("items", code, "office_fact"), sentence)
        for result in item.results:
            if result.check is not None and result.check not in CHECKS:
                sentence = f"没有叫“{result.check}”的核对方法{nearest(result.check, CHECKS)}"
                place = source.place("items", code, "results", result.id, "check")
                yield Finding(place, sentence)


def _upstream(pack: Pack, code: str) -> set[str]:
    found = {code}
    waiting = [code]
    while waiting:
        for need in pack.items[waiting.pop()].needs:
            if need not in found:
                found.add(need)
                waiting.append(need)
    return found


def _limits(source: Source, pack: Pack, code: str) -> Iterator[Finding]:
    limits = pack.items[code].limits
    days = [limit.from_on for limit in limits]
    for index, day in enumerate(days):
        if day in days[:index]:
            place = source.place("items", code, "limits", index, "from")
            yield Finding(place, f"{day} 起已经有一个时限，两个不能同时有效")
    if days and min(days) > pack.in_force_from:
        sentence = f"从 {pack.in_force_from} 到 {min(days)} 没有时限"
        yield Finding(source.place("items", code, "limits"), sentence, Severity.WARNING)


def check_promise(source: Source, pack: Pack) -> Iterator[Finding]:
    """The joint promise is the longest chain of item limits, where both are in working days."""
    if pack.promise is None or pack.promise.workdays is None:
        return
    start = max(pack.in_force_from, pack.promise.from_on)
    path = critical_workdays(pack.items.values(), datetime.combine(start, time(), SHANGHAI))
    if path != pack.promise.workdays:
        severity = Severity.WARNING if pack.promise.decision else Severity.ERROR
        sentence = f"承诺 {pack.promise.workdays} 个工作日，各事项时限最长一串加起来是 {path} 个"
        yield Finding(source.place("pack", "promise", "workdays"), sentence, severity)


def check_signing(source: Source, pack: Pack) -> Iterator[Finding]:
    """Somebody applies and signs, and who applies signs."""
    place = source.place("pack")
    if not pack.applicants:
        yield Finding(place, "没有写谁申请（applicants）")
    if not pack.signing:
        yield Finding(place, "没有写谁签名（signing）")
    for role in pack.applicants:
        if pack.signing and pack.signing_step(role) is None:
            yield Finding(source.place("pack", "applicants"), f"“{role}”申请却不签名")
