"""分发: what leaves for the offices when something happens to a case: which task, to whom, with what.

An office with its own system, another node and an office without a network are told by messages;
an office at our desk finds the task on its list.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from yijian.actions.certificates import references_of
from yijian.actions.certificates import told as told_of
from yijian.domain.cases import Case
from yijian.domain.certificates import CertificateReference
from yijian.domain.clocks import local_day
from yijian.domain.context import Context, applied_at
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.policy import ServiceItem
from yijian.domain.routing import Reach, read_reach
from yijian.domain.states import TaskState
from yijian.records import materials as material_records
from yijian.records.cases import Outgoing
from yijian.records.identifiers import task_id
from yijian.records.materials import PICTURE, MaterialPage

TASK_DISPATCHED = "yijian.task.dispatched.v1"
TASK_WITHDRAWN = "yijian.task.withdrawn.v1"
NOTHING_SHOWN: Mapping[str, object] = {
    "fields": {}, "materials": [], "scans": [], "certificates": []
}  # fmt: skip
"""What an office is told of the family when the task is no longer its own."""
ABOUT_THE_TASK = frozenset(
    {
        "task_id", "case_id", "case_number", "pack", "item", "newborn", "office", "round",
        "promised_at", "due_provisional",
    }
)  # fmt: skip
NOWHERE: Mapping[TaskKey, str | None] = {}


def dispatches(
    case: Case,
    events: Sequence[Event],
    context: Context,
    now: datetime,
    pages: Sequence[MaterialPage] = (),
    certificates: Sequence[CertificateReference] = (),
    known: Mapping[TaskKey, str | None] = NOWHERE,
) -> list[Outgoing]:
    """The messages that follow from the events, for tasks that are at no desk of this node.

    An office hears of a task when it is queued or routed there or its channel is switched, when the
    family has corrected it, confirmed something, or withdrawn it, and when the system takes it away
    because another item stops the rest. Whoever had the task before hears that it is gone. One
    message per intent. `known` is how each task reached its office before the events.
    """
    reached = reached_by(case, events, context, known)
    found: dict[tuple[TaskKey, str, str], Outgoing] = {}

    def tell(key: TaskKey, intent: str, destination: str, kind: str) -> None:
        payload = dispatch_payload(case, key, context, now, pages, certificates)
        if kind == TASK_WITHDRAWN:
            payload = without_family(payload) | {"state": case.tasks[key].state.value}
        payload["intent"] = intent
        found[key, intent, destination] = Outgoing(destination, kind, intent, payload, key)

    for event in events:
        intent = intent_of(event)
        if event.task is None or intent is None:
            continue
        reach = reach_of(case, event.task, context, now, reached)
        to = reach.destination if reach else None
        before = _destination(_left(event, known))
        if before is not None and before != to:
            version = case.tasks[event.task].version
            tell(event.task, f"taken-away-{version}", before, TASK_WITHDRAWN)
        withdrawn = intent == "withdrawn"
        if event.kind is EventKind.TASK_ROUTED and event.by == f"partner:{to}":
            continue  # It says so itself.
        if to is None or (withdrawn and event.public.get("from") == TaskState.WAITING.value):
            continue
        if event.kind in (EventKind.TASK_SWITCHED, EventKind.TASK_ROUTED):
            # A task may come back to where it was; every time is a message of its own.
            intent = f"{intent}-{case.tasks[event.task].version}"
        tell(event.task, intent, to, TASK_WITHDRAWN if withdrawn else TASK_DISPATCHED)
    return list(found.values())


def _left(event: Event, known: Mapping[TaskKey, str | None]) -> str | None:
    """Where a task was that goes elsewhere, when it was heard of there."""
    if event.kind is EventKind.TASK_SWITCHED:
        return str(event.public["from"]) if event.public["heard"] else None
    if event.kind is EventKind.TASK_ROUTED and event.task is not None:
        return known.get(event.task)
    return None


def _destination(kept: str | None) -> str | None:
    return read_reach(kept).destination if kept else None


def dispatch_payload(
    case: Case,
    key: TaskKey,
    context: Context,
    now: datetime,
    pages: Sequence[MaterialPage] | None = None,
    certificates: Sequence[CertificateReference] | None = None,
) -> dict[str, object]:
    """What an office receives about a task: only the facts and materials that its item lists.

    `pages` and `certificates` are those of the case when they have been looked up already.
    """
    task = case.tasks[key]
    item = context.pack.items[task.item]
    case_id = UUID(case.id)
    if pages is None:
        pages = material_records.pages_of(case_ids=[case_id]).get(case_id, [])
    if certificates is None:
        certificates = references_of([(case_id, context)])[case_id]
    fields = context.payload(case, item, task.newborn, now)
    sent = case.received.get(key, {})
    return {
        **sent,
        "task_id": str(task_id(case.id, key)),
        "case_id": case.id,
        "case_number": case.number,
        "pack": {
            "code": case.pack,
            "version": case.pack_version,
            "digest": case.pack_digest,
        },
        "newborns": case.newborns,
        "applicant": case.applicant,
        "channel": case.channel,
        "applied_at": applied_at(case),
        "item": task.item,
        "newborn": task.newborn,
        "office": task.office,
        "promised_at": task.due_at,
        "due_provisional": task.due_provisional,
        "round": task.round,
        "answered": list(task.answered),
        "fields": fields,
        "verified": [f for f in fields if context.key(f, task.newborn) in case.verified],
        "materials": [material.id for material in item.materials],
        "scans": sent.get("scans") or _scans(item, pages),
        "certificates": [
            *cast(Sequence[object], sent.get("certificates") or ()),
            *told_of(case, task.item, task.newborn, context, certificates),
        ],
    }


def _scans(item: ServiceItem, pages: Sequence[MaterialPage]) -> list[dict[str, object]]:
    """The scanned pages of the materials that the item lists."""
    listed = {material.id for material in item.materials}
    return [
        {"id": str(page.id), "material": page.material, "page": page.page, "sha256": page.digest}
        for page in pages
        if page.kind == PICTURE and page.material in listed
    ]


def without_family(payload: Mapping[str, object]) -> dict[str, object]:
    """What is told of a task that is no longer the office's own: which one it is, nothing else."""
    told = {name: said for name, said in payload.items() if name in ABOUT_THE_TASK}
    return {**told, **NOTHING_SHOWN}


def intent_of(event: Event) -> str | None:
    """What an event means for the office of its task; None when it need not hear of it."""
    if event.kind is EventKind.TASK_ROUTED:
        return f"routed-{event.public['office']}"
    if event.kind is EventKind.TASK_SWITCHED:
        return "switched"
    if event.kind is EventKind.TASK_RECEIVED:
        first = event.public["intent"] == "dispatched" and not event.public["goes_on"]
        return "dispatched" if first else f"received-{event.public['message']}"
    if event.kind is EventKind.ASK_ANSWERED:
        return f"answered-{event.public['ask']}"
    if event.kind is not EventKind.TASK_MOVED:
        return None
    to, before = event.public["to"], event.public["from"]
    if to == TaskState.QUEUED.value:
        return "dispatched"
    if to == TaskState.WITHDRAWN.value:
        return "withdrawn"
    if to == TaskState.OFFLINE.value and (event.by == "system" or event.by.startswith("node:")):
        return "withdrawn"
    if to == TaskState.IN_REVIEW.value and before == TaskState.CORRECTION_NEEDED.value:
        return "corrected"
    return None


def reached_by(
    case: Case,
    events: Sequence[Event],
    context: Context,
    known: Mapping[TaskKey, str | None] = NOWHERE,
) -> Mapping[TaskKey, str]:
    """How every task that is at an office reaches it, as it is kept with the task.

    What is found when a task is queued or routed stays with it until it ends, whatever the rules
    say meanwhile; only an event says that its channel was switched.
    """
    found = {key: kept for key, kept in known.items() if kept is not None}
    for event in events:
        if event.task is None:
            continue
        if event.kind is EventKind.TASK_SWITCHED:
            found[event.task] = str(event.public["to"])
        elif _begins(event):
            found.pop(event.task, None)
            reach = reach_now(case, event.task, context, event.at)
            if reach is not None:
                found[event.task] = str(reach)
    return found


def _begins(event: Event) -> bool:
    """Whether a task comes to an office by the event, so that its way there is looked up."""
    if event.kind is EventKind.TASK_RECEIVED:
        return not event.public["goes_on"]
    queued = event.public.get("to") == TaskState.QUEUED.value
    return event.kind is EventKind.TASK_ROUTED or (event.kind is EventKind.TASK_MOVED and queued)


def reach_now(case: Case, key: TaskKey, context: Context, now: datetime) -> Reach | None:
    """How a task would reach its office if it were queued now; None while it has no office."""
    task = case.tasks[key]
    office = context.directory.office(task.office) if task.office else None
    if office is None:
        return None
    return context.directory.reach(office, task.item, local_day(now))


def reach_of(
    case: Case,
    key: TaskKey,
    context: Context,
    now: datetime,
    known: Mapping[TaskKey, str | None] = NOWHERE,
) -> Reach | None:
    """How a task reached its office; None while it is at none."""
    kept = known.get(key)
    return read_reach(kept) if kept else reach_now(case, key, context, now)
