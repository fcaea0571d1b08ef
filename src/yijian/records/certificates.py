"""电子证照库: certificates by number, holder, identifier and case, and what registers gave.

Content is sealed under the key of its case; a number and a holder are found by their blind index.
Who may see one is decided elsewhere.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from yijian.domain.certificates import Certificate, CertificateState, certificate_of, content_of
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import CaseRow, CertificateRow, FetchedCertificateRow


@dataclass(frozen=True, slots=True)
class Kept:
    """要收的证照: a certificate to be kept, and the one that it replaces."""

    case_id: UUID
    key: crypto.Key = field(repr=False)
    newborn: int
    item: str
    certificate: Certificate = field(repr=False)
    at: datetime
    replaces: UUID | None = None
    received_from: str = ""


@dataclass(frozen=True, slots=True)
class UsedNumber:
    """A number that an office has given and that becomes no certificate here."""

    case_id: UUID
    key: crypto.Key = field(repr=False)
    newborn: int
    item: str
    type: str
    number: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """库中证照: what may be listed of a certificate without opening it."""

    id: UUID
    case_id: UUID
    newborn: int
    type: str
    item: str
    identifier: str
    version: int
    office: str
    digest: str
    state: CertificateState
    issued_at: datetime
    ended_at: datetime | None
    replaced_by: UUID | None
    linked: bool
    received_from: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """取用的证照: what may be listed of a parent's certificate that a register gave."""

    id: UUID
    case_id: UUID
    role: str
    type: str
    receipt: str
    identifier: str
    digest: str
    file_sha256: str
    media_type: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class ToFetch:
    """A parent's certificate as a register has just given it."""

    role: str
    type: str
    receipt: str
    identifier: str
    content: Mapping[str, object] = field(repr=False)
    digest: str
    file: bytes | None = field(repr=False)
    media_type: str
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True)
class Opened:
    """证照: one certificate opened, with the key of its case."""

    standing: Standing
    certificate: Certificate = field(repr=False)
    key: crypto.Key = field(repr=False)


def number_hash(number: str) -> bytes:
    """The blind index under which a number is used once."""
    return crypto.blind_index("certificate", number)


def holder_hash(id_number: str) -> bytes:
    """The blind index under which a holder's certificates are found."""
    return crypto.blind_index("holder", crypto.normal_value("person", id_number))


def of_later_versions(numbers: Iterable[str]) -> frozenset[str]:
    """Which of these numbers stand on a replacement, whose paper has no sheets in the ledger."""
    digests = {number_hash(number): number for number in numbers}
    rows = CertificateRow.objects.filter(number_hash__in=list(digests), version__gt=1)
    return frozenset(digests[bytes(row.number_hash or b"")] for row in rows.only("number_hash"))


def taken(
    numbers: Iterable[bytes], *, received_for: UUID | None = None
) -> frozenset[tuple[str, bytes]]:
    """Which of these numbers are used already: type and index.

    What another node issued for the case `received_for` is left out.
    """
    used = CertificateRow.objects.filter(number_hash__in=list(numbers))
    if received_for is not None:
        used = used.exclude(~Q(received_from=""), case_id=received_for)
    return frozenset(
        (row.type, bytes(row.number_hash or b"")) for row in used.only("type", "number_hash")
    )


def keep(kept: Sequence[Kept], numbers: Sequence[UsedNumber] = ()) -> None:
    """Keep certificates and used numbers; one statement, one more for each that is replaced."""
    for one in kept:
        if one.replaces is not None:
            _replace(one.replaces, one)
    rows = [*map(_row, kept), *map(_number_row, numbers)]
    if rows:
        CertificateRow.objects.bulk_create(rows)


def _replace(replaced: UUID, one: Kept) -> None:
    before = CertificateRow.objects.get(id=replaced)
    before.state, before.ended_at = CertificateState.REPLACED.value, one.at
    before.replaced_by = UUID(one.certificate.id)
    own = one.certificate.number
    if own and before.number_hash is not None and bytes(before.number_hash) == number_hash(own):
        before.number_hash = None
    before.save(update_fields=["state", "ended_at", "replaced_by", "number_hash"])


def _row(one: Kept) -> CertificateRow:
    made = one.certificate
    identifier = UUID(made.id)
    return CertificateRow(
        id=identifier,
        case_id=one.case_id,
        newborn=one.newborn,
        type=made.type,
        item=one.item,
        number_hash=number_hash(made.number) if made.number else None,
        holder_hash=holder_hash(made.holder.number) if made.holder.number else None,
        identifier=str(made.identifier),
        version=made.identifier.version,
        office=made.issuer.office,
        digest=bytes.fromhex(made.digest),
        sealed=crypto.seal_document(one.key, content_of(made), _place("sealed", identifier)),
        issued_at=one.at,
        received_from=one.received_from,
    )


def _number_row(one: UsedNumber) -> CertificateRow:
    identifier = new_id()
    document = {"number": one.number, "item": one.item}
    return CertificateRow(
        id=identifier,
        case_id=one.case_id,
        newborn=one.newborn,
        type=one.type,
        item=one.item,
        number_hash=number_hash(one.number),
        sealed=crypto.seal_document(one.key, document, _place("sealed", identifier)),
        issued_at=one.at,
    )


def link(holders: Mapping[UUID, str]) -> None:
    """Link certificates to the citizen number of who holds them; one statement."""
    if not holders:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE certificate c SET holder_hash = v.index"
            " FROM unnest(%s::uuid[], %s::bytea[]) AS v(id, index) WHERE c.id = v.id",
            [list(holders), [holder_hash(number) for number in holders.values()]],
        )


def revoke(certificate_id: UUID, at: datetime) -> None:
    """End a certificate for good. Its number stays used."""
    CertificateRow.objects.filter(id=certificate_id).update(
        state=CertificateState.REVOKED.value, ended_at=at
    )


def of_cases(ids: Iterable[UUID], *, valid: bool = False) -> Mapping[UUID, list[Standing]]:
    """The certificates of many cases, oldest first; one statement."""
    rows = _issued().filter(case_id__in=list(ids))
    if valid:
        rows = rows.filter(state=CertificateState.VALID.value)
    found: dict[UUID, list[Standing]] = {}
    for row in rows.order_by("case_id", "id"):
        found.setdefault(row.case_id, []).append(_standing(row))
    return found


def by_id(certificate_id: UUID) -> Standing | None:
    """One certificate; None when there is none."""
    row = _issued().filter(id=certificate_id).first()
    return _standing(row) if row else None


def by_identifier(identifier: str) -> Standing | None:
    """The certificate with this identifier; None when this node has not issued it."""
    row = _issued().filter(identifier=identifier).first()
    return _standing(row) if row else None


def by_holder(id_number: str, type_: str) -> Standing | None:
    """The newest certificate of one type of a holder; None when there is none."""
    rows = _issued().filter(holder_hash=holder_hash(id_number), type=type_)
    row = rows.order_by("-id").first()
    return _standing(row) if row else None


def by_number(type_: str, number: str) -> Standing | None:
    """The certificate with this number; None when there is none."""
    row = _issued().filter(type=type_, number_hash=number_hash(number)).first()
    return _standing(row) if row else None


def opened(
    standing: Standing, key: crypto.Key | None = None, holder_number: str = ""
) -> Opened | None:
    """A certificate with its content; None once its case is forgotten. Errors: SealBroken."""
    if key is None:
        wrapped = CaseRow.objects.filter(id=standing.case_id).values_list("wrapped_key", flat=True)
        sealed_key = wrapped.first()
        if sealed_key is None:
            return None
        key = crypto.unwrap(bytes(sealed_key), standing.case_id)
    sealed = CertificateRow.objects.filter(id=standing.id).values_list("sealed", flat=True).first()
    if sealed is None:
        return None
    content = crypto.open_document(key, bytes(sealed), _place("sealed", standing.id))
    made = certificate_of(str(standing.id), cast(Mapping[str, Any], content), holder_number)
    return Opened(standing, made, key)


def linkable(keys: Mapping[UUID, crypto.Key]) -> Mapping[UUID, list[Opened]]:
    """The certificates of these cases whose holder has no number yet; one statement."""
    rows = CertificateRow.objects.filter(
        case_id__in=list(keys), identifier__isnull=False, holder_hash=None, sealed__isnull=False
    )
    found: dict[UUID, list[Opened]] = {}
    for row in rows.order_by("id"):
        key = keys[row.case_id]
        content = crypto.open_document(key, bytes(row.sealed or b""), _place("sealed", row.id))
        made = certificate_of(str(row.id), cast(Mapping[str, Any], content))
        found.setdefault(row.case_id, []).append(Opened(_standing(row), made, key))
    return found


def keep_fetched(
    *, case_id: UUID, key: crypto.Key, fetched: Sequence[ToFetch], now: datetime
) -> None:
    """Keep what a register gave now instead of what it gave before. Two statements."""
    if not fetched:
        return
    same = Q()
    for one in fetched:
        same |= Q(role=one.role, type=one.type)
    FetchedCertificateRow.objects.filter(same, case_id=case_id).delete()
    FetchedCertificateRow.objects.bulk_create(
        [
            FetchedCertificateRow(
                id=one.id,
                case_id=case_id,
                role=one.role,
                type=one.type,
                receipt=one.receipt,
                identifier=one.identifier,
                digest=bytes.fromhex(one.digest),
                file_sha256=hashlib.sha256(one.file).digest() if one.file else None,
                media_type=one.media_type if one.file else "",
                sealed=crypto.seal_document(
                    key, dict(one.content), _fetched_place("sealed", one.id)
                ),
                sealed_file=key.seal(one.file, _fetched_place("sealed_file", one.id))
                if one.file
                else None,
                fetched_at=now,
            )
            for one in fetched
        ]
    )


def fetched_of(ids: Iterable[UUID]) -> Mapping[UUID, list[Fetched]]:
    """What registers gave about the parents of many cases; one statement."""
    rows = FetchedCertificateRow.objects.filter(case_id__in=list(ids)).defer(
        "sealed", "sealed_file"
    )
    found: dict[UUID, list[Fetched]] = {}
    for row in rows.order_by("case_id", "type", "role"):
        found.setdefault(row.case_id, []).append(_fetched(row))
    return found


def fetched_one(certificate_id: UUID) -> Fetched | None:
    """One certificate that a register gave; None when there is none."""
    rows = FetchedCertificateRow.objects.filter(id=certificate_id).defer("sealed", "sealed_file")
    row = rows.first()
    return _fetched(row) if row else None


def fetched_file(certificate_id: UUID, key: crypto.Key) -> bytes | None:
    """The file that a register gave; None when it gave none. Errors: SealBroken."""
    rows = FetchedCertificateRow.objects.filter(id=certificate_id)
    sealed = rows.values_list("sealed_file", flat=True).first()
    if sealed is None:
        return None
    return key.open(bytes(sealed), _fetched_place("sealed_file", certificate_id))


def _issued() -> QuerySet[CertificateRow]:
    return CertificateRow.objects.filter(identifier__isnull=False).defer("sealed")


def _standing(row: CertificateRow) -> Standing:
    return Standing(
        row.id,
        row.case_id,
        row.newborn,
        row.type,
        row.item,
        row.identifier or "",
        row.version,
        row.office,
        bytes(row.digest or b"").hex(),
        CertificateState(row.state),
        row.issued_at,
        row.ended_at,
        row.replaced_by,
        row.holder_hash is not None,
        row.received_from,
    )


def _fetched(row: FetchedCertificateRow) -> Fetched:
    return Fetched(
        row.id,
        row.case_id,
        row.role,
        row.type,
        row.receipt,
        row.identifier,
        bytes(row.digest).hex(),
        bytes(row.file_sha256).hex() if row.file_sha256 else "",
        row.media_type,
        row.fetched_at,
    )


def _place(column: str, row: UUID) -> str:
    return crypto.place("certificate", column, row)


def _fetched_place(column: str, row: UUID) -> str:
    return crypto.place("fetched_certificate", column, row)
