"""子办件: the tasks of a partner, for systems that fetch instead of being told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router

from yijian.actions import contexts
from yijian.actions.certificates import references_of
from yijian.actions.dispatching import NOTHING_SHOWN, dispatch_payload, reach_of
from yijian.api.errors import Error, FieldError, RefusedRequestError
from yijian.api.senders import Sender, sender_of
from yijian.api.shapes import Identifier, TaskOut, TasksOut, TasksWanted
from yijian.domain.certificates import CertificateReference
from yijian.domain.states import UNDER_WAY, TaskState
from yijian.records import cases, materials, queries
from yijian.records.mapping import LoadedCase
from yijian.records.materials import MaterialPage

router = Router(tags=["tasks"])
SHOWN = frozenset(TaskState) - {TaskState.WAITING, TaskState.NOT_NEEDED}


@router.get(
    "/tasks",
    response={200: TasksOut, 401: Error, 422: Error},
    operation_id="listTasks",
    summary="本单位的子办件 · Tasks of your offices",
)
def list_tasks(request: HttpRequest, wanted: Annotated[TasksWanted, Query()]) -> TasksOut:
    """Without `state`, everything under way. Pages follow each other by `after`."""
    _check_query(request)
    sender, state, limit = sender_of(request), wanted.state, wanted.limit
    lines = queries.tasks_of_partner(
        sender.row,
        offices=contexts.directory().offices_of(sender.code),
        states=[state] if state else sorted(each.value for each in UNDER_WAY),
        after=wanted.after,
        limit=limit + 1,
    )
    page = lines[:limit]
    ids = {line.case_id for line in page if line.item in sender.items}
    loaded = {case.id: case for case in cases.read(ids=ids)}
    scans = materials.pages_of(case_ids=loaded)
    shown = references_of((id, contexts.context_of(one.case)) for id, one in loaded.items())
    tasks = [
        _task(
            loaded[line.case_id],
            line.task_id,
            scans.get(line.case_id, []),
            shown.get(line.case_id, []),
        )
        for line in page
        if line.case_id in loaded
    ]
    following = page[-1].task_id if len(lines) > limit else None
    return TasksOut(tasks=[t for t in tasks if t.item in sender.items], next=following)


@router.get(
    "/tasks/{task_id}",
    response={200: TaskOut, 401: Error, 404: Error, 422: Error},
    operation_id="getTask",
    summary="一件子办件 · One task",
)
def get_task(request: HttpRequest, task_id: Annotated[Identifier, Path()]) -> TaskOut:
    """A task that is not at one of your offices answers as if there were none."""
    found = cases.read(task_ids=[task_id])
    if not found or not is_for(found[0], task_id, sender_of(request)):
        raise RefusedRequestError("not_found")
    return _task(found[0], task_id)


def _check_query(request: HttpRequest) -> None:
    """A misspelt parameter would silently answer another question; two values have no meaning."""
    wrong = [
        FieldError(field=name, message="没有这个参数或重复", message_en="unknown or repeated")
        for name in request.GET
        if name not in TasksWanted.model_fields or len(request.GET.getlist(name)) > 1
    ]
    if wrong:
        raise RefusedRequestError("wrong_fields", wrong)


def is_for(loaded: LoadedCase, task_id: UUID, sender: Sender) -> bool:
    """Whether a task is at an office that this sender speaks for, and is there to be seen."""
    case, key = loaded.case, loaded.task_key(task_id)
    task, context = case.tasks[key], contexts.context_of(loaded.case)
    reach = reach_of(case, key, context, timezone.now(), loaded.channels)
    return (
        reach is not None
        and reach.participant == sender.code
        and task.item in sender.items
        and task.state in SHOWN
    )


def _task(
    loaded: LoadedCase,
    task_id: UUID,
    scans: Sequence[MaterialPage] | None = None,
    certificates: Sequence[CertificateReference] | None = None,
) -> TaskOut:
    """A task under way with its item's fields; one that has ended without them."""
    case, key = loaded.case, loaded.task_key(task_id)
    task = case.tasks[key]
    context = contexts.context_of(case)
    payload = dispatch_payload(case, key, context, timezone.now(), scans, certificates)
    if task.ended:
        payload |= NOTHING_SHOWN
    return TaskOut.model_validate({**payload, "state": task.state.value, "since": task.since})
