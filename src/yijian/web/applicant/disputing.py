"""信息不对: a family says that a register's value is wrong; its owner is told, nothing overwritten."""

from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import cases as actions
from yijian.domain.states import Stage
from yijian.web.applicant.doors import Sitting, family_page
from yijian.web.applicant.forms import FamilyForm
from yijian.web.applicant.values import shown_value, worded
from yijian.web.pages import show


class DisputeForm(FamilyForm):
    """信息不对: which value, and what is wrong with it."""

    fact = forms.ChoiceField(
        label=_("哪一项不对？"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择哪一项不对"), "invalid_choice": _("请选择哪一项不对")},
    )
    text = forms.CharField(
        label=_("应该是什么？"),
        help_text=_("写下正确的内容，例如“妈妈的门牌号是 12 号”"),
        max_length=200,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("请写下正确的内容")},
    )

    def __init__(self, choices: list[tuple[str, str]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["fact"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


@family_page("GET", "POST")
def dispute(sitting: Sitting, section: str) -> HttpResponse:
    """A register's value is wrong: its owner is told, the family goes on."""
    choices = _disputable(sitting, section)
    if not choices or sitting.case.stage not in (Stage.DRAFT, Stage.SIGNING):
        raise Http404
    posted: Mapping[str, object] | None = (
        sitting.request.POST if sitting.request.method == "POST" else None
    )
    filled = DisputeForm(choices, posted)
    if posted is not None and filled.is_valid():
        fact, _sep, subject = str(filled.cleaned_data["fact"]).partition("__")
        actions.dispute_value(
            by=sitting.user,
            number=sitting.number,
            fact=fact,
            subject=int(subject or 0),
            text=filled.cleaned_data["text"],
            now=sitting.now,
        )
        messages.success(
            sitting.request, gettext("已经记下，会请登记这项信息的部门核对。您可以接着办。")
        )
        return sitting.go_on()
    status = 422 if posted is not None else 200
    return show(
        sitting.request,
        "applicant/dispute.html",
        {"number": sitting.number, "form": filled, "back_url": sitting.url("case")},
        status=status,
    )


def _disputable(sitting: Sitting, section: str) -> list[tuple[str, str]]:
    """The verified values of one section of the form, as options."""
    fields = next((s.fields for s in sitting.context.pack.form if s.id == section), ())
    options = []
    for field in fields:
        for subject in sitting.context.subjects(sitting.case, field.fact):
            known = sitting.case.verified.get((field.fact, subject))
            if known is None or known.value is None:
                continue
            fact_type = sitting.context.pack.facts[field.fact]
            value = shown_value(fact_type, known.value, sitting.context)
            name_ = f"{field.fact}__{subject}" if subject else field.fact
            label = worded(field.label)
            if subject and sitting.case.newborns > 1:
                label = gettext("%(label)s（%(child)s）") % {"label": label, "child": subject}
            options.append(
                (name_, gettext("%(label)s：%(value)s") % {"label": label, "value": value})
            )
    return options
