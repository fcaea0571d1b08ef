"""审核页: one task with everything its office needs to decide, and nothing else of the family."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext

from yijian.actions import contexts, urging
from yijian.actions.materials import pages_for_task
from yijian.actions.tasks import PURPOSE
from yijian.domain.cases import Case, Task
from yijian.domain.context import Context
from yijian.domain.custody import CERTIFICATE_CHECK
from yijian.domain.policy import FactType, Scope, ServiceItem
from yijian.domain.states import TERMINAL, TaskState
from yijian.domain.wording import Text
from yijian.records import access, federation, number_stock, queries
from yijian.records.access import OpenedTask
from yijian.records.lines import TaskLine
from yijian.records.people import StaffRole
from yijian.web.applicant.values import shown_value, worded
from yijian.web.desk import certificates, comparing, documents, findings, reasons
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import (
    CorrectionForm,
    DeskForm,
    ReasonForm,
    TransferForm,
    offices_near,
    result_form,
)
from yijian.web.desk.lines import TAGS, left_of, span, waits_for_family
from yijian.web.desk.moves import Moves, moves_of

NEIGHBOURS = 50
LATELY = timedelta(minutes=15)
UNMASKED = "full_numbers"
DONE = frozenset({TaskState.APPROVED, TaskState.COMPLETED})


@dataclass(frozen=True)
class Sheet:
    """One task as it lies on the desk: the case, its item, the context, what may be done."""

    desk: Desk
    opened: OpenedTask
    context: Context
    held: tuple[UUID, str, object] | None = None
    bound: Mapping[str, DeskForm] = field(default_factory=dict)

    @property
    def case(self) -> Case:
        """The case of the task."""
        return self.opened.case

    @property
    def task(self) -> Task:
        """The task itself."""
        return self.opened.task

    @property
    def item(self) -> ServiceItem:
        """What the task is about."""
        return self.context.pack.items[self.task.item]

    @property
    def task_id(self) -> UUID:
        """The task's identifier."""
        return self.opened.loaded.task_id(self.task.key)

    @property
    def moves(self) -> Moves:
        """What may be done now; nothing while a decision is held."""
        if self.held is not None:
            return Moves()
        return moves_of(self.task, self.item, correctable=bool(self.correctable()))

    def correctable(self) -> list[tuple[str, str]]:
        """The fields the family may be asked to correct: its own words, not a register's."""
        rows = comparing.rows_for(self.case, self.item, self.task, self.context, self.desk.now)
        fields = {field.fact for field in self.context.pack.fields()}
        return [
            (row.fact, worded(row.label))
            for row in rows
            if row.fact in fields and row.verified is None and row.declared is not None
        ]

    def form(self, name: str, data: Mapping[str, object] | None = None) -> DeskForm:
        """The form of one decision: bound when `data` is given, or as it was sent before."""
        if data is None and name in self.bound:
            return self.bound[name]
        auto_id = f"id_{name}_%s"
        if name == "complete":
            values = self.context.values(self.case, self.task.newborn, self.desk.now)
            return result_form(self.item, values, self.desk.now, data, self.next_number())
        if name == "correct":
            fields = self.correctable()
            said = reasons.correction_reasons(self.item, [f for f, _ in fields], self.context)
            return CorrectionForm(said, fields, data, auto_id=auto_id)
        if name == "transfer":
            return TransferForm(self._offices(), data, auto_id=auto_id)
        if name == "offline":
            silent = self.moves.waits == "correction"
            return ReasonForm(reasons.hand_over_reasons(silent=silent), data, auto_id=auto_id)
        return ReasonForm(reasons.refusal_reasons(self.item, self.context), data, auto_id=auto_id)

    def next_number(self) -> str | None:
        """The next blank certificate on the office's shelf, if this item gives its number."""
        if not any(field.check == CERTIFICATE_CHECK for field in self.item.results):
            return None
        return number_stock.next_number(
            office=self.task.office or "", task=self.task_id, now=self.desk.now
        )

    def _offices(self) -> list[tuple[str, str]]:
        values = self.context.values(self.case, self.task.newborn, self.desk.now)
        office = self.context.directory.office(self.task.office or "")
        place = office.division if office else str(values.get("hukou_division") or "")
        return offices_near(self.context, self.item.office_kind, place, self.task.office)


def lay_out(desk: Desk, opened: OpenedTask, bound: Mapping[str, DeskForm] | None = None) -> Sheet:
    """The sheet of an opened task."""
    context = contexts.context_of(opened.case)
    task_id = opened.loaded.task_id(opened.key)
    held = queries.held_decisions(task_ids=[task_id]).get(task_id)
    return Sheet(desk, opened, context, held, bound or {})


@desk_page("GET")
def review(desk: Desk, task_id: UUID) -> HttpResponse:
    """One task, opened for the clerk; the opening is in the access log."""
    opened = access.access_task(by=desk.user, task_id=task_id, purpose=PURPOSE, now=desk.now)
    full = desk.request.GET.get("numbers") == "full" and not opened.task.unrouted
    if full:
        access.note_read(
            by=desk.user,
            what=UNMASKED,
            case_id=opened.loaded.id,
            purpose=PURPOSE,
            now=desk.now,
            task_id=task_id,
        )
    return page_of(lay_out(desk, opened), full=full)


def page_of(
    sheet: Sheet, *, full: bool = False, changed: str = "", status: int = 200
) -> HttpResponse:
    """The review page; `changed` says that somebody was faster."""
    desk, case, task, now = sheet.desk, sheet.case, sheet.task, sheet.desk.now
    moves = sheet.moves
    compared = comparing.compare(case, sheet.item, task, sheet.context, now, full=full)
    place, total, following = neighbours(desk, sheet.task_id, task.item)
    context: dict[str, object] = {
        "number": case.number,
        "title": worded(sheet.item.title),
        "child": _child(sheet),
        "version": task.version,
        "compared": compared,
        "full_url": "?numbers=full" if compared.masked and not task.unrouted else "",
        "moves": moves,
        "state": str(TAGS[task.state][0]),
        "state_tone": TAGS[task.state][1],
        "place": place,
        "total": total,
        "next_url": reverse("desk_task", args=[following.task_id]) if following else "",
        "decide_url": reverse("desk_decide", args=[sheet.task_id]),
        "changed": changed,
        "seen_by": _seen_lately(sheet),
        "held": _held_words(sheet),
        "came_from": _came_from(sheet),
        "waiting": _waiting_words(sheet),
        "reason": "" if task.state in DONE else case.reasons.get(task.key, ""),
        "results": _results(sheet),
        "errors": [form for form in sheet.bound.values() if form.is_bound and form.errors],
        "opened": next(iter(sheet.bound), ""),
        **_clock(task, sheet),
        **_forms(sheet),
    }
    if not task.unrouted:
        context |= _found(sheet)
    return desk.page("desk/review.html", context, status=status)


def _came_from(sheet: Sheet) -> str:
    """What the other node is called whose case this is; empty for this node's own."""
    if not sheet.case.origin:
        return ""
    language = "en" if get_language() == "en" else "zh"
    return federation.name_of(sheet.case.origin, language) or sheet.case.origin


def _found(sheet: Sheet) -> dict[str, object]:
    case, task, item, context = sheet.case, sheet.task, sheet.item, sheet.context
    # The family of a received case was judged, and signed, where it applied.
    own = not case.origin
    rules = findings.rule_findings(case, item, task, context, sheet.desk.now) if own else []
    passed = [one for one in rules if one["answer"] == "yes"]
    return {
        "open_findings": [one for one in rules if one["answer"] != "yes"],
        "passed_findings": passed,
        "signatures": findings.signature_findings(case, context) if own else [],
        "materials": findings.materials_of(
            case, item, context, pages_for_task(case, item.materials), sheet.task_id
        ),
        "documents": documents.of_task(sheet.desk, sheet.opened, context),
        "certificates": certificates.shown_on(case, task.key, context, sheet.task_id),
        "points": [worded(point) for point in item.review_points],
        "corrections": findings.corrections_of(case, task, context),
    }


def _forms(sheet: Sheet) -> dict[str, object]:
    moves = sheet.moves
    wanted = {
        "complete": moves.complete and bool(sheet.item.results),
        "correct": moves.correct,
        "refuse": bool(moves.refuse),
        "offline": moves.offline,
        "transfer": moves.transfer,
    }
    return {f"{name}_form": sheet.form(name) for name, has in wanted.items() if has}


def _clock(task: Task, sheet: Sheet) -> dict[str, object]:
    now = sheet.desk.now
    if task.state in TERMINAL:
        return {"left": "", "left_tone": ""}
    digest, started_at = sheet.case.pack_digest, task.started_at or task.since
    light = urging.light(digest, task.item, task.due_at, started_at, now)
    paused = task.paused_at is not None
    left = left_of(task.due_at, paused, now)
    if task.due_at is not None and not paused and now < task.due_at:
        left = gettext("剩余 %(time)s") % {"time": left}
    tones = {"red": "bad", "yellow": "warn"}
    return {"left": left, "left_tone": "" if paused else tones.get(light, "")}


def _child(sheet: Sheet) -> str:
    """Which of several children; a single one needs no mark."""
    if not sheet.task.newborn or sheet.case.newborns < 2:
        return ""
    return gettext("第 %(number)s 个宝宝，共 %(total)s 个") % {
        "number": sheet.task.newborn,
        "total": sheet.case.newborns,
    }


def _held_words(sheet: Sheet) -> str:
    if sheet.held is None:
        return ""
    if sheet.held[1] == sheet.desk.visitor.staff:
        return gettext("这一件您已经处理，马上就会生效。")
    return gettext("另一位同事刚刚处理了这一件，马上就会生效。")


def _waiting_words(sheet: Sheet) -> str:
    if sheet.moves.waits == "correction":
        fields = [worded(_label(fact, sheet)) for fact in sheet.task.correct]
        return gettext("等待家庭补正：%(fields)s。补正后会回到待办。") % {
            "fields": gettext("、").join(fields)
        }
    if sheet.moves.waits == "ask":
        asks = [
            worded(ask.title)
            for ask in sheet.item.asks
            if ask.blocks and ask.id not in sheet.task.answered
        ]
        return gettext("等待家庭确认：%(asks)s。确认后才能办结。") % {
            "asks": gettext("、").join(asks)
        }
    if sheet.moves.approve and not sheet.moves.complete:
        return gettext("先通过；家庭确认以后，再填办理结果办结。")
    return ""


def _label(fact: str, sheet: Sheet) -> Text:
    return sheet.context.pack.form_field(fact).label


def _results(sheet: Sheet) -> list[dict[str, str]]:
    """What the office gave back."""
    found = []
    for result in sheet.item.results:
        value = sheet.case.results.get(sheet.task.key, {}).get(result.id)
        if value in (None, ""):
            continue
        as_fact = FactType(
            result.id, result.kind, Scope.FAMILY, result.title, code_list=result.code_list
        )
        shown = shown_value(as_fact, value, sheet.context)
        found.append({"label": worded(result.title), "value": shown})
    return found


def _seen_lately(sheet: Sheet) -> str:
    """That a colleague looked at the same task a moment ago."""
    if sheet.task.state in TERMINAL:
        return ""
    for entry in access.reads_of(sheet.opened.loaded.id):
        ago = sheet.desk.now - entry.at
        if ago > LATELY:
            break
        if entry.task_id == sheet.task_id and entry.staff != sheet.desk.visitor.staff:
            return gettext("另一位同事 %(time)s前看过") % {"time": span(ago)}
    return ""


def neighbours(desk: Desk, task_id: UUID, item: str) -> tuple[int, int, TaskLine | None]:
    """The place of a task in the worklist (0 when it is not there), how many there are, the next.

    The next one is of the same item where there is one: a clerk stays with one kind of work.
    """
    if not desk.visitor.works_as(StaffRole.CLERK):
        return 0, 0, None
    lines = queries.worklist(by=desk.user, group="open", limit=NEIGHBOURS).lines
    held = queries.held_decisions(task_ids=[line.task_id for line in lines])
    place = next((n for n, line in enumerate(lines) if line.task_id == task_id), -1)
    order = [*lines[place + 1 :], *lines[: max(place, 0)]]
    free = [
        line
        for line in order
        if line.task_id not in held and line.task_id != task_id and not waits_for_family(line)
    ]
    same = [line for line in free if line.item == item]
    return place + 1, len(lines), next(iter([*same, *free]), None)
