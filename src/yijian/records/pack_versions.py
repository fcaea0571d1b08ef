"""政策包版本: the canonical JSON of every pack version a case may be pinned to, kept for ever."""

from datetime import date, datetime

from yijian.records.identifiers import new_id
from yijian.records.models import PackVersion


class PackChanged(Exception):
    """A pack version came back with other content; a change needs a new version."""


def keep(
    *,
    code: str,
    version: str,
    digest: str,
    canonical: str,
    in_force_from: date,
    now: datetime,
    received: bool = False,
) -> bool:
    """Keep one version; whether it was new. Errors: PackChanged.

    A `received` one came with the tasks of another node: nobody applies under it here.
    """
    known = PackVersion.objects.filter(code=code, version=version).first()
    if known is None:
        PackVersion.objects.create(
            id=new_id(),
            code=code,
            version=version,
            digest=digest,
            canonical=canonical,
            in_force_from=in_force_from,
            stored_at=now,
            received=received,
        )
        return True
    if known.digest != digest:
        raise PackChanged(f"{code} {version}")
    if known.received and not received:
        PackVersion.objects.filter(pk=known.pk).update(received=False)
    return False


def canonical_json(*, code: str, version: str) -> str | None:
    """The content of one version; None when it was never kept."""
    row = PackVersion.objects.filter(code=code, version=version).first()
    return None if row is None else row.canonical


def canonical_of(*, digest: str) -> str | None:
    """The content of the version with this digest; None when it was never kept."""
    return PackVersion.objects.filter(digest=digest).values_list("canonical", flat=True).first()


def codes_in_force(*, on: date, received: bool = False) -> tuple[str, ...]:
    """The codes of all packs of which a version is in force on a day, sorted.

    Either those that this node has published, or those that it has only `received`.
    """
    known = PackVersion.objects.filter(in_force_from__lte=on, received=received)
    found = known.values_list("code", flat=True)
    return tuple(sorted(set(found)))


def digest_in_force(*, code: str, on: date, received: bool = False) -> str | None:
    """The digest of the version in force on a day: the latest to come into force until then.

    A version that only came with another node's tasks is never in force for this node's families;
    with `received` it counts too.
    """
    known = PackVersion.objects.filter(code=code, in_force_from__lte=on)
    if not received:
        known = known.filter(received=False)
    row = known.order_by("in_force_from", "stored_at").last()
    return None if row is None else row.digest
