"""办理进度: one page that says of every item who has it, since when, until when and what comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext

from yijian.actions.duty import public_contacts
from yijian.domain.cases import Case, Task
from yijian.domain.clocks import SHANGHAI, local_day
from yijian.domain.context import Context
from yijian.domain.facts import FAMILY
from yijian.domain.handover import reason_of
from yijian.domain.insurance import last_day_for_birth_cover
from yijian.domain.policy import (
    AskSpec,
    Exemption,
    FactKind,
    FactType,
    ResultField,
    Scope,
    ServiceItem,
)
from yijian.domain.routing import Office
from yijian.domain.states import REFUSED, UNDER_WAY, TaskState
from yijian.domain.statuses import status_text
from yijian.web.applicant.values import shown_day, shown_moment, shown_value, worded
from yijian.web.outages import of_task
from yijian.web.templatetags.masks import mask_certificate, mask_id_number

SHAPES = {
    TaskState.WAITING: "waiting",
    TaskState.CORRECTION_NEEDED: "attention",
    TaskState.COMPLETED: "done",
    TaskState.DECLINED: "stopped",
    TaskState.REJECTED: "stopped",
    TaskState.OFFLINE: "stopped",
    TaskState.WITHDRAWN: "skipped",
    TaskState.NOT_NEEDED: "skipped",
}
EXPLAINED = REFUSED | {TaskState.CORRECTION_NEEDED}
"""The states in which the family reads the office's reason; later ones have overtaken it."""

_NOT_NEEDED = TaskState.NOT_NEEDED
FINISHED = frozenset({TaskState.COMPLETED, TaskState.NOT_NEEDED})
MASKS = {"birth_certificate_number": mask_certificate, "newborn_id_number": mask_id_number}


@dataclass(frozen=True, slots=True)
class Stage:
    """One line of the timeline, as the timeline part reads it."""

    title: str
    state: str
    tag: str
    office: str = ""
    phone: str = ""
    since: str = ""
    due: str = ""
    note: str = ""
    url: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """您现在要做: something only the family can do now."""

    title: str
    text: str
    item: str
    newborn: int
    ask: str
    kind: str
    button: str
    due: str = ""


def counted_items(context: Context, case: Case) -> list[ServiceItem]:
    """The items of this case as the official list counts them."""
    return [
        item
        for item in context.pack.items.values()
        if item.part_of is None and case.tasks_of(item.code)
    ]


def _tasks_counted(context: Context, case: Case, item: ServiceItem) -> list[Task]:
    codes = [item.code, *(i.code for i in context.pack.items.values() if i.part_of == item.code)]
    return [task for code in codes for task in case.tasks_of(code)]


def count_of(case: Case, context: Context) -> tuple[int, int]:
    """How many of the items are finished, and how many there are."""
    items = counted_items(context, case)
    done = [
        item
        for item in items
        if all(task.state in FINISHED for task in _tasks_counted(context, case, item))
    ]
    return len(done), len(items)


def stages(case: Case, context: Context, now: datetime) -> list[Stage]:
    """The timeline: one line per item, and per newborn where an item is done for each."""
    found = []
    for item in counted_items(context, case):
        newborns = dict.fromkeys(t.newborn for t in _tasks_counted(context, case, item))
        for newborn in newborns:
            tasks = [t for t in _tasks_counted(context, case, item) if t.newborn == newborn]
            found.append(_stage(case, context, item, tasks, now))
    return found


def _stage(
    case: Case, context: Context, item: ServiceItem, tasks: list[Task], now: datetime
) -> Stage:
    current = next((task for task in tasks if not task.ended), tasks[-1])
    own = context.pack.items[current.item]
    office = context.directory.office(current.office) if current.office else None
    title = _with_child(case, worded(item.title), current.newborn)
    if item.scope is Scope.NEWBORN and own is not item and not current.ended:
        title = gettext("%(title)s：%(part)s") % {"title": title, "part": worded(own.title)}
    return Stage(
        title=title,
        state="attention" if _needs_family(current, own) else _shape(current),
        tag=_tag(current, own, context),
        office=worded(office.title) if office and current.state is not _NOT_NEEDED else "",
        phone=_contact(office, now) if office and current.state in UNDER_WAY else "",
        since=_since(current),
        due=_due(current, now),
        note="\n".join(
            filter(None, [_note(case, context, own, current), *of_task(current, now=now)])
        ),
    )


def _contact(office: Office, now: datetime) -> str:
    """Who answers there today, as far as families may know; else the office's own number."""
    return public_contacts(now=now).get(office.code) or office.phone


def _shape(task: Task) -> str:
    return SHAPES.get(task.state, "current")


def _needs_family(task: Task, item: ServiceItem) -> bool:
    """Whether the item stands still, or loses something, until the family acts."""
    if task.state is TaskState.CORRECTION_NEEDED:
        return True
    urgent = {ask.id for ask in item.asks if ask.blocks or ask.kind == "pay"}
    return not task.ended and bool(urgent & set(task.open_asks))


def child_name(case: Case, newborn: int) -> str:
    """The child's name, or its number while it has none."""
    known = case.answers.get(("newborn_name", newborn))
    return str(known.value) if known and known.value else str(newborn)


def _tag(task: Task, item: ServiceItem, context: Context) -> str:
    asks = {} if task.ended else {ask.id: ask for ask in item.asks}
    if any(asks[a].kind == "pay" for a in task.open_asks if a in asks):
        return gettext("待您缴费")
    if any(asks[a].blocks for a in task.open_asks if a in asks):
        return gettext("待您确认")
    if task.unrouted:
        return gettext("正在分派")
    return worded(status_text(context.pack, task.state))


def _since(task: Task) -> str:
    if task.state in (TaskState.WAITING, TaskState.NOT_NEEDED):
        return ""
    local = task.since.astimezone(SHANGHAI)
    return gettext("%(month)s月%(day)s日 %(time)s") % {
        "month": local.month,
        "day": local.day,
        "time": f"{local:%H:%M}",
    }


def _due(task: Task, now: datetime) -> str:
    if task.ended or task.due_at is None:
        return ""
    if task.paused_at is not None:
        return gettext("等您完成后继续计时")
    shown = shown_deadline(task.due_at)
    if now >= task.due_at:
        return gettext("应在 %(day)s前办结，已超时，系统正在催办") % {"day": shown}
    if task.due_provisional:
        return gettext("预计 %(day)s前办结（放假安排公布后可能调整）") % {"day": shown}
    return gettext("预计 %(day)s前办结") % {"day": shown}


def shown_deadline(due_at: datetime) -> str:
    """A deadline as people read it: one at midnight is the end of the day before."""
    last = due_at.astimezone(SHANGHAI).replace(microsecond=0)
    if last.hour or last.minute:
        return shown_moment(last)
    return shown_day((last - timedelta(microseconds=1)).date())


def _note(case: Case, context: Context, item: ServiceItem, task: Task) -> str:
    if task.state is TaskState.WAITING:
        names = [worded(context.pack.items[code].title) for code in item.needs]
        before = gettext("、").join(names)
        return gettext("%(before)s办好后自动开始，您不用操作。") % {"before": before}
    if task.state is TaskState.NOT_NEEDED:
        exemption = next((e for e in item.exemptions if e.id == task.reason), None)
        words = [worded(exemption.text)] if exemption else []
        return "\n".join([*words, *_settled_amounts(case, context, exemption)])
    lines = []
    if task.state in EXPLAINED:
        lines.append(worded(reason_of(case, task, context)))
    if task.state in (TaskState.DECLINED, TaskState.REJECTED, TaskState.OFFLINE):
        lines.append(worded(item.way_offline))
    if task.state is TaskState.COMPLETED:
        lines += _results(case, context, item, task)
        lines += _how_received(case, context, item, task)
    if task.unrouted:
        lines.append(gettext("正在确认由哪个机构办理，有专人跟进。"))
    return "\n".join(line for line in lines if line)


def _settled_amounts(case: Case, context: Context, exemption: Exemption | None) -> Iterable[str]:
    """What a register says was paid already, for the exemption that speaks of it."""
    if exemption is None:
        return
    about = {fact.split("_")[0] for fact in exemption.condition.needs}
    for (fact, _subject), known in case.verified.items():
        if fact.endswith("_fen") and fact.split("_")[0] in about and known.value is not None:
            fact_type = context.pack.facts[fact]
            yield gettext("%(title)s：%(value)s") % {
                "title": worded(fact_type.title).replace(gettext("（分）"), ""),
                "value": shown_value(fact_type, known.value, context),
            }


def _results(case: Case, context: Context, item: ServiceItem, task: Task) -> list[str]:
    given = case.results.get(task.key, {})
    lines = []
    for field in item.results:
        value = given.get(field.id)
        if value not in (None, ""):
            shown = _result_value(field, value, context)
            lines.append(
                gettext("%(title)s：%(value)s") % {"title": worded(field.title), "value": shown}
            )
    return lines


def _result_value(field: ResultField, value: object, context: Context) -> str:
    mask = MASKS.get(field.check or "")
    if mask is not None:
        return mask(str(value))
    if field.kind is FactKind.NUMBER and field.id.endswith("_fen"):
        return gettext("%(yuan)s 元") % {"yuan": f"{int(str(value)) / 100:.2f}"}
    as_fact = FactType(field.id, field.kind, Scope.FAMILY, field.title, code_list=field.code_list)
    return shown_value(as_fact, value, context)


def _how_received(case: Case, context: Context, item: ServiceItem, task: Task) -> list[str]:
    for delivery in context.pack.delivery:
        if delivery.item != item.code:
            continue
        chosen = None
        if delivery.fact:
            subject = task.newborn if (delivery.fact, task.newborn) in case.answers else FAMILY
            chosen = case.answers.get((delivery.fact, subject))
        for option in delivery.options:
            if delivery.fact is None or (chosen is not None and chosen.value == option.code):
                words = [worded(option.title), worded(option.where)]
                bring = worded(option.bring)
                if bring:
                    words.append(gettext("带上：%(bring)s") % {"bring": bring})
                return [gettext("，").join(word for word in words if word)]
    return []


def calls(case: Case, context: Context) -> list[Call]:
    """What the family is asked to do now, corrections first, then what blocks, then the rest."""
    found: list[tuple[int, Call]] = []
    for task in case.tasks.values():
        item = context.pack.items[task.item]
        if task.state is TaskState.CORRECTION_NEEDED:
            found.append((0, _correction(case, context, item, task)))
        for ask in item.asks:
            if ask.id in task.open_asks and (ask.kind == "collect" or not task.ended):
                urgent = ask.blocks or ask.kind == "pay"
                found.append((1 if urgent else 2, _call(case, context, task, ask)))
    found.sort(key=lambda one: one[0])
    return [call for _rank, call in found]


def _correction(case: Case, context: Context, item: ServiceItem, task: Task) -> Call:
    labels = []
    for fact in task.correct:
        labels.append(worded(context.pack.form_field(fact).label))
    reason = case.reasons.get(task.key, "")
    fields = gettext("要改的：%(fields)s") % {"fields": gettext("、").join(labels)}
    return Call(
        title=gettext("补正：%(item)s") % {"item": titled(case, item, task)},
        text=gettext("。").join(part for part in (reason.rstrip("。"), fields) if part),
        item=item.code,
        newborn=task.newborn,
        ask="",
        kind="correct",
        button=gettext("去补正"),
    )


def _call(case: Case, context: Context, task: Task, ask: AskSpec) -> Call:
    title = _with_child(case, worded(ask.title), task.newborn)
    button = worded(ask.button) or gettext("知道了")
    due = _pay_before(case, context, task) if ask.kind == "pay" else ""
    text = worded(ask.text)
    return Call(title, text, task.item, task.newborn, ask.id, ask.kind, button, due)


def _pay_before(case: Case, context: Context, task: Task) -> str:
    """Until when paying gives cover from birth."""
    born = case.verified.get(("newborn_born_at", task.newborn))
    if context.pack.insurance is None or born is None or not isinstance(born.value, datetime):
        return ""
    last = last_day_for_birth_cover(context.pack.insurance, local_day(born.value))
    return gettext("%(day)s前") % {"day": shown_day(last)}


def titled(case: Case, item: ServiceItem, task: Task) -> str:
    return _with_child(case, worded(item.title), task.newborn)


def _with_child(case: Case, title: str, newborn: int) -> str:
    """The title, with the child's name when there are several."""
    if not newborn or case.newborns < 2:
        return title
    return gettext("%(title)s（%(child)s）") % {"title": title, "child": child_name(case, newborn)}
