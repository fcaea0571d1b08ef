"""Logging in: one account, one appointment, however many browsers arrive at once."""

import threading
from datetime import datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from yijian.actions.people import signed_in
from yijian.records.models import Person, Staff

OFFICER = {
    "sub": "staff-police-340104",
    "name": "陈静",
    "staff_number": "3401040001",
    "role": "police_officer",
    "office": "340104510000",
    "office_name": "示例派出所",
    "division": "340104",
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
