"""Logging in: one account, one appointment, however many browsers arrive at once."""

import threading
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection

from yijian.actions.people import signed_in
from yijian.domain.routing import Office
from yijian.domain.wording import Text
from yijian.records import people, staff
from yijian.records.models import Person, Staff
from yijian.records.people import StaffRole

STATION = Office(
    "340104510000", "police_station", Text("示例派出所", "Sample police station"), "340104"
)
OFFICER = {
    "sub": "staff-340104510000",
    "name": "陈静",
    "staff_number": "3401040001",
    "roles": "clerk",
    "office": "340104510000",
}
MOTHER = {
    "sub": "person-1",
    "name": "王芳",
    "id_type": "111",
    "id_number": "11010519491231002X",
    "phone": "19900000000",
    "acr": "real_name",
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("claims", "rows"), [(OFFICER, Staff), (MOTHER, Person)])
def test_many_first_logins_at_once_make_one_row(
    claims: dict[str, object], rows: Any, now: datetime
) -> None:
    people.put_offices([STATION])
    user = User.objects.create(username="first")
    gate, failed = threading.Barrier(6), []

    def arrive() -> None:
        gate.wait(10)
        try:
            signed_in(by=user, userinfo=claims, now=now)
        except Exception as problem:
            failed.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=arrive) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failed == []
    assert rows.objects.filter(user=user).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "claims",
    [OFFICER | {"office": "nowhere"}, OFFICER | {"roles": "king"}, OFFICER | {"roles": ""}],
)
def test_nobody_is_appointed_to_an_unknown_office_or_for_an_unknown_role(
    claims: dict[str, object], now: datetime
) -> None:
    people.put_offices([STATION])
    signed_in(by=User.objects.create(username="first"), userinfo=claims, now=now)
    assert not Staff.objects.exists()


@pytest.mark.django_db
def test_staff_may_do_what_the_provider_says_in_the_demonstration_alone(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.put_offices([STATION])
    user = User.objects.create(username="first")
    monkeypatch.setattr(settings, "YIJIAN", settings.YIJIAN.model_copy(update={"demo": False}))
    signed_in(by=user, userinfo=OFFICER, now=now)
    assert not Staff.objects.exists()
    monkeypatch.undo()
    signed_in(by=user, userinfo=OFFICER, now=now)
    assert people.visitor(user).roles == {people.StaffRole.CLERK}


@pytest.mark.django_db
def test_what_was_decided_here_counts_more_than_any_claim(now: datetime) -> None:
    people.put_offices([STATION])
    staff.decide(number=OFFICER["staff_number"], office=STATION.code, roles=[StaffRole.WINDOW])
    user = User.objects.create(username="first")
    signed_in(by=user, userinfo=OFFICER, now=now)
    assert people.visitor(user).roles == {StaffRole.WINDOW}
    row = Staff.objects.get()
    assert (row.user_id, row.last_seen_at) == (user.pk, now)
    staff.end(staff_id=row.id)
    signed_in(by=user, userinfo=OFFICER, now=now)
    assert people.visitor(user).staff is None


@pytest.mark.django_db
def test_a_staff_number_belongs_to_one_account(now: datetime) -> None:
    people.put_offices([STATION])
    signed_in(by=User.objects.create(username="first"), userinfo=OFFICER, now=now)
    with pytest.raises(ValueError, match="another account"):
        signed_in(by=User.objects.create(username="second"), userinfo=OFFICER, now=now)


@pytest.mark.django_db
def test_a_claim_of_roles_that_do_not_go_together_appoints_nobody(now: datetime) -> None:
    people.put_offices([STATION])
    claims = OFFICER | {"roles": "system_admin clerk"}
    signed_in(by=User.objects.create(username="first"), userinfo=claims, now=now)
    assert not Staff.objects.exists()
