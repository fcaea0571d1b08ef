"""`yijian packs` as text: an explanation or a rehearsal as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from yijian.domain.clocks import SHANGHAI

Json = dict[str, Any]

_ANSWERS = {
    "yes": "符合",
    "no": "不符合",
    "unknown": "还不知道",
    "stale": "要重新核验",
    "needs_person": "要人工核对",
}
_WORDS = {
    "zh": {
        "eligible": "资格",
        "plan": "要办的事",
        "signing": "签名顺序",
        "delivery": "怎么拿到",
        "insurance": "医保",
        "custody": "纸质材料",
        "notices": "消息",
        "promise": "承诺",
        "newborn": "婴儿",
        "no_office": "没有找到机构，由人工指派",
        "no_limit": "没有时限",
        "latest": "最晚",
        "provisional": "（日历暂定）",
        "way_on": "怎么办",
        "repair": "补救",
        "live_check": "先刷脸",
        "not_needed": "不用办",
        "materials": "要交的材料",
        "switched_off": "还没有开通",
    },
    "en": {
        "eligible": "Eligibility",
        "plan": "What is done",
        "signing": "Signatures",
        "delivery": "How results arrive",
        "insurance": "Medical insurance",
        "custody": "Paper parts",
        "notices": "Messages",
        "promise": "Promise",
        "newborn": "newborn",
        "no_office": "no office found, a person must say",
        "no_limit": "no limit set",
        "latest": "latest",
        "provisional": " (calendar provisional)",
        "way_on": "way on",
        "repair": "repair",
        "live_check": "after a face check",
        "not_needed": "not needed",
        "materials": "Materials to hand in",
        "switched_off": "Not online yet",
    },
}


def explanation_lines(told: Json, language: str) -> list[str]:
    """What a pack makes of a family, as lines."""
    words = _WORDS[language]
    family, pack = told["family"], told["pack"]
    lines = [
        f"{_in(family['title'], language)}  {family['applied_at']}",
        f"{pack['code']} {pack['version']} {pack['digest'][:12]}",
        "",
        f"{words['eligible']}: {_answer(told['eligible'], language)}",
    ]
    for verdict in told["verdicts"]:
        lines.extend(_verdict(verdict, words, language))
    for repair in told["repairs"]:
        lines.append(f"  → {repair['fact']} = {repair['value']}  ({', '.join(repair['turns'])})")
    lines += ["", words["plan"]]
    for task in told["tasks"]:
        lines.extend(_task(task, words, language))
    if told["promise"]:
        lines.append(f"  {words['promise']}: {_limit(told['promise'], language)}")
    if told["materials"]:
        lines += ["", words["materials"]]
    for paper in told["materials"]:
        lines.append(f"  {_in(paper['title'], language)} ({', '.join(paper['items'])})")
    if told["switched_off"]:
        lines += ["", f"{words['switched_off']}: {', '.join(told['switched_off'])}"]
    lines += ["", words["signing"]]
    for number, step in enumerate(told["signing"], 1):
        face = f"（{words['live_check']}）" if step["live_check"] else ""
        lines.append(f"  {number}. {step['role']}{face} {_basis(step['basis'])}")
    for paper in told["statements"]:
        lines.append(f"  {_in(paper['title'], language)} ({', '.join(paper['signed_by'])})")
    lines.extend(_rest(told, words, language))
    return lines


def _rest(told: Json, words: Mapping[str, str], language: str) -> Iterator[str]:
    if told["insurance"]:
        yield from ("", words["insurance"])
    for row in told["insurance"]:
        years = ", ".join(map(str, row["years"]))
        by = row["cover_from_birth_if_paid_by"]
        yield f"  {words['newborn']} {row['newborn']}: {years} ≤ {by} {_basis(row['basis'][0])}"
    if told["delivery"]:
        yield from ("", words["delivery"])
    for way in told["delivery"]:
        parts = [_in(way[key], language) for key in ("title", "where", "bring", "cost")]
        yield f"  {way['item']}: {' · '.join(part for part in parts if part)}"
    if told["custody"]:
        yield from ("", words["custody"])
    for row in told["custody"]:
        where = f"{_in(row['holder'], language)} → {_in(row['goes_to'], language)}"
        yield f"  {_in(row['title'], language)}: {where} · {_in(row['every'], language)}"
    if told["notices"]:
        yield from ("", words["notices"])
    for notice in told["notices"]:
        to = "+".join(notice["to"])
        yield f"  {notice['on']} → {to} ({', '.join(notice['channels'])})"
        yield f"      {_in(notice['text'], language)}"


def _verdict(verdict: Json, words: Mapping[str, str], language: str) -> Iterator[str]:
    mark = {"yes": "✓", "no": "✗"}.get(verdict["answer"], "?")
    who = f"（{words['newborn']} {verdict['newborn']}）" if verdict["newborn"] else ""
    basis = " ".join(_basis(each) for each in verdict["basis"])
    yield f"  {mark} {_in(verdict['title'], language)}{who}  {verdict['rule']}  {basis}"
    if verdict["answer"] == "yes":
        return
    yield f"      {_answer(verdict['answer'], language)}: {_in(verdict['sentence'], language)}"
    if verdict.get("waits_for"):
        yield f"      ← {', '.join(verdict['waits_for'])}"
    for key in ("way_on", "repair"):
        if verdict.get(key):
            yield f"      {words[key]}: {_in(verdict[key], language)}"


def _task(task: Json, words: Mapping[str, str], language: str) -> Iterator[str]:
    who = f" #{task['newborn']}" if task["newborn"] else ""
    title = f"{_in(task['title'], language)}{who}"
    if "not_needed" in task:
        basis = task["not_needed_basis"] or task["basis"]
        sentence = _in(task["not_needed"], language)
        yield f"  – {title}: {words['not_needed']}。{sentence} {_basis(basis)}"
        return
    office = task["office"]
    at = f"{_in(office['title'], language)} {office['code']}" if office else words["no_office"]
    yield f"  • {title} → {at}"
    limit = _limit(task["limit"], language) if task["limit"] else words["no_limit"]
    due = ""
    if task["due_by"]:
        provisional = words["provisional"] if task["provisional"] else ""
        due = f" · {words['latest']} {_last_day(task['due_by'])}{provisional}"
    yield f"      {limit}{due}"
    if task["after"]:
        before = ", ".join(f"{code}{f' #{n}' if n else ''}" for code, n in task["after"])
        yield f"      ⟵ {before}"
    for ask in task["asks"]:
        yield f"      ☐ {_in(ask['title'], language)} {_basis(ask['basis'])}"


def history_lines(events: list[Json], titles: Mapping[str, str]) -> list[str]:
    """What happened, one line per event."""
    lines = []
    for event in events:
        at = datetime.fromisoformat(event["at"]).astimezone(SHANGHAI)
        what = [event["event"]]
        if "item" in event:
            who = f" #{event['newborn']}" if event["newborn"] else ""
            what.append(f"{titles.get(event['item'], event['item'])}{who}")
        if "to" in event:
            what.append(f"{event['from']} → {event['to']}")
        for key in ("register", "state", "role", "ask", "reason", "office"):
            if key in event:
                what.append(str(event[key]))
        lines.append(f"{at:%m-%d %H:%M}  {event['by']:<16} {' · '.join(what)}")
    return lines


def ending_lines(end: Json, messages: list[Json], titles: Mapping[str, str]) -> list[str]:
    """Where it ended: messages, states and results."""
    lines = ["", f"消息 {len(messages)}"]
    lines += [f"  {m['to']} {m['channel']}: {m['text']}" for m in messages]
    lines += ["", f"结束 {end['stage']} {end['refused'] or ''}".rstrip()]
    results = {(row["item"], row["newborn"]): row["result"] for row in end["results"]}
    for row in end["states"]:
        who = f" #{row['newborn']}" if row["newborn"] else ""
        given = results.get((row["item"], row["newborn"]), {})
        result = "  " + ", ".join(f"{k} = {v}" for k, v in given.items()) if given else ""
        lines.append(f"  {titles.get(row['item'], row['item'])}{who}: {row['state']}{result}")
    if end["handed_over"]:
        lines += ["", f"转窗口 {len(end['handed_over'])}"]
    for part in end["handed_over"]:
        who = f" #{part['newborn']}" if part["newborn"] else ""
        where = part["office"]["code"] if part["office"] else "—"
        lines.append(
            f"  {titles.get(part['item'], part['item'])}{who} → {where}  {part['why']['zh']}"
        )
        lines += [f"      + {bring['zh']}" for bring in part["bring"]]
    return lines


def difference_lines(told: Json) -> list[str]:
    """What differs between two packs, part by part."""
    one, other = told["before"], told["after"]
    lines = [f"{p['code']} {p['version']} {p['digest'][:12]}" for p in (one, other)]
    for part, heading, key in (
        ("families", "资格不同的样例", "family"),
        ("rules", "规则", "rule"),
        ("items", "事项", "item"),
        ("asked", "要填的内容", "fact"),
        ("materials", "要交的材料", "material"),
        ("signers", "申请、到场和签名", "role"),
        ("clocks", "时限", "item"),
        ("values", "全部改动的值", "path"),
    ):
        lines += ["", f"{heading} {len(told[part])}"]
        for row in told[part]:
            lines += [f"  {row[key]}", f"    - {_short(row['before'])}"]
            lines.append(f"    + {_short(row['after'])}")
    return [*lines, *_population_lines(told["population"])]


def _population_lines(told: Json) -> Iterator[str]:
    yield ""
    yield (
        f"合成家庭 {told['families']} 个：符合的从 {told['fit_before']} 个变为 {told['fit_after']} 个，"
        f"新符合 {told['gained']} 个，不再符合 {told['lost']} 个"
    )
    for row in told["by_rule"]:
        yield (
            f"  {row['rule']}: 不符 {row['refuses_before']} → {row['refuses_after']}，"
            f"只差这一条 {row['alone_before']} → {row['alone_after']}"
        )


def matching_lines(told: Json, language: str) -> list[str]:
    """Which packs fit a family, as lines."""
    zh = language == "zh"
    lines = []
    for row in sorted(told["packs"], key=lambda row: not row["fits"]):
        leads = row["pack"] == told["leading"]
        mark = "★" if leads else "✓" if row["fits"] else "✗"
        lines.append(f"{mark} {row['pack']}  {_in(row['title'], language)}")
        if row["switched_off"]:
            lines.append(f"    {'还没有开通' if zh else 'not online yet'}: {row['switched_off']}")
        elif not row["served"]:
            lines.append("    " + ("不在这里办" if zh else "does not serve this place or day"))
        for verdict in row["failed"]:
            lines.append(f"    {verdict['rule']}: {_in(verdict['sentence'], language)}")
        if row["unknown"]:
            waiting = "还不知道" if zh else "not known yet"
            lines.append(f"    {waiting}: {', '.join(row['unknown'])}")
    for other in told["beside"]:
        free = ("可以改选" if zh else "may be chosen") if other["choice"] else "—"
        reason = _in(other["reason"], language) if other["reason"] else ""
        lines.append(f"{other['pack']}: {free} {reason}".rstrip())
    return lines


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_short(part)}" for key, part in value.items())
    if isinstance(value, list):
        return "[" + ", ".join(_short(part) for part in value) + "]"
    return "—" if value is None else str(value)


def _answer(answer: str, language: str) -> str:
    return _ANSWERS[answer] if language == "zh" else answer.replace("_", " ")


def _in(text: Json, language: str) -> str:
    return str(text[language]).strip()


def _basis(basis: Json) -> str:
    return f"〔{basis['number'] or basis['document']} {basis['clause']}〕"


def _limit(limit: Json, language: str) -> str:
    units = {"workdays": "个工作日", "days": "天", "hours": "小时"}
    unit = next(unit for unit in units if unit in limit)
    count = f"{limit[unit]} {units[unit] if language == 'zh' else unit}"
    if unit == "workdays" and not limit[unit]:
        count = "当天办结" if language == "zh" else "the same working day"
    decision = f" ({limit['decision']})" if limit["decision"] else ""
    return f"{count}{decision} {_basis(limit['basis'])}"


def _last_day(moment: str) -> str:
    """The last day of a deadline, which is kept as the moment that day ends."""
    last = datetime.fromisoformat(moment).astimezone(SHANGHAI) - timedelta(microseconds=1)
    return f"{last:%Y-%m-%d}"
