"""政策包: the version of a pack that a task is pinned to, for the node that handles the task.

The text is the one that was published, byte for byte; its SHA-256 is the digest it is asked by.
"""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router
from pydantic import Field

from yijian.api.errors import Error, RefusedRequestError
from yijian.api.senders import sender_of
from yijian.gateways.signatures import content_digest
from yijian.records import pack_versions

router = Router(tags=["packs"])
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_TEXT = {
    "description": "The canonical JSON of the version.",
    "content": {"application/json": {"schema": {"type": "object"}}},
}


@router.get(
    "/packs/{digest}",
    response={401: Error, 404: Error, 422: Error},
    operation_id="fetchPack",
    summary="一个版本的政策包 · One version of a pack",
    openapi_extra={"responses": {200: _TEXT}},
)
def fetch_pack(request: HttpRequest, digest: Annotated[Digest, Path()]) -> HttpResponse:
    """The pack that a dispatched task names in `pack.digest`; it never changes."""
    sender_of(request)
    text = pack_versions.canonical_of(digest=digest)
    if text is None:
        raise RefusedRequestError("not_found")
    response = HttpResponse(text.encode(), content_type="application/json")
    response["Content-Digest"] = content_digest(text.encode())
    response["Cache-Control"] = "private, immutable"
    return response
