"""问卷: what was asked, what was answered in counts, and a new questionnaire."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import questionnaires as actions
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.questionnaires import LONGEST
from yijian.domain.small_cells import shown_or_few
from yijian.records import access
from yijian.records import questionnaires as records
from yijian.records.questionnaires import Kept
from yijian.web.applicant.rating_words import said
from yijian.web.applicant.values import shown_day, worded
from yijian.web.console.grids import Cell, Grid, as_csv, grid
from yijian.web.console.tallies import number
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import DeskForm
from yijian.web.rendering import DateInput

SENTENCES: dict[str, Any] = {
    "days_in_disorder": _("结束的日子要在开始的日子以后，并且还没有过去。"),
    "no_questions": _("请至少写一个问题。"),
    "too_many_questions": _("最多十个问题。"),
    "answers_missing": _("每个问题后面至少要有两个选项，用竖线隔开。"),
    "too_many_answers": _("每个问题最多八个选项。"),
    "words_too_long": _("每一句最多 120 个字。"),
}
_DAY = {"required": _("请写一个日期。"), "invalid": _("请写一个日期。")}


class QuestionnaireForm(DeskForm):
    """A new questionnaire, typed as lines."""

    title = forms.CharField(
        label=_("标题"),
        help_text=_("斜线后面写英文，例如：使用感受/How was it"),
        max_length=LONGEST,
        error_messages={"required": _("请写标题。")},
    )
    opens_on = forms.DateField(label=_("从哪天起"), widget=DateInput(), error_messages=_DAY)
    closes_on = forms.DateField(label=_("到哪天止"), widget=DateInput(), error_messages=_DAY)
    questions = forms.CharField(
        label=_("问题和选项"),
        help_text=_("一行一个问题，用竖线隔开选项，例如：方便吗/Easy? | 方便/Yes | 不方便/No"),
        widget=forms.Textarea({"rows": 6}),
        max_length=4000,
        error_messages={"required": _("请至少写一个问题。")},
    )


@desk_page("GET", roles=actions.ASKING)
def overview(desk: Desk) -> HttpResponse:
    """Every questionnaire, whether it is asked today."""
    today = local_day(desk.now)
    rows: list[list[Cell | str]] = [
        [
            Cell(worded(one.asked.title), url=reverse("console_questionnaire", args=[one.id])),
            shown_day(one.asked.opens_on),
            shown_day(one.asked.closes_on),
            str(len(one.asked.questions)),
            gettext("正在问") if one.asked.is_open(today) else gettext("不在期间"),
        ]
        for one in records.listed()
    ]
    heads = [gettext("标题"), gettext("从"), gettext("到"), gettext("问题数"), gettext("状态")]
    return desk.page(
        "console/questionnaires.html",
        {"grid": grid(gettext("问卷"), heads, rows)},
        current="questionnaires",
    )


@desk_page("GET", "POST", roles=actions.ASKING)
def new(desk: Desk) -> HttpResponse:
    """A new questionnaire; once asked it is not changed."""
    sent = desk.request.POST if desk.request.method == "POST" else None
    form = QuestionnaireForm(sent)
    if sent is not None and form.is_valid():
        try:
            found = actions.ask(by=desk.user, now=desk.now, **form.cleaned_data)
        except RefusedError as refusal:
            words = SENTENCES.get(refusal.code)
            form.add_error(refusal.field, str(words) if words is not None else said(refusal))
        else:
            return HttpResponseRedirect(reverse("console_questionnaire", args=[found]))
    return desk.page(
        "console/questionnaire_new.html",
        {"form": form},
        current="questionnaires",
        status=422 if sent is not None else 200,
    )


@desk_page("GET", roles=actions.ASKING)
def one(desk: Desk, questionnaire_id: UUID) -> HttpResponse:
    """How often each answer was given, in steps of five; few and none look the same."""
    found = records.one(questionnaire_id=questionnaire_id)
    if found is None:
        raise access.Refused
    table = _counted(found)
    if desk.request.GET.get("csv") == "1":
        return as_csv(table, f"questionnaire-{found.asked.closes_on}")
    return desk.page(
        "console/questionnaire.html",
        {
            "title": worded(found.asked.title),
            "opens": shown_day(found.asked.opens_on),
            "closes": shown_day(found.asked.closes_on),
            "grid": table,
        },
        current="questionnaires",
    )


def _counted(found: Kept) -> Grid:
    counts = records.counts(questionnaire_id=found.id)
    rows: list[list[Cell | str]] = []
    for place, question in enumerate(found.asked.questions):
        for answer, text in enumerate(question.answers):
            times = number(shown_or_few(counts.get((place, answer), 0)))
            rows.append([worded(question.text), worded(text), Cell(times, style="num")])
    return grid(gettext("答案"), [gettext("问题"), gettext("选项"), gettext("人数")], rows)
