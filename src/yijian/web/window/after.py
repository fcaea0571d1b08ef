"""交给家庭: what the family takes home: acceptance, correction, refusal, and the receipt of materials.

Every notice has the case's number with a letter of its own, the day and the office; its words come
from the pack, and below them stands everything at once.
"""

from collections.abc import Mapping
from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import materials, window_filling
from yijian.domain.applying import missing_answers
from yijian.domain.cases import Task
from yijian.domain.clocks import due_for, local_day
from yijian.domain.context import RefusedError
from yijian.domain.eligibility import Answer
from yijian.domain.signing import required_steps, valid_signatures
from yijian.domain.states import Stage, TaskState
from yijian.records.people import StaffRole
from yijian.web.applicant.checking import rows_of
from yijian.web.applicant.entering import baby_names
from yijian.web.applicant.fields import Asked, form_field
from yijian.web.applicant.forms import asked_of, name_of
from yijian.web.applicant.progress import stages
from yijian.web.applicant.signing import case_address, qr_picture
from yijian.web.applicant.values import phrase, role_title, shown_day, worded
from yijian.web.desk.forms import DeskForm
from yijian.web.pages import show
from yijian.web.window.doors import Sitting, window_page
from yijian.web.window.sentences import sentence
from yijian.web.window.signing import scheme_title

LETTERS = {"acceptance": "A", "correction": "B", "refusal": "C", "receipt": "D"}
WORDS = {
    "acceptance": "acceptance_notice",
    "correction": "correction_notice",
    "refusal": "refusal_notice",
    "receipt": "materials_receipt",
}


class Named(dict[str, object]):
    """What the words of a notice may name; anything else stays as the pack wrote it."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@window_page("GET", "POST")
def after(sitting: Sitting) -> HttpResponse:
    """The case after its last signature: papers to hand out, the next thing at this window."""
    if sitting.next_step() != "after":
        return sitting.go_on()
    if sitting.posted:
        return _answer_ask(sitting)
    case, context = sitting.case, sitting.context
    clerk_too = sitting.desk.visitor.works_as(StaffRole.CLERK)
    here = [
        {
            "title": worded(context.pack.items[task.item].title),
            "url": reverse("desk_task", args=[sitting.opened.loaded.task_id(task.key)])
            if clerk_too
            else "",
        }
        for task in case.tasks.values()
        if task.office == sitting.office.code
        and task.state in (TaskState.QUEUED, TaskState.ACCEPTED, TaskState.IN_REVIEW)
    ]
    return sitting.page(
        "window/after.html",
        {
            "withdrawn": case.stage is Stage.WITHDRAWN,
            "brought": _receipt(sitting) is not None,
            "stages": stages(case, context, sitting.now),
            "on_the_spot": here,
            "corrections": [_correction(sitting, task) for task in _to_correct(sitting)],
            "asks": list(_asks(sitting)),
            "names": gettext("、").join(baby_names(case)),
            "qr": qr_picture(case_address(sitting.number)),
        },
        step="after",
    )


def _to_correct(sitting: Sitting) -> list[Task]:
    return [t for t in sitting.case.tasks.values() if t.state is TaskState.CORRECTION_NEEDED]


def _correction(sitting: Sitting, task: Task) -> dict[str, str]:
    return {
        "title": worded(sitting.context.pack.items[task.item].title),
        "reason": sitting.case.reasons.get(task.key, ""),
        "url": sitting.url("correct", task.item, task.newborn),
    }


def _asks(sitting: Sitting) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for task in sitting.case.tasks.values():
        item = sitting.context.pack.items[task.item]
        found += [
            {
                "title": worded(spec.title),
                "text": worded(spec.text),
                "button": worded(spec.button),
                "value": f"{task.item}/{task.newborn}/{spec.id}",
            }
            for spec in item.asks
            if spec.id in task.open_asks and spec.kind != "pay" and not task.ended
        ]
    return found


def _answer_ask(sitting: Sitting) -> HttpResponse:
    item, newborn, ask = ([*sitting.desk.request.POST.get("ask", "").split("/"), "", "", ""])[:3]
    if not newborn.isascii() or not newborn.isdigit():
        raise RefusedError("nothing_asked")
    window_filling.answer_ask(
        by=sitting.user,
        number=sitting.number,
        item=item,
        newborn=int(newborn),
        ask=ask,
        now=sitting.now,
    )
    return sitting.go("after")


@window_page("GET", "POST")
def correct(sitting: Sitting, item: str, newborn: int) -> HttpResponse:
    """What an office has asked to be corrected, all at once, with the reason it gave."""
    task = sitting.case.tasks.get((item, newborn))
    if task is None or task.state is not TaskState.CORRECTION_NEEDED:
        return sitting.go_on()
    asked = _asked(sitting, task)
    fields = {name_of(one): form_field(one) for one in asked}
    initial = {name_of(one): one.values.get(one.field.fact) for one in asked}
    posted = sitting.desk.request.POST if sitting.posted else None
    form: forms.Form = type("CorrectForm", (DeskForm,), fields)(posted, initial=initial)
    if posted is not None and form.is_valid():
        try:
            window_filling.correct(
                by=sitting.user,
                number=sitting.number,
                item=item,
                newborn=newborn,
                answers={
                    (one.field.fact, one.subject): form.cleaned_data[name_of(one)] or None
                    for one in asked
                },
                now=sitting.now,
            )
            messages.success(sitting.desk.request, gettext("补正已交给办理部门。"))
            return sitting.go("after")
        except RefusedError as refusal:
            form.add_error(None, sentence(refusal, sitting.context))
    return sitting.page(
        "window/correct.html",
        {**_correction(sitting, task), "form": form},
        step="after",
        status=422 if form.errors else 200,
    )


def _asked(sitting: Sitting, task: Task) -> list[Asked]:
    case, context = sitting.case, sitting.context
    return [
        asked_of(case, context.pack.form_field(fact), subject, context, sitting.now)
        for fact in task.correct
        for subject in context.subjects(case, fact)
        if subject in (0, task.newborn) or not task.newborn
    ]


@window_page("GET", "POST")
def withdraw(sitting: Sitting) -> HttpResponse:
    """The family stops: asked once, done once."""
    if sitting.posted:
        window_filling.withdraw(by=sitting.user, number=sitting.number, now=sitting.now)
        return sitting.go_on()
    return sitting.page("window/withdraw.html", {}, step=sitting.next_step())


@window_page("GET")
def notice(sitting: Sitting, kind: str) -> HttpResponse:
    """One of the notices as A4, by its number; 404 for one that this case gives no reason for."""
    makers = {
        "acceptance": _acceptance,
        "correction": _missing,
        "refusal": _refusal,
        "receipt": _receipt,
    }
    lists = makers[kind](sitting) if kind in makers else None
    if lists is None:
        raise Http404
    context, word = sitting.context, WORDS[kind]
    named = Named(_named(sitting, lists))
    return show(
        sitting.desk.request,
        "window/notice.html",
        {
            "kind": kind,
            "title": phrase(context, f"{word}_title"),
            "text": phrase(context, word).format_map(named),
            "notice_number": f"{sitting.number}-{LETTERS[kind]}",
            "service": scheme_title(sitting),
            "office": worded(sitting.office.title),
            "phone": sitting.office.phone,
            "address": sitting.office.address,
            "day": shown_day(local_day(sitting.now)),
            "number": sitting.number,
            "back_url": reverse("window_case", args=[sitting.number]),
            "qr": qr_picture(case_address(sitting.number)),
            **lists,
        },
    )


def _named(sitting: Sitting, lists: Mapping[str, object]) -> dict[str, object]:
    """The words in braces that a notice may use."""
    case, context = sitting.case, sitting.context
    comma = gettext("、")
    chosen = set(case.items or context.preselected())
    titles = [
        worded(item.title)
        for item in context.pack.items.values()
        if item.code in chosen and item.part_of is None
    ]
    failed = context.judge(case, sitting.now).failed
    name = case.verified.get((f"{case.applicant}_name", 0))
    return {
        "case_number": case.number,
        "office": worded(sitting.office.title),
        "applicant": str(name.value) if name and name.value else "",
        "items": comma.join(titles),
        "materials": comma.join(str(one) for one in _listed(lists, "materials")),
        "reason": comma.join(worded(verdict.rule.title) for verdict in failed),
        "date": shown_day(local_day(sitting.now)),
        "due": _due(sitting),
        "baby": comma.join(baby_names(case)) or gettext("宝宝"),
    }


def _listed(lists: Mapping[str, object], name: str) -> list[object]:
    rows = lists.get(name)
    if not isinstance(rows, list):
        return []
    return [row["title"] if isinstance(row, dict) else row for row in rows]


def _due(sitting: Sitting) -> str:
    """The last day of the joint promise; "" where the scheme gives none."""
    promise, begun = sitting.context.pack.promise, sitting.case.submitted_at
    if promise is None or begun is None:
        return ""
    due = due_for(promise, begun, sitting.context.calendar)
    return shown_day(local_day(due.at - timedelta(microseconds=1)))


def _acceptance(sitting: Sitting) -> dict[str, object] | None:
    if sitting.case.submitted_at is None:
        return None
    return {"stages": stages(sitting.case, sitting.context, sitting.now), "show_qr": True}


def _missing(sitting: Sitting) -> dict[str, object] | None:
    """Everything that is missing, at once: people, answers, materials, corrections of offices."""
    case, context, now = sitting.case, sitting.context, sitting.now
    if case.stage is Stage.SUBMITTED:
        asked = [
            gettext("%(item)s：%(fields)s") % {
                "item": worded(context.pack.items[task.item].title),
                "fields": gettext("、").join(
                    worded(context.pack.form_field(fact).label) for fact in task.correct
                ),
            }
            for task in _to_correct(sitting)
        ]  # fmt: skip
        return {"answers": asked} if asked else None
    if case.stage not in (Stage.DRAFT, Stage.SIGNING):
        return None
    valid = valid_signatures(case)
    people = [
        role_title(context, step.role)
        for step in required_steps(case, context, now)
        if step.role not in valid and not case.consented(step.role)
    ]
    answers = [
        worded(context.pack.form_field(fact).label)
        for fact, _ in missing_answers(case, context, now)
    ]
    lacking = [
        {"title": worded(one.title), "hint": worded(one.hint)}
        for one in materials.missing(case, context, now)
    ]
    if not people and not answers and not lacking:
        return None
    return {"people": people, "answers": answers, "materials": lacking}


def _refusal(sitting: Sitting) -> dict[str, object] | None:
    eligibility = sitting.context.judge(sitting.case, sitting.now)
    if eligibility.answer is not Answer.NO:
        return None
    return {"failed": rows_of(eligibility.failed, sitting.context)}


def _receipt(sitting: Sitting) -> dict[str, object] | None:
    lines = materials.checklist(sitting.case, sitting.context, sitting.now)
    rows = [
        {
            "title": worded(line.material.title),
            "pages": len(line.pages),
            "original": line.received,
        }
        for line in lines
        if line.pages or line.received
    ]
    rows += [
        {
            "title": gettext("%(who)s签名的纸") % {"who": role_title(sitting.context, role)},
            "pages": len(pages),
            "original": True,
        }
        for role, pages in materials.signed_sheets(sitting.case).items()
    ]
    return {"materials": rows} if rows else None
