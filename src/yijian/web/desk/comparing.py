"""比对: what the family declared beside what registers know, for the facts that the item's office
receives and for no others."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext

from yijian.domain.cases import Case, Task
from yijian.domain.context import Context
from yijian.domain.policy import FactType, ServiceItem
from yijian.domain.sheet import SheetRow, sheet
from yijian.web.applicant.values import register_title, shown_value, worded

SHORT = 14
"""Up to so many rows everything stands in one table."""
ID_NUMBER = "_id_number"


@dataclass(frozen=True, slots=True)
class Compared:
    """比对表: rows to look at, differences first, and the rows that only a register fills."""

    rows: tuple[dict[str, object], ...]
    rest: tuple[dict[str, object], ...]
    differences: int
    masked: bool


def rows_for(
    case: Case, item: ServiceItem, task: Task, context: Context, now: datetime
) -> list[SheetRow]:
    """The rows of the item's payload for the task's child, in the payload's order."""
    written = {
        (row.fact, row.subject): row
        for section in sheet(case, context, now)
        for row in section.rows
    }
    values = context.payload(case, item, task.newborn, now)
    if task.unrouted:
        values = {fact: value for fact, value in values.items() if _says_where(fact, item)}
    asked = {field.fact for field in context.pack.fields()}
    rows = []
    for fact in item.payload:
        if fact not in values or fact not in context.pack.facts:
            continue
        key = context.key(fact, task.newborn)
        if key in written:
            rows.append(replace(written[key], value=values[fact]))
        elif fact not in asked:
            rows.append(replace(_unwritten(case, fact, key[1], context), value=values[fact]))
    return rows


def _says_where(fact: str, item: ServiceItem) -> bool:
    """Whoever chooses an office sees the places of a family and nothing else of it."""
    endings = ("_division", "_address", "_station", "institution_name")
    return fact == item.office_fact or fact.endswith(endings)


def _unwritten(case: Case, fact: str, subject: int, context: Context) -> SheetRow:
    """A fact that the office receives and no form shows."""
    declared, verified = case.answers.get((fact, subject)), case.verified.get((fact, subject))
    return SheetRow(
        fact=fact,
        subject=subject,
        label=context.pack.facts[fact].title,
        value=None,
        declared=declared.value if declared else None,
        verified=verified.value if verified else None,
        source=verified.source if verified else None,
        dispute=case.disputes.get((fact, subject)),
        official=False,
    )


def compare(
    case: Case, item: ServiceItem, task: Task, context: Context, now: datetime, *, full: bool
) -> Compared:
    """The rows as the compare part reads them; ID numbers masked unless `full` or different."""
    look: list[dict[str, object]] = []
    rest: list[dict[str, object]] = []
    differences, masked = 0, False
    for row in rows_for(case, item, task, context, now):
        open_number = full or row.differs
        shown = _shown(row, context, full=open_number)
        masked = masked or (row.fact.endswith(ID_NUMBER) and not open_number)
        differences += row.differs
        (look if row.differs or row.declared is not None else rest).append(shown)
    if len(look) + len(rest) <= SHORT:
        look, rest = [*look, *rest], []
    return Compared(tuple(look), tuple(rest), differences, masked)


def _shown(row: SheetRow, context: Context, *, full: bool) -> dict[str, object]:
    fact_type = context.pack.facts[row.fact]
    declared = _text(fact_type, row.declared, context, full)
    verified = _text(fact_type, row.verified, context, full)
    label, state = worded(row.label), None
    if row.dispute is not None:
        label = gettext("%(label)s（家庭有异议）") % {"label": label}
        declared, state = row.dispute, "different"
        verified = verified or _text(fact_type, row.value, context, full)
    elif row.declared is None and row.verified is None:
        verified = _text(fact_type, row.value, context, full)
    return {
        "label": label,
        "declared": declared,
        "verified": verified,
        "source": _source(row, context),
        "state": state,
    }


def _text(fact_type: FactType, value: object, context: Context, full: bool) -> str:
    if full and fact_type.id.endswith(ID_NUMBER) and value is not None:
        return str(value)
    return shown_value(fact_type, value, context)


def _source(row: SheetRow, context: Context) -> str:
    """Who says so: a register, an earlier item, the family, or nobody: it was worked out."""
    if row.source is not None:
        item = context.pack.items.get(row.source)
        return worded(item.title) if item else register_title(row.source, context)
    return gettext("家庭填写") if row.declared is not None else gettext("自动得出")
