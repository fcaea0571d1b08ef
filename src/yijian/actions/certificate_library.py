"""证照调用: the family lets a machine fetch one certificate for one purpose, for a short while.

Every question of a machine is written down. What does not exist, what is not authorised, a wrong
code and too many wrong codes get the same answer.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions import certificate_faces, contexts
from yijian.domain.certificates import CertificateState, metadata
from yijian.domain.context import RefusedError
from yijian.records import access, documents
from yijian.records import cases as case_records
from yijian.records import certificate_grants as grants
from yijian.records import certificates as records
from yijian.records.access import OpenedCase
from yijian.records.certificate_grants import Grant, Retrieval
from yijian.records.certificates import Opened, Standing
from yijian.records.mapping import value_of

PURPOSE = "own_case"
LASTS = timedelta(minutes=30)
LONGEST_PURPOSE = 200
MOST_STANDING = 5
MOST_REFUSED = 20
REFUSED_WITHIN = timedelta(hours=1)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without letters that look like digits; what people type instead is understood."""
_LOOKS_LIKE = str.maketrans("OIL", "011")
CODE_CHARACTERS = 10
DATA, FILE = "data", "file"


class NotShownError(Exception):
    """Nothing is shown: there is no such certificate, or nobody has allowed it."""


@dataclass(frozen=True, slots=True)
class Authorised:
    """授权码 as it is shown once to the parent who made it."""

    code: str = field(repr=False)
    until: datetime


@dataclass(frozen=True, slots=True)
class Wallet:
    """一家的证照: the certificates of the children, authorisations, and who fetched what."""

    certificates: tuple[Standing, ...]
    grants: tuple[Grant, ...]
    retrievals: tuple[Retrieval, ...]
    faces: tuple[documents.Document, ...]
    issuers: Mapping[UUID, str] = field(default_factory=dict)
    """What offices of other nodes are called, by certificate."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a machine is given of a certificate."""

    state: CertificateState
    metadata: dict[str, str] = field(repr=False)
    opened: Opened = field(repr=False)


@dataclass(frozen=True, slots=True)
class ShownFile:
    """One face of a certificate as a file."""

    data: bytes = field(repr=False)
    sha256: str
    format: str


def wallet(*, by: Any, number: str, now: datetime) -> Wallet:
    """The certificates of the parent's own case. Errors: access.Refused."""
    opened = _own(by, number, now, locking=False)
    case_id, key = opened.loaded.id, opened.loaded.key
    faces = documents.of_case(case_id)
    found = records.of_cases([case_id]).get(case_id, ())
    return Wallet(
        tuple(found),
        tuple(grants.of_case(case_id, key)) if key else (),
        tuple(grants.retrievals_of(case_id, key)) if key else (),
        tuple(one for one in faces if one.about.startswith("certificate:")),
        {
            one.id: there.certificate.issuer.name
            for one in found
            if one.received_from and key and (there := records.opened(one, key))
        },
    )


def authorise(
    *, by: Any, number: str, certificate_id: UUID, purpose: str, now: datetime
) -> Authorised:
    """A new code for one certificate and one purpose; it is shown this once.

    Errors: access.Refused, RefusedError `reason_missing`, `too_many_authorisations`.
    """
    purpose = " ".join(purpose.split())
    if not 0 < len(purpose) <= LONGEST_PURPOSE:
        raise RefusedError("reason_missing", "purpose")
    with transaction.atomic():
        opened = _own(by, number, now, locking=True)
        standing = records.by_id(certificate_id)
        if standing is None or standing.case_id != opened.loaded.id or opened.loaded.key is None:
            raise access.Refused
        if grants.standing(opened.loaded.id, now) >= MOST_STANDING:
            raise RefusedError("too_many_authorisations")
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS))
        grants.make(
            case_id=opened.loaded.id,
            key=opened.loaded.key,
            certificate_id=certificate_id,
            role=opened.role,
            purpose=purpose,
            code=code,
            now=now,
            until=now + LASTS,
        )
    return Authorised(f"{code[:5]}-{code[5:]}", now + LASTS)


def withdraw(*, by: Any, number: str, grant_id: UUID, now: datetime) -> bool:
    """End an authorisation at once; False when it was over. Errors: access.Refused."""
    opened = _own(by, number, now, locking=False)
    return grants.withdraw(case_id=opened.loaded.id, grant_id=grant_id, now=now)


def _own(by: Any, number: str, now: datetime, *, locking: bool) -> OpenedCase:
    opened = access.access_case(by=by, number=number, purpose=PURPOSE, now=now, locking=locking)
    if opened.role == "staff":
        raise access.Refused
    return opened


def plain_code(text: str) -> str:
    """The code as it was made, however somebody typed it."""
    letters = "".join(c for c in text.upper() if c.isalnum())
    return letters.translate(_LOOKS_LIKE)


def retrieve(
    *,
    partner: str,
    code: str,
    purpose: str,
    identifier: str = "",
    holder_id_number: str = "",
    type_: str = "",
    now: datetime,
) -> Shown:
    """A certificate by its identifier, or by its holder and type. Errors: NotShownError."""
    with transaction.atomic():
        found = _found(identifier, holder_id_number, type_)
        shown = _allowed(partner, code, found, now)
        if shown is not None:
            grant, opened = shown
            grants.note_shown(
                partner=partner, what=DATA, grant=grant, key=opened.key, purpose=purpose, now=now
            )
            state = opened.standing.state
            return Shown(state, metadata(opened.certificate, state), opened)
        grants.note_refused(partner=partner, what=DATA, now=now)
    raise NotShownError


def retrieve_file(
    *,
    partner: str,
    code: str,
    purpose: str,
    identifier: str,
    face: str,
    format: str,
    now: datetime,
) -> ShownFile:
    """One face of a certificate as PDF or OFD. Errors: NotShownError."""
    with transaction.atomic():
        shown = _allowed(partner, code, _found(identifier, "", ""), now)
        file = _file(shown[1], face, format) if shown else None
        if shown is not None and file is not None:
            grants.note_shown(
                partner=partner, what=FILE, grant=shown[0], key=shown[1].key, purpose=purpose,
                now=now,
            )  # fmt: skip
            return file
        grants.note_refused(partner=partner, what=FILE, now=now)
    raise NotShownError


def _found(identifier: str, holder: str, type_: str) -> Standing | None:
    if identifier:
        return records.by_identifier(identifier)
    return records.by_holder(holder, type_) if holder else None


def _allowed(
    partner: str, code: str, found: Standing | None, now: datetime
) -> tuple[Grant, Opened] | None:
    """What a code opens for a partner. A guess costs one of the tries that it has in an hour."""
    if grants.refused_since(partner, now - REFUSED_WITHIN) >= MOST_REFUSED:
        return None
    grant = grants.by_code(plain_code(code))
    if grant is None or found is None or grant.certificate_id != found.id:
        return None
    if not grant.holds(now) or grant.used_by not in ("", partner):
        return None
    opened = _opened(found)
    if opened is None:
        return None
    grants.use(grant.id, by=partner, now=now)
    return grant, opened


def _opened(found: Standing) -> Opened | None:
    loaded = next(iter(case_records.read(ids=[found.case_id])), None)
    if loaded is None or loaded.key is None:
        return None
    type_ = contexts.context_of(loaded.case).pack.certificates.get(found.type)
    number = value_of(loaded.case, type_.holder_number, found.newborn) if type_ else None
    return records.opened(found, loaded.key, str(number or ""))


def _file(opened: Opened, face: str, format: str) -> ShownFile | None:
    about = certificate_faces.about(opened.standing.identifier, face)
    for one in documents.of_case(opened.standing.case_id):
        if one.about == about and format in one.formats:
            data = documents.file_of(key=opened.key, document_id=one.id, format=format)
            return ShownFile(data, one.sha256[format], format) if data is not None else None
    return None
