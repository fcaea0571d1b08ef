"""材料页: the scanned pages that a task lists, byte for byte, for the participant of its office.

Each page that is handed over stands in the access log. Absent, foreign and ended look the same.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Router

from yijian.actions import contexts
from yijian.api.errors import Error, RefusedRequestError
from yijian.api.senders import Sender, sender_of
from yijian.api.shapes import Identifier
from yijian.api.tasks import is_for
from yijian.domain.policy import ServiceItem
from yijian.gateways.signatures import content_digest
from yijian.records import cases, materials, partner_reads
from yijian.records.mapping import LoadedCase
from yijian.records.materials import Picture

router = Router(tags=["tasks"])
PURPOSE = "handle_task"
_BYTES = {
    "description": "The bytes, with their digest (RFC 9530) in Content-Digest.",
    "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
}
_BEGINNINGS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"%PDF": "application/pdf"}


@router.get(
    "/tasks/{task_id}/files/{file}",
    response={401: Error, 404: Error, 422: Error},
    operation_id="fetchTaskFile",
    summary="一件子办件的材料页 · One scanned page of a task",
    openapi_extra={"responses": {200: _BYTES}},
)
def fetch_file(
    request: HttpRequest,
    task_id: Annotated[Identifier, Path()],
    file: Annotated[Identifier, Path()],
) -> HttpResponse:
    """A page in the task's `scans`, by its `id`; its SHA-256 is the one listed there.

    Nothing else of the family can be fetched here, and nothing once the task has ended.
    """
    picture = _handed_over(sender_of(request), task_id, file)
    response = HttpResponse(picture.data, content_type=_kind_of(picture.data))
    response["Content-Digest"] = content_digest(picture.data)
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _handed_over(sender: Sender, task_id: UUID, file: UUID) -> Picture:
    found = cases.read(task_ids=[task_id])
    if not found or not is_for(found[0], task_id, sender):
        raise RefusedRequestError("not_found")
    loaded = found[0]
    task = loaded.case.tasks[loaded.task_key(task_id)]
    item = contexts.context_of(loaded.case).pack.items[task.item]
    picture = None if task.ended else _listed(loaded, item, file)
    if picture is None:
        raise RefusedRequestError("not_found")
    partner_reads.note(
        partner=sender.code,
        office=task.office or "",
        what="material",
        case_id=loaded.id,
        task_id=task_id,
        purpose=PURPOSE,
        now=timezone.now(),
    )
    return picture


def _listed(loaded: LoadedCase, item: ServiceItem, file: UUID) -> Picture | None:
    """The page, when it belongs to a material that the item lists."""
    if loaded.key is None:
        return None
    picture = materials.picture(case_id=loaded.id, key=loaded.key, page_id=file)
    listed = {material.id for material in item.materials}
    return picture if picture and picture.page.material in listed else None


def _kind_of(data: bytes) -> str:
    kinds = (kind for start, kind in _BEGINNINGS.items() if data.startswith(start))
    return next(kinds, "application/octet-stream")
