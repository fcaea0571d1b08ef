"""送达件: the rows behind parcels: what lies at a desk, what the courier is asked about.

A case says where its parcels are; these rows follow it in the same transaction. Who received one,
and the courier's number, lie sealed with the case's key.
"""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.db import connection

from yijian.domain.cases import Parcel, ParcelState
from yijian.domain.events import TaskKey
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.lines import names_of
from yijian.records.models import ParcelRow

COURIER_HAS_IT = (ParcelState.ORDERED.value, ParcelState.UNDER_WAY.value)
ASK_AGAIN_AFTER = timedelta(minutes=2)
MOST_LINES = 200
FOLLOWING = ["office", "state", "mailed", "since", "order"]


@dataclass(frozen=True, slots=True)
class Moved:
    """A parcel as it has just become, and whose."""

    case_id: UUID
    parcel: Parcel
    office: str | None
    mailed: bool


@dataclass(frozen=True, slots=True)
class ParcelLine:
    """送达件的一行: a parcel as a desk lists it; the names are masked."""

    id: UUID
    number: str
    item: str
    newborn: int
    state: ParcelState
    mailed: bool
    since: datetime
    pack_digest: str
    names: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class WithCourier:
    """A parcel that the courier has, under the order it is known by."""

    id: UUID
    case_id: UUID
    key: TaskKey
    state: ParcelState
    order_id: str


def keep(moved: Iterable[Moved]) -> None:
    """Let the rows follow; one statement however many moved."""
    rows = [
        ParcelRow(
            id=new_id(),
            case_id=each.case_id,
            item=each.parcel.item,
            newborn=each.parcel.newborn,
            office=each.office,
            state=each.parcel.state.value,
            mailed=each.mailed,
            since=each.parcel.since,
            order=each.parcel.order,
        )
        for each in moved
    ]
    if rows:
        ParcelRow.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["case_id", "item", "newborn"],
            update_fields=FOLLOWING,
        )


def order_id(case_id: UUID | str, key: TaskKey, order: int) -> str:
    """The name under which the courier knows one order, the same for ever."""
    return f"{case_id}-{key[0]}-{key[1]}-{order}"


def of_office(*, office: str, after: UUID | None = None, limit: int = 50) -> list[ParcelLine]:
    """What has not reached its family yet at one office, newest first."""
    values: list[Any] = [office]
    if after is not None:
        values.append(after)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, c.number, p.item, p.newborn, p.state, p.mailed, p.since,"
            " c.pack_digest, c.id, c.wrapped_key, c.display"
            ' FROM parcel p JOIN "case" c ON c.id = p.case_id'
            " WHERE p.office = %s AND p.state <> 'delivered'"
            f"{' AND p.id < %s' if after else ''}"
            " ORDER BY p.id DESC LIMIT %s",
            [*values, min(limit, MOST_LINES)],
        )
        return [_line(row) for row in cursor.fetchall()]


def _line(row: Sequence[Any]) -> ParcelLine:
    *public, case_id, wrapped, display = row
    identifier, number, item, newborn, state, mailed, since, digest = public
    names = names_of(case_id, wrapped, display)
    return ParcelLine(
        identifier, number, item, newborn, ParcelState(state), mailed, since, digest, names
    )


def standing(*, parcel_id: UUID) -> tuple[UUID, TaskKey, str | None] | None:
    """Whose parcel it is, of which task, and at which office it lies; None when there is none."""
    row = ParcelRow.objects.filter(pk=parcel_id).first()
    return None if row is None else (row.case_id, (row.item, row.newborn), row.office)


def to_ask_about(*, now: datetime, limit: int = 50) -> list[WithCourier]:
    """Parcels the courier has, the longest not asked about first; they are marked as asked.

    What lies at another node is that node's to ask about.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE parcel p SET looked_at = %s FROM (SELECT id FROM parcel"
            " WHERE state = ANY (%s) AND (looked_at IS NULL OR looked_at < %s)"
            " AND NOT EXISTS (SELECT FROM task t WHERE t.case_id = parcel.case_id"
            " AND (t.item, t.newborn) = (parcel.item, parcel.newborn)"
            " AND t.channel LIKE 'node:%%')"
            " ORDER BY looked_at NULLS FIRST LIMIT %s FOR UPDATE SKIP LOCKED) d"
            " WHERE d.id = p.id"
            ' RETURNING p.id, p.case_id, p.item, p.newborn, p.state, p."order"',
            [now, list(COURIER_HAS_IT), now - ASK_AGAIN_AFTER, limit],
        )
        return [
            WithCourier(
                identifier,
                case_id,
                (item, newborn),
                ParcelState(state),
                order_id(case_id, (item, newborn), order),
            )
            for identifier, case_id, item, newborn, state, order in cursor.fetchall()
        ]


def note(*, case_id: UUID, key: TaskKey, case_key: crypto.Key, words: Mapping[str, object]) -> None:
    """Seal what is known about a parcel beside what was known before: tracking, who received it."""
    row = ParcelRow.objects.get(case_id=case_id, item=key[0], newborn=key[1])
    where = crypto.place("parcel", "sealed", row.id)
    row.sealed = crypto.seal_document(case_key, {**_opened(row, case_key), **words}, where)
    row.save(update_fields=["sealed"])


def noted(*, case_id: UUID, case_key: crypto.Key | None) -> dict[TaskKey, Mapping[str, Any]]:
    """What is sealed about each parcel of a case. The caller has opened the case."""
    if case_key is None:
        return {}
    rows = ParcelRow.objects.filter(case_id=case_id)
    return {(row.item, row.newborn): _opened(row, case_key) for row in rows}


def tracking_of(*, case_id: UUID | str) -> dict[TaskKey, str]:
    """The courier's number of each parcel that has one. The caller has opened the case."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, p.item, p.newborn, p.sealed, c.id, c.wrapped_key"
            ' FROM parcel p JOIN "case" c ON c.id = p.case_id'
            " WHERE p.case_id = %s AND p.sealed IS NOT NULL AND c.wrapped_key IS NOT NULL",
            [case_id],
        )
        found = {}
        for identifier, item, newborn, sealed, owner, wrapped in cursor.fetchall():
            where = crypto.place("parcel", "sealed", identifier)
            key = crypto.unwrap(bytes(wrapped), owner)
            words = cast(Mapping[str, Any], crypto.open_document(key, bytes(sealed), where))
            if words.get("tracking"):
                found[item, newborn] = str(words["tracking"])
        return found


def _opened(row: ParcelRow, key: crypto.Key) -> Mapping[str, Any]:
    if row.sealed is None:
        return {}
    where = crypto.place("parcel", "sealed", row.id)
    return cast(Mapping[str, Any], crypto.open_document(key, bytes(row.sealed), where))
