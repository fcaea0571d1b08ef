"""材料页与证照文件: what belongs to a task, byte for byte: its scanned pages for the participant of
its office, and the files of the certificate it gave for the node that sent it here.

Each file that is handed over stands in the access log. Absent, foreign and ended look the same.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router

from yijian.actions import contexts, results
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
    summary="一件子办件的材料页或证照文件 · A scanned page or a certificate's file of a task",
    openapi_extra={"responses": {200: _BYTES}},
)
def fetch_file(
    request: HttpRequest,
    task_id: Annotated[Identifier, Path()],
    file: Annotated[Identifier, Path()],
    format: Annotated[Literal["pdf", "ofd", "ses"], Query()] = "pdf",
) -> HttpResponse:
    """A page in the task's `scans`, by its `id`; its SHA-256 is the one listed there.

    Nothing else of the family can be fetched here, and nothing once the task has ended. The node
    that sent a task here fetches the files of its certificate by the id and in the formats that
    `yijian.certificate.issued.v1` announced.
    """
    data, kind = _handed_over(sender_of(request), task_id, file, format)
    response = HttpResponse(data, content_type=kind)
    response["Content-Digest"] = content_digest(data)
    response["Content-Disposition"] = f'attachment; filename="{file}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _handed_over(sender: Sender, task_id: UUID, file: UUID, format: str) -> tuple[bytes, str]:
    found = cases.read(task_ids=[task_id])
    if not found:
        raise RefusedRequestError("not_found")
    loaded = found[0]
    key = loaded.task_key(task_id)
    task = loaded.case.tasks[key]
    issued = results.issued_file(
        partner=sender.code, loaded=loaded, key=key, document=file, format=format
    )
    picture = None
    if issued is None and is_for(loaded, task_id, sender) and not task.ended:
        item = contexts.context_of(loaded.case).pack.items[task.item]
        picture = _listed(loaded, item, file)
    if issued is None and picture is None:
        raise RefusedRequestError("not_found")
    partner_reads.note(
        partner=sender.code,
        office=task.office or "",
        what="document" if issued else "material",
        case_id=loaded.id,
        task_id=task_id,
        purpose=PURPOSE,
        now=timezone.now(),
    )
    if issued is not None:
        return issued.data, issued.media_type
    assert picture is not None
    return picture.data, _kind_of(picture.data)


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
