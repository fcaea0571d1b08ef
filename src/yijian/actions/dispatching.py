"""分发: what leaves for the offices when something happens to a case: which task, to whom, with what.

An office with its own system, another node and an office without a network are told by messages;
an office at our desk finds the task on its list.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from yijian.actions.certificates import references_of
from yijian.actions.certificates import told as told_of
from yijian.domain.cases import Case
from yijian.domain.certificates import CertificateReference
from yijian.domain.context import Context
from yijian.domain.events import Event, EventKind, TaskKey
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


def dispatches(
    case: Case,
    events: Sequence[Event],
    context: Context,
    now: datetime,
    pages: Sequence[MaterialPage] = (),
    certificates: Sequence[CertificateReference] = (),
) -> list[Outgoing]:
    """The messages to departments' own systems that follow from the events.

    An office reached by its own system hears of a task when it is queued or routed there, when the
    family has corrected it, confirmed something, or withdrawn it, and when the system takes it away
    because another item stops the rest. One message per intent.
    """
    found: dict[tuple[TaskKey, str, str], Outgoing] = {}
    for event in events:
        intent = intent_of(event)
        if event.task is None or intent is None:
            continue
        task = case.tasks[event.task]
        office = context.directory.office(task.office) if task.office else None
        if office is None or office.channel != "system" or office.participant is None:
            continue
        withdrawn = intent == "withdrawn"
        if withdrawn and event.public.get("from") == TaskState.WAITING.value:
            continue
        kind = TASK_WITHDRAWN if withdrawn else TASK_DISPATCHED
        payload = dispatch_payload(case, event.task, context, now, pages, certificates)
        if withdrawn:
            payload |= NOTHING_SHOWN
        found[event.task, intent, office.participant] = Outgoing(
            office.participant, kind, intent, payload, event.task
        )
    return list(found.values())


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
    listed = {material.id for material in item.materials}
    return {
        "task_id": str(task_id(case.id, key)),
        "case_number": case.number,
        "item": task.item,
        "newborn": task.newborn,
        "office": task.office,
        "promised_at": task.due_at,
        "round": task.round,
        "fields": context.payload(case, item, task.newborn, now),
        "materials": [material.id for material in item.materials],
        "scans": [
            {
                "id": str(page.id),
                "material": page.material,
                "page": page.page,
                "sha256": page.digest,
            }
            for page in pages
            if page.kind == PICTURE and page.material in listed
        ],
        "certificates": told_of(case, task.item, task.newborn, context, certificates),
    }


def intent_of(event: Event) -> str | None:
    """What an event means for the office of its task; None when it need not hear of it."""
    if event.kind is EventKind.TASK_ROUTED:
        return f"routed-{event.public['office']}"
    if event.kind is EventKind.ASK_ANSWERED:
        return f"answered-{event.public['ask']}"
    if event.kind is not EventKind.TASK_MOVED:
        return None
    to, before = event.public["to"], event.public["from"]
    if to == TaskState.QUEUED.value:
        return "dispatched"
    if to == TaskState.WITHDRAWN.value:
        return "withdrawn"
    if to == TaskState.OFFLINE.value and event.by == "system":
        return "withdrawn"
    if to == TaskState.IN_REVIEW.value and before == TaskState.CORRECTION_NEEDED.value:
        return "corrected"
    return None


def reached_by(case: Case, context: Context) -> Mapping[TaskKey, str]:
    """The channel of every task that is at an office."""
    found = {}
    for key, task in case.tasks.items():
        office = context.directory.office(task.office) if task.office else None
        if office is not None:
            found[key] = office.channel
    return found
