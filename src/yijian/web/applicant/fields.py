"""表单项: one field of a pack's form as one field of a Django form.

A fact's kind chooses the control: tiles for a few codes, a list for many, a typed place for the
divisions of the country, a list of offices for a police station. Nothing here saves or decides.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.domain.clocks import local_day
from yijian.domain.context import Context
from yijian.domain.forms import FormField
from yijian.domain.insurance import last_day_for_birth_cover
from yijian.domain.names import LONGEST_NAME, NameFault, name_fault, normal_name
from yijian.domain.policy import CodeList, FactKind, FactType
from yijian.web.applicant.values import DIVISIONS, places, shown_day, worded
from yijian.web.rendering import Choice, DateInput, NameInput

TILES_AT_MOST = 6
PHONE = re.compile(r"\+?[0-9][0-9 -]{5,18}[0-9]")

NAME_FAULTS = {
    NameFault.EMPTY: _("请填写宝宝姓名"),
    NameFault.TOO_SHORT: _("姓名至少两个字"),
    NameFault.TOO_LONG: _("姓名最多 30 个字"),
    NameFault.NOT_CHINESE: _("姓名只能用汉字，少数民族姓名中间可以用“·”，不能用字母、数字或符号"),
    NameFault.PRIVATE_CHARACTER: _("有一个字是自造字，登记系统不认识，请换一个字"),
    NameFault.COMPATIBILITY_CHARACTER: _(
        "有一个字是兼容汉字，看着一样但编码不同，请重新输入这个字"
    ),
    NameFault.MISPLACED_DOT: _("“·”只能放在名字中间，并且只用一个"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One field as it is asked about one subject, with everything known about that subject."""

    field: FormField
    subject: int
    values: Mapping[str, object]
    context: Context
    label: str

    @property
    def fact_type(self) -> FactType:
        """The type of the fact it holds."""
        return self.context.pack.facts[self.field.fact]

    @property
    def code_list(self) -> CodeList | None:
        """The codes it may hold; None when it holds no code."""
        return self.context.pack.code_lists.get(self.fact_type.code_list or "")

    def offered(self) -> tuple[str, ...]:
        """The codes offered, narrowed where the pack narrows them."""
        codes = tuple(self.code_list.entries) if self.code_list else ()
        if self.field.offered is not None:
            narrowed = self.field.offered.value(self.values)
            if isinstance(narrowed, list | tuple):
                return tuple(dict.fromkeys(str(c) for c in narrowed if str(c) in codes))
        return codes


class NameField(forms.CharField):
    """A newborn's name: normalised, then judged by the rules that a register follows."""

    def __init__(self, **kwargs: Any) -> None:
        messages = {"required": NAME_FAULTS[NameFault.EMPTY]}
        super().__init__(
            widget=NameInput({"maxlength": str(LONGEST_NAME)}),
            error_messages=messages,
            **kwargs,
        )

    def clean(self, value: object) -> str:
        name = normal_name(str(super().clean(value) or ""))
        if not name and not self.required:
            return ""
        fault = name_fault(name)
        if fault is not None:
            raise ValidationError(NAME_FAULTS[fault], code=fault.value)
        return name


class PhoneField(forms.CharField):
    """A telephone number, mobile or not."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput({"type": "tel", "inputmode": "tel", "autocomplete": "tel"})
        super().__init__(max_length=20, widget=widget, **kwargs)

    def clean(self, value: object) -> str:
        number = str(super().clean(value) or "").strip()
        if number and not PHONE.fullmatch(number):
            raise ValidationError(_("请填写正确的电话号码，例如 13800000000"), code="phone")
        return number


class PlaceField(forms.CharField):
    """A place of the country by its name; keeps its six-digit code.

    Three thousand options would be heavier than everything else of a family's pages together.
    """

    def __init__(self, *, places: Mapping[str, str], **kwargs: Any) -> None:
        self.places = places
        super().__init__(max_length=60, **kwargs)

    def prepare_value(self, value: object) -> object:
        return self.places.get(str(value), value)

    def clean(self, value: object) -> str:
        text = "".join(str(super().clean(value) or "").split())
        if not text or text in self.places:
            return text
        exact = [code for code, name in self.places.items() if name == text]
        found = exact or [code for code, name in self.places.items() if name.endswith(text)]
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(
                _("没有找到“%(text)s”，请写到县（市、区），例如“合肥市庐阳区”"),
                code="unknown_place",
                params={"text": text},
            )
        raise ValidationError(
            _("有几个地方都叫“%(text)s”：%(names)s。请写全称"),
            code="ambiguous_place",
            params={"text": text, "names": "，".join(self.places[code] for code in found[:4])},
        )


def form_field(asked: Asked) -> forms.Field:
    """The control for one field, with its words; its initial value is set by the form."""
    fact_type = asked.fact_type
    words: dict[str, Any] = {
        "label": asked.label,
        "help_text": _hint(asked),
        "required": asked.field.required,
    }
    if fact_type.kind is FactKind.NAME:
        return NameField(**words)
    words["error_messages"] = {"required": gettext("请填写%(label)s") % {"label": asked.label}}
    if fact_type.kind is FactKind.YES_NO:
        choices = [("yes", Choice(_("是"))), ("no", Choice(_("否")))]
        return forms.TypedChoiceField(
            choices=choices, coerce=_truth, empty_value=None, widget=forms.RadioSelect, **words
        )
    if fact_type.kind is FactKind.DATE:
        return forms.DateField(widget=DateInput, **words)
    if fact_type.kind is FactKind.NUMBER:
        return forms.IntegerField(min_value=0, max_value=99_999_999, **words)
    if fact_type.code_list == DIVISIONS:
        return PlaceField(places=places(), **words)
    if asked.code_list is not None:
        return _code_field(asked, words)
    return _text_field(asked, words)


def _truth(value: str) -> bool:
    return value == "yes"


def _code_field(asked: Asked, words: dict[str, Any]) -> forms.Field:
    offered = asked.offered()
    entries = asked.code_list.entries if asked.code_list else {}
    words["error_messages"] = {
        "required": gettext("请选择%(label)s") % {"label": asked.label},
        "invalid_choice": gettext("请在给出的选项里选择%(label)s") % {"label": asked.label},
    }
    choices = [(code, Choice(worded(entries[code]), option_hint(asked, code))) for code in offered]
    if asked.fact_type.kind is FactKind.CODES:
        return forms.MultipleChoiceField(
            choices=choices, widget=forms.CheckboxSelectMultiple, **words
        )
    if len(choices) <= TILES_AT_MOST:
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **words)
    return forms.ChoiceField(choices=[("", gettext("请选择")), *choices], **words)


def _text_field(asked: Asked, words: dict[str, Any]) -> forms.Field:
    fact = asked.field.fact
    if fact.endswith("_phone"):
        return PhoneField(**words)
    offices = office_choices(asked)
    if offices:
        return forms.ChoiceField(choices=offices, **words)
    fills = {"_address": "street-address", "_name": "name"}
    fill = next((fill for end, fill in fills.items() if fact.endswith(end)), "off")
    return forms.CharField(max_length=200, widget=forms.TextInput({"autocomplete": fill}), **words)


def office_choices(asked: Asked) -> list[tuple[str, str]]:
    """The offices to choose among when the proposed value is an office: its kind, its city."""
    proposed = asked.values.get(asked.field.fact)
    office = asked.context.directory.office(str(proposed)) if proposed else None
    if office is None:
        return []
    near = {
        other.code: other
        for other in asked.context.directory.of_kind(office.kind)
        if other.division[:4] == office.division[:4]
    }
    ordered = sorted(
        near.values(),
        key=lambda other: (other.division != office.division, other.division, other.code),
    )
    return [(other.code, worded(other.title)) for other in ordered]


def option_hint(asked: Asked, code: str) -> str:
    """The second line of an option: what choosing it means for this family."""
    hints: Iterable[Callable[[Asked, str], str]] = (_parent_hint, _delivery_hint)
    return next((hint for make in hints if (hint := make(asked, code))), "")


def _parent_hint(asked: Asked, code: str) -> str:
    values = asked.values
    address = values.get(f"{code}_hukou_address")
    if not address:
        return ""
    parts = [str(address)]
    kinds = asked.context.pack.code_lists.get("household_kind")
    kind = str(values.get(f"{code}_household_kind") or "")
    if kinds and kind in kinds.entries:
        parts.append(worded(kinds.entries[kind]))
    head = values.get(f"{code}_household_head")
    if head:
        parts.append(gettext("户主 %(name)s") % {"name": head})
    return gettext("，").join(parts)


def _delivery_hint(asked: Asked, code: str) -> str:
    for delivery in asked.context.pack.delivery:
        if delivery.fact == asked.field.fact:
            option = next((o for o in delivery.options if o.code == code), None)
            if option is not None:
                words = (worded(option.where), worded(option.bring), worded(option.cost))
                return gettext("；").join(part for part in words if part)
    return ""


def _hint(asked: Asked) -> str:
    hint = worded(asked.field.hint)
    rule = asked.context.pack.insurance
    born = asked.values.get("newborn_born_at")
    if asked.field.fact == "insurance_years" and rule and isinstance(born, datetime):
        last: date = last_day_for_birth_cover(rule, local_day(born))
        deadline = gettext("%(day)s前缴费，从出生那天起就能报销。") % {"day": shown_day(last)}
        return f"{hint} {deadline}".strip()
    return hint
