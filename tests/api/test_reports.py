"""What this node has reported to a partner can be read again, in order, by that partner alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.api.conftest import Door
from tests.records.families import new_change, submitted
from yijian.api import reports
from yijian.domain.envelopes import PARCEL_MOVED, TASK_DISPATCHED, TASK_REPORTED
from yijian.ops.keys import make_key_pair
from yijian.records import cases, exchange
from yijian.records.cases import Outgoing
from yijian.records.models import OutboxMessage

HUB = "hr-340000"


@pytest.fixture
def told(db: object) -> list[OutboxMessage]:
    """A partner, and two reports to it among messages that are none or not its own."""
    for code in (HUB, "insurance-340000"):
        make_key_pair(settings.YIJIAN.keys_folder, code)
        public = settings.YIJIAN.keys_folder / f"{code}.pub.pem"
        exchange.put_partner(code=code, public_key=public.read_text())
    outbox = [
        Outgoing(to, kind, f"i-{number}", {"number": number}, ("certificate", 1))
        for number, (to, kind) in enumerate(
            [
                (HUB, TASK_REPORTED),
                (HUB, TASK_DISPATCHED),
                ("insurance-340000", TASK_REPORTED),
                (HUB, PARCEL_MOVED),
            ]
        )
    ]
    cases.save([new_change(submitted(), outbox=outbox)])
    kinds = (TASK_REPORTED, PARCEL_MOVED)
    return list(OutboxMessage.objects.filter(destination=HUB, kind__in=kinds).order_by("id"))


def read(door: Door, **query: object) -> Any:
    answer = door.get("/reports", **query)
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports are so old that nothing can come between them."""
    monkeypatch.setattr(reports, "SETTLED_AFTER", timedelta(seconds=-60))


@pytest.fixture
def hub(client: Client) -> Door:
    return Door(HUB, client)


def test_reports_are_read_in_order_from_the_beginning_and_from_a_cursor(
    told: list[OutboxMessage], settled: None, hub: Door
) -> None:
    page = read(hub)
    assert [(each["id"], each["type"]) for each in page["reports"]] == [
        (str(row.id), row.kind) for row in told
    ]
    assert [each["data"] for each in page["reports"]] == [{"number": 0}, {"number": 3}]
    first = read(hub, limit=1)
    assert [each["id"] for each in first["reports"]] == [str(told[0].id)]
    second = read(hub, limit=1, after=first["next"])
    assert [each["id"] for each in second["reports"]] == [str(told[1].id)]
    end = read(hub, after=second["next"])
    assert end == {"reports": [], "next": second["next"]}


def test_delivered_or_not_a_report_stays_readable(
    told: list[OutboxMessage], settled: None, hub: Door
) -> None:
    for state in ("delivered", "parked", "given_up"):
        OutboxMessage.objects.filter(id=told[0].id).update(state=state)
        assert len(read(hub)["reports"]) == 2, state


def test_what_was_taken_back_before_it_left_is_not_read(
    told: list[OutboxMessage], settled: None, hub: Door
) -> None:
    OutboxMessage.objects.filter(id=told[0].id).update(state="cancelled")
    assert len(read(hub)["reports"]) == 1


def test_nobody_reads_what_another_was_told(
    told: list[OutboxMessage], settled: None, client: Client
) -> None:
    (other,) = read(Door("insurance-340000", client))["reports"]
    assert other["data"] == {"number": 2}
    assert client.get("/api/v1/reports").status_code == 401


def test_a_report_appears_only_when_no_earlier_one_can_follow_it(
    told: list[OutboxMessage], hub: Door
) -> None:
    assert reports.SETTLED_AFTER >= timedelta(seconds=60)
    assert read(hub) == {"reports": [], "next": "0"}


def test_a_forgotten_family_is_stepped_over(
    told: list[OutboxMessage], settled: None, hub: Door
) -> None:
    OutboxMessage.objects.filter(id=told[1].id).update(sealed=None)
    page = read(hub)
    assert [each["id"] for each in page["reports"]] == [str(told[0].id)]
    assert page["next"] == str(told[1].id)


def test_a_question_that_makes_no_sense_is_refused(told: list[OutboxMessage], hub: Door) -> None:
    for query in ({"after": "x"}, {"after": "-" * 36}, {"limit": 0}, {"limit": 501}):
        assert hub.get("/reports", **query).status_code == 422, query
