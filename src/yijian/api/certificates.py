"""证照调用: certificates by holder or identifier, with a purpose and the family's authorisation."""

from __future__ import annotations

import base64
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from pydantic import BaseModel, Field

from yijian.actions import certificate_library as actions
from yijian.actions.certificate_library import NotShownError
from yijian.actions.certificate_tokens import token_of
from yijian.api.errors import Error, FieldError, RefusedRequestError
from yijian.api.senders import sender_of
from yijian.api.shapes import Code, Received
from yijian.domain.certificates import content_of

router = Router(tags=["certificates"])
Purpose = Annotated[str, Field(min_length=1, max_length=actions.LONGEST_PURPOSE)]
Identifier = Annotated[str, Field(min_length=10, max_length=120)]
Authorisation = Annotated[str, Field(min_length=8, max_length=20)]


class CertificateWanted(Received):
    """Which certificate: by `identifier`, or by `holder_id_number` and `type`.

    `authorisation` is the code that the family has made for this purpose.
    """

    identifier: Identifier | None = None
    holder_id_number: Annotated[str, Field(min_length=15, max_length=20)] | None = None
    type: Code | None = None
    purpose: Purpose
    authorisation: Authorisation


class CertificateFileWanted(Received):
    """Which face of which certificate, in which format."""

    identifier: Identifier
    face: Code
    format: Literal["pdf", "ofd"]
    purpose: Purpose
    authorisation: Authorisation


class CertificateData(BaseModel):
    """电子证照: its state today, its metadata and content; the digest of the content is its own."""

    state: Literal["valid", "replaced", "revoked"]
    metadata: dict[str, str]
    content: dict[str, Any]
    digest: str
    token: str = Field(description="Anybody can check it at /verify/, or offline.")


class CertificateFile(BaseModel):
    """One face as a file."""

    media_type: str
    sha256: str
    base64: str


@router.post(
    "/certificates/query",
    response={200: CertificateData, 400: Error, 401: Error, 404: Error, 413: Error, 422: Error},
    operation_id="queryCertificate",
    summary="调用一张电子证照的数据 · Fetch a certificate's data",
)
def query_certificate(request: HttpRequest, wanted: CertificateWanted) -> CertificateData:
    """Without a valid code of the family, every question is answered as if there were nothing."""
    if (wanted.identifier is None) == (wanted.holder_id_number is None or wanted.type is None):
        message = ("请给出标识，或者持证主体代码和类型", "identifier, or holder and type")
        fault = FieldError(field="identifier", message=message[0], message_en=message[1])
        raise RefusedRequestError("wrong_fields", [fault])
    try:
        shown = actions.retrieve(
            partner=sender_of(request).code,
            code=wanted.authorisation,
            purpose=wanted.purpose,
            identifier=wanted.identifier or "",
            holder_id_number=wanted.holder_id_number or "",
            type_=wanted.type or "",
            now=timezone.now(),
        )
    except NotShownError:
        raise RefusedRequestError("not_found") from None
    made = shown.opened.certificate
    return CertificateData(
        state=shown.state.value,
        metadata=shown.metadata,
        content=content_of(made),
        digest=made.digest,
        token=token_of(made),
    )


@router.post(
    "/certificates/file",
    response={200: CertificateFile, 400: Error, 401: Error, 404: Error, 413: Error, 422: Error},
    operation_id="fetchCertificateFile",
    summary="调用一张电子证照的文件 · Fetch a certificate's file",
)
def fetch_certificate_file(request: HttpRequest, wanted: CertificateFileWanted) -> CertificateFile:
    """The PDF or OFD of one face, with the same authorisation as its data."""
    try:
        file = actions.retrieve_file(
            partner=sender_of(request).code,
            code=wanted.authorisation,
            purpose=wanted.purpose,
            identifier=wanted.identifier,
            face=wanted.face,
            format=wanted.format,
            now=timezone.now(),
        )
    except NotShownError:
        raise RefusedRequestError("not_found") from None
    return CertificateFile(
        media_type=f"application/{file.format}",
        sha256=file.sha256,
        base64=base64.b64encode(file.data).decode(),
    )
