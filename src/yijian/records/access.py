"""查阅: the only door to one person's data.

Whoever asks for what does not exist and for what is somebody else's gets the same refusal. Every
question of a member of staff leaves a line in the access log, answered or not; a line of a refusal
survives only when the door is tried outside a transaction that is then rolled back.

With `locking=True` the case stays locked and the right is checked again under the lock, so that
nobody acts on a task that has just gone elsewhere (invariant I13).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from yijian.domain.cases import Case, Task
from yijian.domain.events import TaskKey
from yijian.domain.schemes import covers
from yijian.domain.states import Stage
from yijian.records import cases, deliveries, documents, journal, parcels
from yijian.records.channels import AT_THE_DESK
from yijian.records.deliveries import Delivery
from yijian.records.identifiers import new_id
from yijian.records.mapping import LoadedCase
from yijian.records.models import AccessEntry, BirthRecord, OfficeRow
from yijian.records.people import StaffRole, Visitor, visitor

IN_PREPARATION = frozenset({Stage.DRAFT.value, Stage.SIGNING.value})


class Refused(Exception):
    """Not here for you: it does not exist, or it is not yours to see."""


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case, and in which role it was opened: a party's role, or "staff"."""

    loaded: LoadedCase
    role: str
    visitor: Visitor

    @property
    def case(self) -> Case:
        """The case itself."""
        return self.loaded.case


@dataclass(frozen=True, slots=True)
class OpenedTask:
    """A task with its case, opened by a member of staff of its office."""

    loaded: LoadedCase
    key: TaskKey
    visitor: Visitor

    @property
    def case(self) -> Case:
        """The case of the task."""
        return self.loaded.case

    @property
    def task(self) -> Task:
        """The task itself."""
        return self.loaded.case.tasks[self.key]


@dataclass(frozen=True, slots=True)
class Trail:
    """What an auditor sees of a case: its journal and who read it, nothing personal."""

    case_id: UUID
    entries: list[journal.Entry]
    reads: list[AccessEntry]


@dataclass(frozen=True, slots=True)
class _Standing:
    """What is known about the asked-for case and this visitor before anything is opened."""

    case_id: UUID
    stage: str
    window: str | None
    party: str | None
    origin: str = ""


def access_case(
    *, by: Any, number: str, purpose: str, now: datetime, locking: bool = False
) -> OpenedCase:
    """One family's case, for a parent of it or for the staff who look after it. Errors: Refused."""
    return _through(visitor(by), number, "case", _may_open, purpose, now, locking)


def access_window_case(
    *, by: Any, number: str, purpose: str, now: datetime, locking: bool = False
) -> OpenedCase:
    """A case of this node that lies at the visitor's own window: opened there or handed over to it.

    Errors: Refused.
    """
    return _through(visitor(by), number, "window", _is_at_own_window, purpose, now, locking)


def cases_of(*, by: Any) -> list[OpenedCase]:
    """Every case of which this user is a party, newest first; two statements for all of them."""
    who = visitor(by)
    if who.person is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT case_id, role FROM party WHERE person_hash = %s ORDER BY case_id DESC LIMIT 50",
            [who.person],
        )
        roles = dict(cursor.fetchall())
    loaded = {case.id: case for case in cases.read(ids=roles)} if roles else {}
    return [
        OpenedCase(loaded[case_id], role, who)
        for case_id, role in roles.items()
        if case_id in loaded
    ]


def access_draft(
    *, by: Any, number: str, purpose: str, now: datetime, locking: bool = False
) -> OpenedCase:
    """A case that is still being filled in or signed. Errors: Refused."""
    return _through(visitor(by), number, "draft", _may_open_draft, purpose, now, locking)


def access_task(
    *, by: Any, task_id: UUID, purpose: str, now: datetime, locking: bool = False
) -> OpenedTask:
    """A task, for a clerk of its office, or for whoever routes tasks that have none.

    Errors: Refused.
    """
    who = visitor(by)
    case_id = _task_standing(who, task_id)
    _log(who, "task", case_id, task_id, purpose, case_id is not None, now)
    if case_id is None:
        raise Refused
    loaded = _open(case_id, locking)
    if locking and _task_standing(who, task_id) != case_id:
        raise Refused
    return OpenedTask(loaded, loaded.task_key(task_id), who)


def access_parcel(
    *, by: Any, parcel_id: UUID, purpose: str, now: datetime, locking: bool = False
) -> OpenedTask:
    """The task of a parcel, for a clerk of the office where it lies. Errors: Refused."""
    who = visitor(by)
    found = parcels.standing(parcel_id=parcel_id)
    allowed = found is not None and found[2] == who.office and who.works_as(StaffRole.CLERK)
    _log(who, "parcel", found[0] if found else None, None, purpose, allowed, now)
    if found is None or not allowed:
        raise Refused
    case_id, key, _ = found
    return OpenedTask(_open(case_id, locking), key, who)


def makes_documents(who: Visitor) -> bool:
    """Whether the visitor may make documents by hand for the own office."""
    return who.works_as(StaffRole.CLERK) or who.works_as(StaffRole.WINDOW)


def access_document_in_need(
    *, by: Any, document_id: UUID, purpose: str, now: datetime
) -> OpenedCase:
    """The case of a document that needs a person, for the office that answers for it.

    Errors: Refused.
    """
    who = visitor(by)
    found = documents.one(document_id)
    allowed = (
        found is not None
        and found.office == who.office
        and makes_documents(who)
        and found.state in (documents.NEEDS_PERSON, documents.FAILED)
    )
    _log(who, "document", found.case_id if found else None, None, purpose, allowed, now)
    if found is None or not allowed:
        raise Refused
    return OpenedCase(_open(found.case_id, False), "staff", who)


def access_delivery(*, by: Any, record_id: UUID, purpose: str, now: datetime) -> Delivery:
    """A delivery record, for the staff of its institution who enter them. Errors: Refused."""
    who = visitor(by)
    row = BirthRecord.objects.filter(pk=record_id).first()
    allowed = (
        row is not None and row.institution == who.office and who.works_as(StaffRole.DELIVERIES)
    )
    _log(who, "delivery", None, None, purpose, allowed, now)
    if row is None or not allowed:
        raise Refused
    return deliveries.opened(row)


def access_trail(*, by: Any, number: str, purpose: str, now: datetime) -> Trail:
    """A case's journal and its access log, for an auditor. Errors: Refused."""
    who = visitor(by)
    found = _standing(who, number)
    allowed = found is not None and who.works_as(StaffRole.AUDITOR)
    _log(who, "trail", found.case_id if found else None, None, purpose, allowed, now)
    if found is None or not allowed:
        raise Refused
    return Trail(found.case_id, journal.entries_of(found.case_id), reads_of(found.case_id))


def access_report(*, by: Any, divisions: Collection[str], purpose: str, now: datetime) -> Visitor:
    """Counts of a scheme of these divisions, for whoever supervises at one of its offices.

    Errors: Refused.
    """
    who = visitor(by)
    allowed = supervises(who, divisions)
    _log(who, "report", None, None, purpose, allowed, now)
    if not allowed:
        raise Refused
    return who


def supervises(who: Visitor, divisions: Collection[str]) -> bool:
    """Whether the visitor supervises at an office in one of the divisions."""
    if not who.works_as(StaffRole.SUPERVISOR):
        return False
    office = OfficeRow.objects.filter(code=who.office, active=True).first()
    return office is not None and covers(divisions, office.division)


def reads_of(case_id: UUID) -> list[AccessEntry]:
    """Every staff read of one case, newest first: parents may see who looked."""
    return list(AccessEntry.objects.filter(case_id=case_id, shown=True).order_by("-id")[:500])


def note_read(
    *,
    by: Any,
    what: str,
    case_id: UUID | None,
    purpose: str,
    now: datetime,
    task_id: UUID | None = None,
    shown: bool = True,
) -> None:
    """Record that staff were shown, or refused, more than the page itself: an unmasked number."""
    _log(visitor(by), what, case_id, task_id, purpose, shown, now)


def _is_at_own_window(who: Visitor, found: _Standing) -> bool:
    at_own = who.office is not None and found.window == who.office and not found.origin
    return at_own and who.works_as(StaffRole.WINDOW)


def _may_open(who: Visitor, found: _Standing) -> bool:
    """One condition a line: its node, a parent, the window at which it lies."""
    if found.origin:
        return False  # The family of another node's case has its pages there.
    return found.party is not None or _is_at_own_window(who, found)


def _may_open_draft(who: Visitor, found: _Standing) -> bool:
    return found.stage in IN_PREPARATION and _may_open(who, found)


def _through(
    who: Visitor,
    number: str,
    door: str,
    may: Callable[[Visitor, _Standing], bool],
    purpose: str,
    now: datetime,
    locking: bool,
) -> OpenedCase:
    """The case behind a door. The right is judged again under the lock: meanwhile it may be gone.

    That an office has moved the case meanwhile takes nobody's right away.
    """
    found = _standing(who, number)
    allowed = found is not None and may(who, found)
    _log(who, door, found.case_id if found else None, None, purpose, allowed, now)
    if found is None or not allowed:
        raise Refused
    loaded = _open(found.case_id, locking)
    role = found.party
    if locking:
        again = _standing(who, number)
        if again is None or again.case_id != found.case_id or not may(who, again):
            raise Refused
        role = again.party
    return OpenedCase(loaded, role or "staff", who)


def _standing(who: Visitor, number: str) -> _Standing | None:
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT c.id, c.stage, c."window",'
            " (SELECT p.role FROM party p WHERE p.case_id = c.id AND p.person_hash = %s), c.origin"
            ' FROM "case" c WHERE c.number = %s',
            [who.person, number],
        )
        row = cursor.fetchone()
    return None if row is None else _Standing(*row)


def _task_standing(who: Visitor, task_id: UUID) -> UUID | None:
    """The case of a task that this visitor may open; None for all others, absent or not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.case_id, t.office FROM task t"  # noqa: S608 (a constant)
            " WHERE t.id = %s AND t.state NOT IN ('waiting', 'not_needed', 'withdrawn')"
            f" AND {AT_THE_DESK}",
            [task_id],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    case_id, office = row
    allowed = (office is not None and office == who.office and who.works_as(StaffRole.CLERK)) or (
        office is None and who.works_as(StaffRole.ROUTING)
    )
    return case_id if allowed else None


def _open(case_id: UUID, locking: bool) -> LoadedCase:
    found = cases.load(ids=[case_id]) if locking else cases.read(ids=[case_id])
    if not found:
        raise Refused
    return found[0]


def _log(
    who: Visitor,
    what: str,
    case_id: UUID | None,
    task_id: UUID | None,
    purpose: str,
    shown: bool,
    now: datetime,
) -> None:
    if who.staff is None:
        return
    AccessEntry.objects.create(
        id=new_id(),
        at=now,
        staff=who.staff,
        office=who.office or "",
        what=what,
        case_id=case_id,
        task_id=task_id,
        purpose=purpose,
        shown=shown,
    )
