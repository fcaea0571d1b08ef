"""办理中: the progress page, and what a family does meanwhile: confirm, pay, correct, withdraw."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from yijian.actions import cases as actions
from yijian.actions import status_codes
from yijian.domain.cases import Task
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.handover import HANDED_OVER
from yijian.domain.insurance import payable_years
from yijian.domain.journey import Page
from yijian.domain.policy import AskSpec, ServiceItem
from yijian.domain.states import ALLOWED, Actor, Stage, TaskState
from yijian.records.identifiers import task_id
from yijian.records.parcels import tracking_of
from yijian.records.status_doors import code_of
from yijian.web.applicant.doors import Sitting, family_page
from yijian.web.applicant.entering import baby_names
from yijian.web.applicant.fields import Asked, form_field
from yijian.web.applicant.forms import FamilyForm, asked_of, name_of
from yijian.web.applicant.letters import letters_of
from yijian.web.applicant.parcels import parcel_lines
from yijian.web.applicant.progress import calls, count_of, stages
from yijian.web.applicant.signing import case_address, qr_picture
from yijian.web.applicant.values import Row, phrase, shown_value, source_of, worded
from yijian.web.messages.sentences import sentence
from yijian.web.pages import show

LATEST = 5


@family_page("GET")
def progress(sitting: Sitting) -> HttpResponse:
    """Who has each item, since when, until when, what comes next, and what the family must do."""
    if sitting.place().page is not Page.PROGRESS:
        return sitting.go_on()
    case, context = sitting.case, sitting.context
    done, total = count_of(case, context)
    if case.stage is Stage.WITHDRAWN:
        word = "withdrawn"
    elif case.stage is Stage.CLOSED:
        word = "all_done" if done == total else "handed_over"
    else:
        word = "submitted"
    letters = letters_of(sitting)
    return show(
        sitting.request,
        "applicant/progress.html",
        {
            "number": sitting.number,
            "names": baby_names(case),
            "done": done,
            "total": total,
            "calls": calls(case, context),
            "stages": stages(case, context, sitting.now),
            "text": phrase(context, word),
            "parcels": parcel_lines(case, context, tracking_of(case_id=case.id)),
            "handed_over": any(task.state in HANDED_OVER for task in case.tasks.values()),
            "letters": letters[:LATEST],
            "more_letters": len(letters) > LATEST,
            "address": case_address(sitting.number),
            "qr": qr_picture(case_address(sitting.number)),
            "may_withdraw": _may_withdraw(sitting),
            "submitted": case.submitted_at is not None,
            "status_code": code_of(UUID(case.id)) if case.submitted_at else "",
            "closed": case.stage is not Stage.SUBMITTED,
        },
    )


@family_page("POST")
def change_code(sitting: Sitting) -> HttpResponse:
    """Another code for whoever looks at the status without a login."""
    status_codes.change_code(by=sitting.user, number=sitting.number, now=sitting.now)
    messages.success(sitting.request, gettext("换好了。以前的查询码不能再用。"))
    return sitting.go_on()


def _may_withdraw(sitting: Sitting) -> bool:
    case = sitting.case
    if case.stage in (Stage.DRAFT, Stage.SIGNING):
        return True
    return case.stage is Stage.SUBMITTED and any(
        (step := ALLOWED.get((task.state, TaskState.WITHDRAWN))) is not None
        and step.by is Actor.FAMILY
        for task in case.tasks.values()
    )


def _task(sitting: Sitting, item: str, newborn: int) -> tuple[ServiceItem, Task]:
    task = sitting.case.tasks.get((item, newborn))
    if task is None:
        raise Http404
    return sitting.context.pack.items[item], task


@family_page("GET", "POST")
def ask(sitting: Sitting, item: str, newborn: int, ask: str) -> HttpResponse:
    """One thing an office asks of the family: its content, and one button."""
    service, task = _task(sitting, item, newborn)
    spec = next((one for one in service.asks if one.id == ask), None)
    if spec is None or spec.id not in task.asked:
        raise Http404
    if spec.id in task.answered:
        messages.info(sitting.request, gettext("这一步已经做过了。"))
        return sitting.go_on()
    if sitting.request.method == "POST":
        actions.answer_ask(
            by=sitting.user,
            number=sitting.number,
            item=item,
            newborn=newborn,
            ask=spec.id,
            now=sitting.now,
        )
        messages.success(sitting.request, gettext("好了，已经告诉办理部门。"))
        return sitting.go_on()
    return show(
        sitting.request,
        "applicant/ask.html",
        {
            "number": sitting.number,
            "title": worded(spec.title),
            "text": worded(spec.text),
            "button": worded(spec.button) or gettext("知道了"),
            "rows": _content(sitting, service, newborn) if spec.kind == "confirm" else [],
            "pay_url": _pay_url(sitting, task, spec),
            "guide": _paying(sitting, task) if spec.kind == "pay" else [],
        },
    )


def _content(sitting: Sitting, item: ServiceItem, newborn: int) -> list[Row]:
    """What the office's form says of the child: everything of the item's payload that is shown."""
    values = sitting.context.values(sitting.case, newborn, sitting.now)
    rows = []
    for fact in item.payload:
        fact_type = sitting.context.pack.facts.get(fact)
        if fact_type is None or fact not in values or fact.endswith(("_code", "_division")):
            continue
        key = sitting.context.key(fact, newborn)
        source, origin = source_of(sitting.case, sitting.context, key)
        value = shown_value(fact_type, values[fact], sitting.context)
        rows.append(Row(worded(fact_type.title), value, source, origin))
    rows.sort(key=lambda row: row.origin == "verified")
    return rows


def _paying(sitting: Sitting, task: Task) -> list[str]:
    """How the premium is paid, in the pack's words; about two years only where both may be paid."""
    words = ["payment_guide"]
    if len(_years(sitting, task)) > 1:
        words.insert(0, "insurance_both_years")
    return [line for word in words for line in phrase(sitting.context, word).splitlines()]


def _years(sitting: Sitting, task: Task) -> tuple[int, ...]:
    """The premium years that may be paid for this child."""
    values = sitting.context.filled(sitting.case, task.newborn, sitting.now)
    rule, born = sitting.context.pack.insurance, values.get("newborn_born_at")
    if rule is None or not isinstance(born, datetime):
        return (sitting.now.year,)
    return payable_years(rule, local_day(born))


def _pay_url(sitting: Sitting, task: Task, spec: AskSpec) -> str:
    """The tax department's own page for this task and these years; comes back to the progress."""
    if spec.kind != "pay" or not settings.YIJIAN.payment_url or task.ended:
        return ""
    years = _years(sitting, task)
    chosen = sitting.context.filled(sitting.case, task.newborn, sitting.now).get("insurance_years")
    years = {"this": years[:1], "next": years[1:]}.get(str(chosen), years) or years
    query = {
        "task": str(task_id(sitting.case.id, task.key)),
        "year": ",".join(map(str, years)),
        "return_to": case_address(sitting.number),
    }
    return f"{settings.YIJIAN.payment_url}?{urlencode(query)}"


@family_page("GET", "POST")
def correct(sitting: Sitting, item: str, newborn: int) -> HttpResponse:
    """补正: the reason, and only the fields that were asked for."""
    service, task = _task(sitting, item, newborn)
    if task.state is not TaskState.CORRECTION_NEEDED:
        messages.info(sitting.request, gettext("这一项现在不用补正。"))
        return sitting.go_on()
    asked = _asked(sitting, task)
    posted: Mapping[str, object] | None = (
        sitting.request.POST if sitting.request.method == "POST" else None
    )
    form_class = type(
        "CorrectForm", (FamilyForm,), {name_of(one): form_field(one) for one in asked}
    )
    initial = {name_of(one): one.values.get(one.field.fact) for one in asked}
    form: forms.Form = form_class(posted, initial=initial)
    if posted is not None and form.is_valid():
        refusal = _correct(sitting, task, asked, form.cleaned_data)
        if refusal is None:
            messages.success(sitting.request, gettext("补正已交给办理部门，接着审核。"))
            return sitting.go_on()
        names = [name_of(one) for one in asked if one.field.fact == refusal.field]
        form.add_error(names[0] if names else None, sentence(refusal))
    office = sitting.context.directory.office(task.office) if task.office else None
    return show(
        sitting.request,
        "applicant/correct.html",
        {
            "number": sitting.number,
            "title": worded(service.title),
            "reason": sitting.case.reasons.get(task.key, ""),
            "office": worded(office.title) if office else "",
            "phone": office.phone if office else "",
            "form": form,
        },
        status=422 if form.errors else 200,
    )


def _asked(sitting: Sitting, task: Task) -> list[Asked]:
    """The fields an office wants corrected: those of the task's child, or of the family."""
    asked = []
    for fact in task.correct:
        field = sitting.context.pack.form_field(fact)
        for subject in sitting.context.subjects(sitting.case, fact):
            if subject in (0, task.newborn) or not task.newborn:
                asked.append(asked_of(sitting.case, field, subject, sitting.context, sitting.now))
    return asked


def _correct(
    sitting: Sitting, task: Task, asked: list[Asked], cleaned: Mapping[str, object]
) -> RefusedError | None:
    answers = {
        (one.field.fact, one.subject): cleaned[name_of(one)] or None
        for one in asked
        if name_of(one) in cleaned
    }
    try:
        actions.correct_task(
            by=sitting.user,
            number=sitting.number,
            item=task.item,
            newborn=task.newborn,
            answers=answers,
            now=sitting.now,
        )
    except RefusedError as refusal:
        return refusal
    return None


@family_page("GET", "POST")
def withdraw(sitting: Sitting) -> HttpResponse:
    """What withdrawing stops and what stays, then one button."""
    if not _may_withdraw(sitting):
        messages.info(sitting.request, gettext("各项都已经在办理或办完，不能再撤回。"))
        return sitting.go_on()
    if sitting.request.method == "POST":
        actions.withdraw(by=sitting.user, number=sitting.number, now=sitting.now)
        messages.success(sitting.request, gettext("已经撤回。"))
        return HttpResponseRedirect("/my/")
    stops: list[str] = []
    stays: list[str] = []
    for task in sitting.case.tasks.values():
        title = worded(sitting.context.pack.items[task.item].title)
        step = ALLOWED.get((task.state, TaskState.WITHDRAWN))
        (stops if step is not None and step.by is Actor.FAMILY else stays).append(title)
    return show(
        sitting.request,
        "applicant/withdraw.html",
        {
            "number": sitting.number,
            "draft": sitting.case.stage in (Stage.DRAFT, Stage.SIGNING),
            "stops": list(dict.fromkeys(stops)),
            "stays": list(dict.fromkeys(stays)),
        },
    )


@family_page("GET")
def all_letters(sitting: Sitting) -> HttpResponse:
    """Every message of this case to this parent, the newest first."""
    return show(
        sitting.request,
        "applicant/letters.html",
        {"number": sitting.number, "letters": letters_of(sitting)},
    )
