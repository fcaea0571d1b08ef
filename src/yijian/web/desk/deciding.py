"""决定: what a clerk decides about one task. Held for a moment, checked in full before."""

import re
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import tasks
from yijian.actions.tasks import PURPOSE, ChangedMeanwhileError
from yijian.domain.context import RefusedError
from yijian.domain.handling import AlreadyDoneError, OfficeDecision
from yijian.records import access
from yijian.web.applicant.values import worded
from yijian.web.desk import undoing
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import PREFIX, CorrectionForm, DeskForm, ReasonForm, given
from yijian.web.desk.lines import state_title
from yijian.web.desk.moves import TO
from yijian.web.desk.reviewing import Sheet, lay_out, neighbours, page_of
from yijian.web.messages.sentences import sentence

DONE = {
    "accept": _("%(number)s 已受理"),
    "approve": _("%(number)s 已通过"),
    "complete": _("%(number)s 已办结"),
    "correct": _("%(number)s 已请家庭补正"),
    "decline": _("%(number)s 不予受理"),
    "reject": _("%(number)s 审核不通过"),
    "offline": _("%(number)s 已转线下"),
}
VERSION = re.compile(r"[0-9]{1,9}")
NUMBER_REFUSED = frozenset(
    {
        "number_not_in_stock", "number_of_another", "number_used", "number_void", "number_lost",
        "number_to_be_void", "number_reserved", "result_taken",
    }
)  # fmt: skip
STAYS = frozenset({"accept"})
"""Decisions after which the clerk goes on with the same task."""
FORMS = {
    "complete": "complete",
    "correct": "correct",
    "decline": "refuse",
    "reject": "refuse",
    "offline": "offline",
    "transfer": "transfer",
}


@desk_page("GET", "POST")
def decide(desk: Desk, task_id: UUID) -> HttpResponse:
    """One decision about one task; wrong input comes back with everything that was typed."""
    if desk.request.method != "POST":  # somebody opens the address of an answer again
        return HttpResponseRedirect(reverse("desk_task", args=[task_id]))
    sent = desk.request.POST
    opened = access.access_task(by=desk.user, task_id=task_id, purpose=PURPOSE, now=desk.now)
    sheet = lay_out(desk, opened)
    word = sent.get("do", "")
    if word not in TO and word != "transfer":
        messages.error(desk.request, gettext("没有这个操作，什么也没有改变。"))
        return HttpResponseRedirect(reverse("desk_task", args=[task_id]))
    name = FORMS.get(word, "")
    if name == "complete" and not sheet.item.results:
        name = ""
    form = sheet.form(name, sent) if name else None
    if sheet.held is not None:
        return _somebody_decided(sheet, name, form)
    if form is not None and not form.is_valid():
        return page_of(lay_out(desk, opened, {name: form}), status=422)
    version = number_in(sent.get("version", ""))
    try:
        if word == "transfer" and form is not None:
            return _transfer(sheet, version, form)
        return _hold(sheet, word, version, form)
    except ChangedMeanwhileError as changed:
        return _somebody_was_faster(desk, task_id, changed, name, form)
    except RefusedError as refusal:
        return _refused(sheet, refusal, name, form)


def number_in(text: str) -> int:
    """The version that a form was built on; one that never is for what is no number."""
    return int(text) if VERSION.fullmatch(text) else -1


def _hold(sheet: Sheet, word: str, version: int, form: DeskForm | None) -> HttpResponse:
    desk = sheet.desk
    held = tasks.decide(
        by=desk.user,
        task_id=sheet.task_id,
        version=version,
        decision=_decision(word, form),
        now=desk.now,
    )
    undoing.remember(desk.request, [held], str(DONE[word]) % {"number": sheet.case.number})
    if word in STAYS:
        return HttpResponseRedirect(reverse("desk_task", args=[sheet.task_id]))
    return _open_next(sheet)


def _decision(word: str, form: DeskForm | None) -> OfficeDecision:
    if isinstance(form, ReasonForm):
        facts = form.facts if isinstance(form, CorrectionForm) else ()
        return OfficeDecision(TO[word], form.code, form.words, correct=facts)
    return OfficeDecision(TO[word], result=given(form) if form is not None else None)


def _open_next(sheet: Sheet) -> HttpResponse:
    """To the next task that somebody can work on; to the list when there is none."""
    _place, _total, following = neighbours(sheet.desk, sheet.task_id, sheet.task.item)
    if following is None:
        return HttpResponseRedirect(reverse("desk"))
    return HttpResponseRedirect(reverse("desk_task", args=[following.task_id]))


def _transfer(sheet: Sheet, version: int, form: DeskForm) -> HttpResponse:
    code = form.cleaned_data["office"]
    try:
        tasks.transfer(
            by=sheet.desk.user,
            task_id=sheet.task_id,
            version=version,
            office=code,
            now=sheet.desk.now,
        )
    except AlreadyDoneError:
        raise RefusedError("not_an_office", "office") from None
    office = sheet.context.directory.office(code)
    words = gettext("%(number)s 已转给%(office)s。") % {
        "number": sheet.case.number,
        "office": worded(office.title) if office else code,
    }
    messages.success(sheet.desk.request, words)
    if sheet.task.unrouted:
        return HttpResponseRedirect(reverse("desk_unrouted"))
    return _open_next(sheet)


def _somebody_decided(sheet: Sheet, name: str, form: DeskForm | None) -> HttpResponse:
    """A decision is held already: this clerk's own second press, or a colleague's."""
    assert sheet.held is not None
    if sheet.held[1] == sheet.desk.visitor.staff:
        return _open_next(sheet)
    return _told(sheet, gettext("另一位同事刚刚处理了这一件，马上就会生效。"), name, form)


def _somebody_was_faster(
    desk: Desk, task_id: UUID, changed: ChangedMeanwhileError, name: str, form: DeskForm | None
) -> HttpResponse:
    """Who it was and where the task stands; what was typed is still there."""
    opened = access.access_task(by=desk.user, task_id=task_id, purpose=PURPOSE, now=desk.now)
    sheet = lay_out(desk, opened)
    if sheet.held is not None:
        return _somebody_decided(sheet, name, form)
    words = gettext("您打开以后，这一件有了变化，现在是“%(state)s”。请看过最新内容再决定。") % {
        "state": state_title(opened.task.state or changed.state)
    }
    return _told(sheet, words, name, form)


def _told(sheet: Sheet, words: str, name: str, form: DeskForm | None) -> HttpResponse:
    bound = {name: form} if form is not None else {}
    kept = Sheet(sheet.desk, sheet.opened, sheet.context, sheet.held, bound)
    return page_of(kept, changed=words, status=409)


def _refused(sheet: Sheet, refusal: RefusedError, name: str, form: DeskForm | None) -> HttpResponse:
    """The core's reason, beside the field that is at fault when the page has it."""
    words = _with_next_number(sheet, refusal, sentence(refusal))
    if form is None:
        return _told(sheet, words, name, form)
    field = refusal.field or ""
    at = next((one for one in (PREFIX + field, field) if one in form.fields), None)
    form.add_error(at, words)
    bound = Sheet(sheet.desk, sheet.opened, sheet.context, sheet.held, {name: form})
    return page_of(bound, status=422)


def _with_next_number(sheet: Sheet, refusal: RefusedError, words: str) -> str:
    """Where a number was refused, the one to take instead."""
    following = sheet.next_number() if refusal.code in NUMBER_REFUSED else None
    if following is None:
        return words
    return words + gettext("下一张空白证的编号是 %(number)s。") % {"number": following}


@desk_page("POST")
def undo(desk: Desk) -> HttpResponse:
    """Take back what was decided a moment ago."""
    return undoing.take_back(desk.request, desk.now)
