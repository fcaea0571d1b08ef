"""核对: the whole form as a family reads it over: rows with their source and the way back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from yijian.domain.plan import chosen_items
from yijian.domain.sheet import SheetRow, SheetSection, sheet
from yijian.web.applicant.doors import Sitting
from yijian.web.applicant.forms import ITEMS_FACT, asked_with, is_open
from yijian.web.applicant.values import Row, shown_value, source_of, worded

Values = Mapping[int, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Section:
    """One titled group of rows; `answered` when the family gave at least one of them."""

    title: str
    rows: tuple[Row, ...]
    answered: bool
    differs: bool


def sections_of(
    sitting: Sitting, sections: Iterable[SheetSection] | None = None, *, may_change: bool = True
) -> list[Section]:
    """Every section with its values: differences first, then the family's own answers."""
    if sections is None:
        sections = sheet(sitting.case, sitting.context, sitting.now)
    subjects = range(sitting.case.newborns + 1)
    values = {s: sitting.context.filled(sitting.case, s, sitting.now) for s in subjects}
    made = [_section(sitting, section, may_change, values) for section in sections]
    shown = [section for section in made if section.rows]
    return sorted(shown, key=lambda section: (not section.differs, not section.answered))


def _section(sitting: Sitting, section: SheetSection, may_change: bool, values: Values) -> Section:
    rows: list[tuple[bool, bool, Row]] = []
    for cell in section.rows:
        found = _row(sitting, section.page, cell, may_change, values)
        if found is not None:
            rows.append((cell.differs, *found))
    rows.sort(key=lambda row: not row[0])
    return Section(
        title=worded(section.title),
        rows=tuple(row for _differs, _answered, row in rows),
        answered=any(answered for _differs, answered, _row_ in rows),
        differs=any(differs for differs, _answered, _row_ in rows),
    )


def _row(
    sitting: Sitting, page: str, cell: SheetRow, may_change: bool, values: Values
) -> tuple[bool, Row] | None:
    case, context = sitting.case, sitting.context
    change = sitting.url("form", page) if may_change else ""
    if cell.fact == ITEMS_FACT:
        return True, _items_row(sitting, worded(cell.label), change)
    field = context.pack.form_field(cell.fact)
    known = values.get(cell.subject, {})
    one = asked_with(case, field, cell.subject, context, known)
    value = shown_value(one.fact_type, cell.value, context)
    if not value:
        return None
    source, origin = source_of(case, context, (cell.fact, cell.subject))
    if cell.dispute is not None:
        source = gettext("%(source)s；您家反映：%(text)s") % {
            "source": source,
            "text": cell.dispute,
        }
    editable = is_open(case, one)
    if origin == "declared" and not editable:
        source, origin = gettext("自动得出"), "derived"
    return editable, Row(one.label, value, source, origin, change if editable else "")


def _items_row(sitting: Sitting, label: str, change: str) -> Row:
    titles = [
        worded(item.title)
        for item in chosen_items(sitting.context, sitting.case)
        if item.part_of is None
    ]
    return Row(label, gettext("、").join(titles), gettext("您家选择的"), "declared", change)
