"""移交: batches of packages to an archive, by wire or on a medium, and the receipts they get.

A receipt counts when the archive has signed it and it is of this batch. What it refuses may stand
on a later batch; what it took is not handed over again.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import IntegrityError

from yijian.actions import contexts
from yijian.actions.filing import CONFIDENTIALITY, number_of
from yijian.actions.packing import signer
from yijian.documents.archive import checks
from yijian.documents.archive.holdings import Packed
from yijian.documents.archive.media import MediumLine, medium
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.gateways.archive import HandedOver, Receipt, WrongReceiptError, read_receipt
from yijian.records import archive, archive_batches, reading_room
from yijian.records.access import Refused
from yijian.records.archive import Package
from yijian.records.archive_batches import LARGEST, Batch, BatchLine
from yijian.records.people import Visitor


def fonds_of(who: Visitor) -> Collection[str] | None:
    """The fonds an archivist looks after: the own office's; a lead office's: those of its region.

    None for all of this node.
    """
    office = contexts.directory().office(who.office or "")
    packs = contexts.packs()
    if office is None or office.kind not in {pack.lead_office_kind for pack in packs}:
        return [who.office] if who.office else []
    region = office.division
    while region.endswith("00"):
        region = region[:-2]
    inside = [o.code for o in contexts.directory().offices if o.division.startswith(region)]
    whole = any(all(d.startswith(region) for d in pack.divisions) for pack in packs)
    return [*inside, settings.YIJIAN.node] if whole else inside


def draw_up(*, by: Any, packages: Iterable[UUID], way: str, now: datetime) -> Batch:
    """Put packages on a list to be handed over.

    Errors: Refused; RefusedError `nothing_chosen`, `too_many`, `already_handed_over`,
    `no_archive`, `checks_failed` when a package is not what was kept.
    """
    who = reading_room.archivist(by)
    fonds = fonds_of(who)
    chosen = archive.listed(packages)
    if not chosen:
        raise RefusedError("nothing_chosen")
    if len(chosen) > LARGEST:
        raise RefusedError("too_many")
    if way == archive_batches.SENT and not settings.YIJIAN.archive_url:
        raise RefusedError("no_archive")
    for package in chosen:
        if package.state != archive.KEPT or (fonds is not None and package.fonds not in fonds):
            raise Refused
        if not _stands(package):
            raise RefusedError("checks_failed")
    try:
        return archive_batches.draw_up(
            packages=[each.id for each in chosen], way=way, by=who.staff or "", now=now
        )
    except IntegrityError:
        raise RefusedError("already_handed_over") from None


def _stands(package: Package) -> bool:
    data = archive.data_of(package.id)
    if data is None:
        return False
    expected = checks.Expected(package.sha256, package.sm3, package.size)
    found = checks.examine(data, stage=checks.Stage.TRANSFER, keys=signer().keys, expected=expected)
    return not checks.faults(found)


def handed_over(lines: Iterable[BatchLine]) -> list[HandedOver]:
    """The list of a batch, as an archive takes it."""
    return [
        HandedOver(p.name, number_of(p), p.sha256, p.sm3, p.size)
        for p in (line.package for line in lines)
    ]


def medium_of(*, by: Any, batch: Batch) -> Packed:
    """The medium of a batch as a zip. Errors: Refused."""
    reading_room.archivist(by)
    signed_by = signer()
    pem = signed_by.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    lines = [_medium_line(line.package) for line in archive_batches.lines_of(batch.id)]
    return medium(batch.number, lines, pem, signed_by, batch.created_at)


def _medium_line(package: Package) -> MediumLine:
    data = archive.data_of(package.id)
    if data is None:
        raise Refused
    office = contexts.directory().office(package.fonds)
    return MediumLine(
        number=number_of(package),
        responsible=office.title.zh if office else package.fonds,
        title=package.described.get("title", ""),
        on=f"{local_day(package.ended_at):%Y-%m-%d}",
        confidentiality=CONFIDENTIALITY,
        name=package.name,
        note=f"SHA-256 {package.sha256}",
        data=data,
    )


def bring_receipt(*, by: Any, batch: Batch, data: bytes, now: datetime) -> bool:
    """A receipt brought by hand; False when the batch has one already.

    Errors: Refused; RefusedError `receipt` with the reason in `field`.
    """
    reading_room.archivist(by)
    try:
        receipt = read_receipt(data, batch.number, archive_key_pem())
    except (WrongReceiptError, OSError) as wrong:
        raise RefusedError("receipt", getattr(wrong, "reason", "no_key")) from None
    return take_receipt(batch=batch, receipt=receipt, now=now)


def take_receipt(*, batch: Batch, receipt: Receipt, now: datetime) -> bool:
    """Write what the archive says of each package; False when it has said so before."""
    fates = {}
    for line in archive_batches.lines_of(batch.id):
        name = line.package.name
        refused = receipt.refused.get(name, "not_on_the_receipt")
        fates[line.package.id] = "" if name in receipt.accepted else refused
    done = archive_batches.answer(batch_id=batch.id, receipt=receipt.text, fates=fates, now=now)
    return done is not None


def archive_key_pem() -> bytes:
    """The archive's public key. Errors: OSError when it is not kept here."""
    participant = settings.YIJIAN.archive_participant
    path = settings.YIJIAN.keys_folder / f"{participant}.pub.pem"
    found: bytes = path.read_bytes()
    return found
