"""交给家庭: the case after its last signature: the next thing at this window, corrections, the end.

What the family takes home in writing is in `documents`.
"""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import window_filling
from yijian.domain.cases import Task
from yijian.domain.context import RefusedError
from yijian.domain.states import Stage, TaskState
from yijian.records.people import StaffRole
from yijian.web.applicant.entering import baby_names
from yijian.web.applicant.fields import Asked, form_field
from yijian.web.applicant.forms import asked_of, name_of
from yijian.web.applicant.progress import stages
from yijian.web.applicant.signing import case_address, qr_picture
from yijian.web.applicant.values import worded
from yijian.web.desk.forms import DeskForm
from yijian.web.window.doors import Sitting, window_page
from yijian.web.window.sentences import sentence


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
