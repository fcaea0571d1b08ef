"""问卷: a party answers a few questions, if it likes; nobody learns who answered what."""

from collections.abc import Mapping
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from yijian.actions import questionnaires as actions
from yijian.domain.context import RefusedError
from yijian.domain.questionnaires import Questionnaire
from yijian.web.applicant.doors import Sitting, family_page
from yijian.web.applicant.forms import FamilyForm
from yijian.web.applicant.values import worded
from yijian.web.pages import show

PREFIX = "q_"


class AnswerForm(FamilyForm):
    """问卷: every question with its answers; any of them may be left out."""

    def __init__(self, asked: Questionnaire, data: Mapping[str, object] | None = None) -> None:
        super().__init__(data)
        for place, question in enumerate(asked.questions):
            self.fields[f"{PREFIX}{place}"] = forms.ChoiceField(
                label=worded(question.text),
                choices=[(str(n), worded(text)) for n, text in enumerate(question.answers)],
                widget=forms.RadioSelect,
                required=False,
                error_messages={"invalid_choice": gettext("请在给出的选项里选择。")},
            )

    @property
    def given(self) -> dict[int, int]:
        """The answers by question."""
        return {
            int(name.removeprefix(PREFIX)): int(value)
            for name, value in self.cleaned_data.items()
            if value
        }


@family_page("GET", "POST")
def questionnaire(sitting: Sitting, page_id: UUID) -> HttpResponse:
    """The questions, then back to the ratings."""
    waiting = actions.open_for(case_id=sitting.case.id, role=sitting.role, now=sitting.now)
    found = next((one for one in waiting if one.id == page_id), None)
    if found is None:
        raise Http404
    posted = sitting.request.POST if sitting.request.method == "POST" else None
    form = AnswerForm(found.asked, posted)
    if posted is not None and form.is_valid():
        try:
            actions.answer(
                by=sitting.user,
                number=sitting.number,
                questionnaire_id=found.id,
                answers=form.given,
                now=sitting.now,
            )
        except RefusedError as refusal:
            if refusal.code != "nothing_answered":
                raise
            form.add_error(None, gettext("还没有选。不想答就直接返回。"))
        else:
            messages.success(sitting.request, gettext("谢谢，记下了。"))
            return HttpResponseRedirect(sitting.url("ratings"))
    return show(
        sitting.request,
        "ratings/questionnaire.html",
        {"number": sitting.number, "title": worded(found.asked.title), "form": form},
        status=422 if posted is not None else 200,
    )
