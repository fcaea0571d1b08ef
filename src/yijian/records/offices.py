"""机构名录 as rows: every office there is or was, and dated changes that wait or were made."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from django.db.models import Q

from yijian.domain.routing import Office
from yijian.domain.wording import Text
from yijian.records import people
from yijian.records.identifiers import new_id
from yijian.records.models import OfficeChangeRow, OfficeRow


@dataclass(frozen=True, slots=True)
class Listed:
    """机构名录一行: an office, from when until when it stands, and whether it stands today."""

    office: Office
    active: bool
    begins_on: date | None
    ends_on: date | None
    kept_here: bool


@dataclass(frozen=True, slots=True)
class OfficeChange:
    """机构变更: from a day on an office is like `values`, or ended with `successor` after it."""

    id: UUID
    code: str
    starts_on: date
    ends: bool
    successor: str
    values: Mapping[str, object]
    proposed_by: str
    decided_by: str
    made_at: datetime
    applied_at: datetime | None


def listed(
    *, kind: str = "", division: str = "", words: str = "", ended: bool = False, limit: int
) -> list[Listed]:
    """The directory by kind and code; `division` is a prefix, `words` a part of code or title."""
    rows = OfficeRow.objects.order_by("kind", "code")
    if not ended:
        rows = rows.filter(active=True)
    if kind:
        rows = rows.filter(kind=kind)
    if division:
        rows = rows.filter(division__startswith=division)
    if words:
        rows = rows.filter(Q(code__startswith=words) | Q(title_zh__contains=words))
    return [_listed(row) for row in rows[:limit]]


def one(code: str) -> Listed | None:
    """An office, standing or ended; None when there never was one with this code."""
    row = OfficeRow.objects.filter(code=code).first()
    return _listed(row) if row else None


def divisions(codes: Collection[str]) -> dict[str, str]:
    """Where these offices lie, standing or ended, by code."""
    rows = OfficeRow.objects.filter(code__in=codes)
    return dict(rows.values_list("code", "division"))


def below(prefix: str) -> list[str]:
    """The codes of the offices, standing or ended, whose place begins so."""
    rows = OfficeRow.objects.filter(division__startswith=prefix)
    return list(rows.values_list("code", flat=True))


def kinds() -> tuple[str, ...]:
    """Every kind of office that the directory has."""
    return tuple(OfficeRow.objects.order_by("kind").values_list("kind", flat=True).distinct())


def add_change(
    *,
    code: str,
    starts_on: date,
    ends: bool,
    successor: str,
    values: Mapping[str, object],
    proposed_by: str,
    decided_by: str,
    now: datetime,
) -> UUID:
    """Keep that an office changes from a day on."""
    row = OfficeChangeRow.objects.create(
        id=new_id(),
        code=code,
        starts_on=starts_on,
        ends=ends,
        successor=successor,
        values=dict(values),
        proposed_by=proposed_by,
        decided_by=decided_by,
        made_at=now,
    )
    return row.id


def waits(code: str) -> bool:
    """Whether a change of this office waits for its day."""
    return OfficeChangeRow.objects.filter(code=code, applied_at=None).exists()


def due(*, on: date) -> list[OfficeChange]:
    """Changes whose day has come and that were not made yet, locked, the oldest first."""
    rows = OfficeChangeRow.objects.select_for_update().filter(starts_on__lte=on, applied_at=None)
    return [_change(row) for row in rows.order_by("starts_on", "id")]


def to_follow() -> list[OfficeChange]:
    """Changes that were made and that the running tasks have not all followed yet."""
    rows = OfficeChangeRow.objects.filter(applied_at__isnull=False, followed_at=None)
    return [_change(row) for row in rows.order_by("id")]


def changes_of(code: str = "", *, limit: int = 50) -> list[OfficeChange]:
    """The changes of one office, or of all, newest first."""
    rows = OfficeChangeRow.objects.order_by("-id")
    if code:
        rows = rows.filter(code=code)
    return [_change(row) for row in rows[:limit]]


def apply(change: OfficeChange, *, now: datetime) -> None:
    """Make the directory so; from now on no folder overwrites this office."""
    rows = OfficeRow.objects.filter(code=change.code)
    if change.ends:
        rows.update(active=False, ends_on=change.starts_on, kept_here=True)
    else:
        known = rows.values_list("begins_on", flat=True).first() if rows.exists() else None
        fresh = not rows.filter(active=True).exists()
        people.write_offices([office_in(change.code, change.values)])
        rows.update(
            active=True,
            kept_here=True,
            begins_on=change.starts_on if fresh else known,
            ends_on=None,
        )
    OfficeChangeRow.objects.filter(id=change.id).update(applied_at=now)


def followed(change_id: UUID, *, now: datetime) -> None:
    """The running tasks have followed."""
    OfficeChangeRow.objects.filter(id=change_id).update(followed_at=now)


def office_in(code: str, values: Mapping[str, object]) -> Office:
    """The office that the values of a change describe."""

    def said(name: str) -> str:
        return str(values.get(name) or "")

    return Office(
        code=code,
        kind=said("kind"),
        title=Text(said("title_zh"), said("title_en")),
        division=said("division"),
        channel=said("channel") or "desk",
        participant=said("participant") or None,
        phone=said("phone"),
        address=said("address"),
        issues_certificates=bool(values.get("issues_certificates", True)),
        hands_over_to=said("hands_over_to") or None,
        also_for=tuple(str(d) for d in cast(list[object], values.get("also_for") or [])),
    )


def values_of(office: Office) -> dict[str, object]:
    """The values that describe an office; the other way round than `office_in`."""
    return {
        "kind": office.kind,
        "title_zh": office.title.zh,
        "title_en": office.title.en or "",
        "division": office.division,
        "also_for": list(office.also_for),
        "channel": office.channel,
        "participant": office.participant or "",
        "phone": office.phone,
        "address": office.address,
        "issues_certificates": office.issues_certificates,
        "hands_over_to": office.hands_over_to or "",
    }


def _listed(row: OfficeRow) -> Listed:
    return Listed(people.office_of(row), row.active, row.begins_on, row.ends_on, row.kept_here)


def _change(row: OfficeChangeRow) -> OfficeChange:
    return OfficeChange(
        row.id,
        row.code,
        row.starts_on,
        row.ends,
        row.successor,
        row.values,
        row.proposed_by,
        row.decided_by,
        row.made_at,
        row.applied_at,
    )
