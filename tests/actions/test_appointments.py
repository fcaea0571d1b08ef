"""What one person takes away stays taken away, whoever presses a button at the same moment."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from tests.actions.test_people import STATION
from yijian.actions import appointments
from yijian.actions.proposing import ProposalRefusedError
from yijian.records import administration, people, staff
from yijian.records.models import Staff
from yijian.records.people import StaffRole

CLERK, WINDOW, STOCK = StaffRole.CLERK, StaffRole.WINDOW, StaffRole.STOCK


def hired(number: str, *roles: StaffRole) -> User:
    user = User.objects.create(username=number)
    people.appoint(by=user, office=STATION.code, staff_number=number, roles=roles, name="周敏")
    return user


def end() -> None:
    staff.end(staff_id=Staff.objects.get(staff_number="C-1").id)


def narrow() -> None:
    staff.decide(number="C-1", office=STATION.code, roles=[STOCK])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("meanwhile", "refusal", "left"),
    [(end, "nobody", [CLERK, STOCK, WINDOW]), (narrow, "not_fewer", [STOCK])],
)
def test_who_reduces_roles_sees_what_somebody_else_has_just_done(
    meanwhile: Callable[[], None], refusal: str, left: list[str], now: datetime
) -> None:
    people.put_offices([STATION])
    security = hired("S-1", StaffRole.SECURITY_ADMIN)
    hired("C-1", CLERK, WINDOW, STOCK)
    found = Staff.objects.get(staff_number="C-1")
    done, outcomes = threading.Event(), []

    def first() -> None:
        with transaction.atomic():
            meanwhile()
            done.set()
            waiting = False
            while not waiting:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
                    (waiting,) = cursor.fetchone()
        connection.close()

    def second() -> None:
        done.wait(10)
        try:
            appointments.reduce(
                by=security, staff_id=found.id, office=STATION.code,
                roles=frozenset({CLERK}), now=now,
            )  # fmt: skip
            outcomes.append("reduced")
        except ProposalRefusedError as refused:
            outcomes.append(refused.code)
        connection.close()

    threads = [threading.Thread(target=each, daemon=True) for each in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert outcomes == [refusal]
    found.refresh_from_db()
    assert (found.active, found.roles) == (refusal != "nobody", left)
    assert administration.acts(subject=f"staff:{found.id}") == []
