"""工单的表单: one form a step, with exactly what the step needs."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext

from yijian.actions import contexts
from yijian.domain.ratings import LONGEST_WORDS
from yijian.domain.work_orders import OrderStep
from yijian.records import work_orders as records
from yijian.records.work_orders import Opened
from yijian.web.applicant.rating_words import FINDINGS, OUTCOMES, REFUSALS, STEPS
from yijian.web.applicant.values import worded
from yijian.web.desk.forms import DeskForm
from yijian.web.rendering import LongSelect

LONGEST = LONGEST_WORDS * 2
PREVIEWED = ("reply", "answer", "uphold")
"""Steps whose words the family reads: they are shown once more before they leave."""


class StepForm(DeskForm):
    """One step of an order: what it needs, and nothing else."""

    def __init__(
        self, step: OrderStep, found: Opened, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, auto_id=f"id_{step.name}_%s")
        self.step = step
        if "office" in step.needs:
            self.fields["office"] = forms.ChoiceField(
                label=gettext("承办机构"),
                choices=offices(first=found.order.about),
                initial=found.order.about,
                widget=LongSelect,
                error_messages={"required": str(REFUSALS["office_missing"])},
            )
            self.fields["brief"] = _text(
                gettext("转给承办机构的摘要"),
                gettext("承办机构只看到这里写的，看不到原话和是谁；不要写姓名、号码。"),
                found.words.get("brief", ""),
                required=False,
            )
        if "finding" in step.needs:
            self.fields["finding"] = _choice(gettext("核实结论"), FINDINGS, "finding_missing")
        if "outcome" in step.needs:
            self.fields["outcome"] = _choice(gettext("回访结果"), OUTCOMES, "outcome_missing")
            if not found.order.forgotten:
                self.fields["note"] = _text(gettext("回访记录"), "", "", required=False)
        if "reply" in step.needs:
            hint = gettext("提出人会读到，请写清楚查到什么、改了什么。")
            self.fields["reply"] = _text(gettext("答复"), hint, "", missing="reply_missing")
        if "reason" in step.needs:
            self.fields["reason"] = _text(gettext("理由"), "", "", missing="reason_missing")

    @property
    def title(self) -> str:
        """What the step is called."""
        return str(STEPS[self.step.name])

    @property
    def given(self) -> dict[str, str]:
        """The values of the valid form, for the action."""
        return {name: str(value) for name, value in self.cleaned_data.items()}


def offices(*, first: str) -> list[tuple[str, str]]:
    """Every office as an option: the one that is spoken of, those that can answer, the others."""
    known, able = contexts.directory().offices, records.supervised()
    ordered = sorted(
        known,
        key=lambda each: (each.code != first, each.code not in able, each.division, each.code),
    )
    nobody = gettext("（还没有督办人员）")
    return [
        (each.code, worded(each.title) + ("" if each.code in able else nobody)) for each in ordered
    ]


def _choice(label: str, words: Mapping[str, Any], missing: str) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[(code, str(text)) for code, text in words.items()],
        widget=forms.RadioSelect,
        error_messages={"required": str(REFUSALS[missing])},
    )


def _text(
    label: str, hint: str, initial: str, *, required: bool = True, missing: str = "reason_missing"
) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        initial=initial,
        required=required,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": str(REFUSALS[missing])},
    )


def forms_of(
    steps: Iterable[OrderStep], found: Opened, tried: str, data: Mapping[str, Any] | None
) -> list[StepForm]:
    """A form for every step that may be taken; the one that was tried keeps what was typed."""
    return [StepForm(step, found, data if step.name == tried else None) for step in steps]
