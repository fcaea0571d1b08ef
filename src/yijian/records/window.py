"""窗口: whose originals were seen, which saves have been made, and at whose window a case lies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import connection

from yijian.domain.states import Stage
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.mapping import LoadedCase
from yijian.records.models import SightingRow

LONGEST_KEY = 64
BEGUN_ONLINE = "online"
"""Whence the first window takes a case over that was begun online, as its journal says it."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """原件核验: that a clerk saw the original ID card of this role, and whether the person too."""

    role: str
    present: bool
    staff: str
    office: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RunningCase:
    """A running case of somebody, and at whose window it lies; None for one begun online."""

    case_id: UUID
    number: str
    window: str | None


def one_at_a_time(*, person: bytes) -> None:
    """Until the transaction ends nobody else opens a case for this person at a window.

    Two presses of one button, or two windows, therefore find one case.
    """
    with connection.cursor() as cursor:
        number = int.from_bytes(person[:8], "big", signed=True)
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def running_case_of(
    *, person: bytes, stages: Iterable[Stage], since: datetime
) -> RunningCase | None:
    """The newest running case that this person is a party of."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT c.id, c.number, c."window" FROM party p JOIN "case" c ON c.id = p.case_id'
            " WHERE p.person_hash = %s AND c.stage = ANY (%s) AND c.started_at > %s"
            " ORDER BY c.id DESC LIMIT 1",
            [person, [stage.value for stage in stages], since],
        )
        row = cursor.fetchone()
    return None if row is None else RunningCase(*row)


def saw(
    *,
    loaded: LoadedCase,
    role: str,
    present: bool,
    card: Mapping[str, str],
    staff: str,
    staff_name: str,
    office: str,
    now: datetime,
) -> None:
    """Keep that an original card was seen, with what stood on it and who vouches for it."""
    if loaded.key is None:
        raise ValueError("a forgotten case sees nobody")
    identifier = new_id()
    where = crypto.place("sighting", "sealed", identifier)
    words = {**card, "staff_name": staff_name}
    SightingRow.objects.create(
        id=identifier,
        case_id=loaded.id,
        role=role,
        present=present,
        staff=staff,
        office=office,
        at=now,
        sealed=crypto.seal_document(loaded.key, words, where),
    )


def sightings(*, case_id: UUID) -> dict[str, Sighting]:
    """The last sighting of each role; once present counts for good at this office."""
    found: dict[str, Sighting] = {}
    for row in SightingRow.objects.filter(case_id=case_id).order_by("id"):
        before = found.get(row.role)
        present = row.present or (before is not None and before.present)
        found[row.role] = Sighting(row.role, present, row.staff, row.office, row.at)
    return found


def vouched(*, loaded: LoadedCase) -> list[tuple[Sighting, Mapping[str, str]]]:
    """Every sighting with the sealed card and the name of the clerk, oldest first."""
    found: list[tuple[Sighting, Mapping[str, str]]] = []
    for row in SightingRow.objects.filter(case_id=loaded.id).order_by("id"):
        if loaded.key is None or row.sealed is None:
            continue
        where = crypto.place("sighting", "sealed", row.id)
        words = crypto.open_document(loaded.key, bytes(row.sealed), where)
        seen = Sighting(row.role, row.present, row.staff, row.office, row.at)
        found.append((seen, cast(Mapping[str, str], words)))
    return found


def spend_key(*, case_id: UUID, key: str, now: datetime) -> bool:
    """Remember that the save with this key is being made; False when it was made before.

    Under the lock of the case the second of two saves with one key always finds the first.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO save_key (case_id, key, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [case_id, key[:LONGEST_KEY], now],
        )
        return int(cursor.rowcount) == 1


def move(*, case_id: UUID, office: str) -> None:
    """From now on the case lies at this office's window."""
    with connection.cursor() as cursor:
        cursor.execute('UPDATE "case" SET "window" = %s WHERE id = %s', [office, case_id])
