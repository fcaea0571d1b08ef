"""填表页: the form of one page of the family's journey, made from the pack. No saving here.

A page shows two things: what is already known (cards, read only, with its source) and what is
still asked (a Django form). `page_of` divides the fields between them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext

from yijian.domain.cases import Case
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import Context
from yijian.domain.facts import FactKey
from yijian.domain.forms import FormField, FormPage, FormSection
from yijian.domain.journey import page_fields
from yijian.domain.policy import Choice as ItemChoice
from yijian.domain.policy import FactKind, ServiceItem
from yijian.web.applicant.fields import Asked, form_field
from yijian.web.applicant.values import Row, shown_value, source_of, worded
from yijian.web.rendering import Choice, YijianRenderer

ITEMS_FACT = "chosen_items"
"""The one field that is no fact of the family: which items it wants."""


class FamilyForm(forms.Form):
    """Any form of the parents' door."""

    default_renderer = YijianRenderer()
    label_suffix = ""


@dataclass(frozen=True)
class KnownSection:
    """A card of what needs no answer: a section of the form, for the family or one newborn."""

    id: str
    title: str
    rows: tuple[Row, ...]
    can_dispute: bool


@dataclass(frozen=True)
class FormOfPage:
    """填表页: one page as it is shown to this family."""

    page: FormPage
    known: tuple[KnownSection, ...]
    asked: tuple[Asked, ...]
    items: tuple[ServiceItem, ...] = ()
    required_items: tuple[ServiceItem, ...] = ()
    case: Case | None = None
    exempt: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def form_class(self) -> type[forms.Form]:
        """The Django form of what is asked here."""
        fields: dict[str, forms.Field] = {name_of(one): form_field(one) for one in self.asked}
        if self.items:
            fields["items"] = self._items_field()
        return type("PageForm", (FamilyForm,), fields)

    def _items_field(self) -> forms.MultipleChoiceField:
        choices = [
            (
                item.code,
                Choice(worded(item.title), self.exempt.get(item.code) or worded(item.summary)),
            )
            for item in self.items
        ]
        return forms.MultipleChoiceField(
            label=gettext("一起办的事"),
            choices=choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
        )

    def form(self, data: Mapping[str, object] | None = None) -> forms.Form:
        """The form, filled with what is answered or proposed; bound when `data` is given."""
        return self.form_class(data, initial=self.initial, auto_id="id_%s")

    @cached_property
    def initial(self) -> dict[str, object]:
        """What stands in the boxes before anybody touches them."""
        initial: dict[str, object] = {}
        for one in self.asked:
            value = one.values.get(one.field.fact)
            if isinstance(value, bool):
                value = "yes" if value else "no"
            initial[name_of(one)] = value
        if self.items and self.case is not None:
            wanted = set(self.case.items)
            initial["items"] = [
                i.code for i in self.items
                if i.code in wanted or (not wanted and i.choice is ItemChoice.DEFAULT)
            ]  # fmt: skip
        return initial

    def answers(self, cleaned: Mapping[str, object]) -> dict[FactKey, object]:
        """What the family answered, by fact and subject; an emptied box is None."""
        return {
            (one.field.fact, one.subject): _plain(cleaned[name_of(one)])
            for one in self.asked
            if name_of(one) in cleaned
        }

    def chosen_items(self, cleaned: Mapping[str, object]) -> tuple[str, ...] | None:
        """The chosen items with what belongs to them; None when this page does not ask."""
        if not self.items or "items" not in cleaned:
            return None
        ticked = cleaned["items"]
        return tuple(str(code) for code in ticked) if isinstance(ticked, list) else ()


def _plain(value: object) -> object:
    return None if value == "" else value


def name_of(asked: Asked) -> str:
    """The field's name in the page: the fact, and the newborn's number where there is one."""
    return f"{asked.field.fact}__{asked.subject}" if asked.subject else asked.field.fact


def is_right(filled: forms.Form, asked: Iterable[Asked]) -> bool:
    """Whether what was sent is right. A box that another answer of the same page hides is neither
    missed nor kept."""
    filled.is_valid()
    everything = tuple(asked)
    for one in everything:
        name = name_of(one)
        if name in filled.errors and _hidden(one, everything, filled.cleaned_data):
            del filled.errors[name]
    return not filled.errors


def _hidden(one: Asked, asked: Iterable[Asked], cleaned: Mapping[str, object]) -> bool:
    if one.field.shown is None:
        return False
    said = {
        other.field.fact: cleaned[name_of(other)]
        for other in asked
        if other.subject in (0, one.subject) and name_of(other) in cleaned
    }
    return one.field.shown.holds({**one.values, **said}) is False


def page_of(case: Case, page: str, context: Context, now: datetime) -> FormOfPage:
    """One page of the form for this case; KeyError when the pack has no such page."""
    found = next(one for one in context.pack.pages if one.id == page)
    by_section = _by_section(case, page, context, now)
    known_values: dict[int, Mapping[str, object]] = {}
    known: list[KnownSection] = []
    asked: list[Asked] = []
    asks_items = False
    for section, fields in by_section:
        rows: dict[int, list[tuple[Row, bool]]] = {}
        together = case.newborns <= 1
        for form_field_, subject in fields:
            if form_field_.fact == ITEMS_FACT:
                asks_items = True
                continue
            if subject not in known_values:
                known_values[subject] = context.filled(case, subject, now)
            one = asked_with(case, form_field_, subject, context, known_values[subject])
            if is_open(case, one):
                asked.append(one)
            elif row := _known_row(case, one):
                rows.setdefault(0 if together else subject, []).append(row)
        known += [_card(case, section, subject, found) for subject, found in rows.items()]
    items, required = _items(context) if asks_items else ((), ())
    exempt = _exemptions(case, items, context, now)
    return FormOfPage(found, tuple(known), tuple(asked), items, required, case, exempt)


def _by_section(
    case: Case, page: str, context: Context, now: datetime
) -> list[tuple[FormSection, list[tuple[FormField, int]]]]:
    shown = page_fields(case, page, context, now)
    return [
        (section, [(f, s) for f, s in shown if f in section.fields])
        for section in context.pack.form
        if section.page == page
    ]


def asked_of(
    case: Case, form_field_: FormField, subject: int, context: Context, now: datetime
) -> Asked:
    """A field with what is known about its subject, and the label it bears for that subject."""
    return asked_with(case, form_field_, subject, context, context.filled(case, subject, now))


def asked_with(
    case: Case,
    form_field_: FormField,
    subject: int,
    context: Context,
    values: Mapping[str, object],
) -> Asked:
    """The same, when what is known about the subject has been worked out already."""
    label = worded(form_field_.label)
    if subject and case.newborns > 1:
        label = gettext("%(label)s（%(child)s）") % {
            "label": label,
            "child": child_title(values, subject, context),
        }
    return Asked(form_field_, subject, values, context, label)


def child_title(values: Mapping[str, object], subject: int, context: Context) -> str:
    """How one of several newborns is called before it has a name: 老大，女，03:27 出生."""
    ranks = [gettext("老大"), gettext("老二"), gettext("老三"), gettext("老四")]
    parts = [ranks[subject - 1] if subject <= len(ranks) else str(subject)]
    sexes = context.pack.code_lists.get("sex")
    sex = str(values.get("newborn_sex") or "")
    if sexes and sex in sexes.entries:
        parts.append(worded(sexes.entries[sex]))
    born = values.get("newborn_born_at")
    if isinstance(born, datetime):
        parts.append(gettext("%(time)s 出生") % {"time": f"{born.astimezone(SHANGHAI):%H:%M}"})
    return gettext("，").join(parts)


def is_open(case: Case, asked: Asked) -> bool:
    """Whether the family answers this field: nobody else knows it and there is a choice."""
    key = (asked.field.fact, asked.subject)
    verified = case.verified.get(key)
    if verified is not None and verified.value is not None:
        return False
    fact_type = asked.fact_type
    if fact_type.derive is not None:
        return False
    if fact_type.register is not None and not asked.field.required:
        return False
    if asked.code_list is not None and fact_type.kind is FactKind.CODE:
        offered = asked.offered()
        return not (len(offered) == 1 and asked.values.get(asked.field.fact) == offered[0])
    return True


def _known_row(case: Case, asked: Asked) -> tuple[Row, bool] | None:
    key = (asked.field.fact, asked.subject)
    value = shown_value(asked.fact_type, asked.values.get(asked.field.fact), asked.context)
    if not value:
        return None
    source, origin = source_of(case, asked.context, key)
    if key in case.disputes:
        source = gettext("%(source)s，您已反映不对") % {"source": source}
    return Row(worded(asked.field.label), value, source, origin), key in case.verified


def _card(
    case: Case, section: FormSection, subject: int, found: Iterable[tuple[Row, bool]]
) -> KnownSection:
    rows = list(found)
    title = worded(section.title)
    if subject and case.newborns > 1:
        title = gettext("%(title)s %(number)s") % {"title": title, "number": subject}
    return KnownSection(
        section.id, title, tuple(row for row, _ in rows), any(verified for _, verified in rows)
    )


def _items(context: Context) -> tuple[tuple[ServiceItem, ...], tuple[ServiceItem, ...]]:
    listed = [item for item in context.pack.items.values() if item.part_of is None]
    free = tuple(item for item in listed if item.choice is not ItemChoice.ALWAYS)
    return free, tuple(item for item in listed if item.choice is ItemChoice.ALWAYS)


def _exemptions(
    case: Case, items: Iterable[ServiceItem], context: Context, now: datetime
) -> dict[str, str]:
    values = context.filled(case, 1, now)
    exempt = {}
    for item in items:
        for exemption in item.exemptions:
            if exemption.condition.holds(values):
                exempt[item.code] = worded(exemption.text)
                break
    return exempt
