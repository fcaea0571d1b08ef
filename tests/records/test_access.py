"""Who may open what. For everybody else, what is somebody else's and what is not there are one."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.records.families import (
    FATHER_ID,
    MOTHER_ID,
    NOW,
    Family,
    decide,
    family,
    finished,
    new_change,
    saved,
    submitted,
)
from yijian.domain.states import TaskState
from yijian.records import access, cases, deliveries, people, queries
from yijian.records.access import Refused
from yijian.records.people import Identity, StaffRole

pytestmark = pytest.mark.django_db
STRANGER_ID = "110101199003070038"
APART = {
    StaffRole.AUDITOR, StaffRole.SYSTEM_ADMIN, StaffRole.SECURITY_ADMIN, StaffRole.AUDIT_ADMIN,
}  # fmt: skip
EVERYTHING = [role for role in StaffRole if role not in APART]
"""Every role that one person can have at once."""

Visitors = dict[str, object]


@pytest.fixture
def visitors(parent: Callable[[str, str], User], clerk: Callable[..., User]) -> Visitors:
    """Everybody who tries the doors; 赵敏 is the stranger."""
    disabled = clerk("H01", *EVERYTHING)
    User.objects.filter(pk=disabled.pk).update(is_active=False)
    disabled.refresh_from_db()
    gone = clerk("H01", *EVERYTHING)
    from yijian.records.models import Staff

    Staff.objects.filter(user=gone).update(active=False)
    return {
        "mother": parent("王芳", MOTHER_ID),
        "father": parent("李强", FATHER_ID),
        "stranger": parent("赵敏", STRANGER_ID),
        "nobody": AnonymousUser(),
        "no role": clerk("H01"),
        "hospital clerk": clerk("H01", StaffRole.CLERK),
        "hospital window": clerk("H01", StaffRole.WINDOW),
        "hospital deliveries": clerk("H01", StaffRole.DELIVERIES),
        "police clerk": clerk("P01", StaffRole.CLERK),
        "other police clerk": clerk("P02", StaffRole.CLERK),
        "other window": clerk("P02", StaffRole.WINDOW),
        "router": clerk("P02", StaffRole.ROUTING),
        "supervisor": clerk("H01", StaffRole.SUPERVISOR),
        "auditor": clerk("P02", StaffRole.AUDITOR),
        "disabled": disabled,
        "gone": gone,
    }


def admitted(visitors: Visitors, door: Callable[[object], object]) -> set[str]:
    found = set()
    for name, visitor in visitors.items():
        try:
            door(visitor)
        except Refused as refused:
            assert refused.args == ()
        else:
            found.add(name)
    return found


def at_window(made: Family) -> None:
    """The family's case, begun at the hospital's window."""
    with transaction.atomic():
        cases.save([new_change(made, window="H01")])


def test_a_draft_opens_for_its_parents_and_the_window_it_lies_at(visitors: Visitors) -> None:
    at_window(family())

    def door(by: object) -> object:
        return access.access_draft(by=by, number="N1", purpose="filling", now=NOW)

    assert admitted(visitors, door) == {"mother", "father", "hospital window"}


def test_the_window_of_the_birthplace_does_not_see_what_was_begun_at_home(
    visitors: Visitors,
) -> None:
    saved(family())

    def door(by: object) -> object:
        return access.access_case(by=by, number="N1", purpose="looking", now=NOW)

    assert admitted(visitors, door) == {"mother", "father"}


def test_a_case_at_the_window_opens_there_and_nowhere_else(visitors: Visitors) -> None:
    at_window(family())

    def door(by: object) -> object:
        return access.access_window_case(by=by, number="N1", purpose="window", now=NOW)

    assert admitted(visitors, door) == {"hospital window"}


def test_a_submitted_case_is_no_draft_any_more(visitors: Visitors) -> None:
    at_window(submitted())

    def draft(by: object) -> object:
        return access.access_draft(by=by, number="N1", purpose="filling", now=NOW)

    def case(by: object) -> object:
        return access.access_case(by=by, number="N1", purpose="looking", now=NOW)

    assert admitted(visitors, draft) == set()
    assert admitted(visitors, case) == {"mother", "father", "hospital window"}


def test_a_task_opens_for_the_clerks_of_its_office(visitors: Visitors) -> None:
    (loaded,) = saved(submitted())

    def door(by: object) -> object:
        task = loaded.task_id(("certificate", 1))
        return access.access_task(by=by, task_id=task, purpose="deciding", now=NOW)

    assert admitted(visitors, door) == {"hospital clerk"}


def test_a_task_that_still_waits_opens_for_nobody(visitors: Visitors) -> None:
    (loaded,) = saved(submitted())

    def door(by: object) -> object:
        task = loaded.task_id(("registration", 1))
        return access.access_task(by=by, task_id=task, purpose="deciding", now=NOW)

    assert admitted(visitors, door) == set()
    decide([loaded.id], ("certificate", 1), TaskState.COMPLETED)
    assert admitted(visitors, door) == {"police clerk"}


def test_a_task_without_office_opens_for_whoever_routes(visitors: Visitors) -> None:
    (loaded,) = saved(submitted())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE task SET office = NULL WHERE item = 'certificate'")

    def door(by: object) -> object:
        task = loaded.task_id(("certificate", 1))
        return access.access_task(by=by, task_id=task, purpose="routing", now=NOW)

    assert admitted(visitors, door) == {"router"}


def test_a_delivery_record_opens_for_those_who_enter_them_there(visitors: Visitors) -> None:
    record = put_delivery()

    def door(by: object) -> object:
        return access.access_delivery(by=by, record_id=record, purpose="entering", now=NOW)

    assert admitted(visitors, door) == {"hospital deliveries"}


def test_a_trail_opens_for_auditors_and_holds_nothing_personal(visitors: Visitors) -> None:
    finished()

    def door(by: object) -> object:
        return access.access_trail(by=by, number="N1", purpose="audit", now=NOW)

    assert admitted(visitors, door) == {"auditor"}
    trail = access.access_trail(by=visitors["auditor"], number="N1", purpose="audit", now=NOW)
    assert MOTHER_ID not in repr(trail)
    assert "王芳" not in repr(trail)


@pytest.mark.parametrize("name", ["absent", "somebody else's"])
def test_absent_and_forbidden_cannot_be_told_apart(visitors: Visitors, name: str) -> None:
    (loaded,) = saved(submitted())
    absent = name == "absent"
    number = "N404" if absent else "N1"
    task = UUID(int=404) if absent else loaded.task_id(("certificate", 1))
    record = UUID(int=404) if absent else put_delivery()
    doors: list[Callable[[], object]] = [
        lambda: access.access_case(by=visitors["stranger"], number=number, purpose="p", now=NOW),
        lambda: access.access_draft(by=visitors["stranger"], number=number, purpose="p", now=NOW),
        lambda: access.access_task(
            by=visitors["other police clerk"], task_id=task, purpose="p", now=NOW
        ),
        lambda: access.access_delivery(
            by=visitors["other police clerk"], record_id=record, purpose="p", now=NOW
        ),
        lambda: access.access_trail(by=visitors["stranger"], number=number, purpose="p", now=NOW),
    ]
    statements = []
    for door in doors:
        with CaptureQueriesContext(connection) as executed, pytest.raises(Refused) as refused:
            door()
        assert str(refused.value) == ""
        statements.append(len(executed))
    assert statements == [2, 2, 3, 3, 2]


def test_every_question_of_staff_is_kept_answered_or_not(visitors: Visitors) -> None:
    (loaded,) = saved(submitted())
    task = loaded.task_id(("certificate", 1))
    access.access_task(by=visitors["hospital clerk"], task_id=task, purpose="deciding", now=NOW)
    for number in ("N1", "N404"):
        with pytest.raises(Refused):
            access.access_case(
                by=visitors["police clerk"], number=number, purpose="curious", now=NOW
            )
    access.access_case(by=visitors["mother"], number="N1", purpose="own", now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT office, what, case_id, purpose, shown FROM access_log ORDER BY id")
        assert cursor.fetchall() == [
            ("H01", "task", loaded.id, "deciding", True),
            ("P01", "case", loaded.id, "curious", False),
            ("P01", "case", None, "curious", False),
        ]
    assert [read.office for read in access.reads_of(loaded.id)] == ["H01"]


def test_no_purpose_no_reading(visitors: Visitors) -> None:
    from django.db import IntegrityError

    (loaded,) = saved(submitted())
    with pytest.raises(IntegrityError, match="purpose"), transaction.atomic():
        access.access_task(
            by=visitors["hospital clerk"],
            task_id=loaded.task_id(("certificate", 1)),
            purpose="",
            now=NOW,
        )


def test_a_right_is_checked_again_under_the_lock(
    visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I13: between the first look and the lock the task goes to another office."""
    (loaded,) = saved(submitted())
    task = loaded.task_id(("certificate", 1))
    load = access.cases.load

    def load_after_transfer(**which: object) -> object:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE task SET office = 'H02' WHERE id = %s", [task])
        return load(**which)

    monkeypatch.setattr(access.cases, "load", load_after_transfer)
    with pytest.raises(Refused), transaction.atomic():
        access.access_task(
            by=visitors["hospital clerk"], task_id=task, purpose="p", now=NOW, locking=True
        )


def moved_meanwhile(monkeypatch: pytest.MonkeyPatch, statement: str, *values: object) -> None:
    """Somebody else's transaction ends between the first look and the lock."""
    load = access.cases.load

    def load_after(**which: object) -> object:
        with connection.cursor() as cursor:
            cursor.execute(statement, list(values))
        return load(**which)

    monkeypatch.setattr(access.cases, "load", load_after)


def test_an_office_that_closes_the_case_meanwhile_takes_no_right_away(
    visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    (loaded,) = saved(submitted("N1"))
    moved_meanwhile(monkeypatch, "UPDATE \"case\" SET stage = 'closed' WHERE id = %s", loaded.id)
    with transaction.atomic():
        opened = access.access_case(
            by=visitors["mother"], number="N1", purpose="p", now=NOW, locking=True
        )
    assert opened.role == "mother"


def test_a_parent_who_is_taken_off_the_case_meanwhile_is_refused(
    visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    (loaded,) = saved(submitted("N1"))
    moved_meanwhile(monkeypatch, "DELETE FROM party WHERE case_id = %s", loaded.id)
    with pytest.raises(Refused), transaction.atomic():
        access.access_case(by=visitors["mother"], number="N1", purpose="p", now=NOW, locking=True)


def test_a_draft_that_is_submitted_meanwhile_is_no_draft_any_more(
    visitors: Visitors, monkeypatch: pytest.MonkeyPatch
) -> None:
    (loaded,) = saved(family("N1"))
    moved_meanwhile(
        monkeypatch,
        "UPDATE \"case\" SET stage = 'submitted', submitted_at = now() WHERE id = %s",
        loaded.id,
    )
    with pytest.raises(Refused), transaction.atomic():
        access.access_draft(by=visitors["mother"], number="N1", purpose="p", now=NOW, locking=True)


def test_a_parent_sees_own_cases_and_their_role(visitors: Visitors) -> None:
    saved(submitted("N1"), family("N2", mother=STRANGER_ID, delivery="D2"))
    assert [(o.case.number, o.role) for o in access.cases_of(by=visitors["mother"])] == [
        ("N1", "mother")
    ]
    assert {o.case.number for o in access.cases_of(by=visitors["father"])} == {"N1", "N2"}
    assert access.cases_of(by=visitors["police clerk"]) == []
    assert queries.my_cases(by=visitors["nobody"]) == []


def test_an_account_stays_with_its_person(parent: Callable[[str, str], User]) -> None:
    user = parent("王芳", MOTHER_ID)
    kept = people.identity_of(user)
    assert kept is not None and (kept.name, kept.id_number) == ("王芳", MOTHER_ID)
    other = Identity("赵敏", "111", STRANGER_ID, "")
    with pytest.raises(ValueError, match="another person"):
        people.remember_person(by=user, identity=other, now=NOW)


@pytest.mark.parametrize(
    "door",
    [
        lambda by: queries.worklist(by=by),
        lambda by: queries.worklist_counts(by=by, now=NOW),
        lambda by: queries.unrouted(by=by),
        lambda by: queries.task_counts(by=by, now=NOW),
        lambda by: queries.window_cases(by=by),
        lambda by: queries.institution_deliveries(by=by),
    ],
)
def test_lists_are_for_their_roles(visitors: Visitors, door: Callable[[object], object]) -> None:
    outsiders = {"mother", "father", "stranger", "nobody", "no role", "auditor", "disabled", "gone"}
    assert admitted(visitors, door) & outsiders == set()
    assert admitted(visitors, door)


def put_delivery() -> UUID:
    return deliveries.put(
        by="staff:1",
        institution="H01",
        delivery_id="D7",
        mother_id_number=MOTHER_ID,
        document={"mother": {"name": "王芳"}},
        source="desk",
        due_at=NOW,
        recorded_at=NOW,
        now=NOW,
    )
