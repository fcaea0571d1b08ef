"""开局: what a node needs before its first page: its packs, its offices, its partners."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from yijian.actions import contexts, demonstration_stock, workshop_reading
from yijian.domain.routing import Office
from yijian.packs.building import load_folder
from yijian.packs.canonical import canonical
from yijian.packs.findings import PackError
from yijian.packs.loading import running_codes
from yijian.packs.offices import load_directory
from yijian.packs.overlay import files_of
from yijian.packs.soundness import checked
from yijian.records import pack_versions, people, workshop
from yijian.records.models import Partner

_log = logging.getLogger(__name__)


class OfficeTwiceError(Exception):
    """Two packs give one office code to different offices."""


@dataclass(frozen=True)
class ReadPack:
    """A pack as it lies in the folder, as text: what is published of it, and its offices."""

    code: str
    version: str
    digest: str
    canonical: str
    in_force_from: date
    offices: tuple[Office, ...]
    files: Mapping[str, str] = field(default_factory=dict)


def read_packs(folder: Path, codes: tuple[str, ...] = ()) -> tuple[ReadPack, ...]:
    """The packs with these codes, or all of the folder that run. No database is needed.

    Errors: PackError for a pack that cannot be read.
    """
    return tuple(_read(folder, code) for code in codes or running_codes(folder))


def _read(folder: Path, code: str) -> ReadPack:
    document, pack = load_folder(folder, code)
    return ReadPack(
        code=pack.code,
        version=pack.version,
        digest=pack.digest,
        canonical=canonical(document),
        in_force_from=pack.in_force_from,
        offices=load_directory(folder, code).offices,
        files=files_of(folder, code),
    )


def prepare(
    *,
    demo: bool,
    packs: tuple[ReadPack, ...] | None = None,
    now: datetime | None = None,
    make_key: Callable[[str], None] | None = None,
) -> None:
    """Publish the node's packs, and in a demonstration its offices and partners. Repeatable.

    `packs` are read from the folder when nobody has read them yet. `make_key` is called with the
    code of every participant that the offices name, before the participant's public key is read.

    A version that the workshop has published stays: what lies in the folder comes before it or
    beside it. Errors: PackError for a pack that cannot be read or a new version that is wrong,
    PackChanged for one that was changed without a new version, OfficeTwiceError.
    """
    now = now or datetime.now(UTC)  # noqa: TID251 (this is what an operator's command calls)
    if packs is None:
        packs = own_packs()
    with transaction.atomic():
        for pack in packs:
            _publish(pack, now)
        for code in _received_here():
            _publish(_read(settings.YIJIAN.packs_dir, code), now, received=True)
        contexts.forget()
        if demo:
            offices = (one for pack in packs for one in _offices_of(pack))
            settle(merged(offices), make_key=make_key, now=now)
    contexts.forget()


def settle(
    offices: list[Office], *, make_key: Callable[[str], None] | None = None, now: datetime
) -> None:
    """Give a demonstration these offices, with what they need to work. Repeatable."""
    people.put_offices(offices)
    contexts.forget()
    demonstration_stock.fill(offices, now=now)
    _put_partners(offices, make_key)
    contexts.forget()


def publish_pack(code: str, *, now: datetime) -> None:
    """Keep the pack as it lies in the packs folder, so that cases may be pinned to it."""
    _publish(_read(settings.YIJIAN.packs_dir, code), now)


def own_packs() -> tuple[ReadPack, ...]:
    """The packs that this node offers, out of its folder; none when it only handles others'."""
    if settings.YIJIAN.offers_none:
        return ()
    codes = settings.YIJIAN.pack_codes or running_codes(settings.YIJIAN.packs_dir)
    received = settings.YIJIAN.received_codes
    folder = settings.YIJIAN.packs_dir
    return tuple(_read(folder, code) for code in codes if code not in received)


def _received_here() -> tuple[str, ...]:
    """The received packs that lie in the folder; the others come with their first task."""
    folder = settings.YIJIAN.packs_dir
    return tuple(c for c in settings.YIJIAN.received_codes if (folder / c / "pack.yaml").is_file())


def _offices_of(pack: ReadPack) -> tuple[Office, ...]:
    """The offices of the version in force: the workshop's when it has published a later one."""
    digest = contexts.digest_in_force(pack.code) or ""
    if not workshop.files_of_the_workshop(digests=[digest]):
        return pack.offices
    with workshop_reading.in_force() as folder:
        return load_directory(folder, pack.code).offices


def _publish(pack: ReadPack, now: datetime, *, received: bool = False) -> None:
    if not received and not _may_be_published(pack):
        return
    pack_versions.keep(
        code=pack.code,
        version=pack.version,
        digest=pack.digest,
        canonical=pack.canonical,
        in_force_from=pack.in_force_from,
        now=now,
        received=received,
    )
    if not received:
        workshop.keep_source(
            code=pack.code, version=pack.version, digest=pack.digest, files=pack.files,
            origin="folder", now=now,
        )  # fmt: skip


def _may_be_published(pack: ReadPack) -> bool:
    """Whether the folder's version is to be kept; a change must be right in everything.

    The packs of a new node were checked when they were released. The workshop's own number with
    other content in the folder is an older copy: what families were promised stays, and the node
    starts. Errors: PackError.
    """
    known = {one.version: one for one in workshop.known_versions(codes=[pack.code])}
    same = known.get(pack.version)
    if same is None and any(not one.received for one in known.values()):
        found = checked(settings.YIJIAN.packs_dir, pack.code)
        if not found.sound:
            raise PackError(found.errors)
    if same is None or same.digest == pack.digest:
        return True
    origin = workshop.source_digests(codes=[pack.code]).get((pack.code, pack.version), ("", ""))[1]
    if origin == "workshop":
        _log.warning(
            "the folder has other content for a version of the workshop",
            extra={"pack": pack.code, "version": pack.version},
        )
        return False
    return True


def merged(offices: Iterable[Office]) -> list[Office]:
    """One directory of all packs: an office that several packs list stands in it once.

    One that is listed for several divisions acts for all of them. Errors: OfficeTwiceError when
    they do not mean the same office.
    """
    found: dict[str, Office] = {}
    for office in offices:
        known = found.setdefault(office.code, office)
        if (known.kind, known.participant) != (office.kind, office.participant):
            raise OfficeTwiceError(f"{office.code}: {known} / {office}")
        more = tuple(d for d in office.serves if d not in known.serves)
        if more:
            found[office.code] = replace(known, also_for=(*known.also_for, *more))
    return list(found.values())


def _put_partners(offices: list[Office], make_key: Callable[[str], None] | None) -> None:
    """The demonstration's departments: each participant named in the office directory."""
    items = {(i.code, i.office_kind): None for p in contexts.packs() for i in p.items.values()}
    for code in sorted({office.participant for office in offices if office.participant}):
        if make_key is not None:
            make_key(code)
        key = settings.YIJIAN.keys_folder / f"{code}.pub.pem"
        if not key.is_file():
            continue
        own = [office for office in offices if office.participant == code]
        kinds = {office.kind for office in own}
        Partner.objects.update_or_create(
            code=code,
            defaults={
                "public_key": key.read_text(encoding="ascii"),
                "endpoint": f"{settings.YIJIAN.sandbox_url}/departments/{code}/events",
                "items": list(dict.fromkeys(item for item, kind in items if kind in kinds)),
                "offices": [office.code for office in own],
                "active": True,
            },
        )
