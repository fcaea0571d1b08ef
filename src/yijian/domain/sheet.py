"""申请表内容: the form of a case as labelled rows, the same for checking, signing and reviewing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.forms import FormField
from yijian.domain.notices import plain_value
from yijian.domain.policy import Pack
from yijian.domain.wording import Text


@dataclass(frozen=True, slots=True)
class SheetRow:
    """申请表的一格: a field of one subject, what it says and where that came from.

    `declared` and `verified` are both kept, so that an officer can compare them; `value` is what
    counts. `source` names the register, None when the family said it or it was derived.
    """

    fact: str
    subject: int
    label: Text
    value: object
    declared: object
    verified: object
    source: str | None
    dispute: str | None
    official: bool

    @property
    def differs(self) -> bool:
        """Whether the family and a register say different things, or the family disputes it."""
        both = self.declared is not None and self.verified is not None
        return (both and self.declared != self.verified) or self.dispute is not None


@dataclass(frozen=True, slots=True)
class SheetSection:
    """申请表的一栏: a titled group of rows."""

    id: str
    title: Text
    page: str
    rows: tuple[SheetRow, ...]


def sheet(case: Case, context: Context, now: datetime) -> tuple[SheetSection, ...]:
    """The whole form as it stands, with defaults where nothing was answered."""
    values = {n: context.filled(case, n, now) for n in range(case.newborns + 1)}
    chosen = set(case.items or context.preselected())
    sections = []
    for section in context.pack.form:
        rows = tuple(
            _row(case, field, subject, context, values)
            for field in section.fields
            if field.official or not field.items or chosen & set(field.items)
            for subject in context.subjects(case, field.fact)
            if _is_shown(field, values.get(subject, {}))
        )
        if rows:
            sections.append(SheetSection(section.id, section.title, section.page, rows))
    return tuple(sections)


def value_text(pack: Pack, fact: str, value: object, language: str) -> str:
    """A value as people read it: the name of a code, a date in words, yes or no."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return Text("是" if value else "否", "yes" if value else "no").in_language(language)
    code_list = pack.code_lists.get(pack.facts[fact].code_list or "")
    if code_list is not None and isinstance(value, list | tuple):
        named = [value_text(pack, fact, each, language) for each in value]
        return ("、" if language.startswith("zh") else ", ").join(named)
    if code_list is not None and str(value) in code_list.entries:
        return code_list.entries[str(value)].in_language(language)
    return plain_value(value)


def _is_shown(field: FormField, values: Mapping[str, object]) -> bool:
    return field.shown is None or field.shown.holds(values) is True


def _row(
    case: Case,
    field: FormField,
    subject: int,
    context: Context,
    values: Mapping[int, Mapping[str, object]],
) -> SheetRow:
    key = (field.fact, subject)
    declared, verified = case.answers.get(key), case.verified.get(key)
    return SheetRow(
        fact=field.fact,
        subject=subject,
        label=field.label,
        value=values.get(subject, {}).get(field.fact),
        declared=declared.value if declared else None,
        verified=verified.value if verified else None,
        source=verified.source if verified else None,
        dispute=case.disputes.get(key),
        official=field.official,
    )
