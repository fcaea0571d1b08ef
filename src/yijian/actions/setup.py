"""开局: what a node needs before its first page: its pack, its offices, its partners."""

from datetime import UTC, datetime

from django.conf import settings
from django.db import transaction

from yijian.actions import contexts
from yijian.packs.building import load_folder
from yijian.packs.documents import canonical
from yijian.packs.offices import load_directory
from yijian.records import pack_versions, people
from yijian.records.models import Partner


def prepare(*, demo: bool, now: datetime | None = None) -> None:
    """Publish the node's pack, and in a demonstration its offices and partners. Repeatable.

    Errors: PackError for a pack that cannot be read, PackChanged for one that was changed without
    a new version.
    """
    now = now or datetime.now(UTC)  # noqa: TID251 (this is what an operator's command calls)
    with transaction.atomic():
        publish_pack(settings.YIJIAN.pack, now=now)
        if demo:
            directory = load_directory(settings.YIJIAN.packs_dir, settings.YIJIAN.pack)
            people.put_offices({office.code: office for office in directory.offices}.values())
            _put_partners()
    contexts.forget()


def publish_pack(code: str, *, now: datetime) -> None:
    """Keep the pack as it lies in the packs folder, so that cases may be pinned to it."""
    document, pack = load_folder(settings.YIJIAN.packs_dir, code)
    pack_versions.keep(
        code=pack.code,
        version=pack.version,
        digest=pack.digest,
        canonical=canonical(document),
        in_force_from=pack.in_force_from,
        now=now,
    )


def _put_partners() -> None:
    """The demonstration's departments: each participant named in the office directory."""
    directory = people.directory()
    pack = contexts.current_pack()
    for code in sorted({o.participant for o in directory.offices if o.participant}):
        key = settings.YIJIAN.keys_folder / f"{code}.pub.pem"
        if not key.is_file():
            continue
        kinds = {o.kind for o in directory.offices if o.participant == code}
        items = [item.code for item in pack.items.values() if item.office_kind in kinds]
        Partner.objects.update_or_create(
            code=code,
            defaults={
                "public_key": key.read_text(encoding="ascii"),
                "endpoint": f"{settings.YIJIAN.sandbox_url}/departments/{code}/events",
                "items": items,
                "offices": [o.code for o in directory.offices if o.participant == code],
                "active": True,
            },
        )
