"""决定的表单: the result of an item, a reason, what is to be corrected, another office."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.domain.clocks import local_day
from yijian.domain.context import Context
from yijian.domain.custody import CERTIFICATE_CHECK
from yijian.domain.numbers import (
    NumberFault,
    birth_certificate_fault,
    newborn_id_fault,
    normal_id_number,
)
from yijian.domain.policy import FactKind, ResultField, ServiceItem
from yijian.web.applicant.values import worded
from yijian.web.desk.reasons import Reason
from yijian.web.rendering import DateInput, LongSelect, YijianRenderer

LONGEST_REASON = 200
LONGEST_RESULT = 60
PREFIX = "result_"
FAULTS = {
    NumberFault.FORMAT: _("号码的位数或格式不对"),
    NumberFault.CHECK_DIGIT: _("号码的最后一位校验不通过，请核对每一位"),
    NumberFault.DATE: _("号码里的日期不存在"),
    NumberFault.PROVINCE: _("号码里的地区不存在"),
    NumberFault.BIRTH_DATE: _("号码里的出生日期与宝宝的不一致"),
    NumberFault.SEX: _("号码里的性别与宝宝的不一致"),
}
CERTIFICATE_FORMAT = _("编号是一个大写字母加九位数字，例如 T340000001")


class DeskForm(forms.Form):
    """Any form of the desk."""

    default_renderer = YijianRenderer()
    label_suffix = ""
    use_required_attribute = False


@dataclass(frozen=True, slots=True)
class Child:
    """What a number is checked against."""

    born_at: object
    sex: object
    today: date


def result_form(
    item: ServiceItem,
    values: Mapping[str, object],
    now: datetime,
    data: Mapping[str, Any] | None = None,
    next_number: str | None = None,
) -> DeskForm:
    """The form of what the office gives back; proposed are today and the next number in stock."""
    child = Child(values.get("newborn_born_at"), values.get("newborn_sex"), local_day(now))
    fields = {PREFIX + field.id: _result_field(field, child) for field in item.results}
    form_class = type("ResultForm", (DeskForm,), fields)
    initial: dict[str, object] = {
        PREFIX + field.id: child.today for field in item.results if field.kind is FactKind.DATE
    }
    if next_number is not None:
        numbered = (field for field in item.results if field.check == CERTIFICATE_CHECK)
        initial |= {PREFIX + field.id: next_number for field in numbered}
    form: DeskForm = form_class(data, initial=initial)
    return form


def given(form: DeskForm) -> dict[str, object]:
    """The values of a valid result form, by the item's own names."""
    return {
        name.removeprefix(PREFIX): value
        for name, value in form.cleaned_data.items()
        if value not in (None, "")
    }


def _result_field(field: ResultField, child: Child) -> forms.Field:
    label = worded(field.title)
    words: dict[str, Any] = {
        "label": label,
        "required": field.required,
        "error_messages": {"required": gettext("请填写%(label)s") % {"label": label}},
    }
    if field.kind is FactKind.DATE:
        return forms.DateField(widget=DateInput, validators=[_not_later_than(child.today)], **words)
    if field.kind is FactKind.NUMBER:
        return forms.IntegerField(min_value=0, max_value=999_999_999, **words)
    if field.check is not None:
        return NumberField(check=field.check, child=child, **words)
    return forms.CharField(max_length=LONGEST_RESULT, **words)


def _not_later_than(today: date) -> Any:
    def check(value: date) -> None:
        if value > today:
            raise ValidationError(_("日期不能晚于今天"), code="later")

    return check


class NumberField(forms.CharField):
    """A certificate or ID number, normalised and checked by its standard and against the child."""

    def __init__(self, *, check: str, child: Child, **kwargs: Any) -> None:
        self.check, self.child = check, child
        quiet = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        super().__init__(max_length=LONGEST_RESULT, widget=forms.TextInput(quiet), **kwargs)

    def clean(self, value: object) -> str:
        number = normal_id_number(str(super().clean(value) or ""))
        if not number:
            return ""
        if self.check == CERTIFICATE_CHECK and birth_certificate_fault(number):
            raise ValidationError(CERTIFICATE_FORMAT, code="format")
        born_at, sex = self.child.born_at, self.child.sex
        if self.check == "newborn_id_number" and isinstance(born_at, datetime):
            fault = newborn_id_fault(number, local_day(born_at), str(sex), self.child.today)
            if fault is not None:
                raise ValidationError(FAULTS[fault], code=fault.value)
        return number


class ReasonForm(DeskForm):
    """Why: one of the usual sentences, or the clerk's own words, which stand before it."""

    template = forms.ChoiceField(label=_("常用理由"), required=False, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("或者自己写"),
        required=False,
        max_length=LONGEST_REASON,
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"max_length": _("理由最多 200 个字")},
    )

    def __init__(
        self, reasons: Iterable[Reason], data: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.reasons = {reason.code: reason for reason in reasons}
        field = self.fields["template"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(reason.code, reason.shown) for reason in self.reasons.values()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "text" in cleaned and not cleaned.get("text") and not cleaned.get("template"):
            self.add_error("template", gettext("请选一个理由，或者自己写明白"))
        return cleaned

    @property
    def chosen(self) -> Reason | None:
        """The sentence that was chosen; None when the clerk wrote alone."""
        return self.reasons.get(self.cleaned_data.get("template") or "")

    @property
    def words(self) -> str:
        """What the family reads."""
        own = str(self.cleaned_data.get("text") or "").strip()
        return own or (self.chosen.text if self.chosen else "")

    @property
    def code(self) -> str:
        """What the journal keeps: the code of the sentence, never the clerk's own words."""
        own = str(self.cleaned_data.get("text") or "").strip()
        return "own_words" if own or self.chosen is None else self.chosen.code


class CorrectionForm(ReasonForm):
    """What the family is to correct, all at once, and why."""

    correct = forms.MultipleChoiceField(
        label=_("要家庭改哪些内容"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("template", "text", "correct")

    def __init__(
        self,
        reasons: Iterable[Reason],
        correctable: Iterable[tuple[str, str]],
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(reasons, data, **kwargs)
        choices = list(correctable)
        self.offered = tuple(fact for fact, _words in choices)
        field = self.fields["correct"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "correct" in cleaned and not self.facts:
            self.add_error("correct", gettext("请勾选要家庭改的内容"))
        return cleaned

    @property
    def facts(self) -> tuple[str, ...]:
        """The ticked fields; without any, those that the chosen sentence is about.

        A pack's sentence names none: then it must be the only one there is.
        """
        ticked = tuple(self.cleaned_data.get("correct") or ())
        if ticked or self.chosen is None:
            return ticked
        return self.chosen.fields or (self.offered if len(self.offered) == 1 else ())


class TransferForm(DeskForm):
    """Which other office of the kind takes over."""

    office = forms.ChoiceField(
        label=_("转给哪个机构"),
        widget=LongSelect,
        error_messages={
            "required": _("请选择接手的机构"),
            "invalid_choice": _("请在列出的机构里选择"),
        },
    )

    def __init__(
        self,
        offices: Iterable[tuple[str, str]],
        data: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["office"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", gettext("请选择")), *offices]


def offices_near(
    context: Context, kind: str, place: str, without: str | None
) -> list[tuple[str, str]]:
    """The offices of a kind, the same place first, then the same city, then the rest."""
    offices = [one for one in context.directory.of_kind(kind) if one.code != without]
    offices.sort(
        key=lambda one: (
            one.division != place,
            one.division[:4] != place[:4],
            one.division,
            one.code,
        )
    )
    return [(one.code, worded(one.title)) for one in offices]
