"""纸质各联: where every sheet of a birth certificate is, where it must go, and until when.

A certificate is printed as one page of three sheets. When a number is given they lie with the
issuer; from then on every change of hands is a `PAPER_MOVED` event of the case, numbered in steps.
What the ledger says is those events; what policy wants is computed here from the pack's rules.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from yijian.domain.cases import Case
from yijian.domain.clocks import Calendar
from yijian.domain.context import Context, RefusedError
from yijian.domain.custody_rules import (
    CustodyRule,
    Destination,
    Every,
    Place,
    Schedule,
    Sheet,
)
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.policy import Pack

CERTIFICATE_CHECK = "birth_certificate_number"
"""The check of the result field whose number stands on the three sheets."""
FAMILY = "family"
ARCHIVE = "archive"
OUTSIDE = frozenset({FAMILY, ARCHIVE})
"""Holders that are no offices."""


class SheetState(StrEnum):
    """保管状态: how a sheet lies with whoever has it."""

    HELD = "held"
    ON_THE_WAY = "on_the_way"
    DELIVERED = "delivered"
    """With the family, or in the archive: nobody here answers for it any more."""
    MISSING = "missing"
    """It was on a list and was not there when the list was received."""
    LOST = "lost"


NEXT: Mapping[SheetState, frozenset[SheetState]] = {
    SheetState.HELD: frozenset(
        {SheetState.HELD, SheetState.ON_THE_WAY, SheetState.DELIVERED, SheetState.LOST}
    ),
    SheetState.ON_THE_WAY: frozenset({SheetState.HELD, SheetState.DELIVERED, SheetState.MISSING}),
    SheetState.DELIVERED: frozenset({SheetState.HELD}),
    SheetState.MISSING: frozenset({SheetState.HELD, SheetState.LOST}),
    SheetState.LOST: frozenset({SheetState.HELD}),
}
"""Which step may follow which."""


@dataclass(frozen=True, slots=True)
class PaperSheet:
    """一联: one sheet as the ledger has it. `batch` is the hand-over it left or came with."""

    sheet: Sheet
    newborn: int
    step: int
    holder: str
    state: SheetState
    cut: bool
    batch: str | None = None


@dataclass(frozen=True, slots=True)
class SheetPlan:
    """去向安排: what policy wants of a sheet: the rule, to whom, and until which day.

    `rule` is empty while no rule holds yet; then the sheet waits where it is. `to` is an office,
    "family" or "archive"; None when the place is not known. `due_on` is None when there is no day.
    """

    rule: str
    to: str | None
    due_on: date | None
    cut: bool | None = None
    cut_after: str | None = None

    @property
    def waits(self) -> bool:
        """Whether nothing can be said yet."""
        return not self.rule


def has_sheets(pack: Pack) -> bool:
    """Whether the pack's rules tell the ledger anything about numbered sheets."""
    return any(rule.sheet is not None for rule in pack.custody)


def due_on(schedule: Schedule, since: date, calendar: Calendar) -> date | None:
    """The first day of the schedule on or after `since`; None when it has none."""
    if schedule.every is Every.NEVER:
        return None
    if schedule.every is Every.ONCE:
        if schedule.workdays is None:
            return None
        return calendar.after(since, schedule.workdays) if schedule.workdays else since
    year, month = since.year, since.month
    while True:
        if schedule.every is Every.MONTH or month % 3 == 0:
            day = _day_in(year, month, schedule, calendar)
            if day >= since:
                return day
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _day_in(year: int, month: int, schedule: Schedule, calendar: Calendar) -> date:
    """The schedule's day in one month: a short month ends on its last day."""
    day = date(year, month, min(schedule.day, monthrange(year, month)[1]))
    while schedule.on_workday and day.day > 1 and not calendar.is_workday(day):
        day = day.replace(day=day.day - 1)
    return day


def rule_for(pack: Pack, sheet: Sheet, values: Mapping[str, object]) -> CustodyRule | None:
    """The first rule about the sheet that holds now; None while none does."""
    for rule in pack.custody:
        if rule.sheet is sheet and (rule.when is None or rule.when.holds(values) is True):
            return rule
    return None


def plan_of(
    sheet: Sheet,
    case: Case,
    newborn: int,
    issuer: str,
    since: date,
    context: Context,
    values: Mapping[str, object],
) -> SheetPlan:
    """What policy wants of a sheet, given the day since which the rule that holds has held."""
    rule = rule_for(context.pack, sheet, values)
    if rule is None or rule.to is None or rule.schedule is None:
        return SheetPlan("", issuer, None)
    to = _holder(rule.to, case, newborn, issuer, context)
    day = due_on(rule.schedule, since, context.calendar)
    return SheetPlan(rule.part, to, day, rule.cut, rule.cut_after)


def _holder(to: Destination, case: Case, newborn: int, issuer: str, context: Context) -> str | None:
    if to.place is Place.ISSUER:
        return issuer
    if to.place in (Place.FAMILY, Place.ARCHIVE):
        return to.place.value
    if to.place is Place.TASK:
        task = case.tasks.get((to.item or "", newborn)) or case.tasks.get((to.item or "", 0))
        return task.office if task else None
    office = context.directory.office(issuer)
    found = context.directory.nearest(to.kind or "", office.division) if office else None
    return found.code if found else None


def number_given(event: Event, pack: Pack) -> tuple[str, str] | None:
    """The result field and the birth certificate number that an event gives; None for others.

    A certificate gets its number with the result of its item, and a replacement its own.
    """
    result = event.sealed.get("result")
    if event.kind not in (EventKind.TASK_MOVED, EventKind.CERTIFICATE_KEPT) or event.task is None:
        return None
    if not isinstance(result, Mapping):
        return None
    for field in pack.items[event.task[0]].results:
        if field.check == CERTIFICATE_CHECK and field.id in result:
            return field.id, str(result[field.id])
    return None


def laid(case: Case, event: Event, context: Context, now: datetime) -> list[Event]:
    """The three sheets lie with the issuer, when the event gives a certificate its number.

    `case` is the case after the event. A sheet is cut at once where a rule that holds already says
    so and nothing has to be scanned before.
    """
    if event.task is None or not has_sheets(context.pack):
        return []
    issuer = case.tasks[event.task].office
    if issuer is None or number_given(event, context.pack) is None:
        return []
    values = context.filled(case, event.task[1], now)
    found = []
    for sheet in Sheet:
        rule = rule_for(context.pack, sheet, values)
        cut = rule is not None and rule.cut is True and not scan_missing(case, rule.cut_after)
        paper = PaperSheet(sheet, event.task[1], 1, issuer, SheetState.HELD, cut)
        found.append(moved(paper, event.task, event.by, now))
    return found


def scan_missing(case: Case, material: str | None) -> bool:
    """Whether a picture must be taken before the page is cut, and was not."""
    return material is not None and not case.materials.get(material)


def moved(paper: PaperSheet, task: TaskKey, by: str, now: datetime) -> Event:
    """The event that says where a sheet is from now on. Its number is not in it."""
    public: dict[str, object] = {
        "sheet": paper.sheet.value,
        "step": paper.step,
        "holder": paper.holder,
        "state": paper.state.value,
        "cut": paper.cut,
    }
    if paper.batch is not None:
        public["batch"] = paper.batch
    return Event(EventKind.PAPER_MOVED, now, by, task=task, public=public)


def sheet_told(event: Event) -> PaperSheet:
    """The sheet as a `PAPER_MOVED` event tells it. Errors: KeyError, ValueError."""
    public, task = event.public, event.task
    if event.kind is not EventKind.PAPER_MOVED or task is None:
        raise ValueError(f"{event.kind} moves no paper")
    batch = public.get("batch")
    return PaperSheet(
        Sheet(str(public["sheet"])),
        task[1],
        int(str(public["step"])),
        str(public["holder"]),
        SheetState(str(public["state"])),
        bool(public["cut"]),
        None if batch is None else str(batch),
    )


def stepped(
    paper: PaperSheet,
    to: SheetState,
    *,
    holder: str | None = None,
    cut: bool | None = None,
    batch: str | None = None,
) -> PaperSheet:
    """The sheet one step further. Errors: RefusedError `step_not_allowed`."""
    if to not in NEXT[paper.state]:
        raise RefusedError("paper_step_not_allowed")
    return PaperSheet(
        paper.sheet,
        paper.newborn,
        paper.step + 1,
        holder or paper.holder,
        to,
        paper.cut if cut is None else cut,
        batch,
    )


def history_faults(papers: Sequence[PaperSheet]) -> list[str]:
    """What is wrong with the steps of one sheet, in order; nothing when all is well."""
    faults: list[str] = []
    for place, paper in enumerate(papers, start=1):
        if paper.step != place:
            return [*faults, f"step {place} is missing (found {paper.step} in its place)"]
        if place == 1 and paper.state is not SheetState.HELD:
            faults.append("it was not laid down first")
        if place > 1 and paper.state not in NEXT[papers[place - 2].state]:
            before = papers[place - 2].state.value
            faults.append(f"step {place} leads from {before} to {paper.state.value}")
        if place > 1 and papers[place - 2].cut and not paper.cut:
            faults.append(f"step {place} puts together what was cut")
    return faults
