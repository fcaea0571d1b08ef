"""Wrong codes are forgotten in time, and nobody waits for that."""

import threading

import pytest
from django.db import connection, transaction

from tests.records.families import NOW
from yijian.records import status_doors
from yijian.records.access import Refused
from yijian.records.models import StatusTry


@pytest.mark.django_db(transaction=True)
def test_forgetting_wrong_codes_waits_for_nobody_who_types_one() -> None:
    for number in ("absent", "missing"):
        with pytest.raises(Refused):
            status_doors.access_status(number=number, code="A", sender="", now=NOW)
    over = NOW + status_doors.PAUSE
    forgotten: list[int] = []

    def work() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '3s'")
        try:
            forgotten.append(status_doors.forget_tries(now=over))
        finally:
            connection.close()

    with transaction.atomic():
        assert len(StatusTry.objects.select_for_update()[:1]) == 1
        worker = threading.Thread(target=work)
        worker.start()
        worker.join(20)
    assert forgotten == [1]
    assert status_doors.forget_tries(now=over) == 1
