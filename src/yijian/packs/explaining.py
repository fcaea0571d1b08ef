"""说明: what a pack makes of a family, as plain values for the command line, a page or a test.

Every part names its basis. Dates are the latest ones: each task starts when what it waits for has
used up its whole limit.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from yijian.domain.clocks import Due, due_for, local_day, moment_of
from yijian.domain.context import Context
from yijian.domain.eligibility import Eligibility, Verdict
from yijian.domain.events import Event, TaskKey
from yijian.domain.handover import handover
from yijian.domain.insurance import last_day_for_birth_cover, payable_years
from yijian.domain.materials import asked_materials
from yijian.domain.plan import PlannedTask, make_plan
from yijian.domain.policy import Limit, Pack
from yijian.domain.signing import applicable_statements, required_steps
from yijian.domain.wording import Basis, Text
from yijian.packs.rehearsal import Rehearsal, can_be_planned, switched_off_by

Json = dict[str, Any]


def explanation(rehearsal: Rehearsal) -> Json:
    """Verdicts, tasks, dates, signatures, delivery, custody and notices for one family."""
    context, case, now = rehearsal.context, rehearsal.case, rehearsal.now
    pack = context.pack
    eligibility = context.judge(case, now)
    plan = make_plan(context, case, now) if can_be_planned(case, context) else ()
    return {
        "family": {
            "id": rehearsal.facts.family["id"],
            "title": rehearsal.facts.family["title"],
            "applied_at": rehearsal.facts.applied_at.isoformat(),
            "newborns": case.newborns,
        },
        "pack": {"code": pack.code, "version": pack.version, "digest": pack.digest},
        "eligible": eligibility.answer.value,
        "verdicts": [_verdict(pack, verdict) for verdict in eligibility.verdicts],
        "waits_for": list(eligibility.waits_for),
        "repairs": _repairs(eligibility),
        "tasks": tasks(plan, context, now),
        "promise": _limit(pack, pack.promise),
        "applicant": case.applicant,
        "channel": case.channel,
        "switched_off": list(switched_off_by(rehearsal)),
        "materials": _materials(rehearsal),
        "signing": _signing(rehearsal),
        "statements": [
            {"id": paper.id, "title": _text(paper.title), "signed_by": list(paper.signed_by)}
            for paper in applicable_statements(case, context, now)
        ],
        "insurance": _insurance(rehearsal),
        "delivery": _delivery(rehearsal),
        "custody": _custody(pack),
        "notices": _notices(pack),
    }


def tasks(plan: Iterable[PlannedTask], context: Context, start: datetime) -> list[Json]:
    """Every planned task with its office, limit and latest dates."""
    plan = tuple(plan)
    ends: dict[TaskKey, Due | None] = {}
    found = []
    for task in plan:
        before = [ends[key] for key in task.after if key in ends]
        known = all(due is not None for due in before)
        begins = max([start, *(due.at for due in before if due is not None)])
        due = None
        if task.exempt is not None:
            due = Due(begins, provisional=False)
        elif task.limit is not None and known:
            due = due_for(task.limit, task.counts_from or begins, context.calendar)
        ends[task.key] = due
        found.append(_task(task, context, begins if known else None, due))
    return found


def _task(task: PlannedTask, context: Context, begins: datetime | None, due: Due | None) -> Json:
    pack, office = context.pack, task.office
    told: Json = {
        "item": task.item.code,
        "title": _text(task.item.title),
        "newborn": task.newborn,
        "after": [list(key) for key in task.after],
        "applied_for": task.item.applied_for,
        "part_of": task.item.part_of,
        "basis": _basis(pack, task.item.basis),
    }
    if task.exempt is not None:
        return {
            **told,
            "not_needed": _text(task.exempt),
            "not_needed_basis": _one(pack, task.basis),
        }
    if task.switch is not None:
        told["switched_off"] = {"id": task.switch.id, "text": _text(task.switch.text)}
    return {
        **told,
        "office": office
        and {
            "code": office.code,
            "title": _text(office.title),
            "division": office.division,
            "channel": office.channel,
            "phone": office.phone,
        },
        "office_kind": task.item.office_kind,
        "limit": _limit(pack, task.limit),
        "starts_by": begins.isoformat() if begins else None,
        "due_by": due.at.isoformat() if due else None,
        "provisional": bool(due and due.provisional),
        "receives": list(task.item.payload),
        "asks": [
            {"id": ask.id, "title": _text(ask.title), "basis": _basis(pack, ask.basis)}
            for ask in task.item.asks
        ],
    }


def history(rehearsal: Rehearsal) -> list[Json]:
    """What happened in a rehearsal, in order, without personal values."""
    return [_event(event) for event in rehearsal.events]


def sent(rehearsal: Rehearsal) -> list[Json]:
    """The messages of a rehearsal, in order."""
    return [
        {"notice": m.notice, "to": m.role, "channel": m.channel, "text": m.text}
        for m in rehearsal.messages
    ]


def ending(rehearsal: Rehearsal) -> Json:
    """Where a rehearsal ended: stage, states, results, and why it could not go on."""
    case = rehearsal.case
    return {
        "stage": case.stage.value,
        "refused": rehearsal.refused,
        "ended_at": rehearsal.now.isoformat(),
        "states": [
            {"item": task.item, "newborn": task.newborn, "state": task.state.value}
            for task in case.tasks.values()
        ],
        "results": [
            {"item": item, "newborn": newborn, "result": {k: str(v) for k, v in values.items()}}
            for (item, newborn), values in case.results.items()
        ],
        "handed_over": _handed_over(rehearsal),
    }


def _handed_over(rehearsal: Rehearsal) -> list[Json]:
    """What goes to the counter: why, where, what to bring, which facts are known; no values."""
    packet = handover(rehearsal.case, rehearsal.context, rehearsal.now)
    return [
        {
            "item": part.item.code,
            "newborn": part.newborn,
            "why": _text(part.why),
            "office": part.office and {"code": part.office.code, "title": _text(part.office.title)},
            "way": part.way and _text(part.way),
            "bring": [_text(material.title) for material in part.bring],
            "known": [row.fact for row in part.known],
        }
        for part in packet.items
    ]


def _event(event: Event) -> Json:
    told: Json = {"at": event.at.isoformat(), "event": event.kind.value, "by": event.by}
    if event.task is not None:
        told["item"], told["newborn"] = event.task
    keys = ("register", "state", "role", "from", "to", "reason", "ask", "office", "due_at")
    return told | {key: event.public[key] for key in keys if event.public.get(key) is not None}


def _text(text: Text) -> Json:
    return {"zh": text.zh, "en": text.en}


def _basis(pack: Pack, basis: Basis) -> Json:
    document = pack.sources.get(basis.document)
    return {
        "document": basis.document,
        "number": document.number if document else "",
        "clause": basis.clause,
        "heading": document.clauses.get(basis.clause, "") if document else "",
    }


def _one(pack: Pack, basis: Basis | None) -> Json | None:
    return None if basis is None else _basis(pack, basis)


def _limit(pack: Pack, limit: Limit | None) -> Json | None:
    if limit is None:
        return None
    units = {"workdays": limit.workdays, "days": limit.days, "hours": limit.hours}
    return {
        **{unit: count for unit, count in units.items() if count is not None},
        "from": limit.from_on.isoformat(),
        "basis": _basis(pack, limit.basis),
        "decision": limit.decision,
    }


def _verdict(pack: Pack, verdict: Verdict) -> Json:
    rule = verdict.rule
    told: Json = {
        "rule": rule.id,
        "newborn": verdict.newborn,
        "answer": verdict.answer.value,
        "title": _text(rule.title),
        "sentence": _text(verdict.sentence),
        "basis": [_basis(pack, basis) for basis in rule.basis],
    }
    if verdict.waits_for:
        told["waits_for"] = list(verdict.waits_for)
    if verdict.answer.value == "no":
        told["way_on"] = _text(rule.way_on)
        told["repair"] = _text(rule.repair) if rule.repair else None
    return told


def _repairs(eligibility: Eligibility) -> list[Json]:
    return [
        {"fact": repair.fact, "value": repair.value, "turns": list(repair.turns)}
        for repair in eligibility.repairs
    ]


def _materials(rehearsal: Rehearsal) -> list[Json]:
    context, case, now = rehearsal.context, rehearsal.case, rehearsal.now
    if not can_be_planned(case, context):
        return []
    return [
        {
            "id": asked.material.id,
            "title": _text(asked.material.title),
            "kind": asked.material.kind,
            "items": list(asked.items),
            "basis": _basis(context.pack, asked.material.basis),
        }
        for asked in asked_materials(context, case, now)
    ]


def _signing(rehearsal: Rehearsal) -> list[Json]:
    pack = rehearsal.context.pack
    return [
        {
            "role": step.role,
            "live_check": step.live_check,
            "after": list(step.after),
            "text": _text(step.text),
            "basis": _basis(pack, step.basis),
        }
        for step in required_steps(rehearsal.case, rehearsal.context, rehearsal.now)
    ]


def _insurance(rehearsal: Rehearsal) -> list[Json]:
    rule = rehearsal.context.pack.insurance
    if rule is None:
        return []
    found = []
    for newborn in range(1, rehearsal.case.newborns + 1):
        values = rehearsal.context.values(rehearsal.case, newborn, rehearsal.now)
        born_at = moment_of(values.get(rehearsal.context.pack.anchors.get("birth", "")))
        if born_at is not None:
            born_on = local_day(born_at)
            found.append(
                {
                    "newborn": newborn,
                    "cover_from_birth_if_paid_by": last_day_for_birth_cover(
                        rule, born_on
                    ).isoformat(),
                    "years": list(payable_years(rule, born_on)),
                    "basis": [_basis(rehearsal.context.pack, basis) for basis in rule.basis],
                    "decision": rule.decision,
                }
            )
    return found


def _delivery(rehearsal: Rehearsal) -> list[Json]:
    context = rehearsal.context
    values: Mapping[str, object] = context.filled(rehearsal.case, 0, rehearsal.now)
    found = []
    for delivery in context.pack.delivery:
        chosen = values.get(delivery.fact) if delivery.fact else delivery.options[0].code
        for option in delivery.options:
            if option.code == chosen:
                found.append(
                    {
                        "item": delivery.item,
                        "way": option.code,
                        "title": _text(option.title),
                        "where": _text(option.where),
                        "bring": _text(option.bring),
                        "cost": _text(option.cost),
                        "basis": _basis(context.pack, option.basis),
                    }
                )
    return found


def _custody(pack: Pack) -> list[Json]:
    return [
        {
            "part": rule.part,
            "title": _text(rule.title),
            "holder": _text(rule.holder),
            "goes_to": _text(rule.goes_to),
            "every": _text(rule.every),
            "basis": _basis(pack, rule.basis),
        }
        for rule in pack.custody
    ]


def _notices(pack: Pack) -> list[Json]:
    return [
        {
            "notice": notice.id,
            "on": notice.on,
            "to": list(notice.to),
            "channels": list(notice.channels),
            "text": _text(notice.text),
        }
        for notice in pack.notices
    ]
