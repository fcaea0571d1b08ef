"""核验结果: what was checked about a family, as the review page lists it: rules, signatures, materials,
and how often the family has corrected something."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext

from yijian.domain.cases import Case, CheckState, Task
from yijian.domain.context import Context
from yijian.domain.eligibility import Answer, Verdict
from yijian.domain.events import EventKind
from yijian.domain.policy import Rule, ServiceItem
from yijian.domain.signing import required_steps, valid_signatures
from yijian.domain.states import TaskState
from yijian.records import journal
from yijian.records.materials import PICTURE, MaterialPage
from yijian.web.applicant.values import register_title, shown_moment, worded

ANSWERS = {Answer.NEEDS_PERSON: "person"}
LIVE = {CheckState.FOUND: "yes", CheckState.FAILED: "no", CheckState.EMPTY: "unknown"}
Finding = dict[str, str]


def role_title(role: str) -> str:
    """What the desk calls a parent."""
    return {"mother": gettext("母亲"), "father": gettext("父亲")}.get(role, role)


def rule_findings(
    case: Case, item: ServiceItem, task: Task, context: Context, now: datetime
) -> list[Finding]:
    """The verdicts that rest on what this office receives, those that are not yes first."""
    known = _reach(item, context)
    found = [
        _finding(verdict, context)
        for verdict in context.judge(case, now).verdicts
        if verdict.newborn in (0, task.newborn) and _concerns(verdict.rule, known)
    ]
    return sorted(found, key=lambda one: one["answer"] == "yes")


def _reach(item: ServiceItem, context: Context) -> set[str]:
    """The payload and what its facts are derived from."""
    known = set(item.payload)
    for fact in item.payload:
        fact_type = context.pack.facts.get(fact)
        if fact_type is not None and fact_type.derive is not None:
            known |= fact_type.derive.needs
    return known


def _concerns(rule: Rule, known: set[str]) -> bool:
    return bool(rule.condition.needs & known)


def _finding(verdict: Verdict, context: Context) -> Finding:
    registers = [register_title(register, context) for register in verdict.rule.registers]
    text = verdict.sentence if verdict.answer is Answer.NO else verdict.rule.met
    if verdict.answer not in (Answer.YES, Answer.NO):
        text = verdict.rule.title
    return {
        "answer": ANSWERS.get(verdict.answer, verdict.answer.value),
        "text": worded(text),
        "source": gettext("、").join(registers),
    }


def signature_findings(case: Case, context: Context) -> list[Finding]:
    """Who signed what is shown, and whose live-person check passed."""
    found = []
    valid = valid_signatures(case)
    since = case.submitted_at or case.started_at
    for step in required_steps(case, context, since):
        signature = case.signatures.get(step.role)
        who = role_title(step.role)
        if step.live_check and not (signature is not None and signature.witnessed):
            check = case.live_check(step.role)
            words = gettext("%(who)s人脸核验") % {"who": who}
            found.append(
                {
                    "answer": LIVE.get(check.state, "unknown") if check else "unknown",
                    "text": words,
                    "source": shown_moment(check.at) if check else "",
                }
            )
        found.append(
            {
                "answer": "yes" if step.role in valid else "no",
                "text": gettext("%(who)s签名") % {"who": who},
                "source": shown_moment(signature.at) if signature else "",
            }
        )
    return found


def materials_of(
    case: Case,
    item: ServiceItem,
    context: Context,
    pages: Iterable[MaterialPage] = (),
    task_id: UUID | None = None,
) -> list[dict[str, object]]:
    """What would have to be shown: where it was known from instead, or its scanned pages."""
    found: list[dict[str, object]] = []
    scanned: dict[str, list[MaterialPage]] = {}
    for page in pages:
        scanned.setdefault(page.material, []).append(page)
    for material in item.materials:
        check = case.checks.get(material.register or "")
        has = material.waived and (material.register is None or check is not None)
        source = register_title(material.register, context) if material.register else ""
        kept = scanned.get(material.id, [])
        scans = [p for p in kept if p.kind == PICTURE]
        if scans:
            tag, tone = gettext("%(number)s 页") % {"number": len(scans)}, "good"
        elif kept:
            tag, tone = gettext("窗口已收原件"), "good"
        elif material.waived and has:
            tag, tone = gettext("免提交"), "good"
        elif material.waived:
            tag, tone = gettext("没有查到"), "warn"
        else:
            tag, tone = gettext("家庭交到窗口"), "warn"
        found.append(
            {
                "title": worded(material.title),
                "tag": tag,
                "tone": tone,
                "source": source,
                "pages": [
                    {"page": p.page, "url": reverse("desk_material", args=[task_id, p.id])}
                    for p in scans
                    if task_id is not None
                ],
            }
        )
    return found


def corrections_of(case: Case, task: Task, context: Context) -> list[dict[str, str]]:
    """What was asked to be corrected and what the family corrected, oldest first."""
    if not task.round and task.state is not TaskState.CORRECTION_NEEDED:
        return []
    found = []
    for entry in journal.entries_of(UUID(case.id)):
        event = entry.event
        if event.kind is not EventKind.TASK_MOVED or event.task != task.key:
            continue
        at = shown_moment(event.at)
        if event.public.get("to") == TaskState.CORRECTION_NEEDED.value:
            fields = _titles(event.public.get("correct"), context)
            words = gettext("请家庭补正：%(fields)s") % {"fields": fields}
            found.append({"at": at, "text": words})
        elif event.public.get("from") == TaskState.CORRECTION_NEEDED.value:
            fields = _titles(event.public.get("fields"), context)
            words = gettext("家庭已补正：%(fields)s") % {"fields": fields or gettext("没有改动")}
            found.append({"at": at, "text": words})
    return found


def _titles(facts: object, context: Context) -> str:
    titles = []
    for fact in facts if isinstance(facts, Iterable) and not isinstance(facts, str) else ():
        try:
            titles.append(worded(context.pack.form_field(str(fact)).label))
        except KeyError:
            continue
    return gettext("、").join(titles)
