"""分娩信息的表单: the mother, the father, the birth and each newborn, as a hospital enters them.

A part's fields carry the names of the record itself, so that a fault the reader names leads to its
box: `newborns.1.weight_g` is the field `weight_g` of the second newborn's form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.domain.clocks import SHANGHAI
from yijian.domain.numbers import (
    citizen_id_fault,
    id_birth_date,
    id_sex,
    normal_id_number,
)
from yijian.domain.policy import Pack
from yijian.domain.routing import Office
from yijian.web.applicant.values import worded
from yijian.web.desk.forms import FAULTS, DeskForm
from yijian.web.rendering import DateInput

MOST_NEWBORNS = 6
CITIZEN_ID = "111"
FEMALE = "2"


class MomentInput(forms.DateTimeInput):
    """A native box for a day and a time of Asia/Shanghai."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__({"placeholder": "2026-01-31T08:05"}, format="%Y-%m-%dT%H:%M")


def _required(label: object) -> dict[str, Any]:
    return {"label": label, "error_messages": {"required": _("这一项要填")}}


def _codes(pack: Pack, code_list: str, *, empty: bool = True) -> list[tuple[str, str]]:
    entries = pack.code_lists[code_list].entries
    offered = [(code, worded(text)) for code, text in entries.items()]
    return [("", gettext("请选择")), *offered] if empty else offered


class PersonForm(DeskForm):
    """A parent as the hospital recorded them."""

    name = forms.CharField(max_length=100, **_required(_("姓名")))
    id_type = forms.ChoiceField(**_required(_("证件类型")))
    id_number = forms.CharField(
        max_length=40, widget=forms.TextInput({"autocomplete": "off"}), **_required(_("证件号码"))
    )
    birth_date = forms.DateField(
        label=_("出生日期"),
        required=False,
        widget=DateInput,
        help_text=_("填了身份证号码的，不用填"),
        error_messages={"invalid": _("日期写成 1995-05-01 这样")},
    )
    nationality = forms.ChoiceField(**_required(_("国籍")))
    ethnicity = forms.ChoiceField(label=_("民族"), required=False)
    phone = forms.CharField(label=_("联系电话"), required=False, max_length=20)
    address = forms.CharField(label=_("住址"), required=False, max_length=200)

    def __init__(self, pack: Pack, today: date, sex: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.sex = today, sex
        for name, code_list in (
            ("id_type", "id_type"),
            ("nationality", "nationality"),
            ("ethnicity", "ethnicity"),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = _codes(pack, code_list, empty=not field.required)
        self.fields["id_type"].initial = CITIZEN_ID
        self.fields["nationality"].initial = "CHN"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        number = normal_id_number(str(cleaned.get("id_number") or ""))
        if not number:
            return cleaned
        cleaned["id_number"] = number
        if cleaned.get("id_type") == CITIZEN_ID:
            fault = citizen_id_fault(number, self.today)
            if fault is not None:
                self.add_error("id_number", str(FAULTS[fault]))
            elif id_sex(number) != self.sex:
                self.add_error("id_number", gettext("号码里的性别与这位家长不一致"))
            else:
                self._fill_birth_date(cleaned, id_birth_date(number))
        elif not cleaned.get("birth_date"):
            self.add_error("birth_date", gettext("这一项要填"))
        return cleaned

    def _fill_birth_date(self, cleaned: dict[str, Any], born: date) -> None:
        told = cleaned.get("birth_date")
        if told and told != born:
            self.add_error("birth_date", gettext("出生日期与身份证号码里的不一致"))
        cleaned["birth_date"] = born

    def record(self) -> dict[str, object]:
        """The person as a delivery record has them."""
        found = {name: value or None for name, value in self.cleaned_data.items()}
        found["birth_date"] = self.cleaned_data["birth_date"].isoformat()
        return found


class BirthForm(DeskForm):
    """The delivery itself."""

    in_patient_number = forms.CharField(max_length=40, **_required(_("住院号")))
    born_place = forms.ChoiceField(**_required(_("在哪里出生")))
    parity = forms.IntegerField(
        label=_("产次"), required=False, min_value=1, max_value=30, help_text=_("第几次生产")
    )
    midwife = forms.CharField(label=_("接生人员"), required=False, max_length=100)
    father_known = forms.BooleanField(label=_("有父亲的信息"), required=False, initial=True)

    def __init__(self, pack: Pack, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["born_place"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = _codes(pack, "born_place", empty=False)


class NewbornForm(DeskForm):
    """One child."""

    sex = forms.ChoiceField(
        widget=forms.RadioSelect,
        label=_("性别"),
        error_messages={"required": _("请选择性别"), "invalid_choice": _("请选择性别")},
    )
    born_at = forms.DateTimeField(
        label=_("出生时间"),
        widget=MomentInput,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        error_messages={
            "required": _("这一项要填"),
            "invalid": _("时间写成 2026-11-18 03:27 这样"),
        },
    )
    weeks = forms.IntegerField(min_value=15, max_value=50, **_required(_("孕周")))
    days = forms.IntegerField(label=_("孕周外的天数"), required=False, min_value=0, max_value=6)
    weight_g = forms.IntegerField(min_value=100, max_value=10_000, **_required(_("体重（克）")))
    length_cm = forms.IntegerField(min_value=10, max_value=80, **_required(_("身长（厘米）")))
    healthy = forms.ChoiceField(label=_("健康状况"), required=False)
    blood_type = forms.ChoiceField(label=_("血型"), required=False)
    alive = forms.BooleanField(label=_("活产"), required=False, initial=True)

    def __init__(self, pack: Pack, now: datetime, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        for name, code_list in (
            ("sex", "sex"),
            ("healthy", "health"),
            ("blood_type", "blood_type"),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = _codes(pack, code_list, empty=name != "sex")

    def clean_born_at(self) -> datetime:
        """The moment, not in the future."""
        moment: datetime = self.cleaned_data["born_at"]
        if moment > self.now:
            raise forms.ValidationError(_("出生时间不能晚于现在"), code="future")
        return moment

    def record(self, order: int, parity: int | None, office: Office) -> dict[str, object]:
        """The child as a delivery record has it."""
        found = {
            name: value if value is not False and value != "" else None
            for name, value in self.cleaned_data.items()
        }
        return found | {
            "order": order,
            "parity": parity,
            "born_at": self.cleaned_data["born_at"].astimezone(SHANGHAI).isoformat(),
            "alive": bool(self.cleaned_data.get("alive")),
            "place_division": office.division,
            "place_text": office.title.zh,
        }


@dataclass(frozen=True)
class DeliveryForms:
    """The whole page: every part of one record."""

    birth: BirthForm
    mother: PersonForm
    father: PersonForm
    newborns: tuple[NewbornForm, ...]

    @property
    def all(self) -> tuple[DeskForm, ...]:
        """The parts in the order of the page."""
        return (self.birth, self.mother, self.father, *self.newborns)

    @property
    def has_father(self) -> bool:
        """Whether the hospital knows the father."""
        return bool(self.birth["father_known"].value())

    def is_valid(self) -> bool:
        """Whether every part that counts is right; all are looked at, so that all errors show."""
        parts = [self.birth, self.mother, *self.newborns]
        if self.has_father:
            parts.append(self.father)
        return all([part.is_valid() for part in parts])

    def record(self, delivery_id: str, office: Office) -> dict[str, object]:
        """The delivery record, as the register would have it."""
        parity = self.birth.cleaned_data.get("parity")
        return {
            "delivery_id": delivery_id,
            "institution_name": office.title.zh,
            "division": office.division,
            "born_place": self.birth.cleaned_data["born_place"],
            "in_patient_number": self.birth.cleaned_data["in_patient_number"],
            "midwife": self.birth.cleaned_data.get("midwife") or None,
            "mother": self.mother.record(),
            "father": self.father.record() if self.has_father else None,
            "newborns": [
                newborn.record(order, parity, office)
                for order, newborn in enumerate(self.newborns, 1)
            ],
        }

    def blame(self, path: str, words: str) -> None:
        """Put a fault that the reader found beside its field; above the form when it has none."""
        part, _dot, rest = path.partition(".")
        form: DeskForm = {"mother": self.mother, "father": self.father}.get(part, self.birth)
        name = rest or part
        if part == "newborns" and rest:
            place, _dot, name = rest.partition(".")
            form = self.newborns[min(int(place), len(self.newborns) - 1)]
        form.add_error(name if name in form.fields else None, words)


def delivery_forms(
    pack: Pack,
    now: datetime,
    newborns: int,
    data: Mapping[str, Any] | None = None,
    record: Mapping[str, Any] | None = None,
) -> DeliveryForms:
    """The page's forms: empty, as they were sent, or from a kept record."""
    today = now.astimezone(SHANGHAI).date()
    kept = record or {}
    children = list(kept.get("newborns") or ())
    father = kept.get("father")
    birth = {**kept, "father_known": father is not None} if kept else None
    if birth is not None and children:
        birth["parity"] = children[0].get("parity")
    return DeliveryForms(
        BirthForm(pack, data, initial=birth),
        PersonForm(pack, today, FEMALE, data, prefix="mother", initial=kept.get("mother")),
        PersonForm(pack, today, "1", data, prefix="father", initial=father),
        tuple(
            NewbornForm(
                pack,
                now,
                data,
                prefix=f"newborns-{place}",
                initial=_child(children[place]) if place < len(children) else None,
            )
            for place in range(newborns)
        ),
    )


def _child(kept: Mapping[str, Any]) -> dict[str, Any]:
    born_at = datetime.fromisoformat(kept["born_at"]).astimezone(SHANGHAI)
    return {**kept, "born_at": born_at}
