"""值班: who answers for an office or a place on a day. Names and phones are sealed at rest."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.db.models import Q

from yijian.domain.measures import prefix_of
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import DutyRow


@dataclass(frozen=True, slots=True)
class Duty:
    """值班: who answers for one office, or for every office of a place, on which days."""

    id: UUID
    office: str
    division: str
    starts_on: date
    ends_on: date | None
    public: bool
    made_by: str
    name: str = field(repr=False)
    phone: str = field(repr=False)


def add(
    *,
    office: str,
    division: str,
    name: str,
    phone: str,
    starts_on: date,
    ends_on: date | None,
    public: bool,
    by: str,
    now: datetime,
) -> UUID:
    """Keep who answers from a day until another, both included."""
    identifier = new_id()
    DutyRow.objects.create(
        id=identifier,
        office=office,
        division=division,
        sealed=crypto.seal_document(_key(), {"name": name, "phone": phone}, _place(identifier)),
        public=public,
        starts_on=starts_on,
        ends_on=ends_on,
        made_by=by,
        made_at=now,
    )
    return identifier


def end(*, duty: UUID, on: date, by: str) -> bool:
    """Let a duty end on a day, not before it began; whether there was one to end."""
    row = DutyRow.objects.filter(id=duty).first()
    if row is None or (row.ends_on is not None and row.ends_on <= on):
        return False
    row.ends_on, row.ended_by = max(on, row.starts_on), by
    row.save(update_fields=["ends_on", "ended_by"])
    return True


def one(duty: UUID) -> Duty | None:
    """One duty; None when there is none."""
    row = DutyRow.objects.filter(id=duty).first()
    return None if row is None else _duty(row)


def listed(
    *, on: date, prefix: str | None = "", offices: Iterable[str] | None = None
) -> list[Duty]:
    """The duties that are not over on a day at these offices, and of the place below `prefix`.

    No offices named means all duties of the node, no prefix those of the offices alone.
    """
    rows = DutyRow.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on))
    if offices is not None:
        there = Q(office="", division__startswith=prefix) if prefix else Q()
        rows = rows.filter(Q(office__in=list(offices)) | there)
    return [_duty(row) for row in rows.order_by("starts_on", "id")[:500]]


def answering(*, offices: dict[str, str], on: date, public: bool = False) -> dict[str, Duty]:
    """Who answers for each office (by code, with its division) on a day.

    Who stands for the office itself goes before its county, city, province and the node; of equals
    the latest entry counts.
    """
    if not offices:
        return {}
    places = {prefix_of(division)[:n] for division in offices.values() for n in (2, 4, 6)} | {""}
    rows = DutyRow.objects.filter(starts_on__lte=on).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=on)
    )
    rows = rows.filter(Q(office__in=list(offices)) | Q(office="", division__in=sorted(places)))
    if public:
        rows = rows.filter(public=True)
    found = list(rows.order_by("id"))
    answers: dict[str, Duty] = {}
    for code, division in offices.items():
        prefix = prefix_of(division)
        of_it = [
            r for r in found if r.office == code or (not r.office and prefix.startswith(r.division))
        ]
        if of_it:
            best = max(of_it, key=lambda row: (row.office == code, len(row.division), row.id))
            answers[code] = _duty(best)
    return answers


def _duty(row: DutyRow) -> Duty:
    document = crypto.open_document(_key(), bytes(row.sealed), _place(row.id))
    said = cast(dict[str, Any], document)
    return Duty(
        row.id, row.office, row.division, row.starts_on, row.ends_on, row.public, row.made_by,
        str(said["name"]), str(said["phone"]),
    )  # fmt: skip


def _key() -> crypto.Key:
    return crypto.installation_key("duty")


def _place(duty: UUID) -> str:
    return crypto.place("duty", "sealed", duty)
