"""The flow between nodes: who does not answer stands out, and nobody is named."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web import cast, cast_desk
from yijian.records import exchange
from yijian.records.identifiers import new_id
from yijian.records.models import DisagreementRow, OutboxMessage, ParityRun
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db

NODE = "province-a"
KEY = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n"


@pytest.fixture
def partner(published: object) -> str:
    exchange.put_partner(
        code=NODE, public_key=KEY, endpoint="https://a.test/api/v1/events", kind="node",
        name_zh="甲省", name_en="Province A",
    )  # fmt: skip
    return NODE


def watcher(role: StaffRole = StaffRole.ROUTING) -> Client:
    return cast_desk.clerk("340100WJ", role, username=f"test:watcher:{role}")


def message(case: UUID, now: datetime, **changes: object) -> OutboxMessage:
    values: dict[str, object] = {
        "destination": NODE, "kind": "yijian.task.dispatched.v1", "case_id": case,
        "task_id": new_id(), "item": "hukou_registration", "newborn": 1,
        "intent": f"dispatched-{new_id()}", "not_before": now, "created_at": now,
    }  # fmt: skip
    return OutboxMessage.objects.create(**values | changes)


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_node_that_answers_is_in_order_and_drawn(partner: str, fixed_now: datetime) -> None:
    message(new_id(), fixed_now, state="delivered", settled_at=fixed_now)
    exchange.spend_nonce(NODE, "n1", fixed_now)
    page = text_of(watcher(), "/desk/flow/")
    assert "甲省" in page and "畅通" in page and "等 0 · 时到 1" in page
    assert f'href="/desk/flow/{NODE}/"' in page and "<svg" in page


def test_a_node_that_has_asked_nothing_for_long_is_not_taken_for_one_in_order(
    partner: str, fixed_now: datetime
) -> None:
    exchange.spend_nonce(NODE, "n1", fixed_now - timedelta(minutes=3))
    page = text_of(watcher(), "/desk/flow/")
    assert "没有动静" in page and "畅通" not in page.replace("都畅通", "")


def test_a_node_that_does_not_answer_says_when_it_is_tried_again(
    partner: str, fixed_now: datetime
) -> None:
    message(new_id(), fixed_now, attempts=3, not_before=fixed_now + timedelta(minutes=4),
            created_at=fixed_now - timedelta(minutes=9))  # fmt: skip
    page = text_of(watcher(), "/desk/flow/")
    assert "没有应答" in page and "再试" in page and "9 分钟" in page
    assert "1 处不通" in page


def test_what_stands_still_or_does_not_agree_belongs_to_a_person(
    partner: str, fixed_now: datetime
) -> None:
    client = watcher()
    message(new_id(), fixed_now, state="parked", problem="refused", settled_at=fixed_now)
    assert "1 条停住" in text_of(client, "/desk/flow/")
    OutboxMessage.objects.all().update(state="given_up")
    ParityRun.objects.create(partner=NODE, side="sent", at=fixed_now, ended_at=fixed_now, open=1)
    DisagreementRow.objects.create(
        partner=NODE, side="sent", kind="conflict", owner="340100WJ", found_at=fixed_now,
        due_at=fixed_now,
    )  # fmt: skip
    assert "1 处要人决定" in text_of(client, "/desk/flow/")


def test_the_list_behind_a_station_names_cases_and_no_family(
    partner: str, family: cast.Household, fixed_now: datetime
) -> None:
    family.submit()
    message(UUID(family.case.id), fixed_now, attempts=2, problem="unreachable")
    page = text_of(watcher(), f"/desk/flow/{NODE}/")
    assert page.count(family.number) == 1 and page.count("unreachable") == 1
    assert "王芳" not in page and "王*" not in page


def test_the_page_asks_for_itself_again_until_it_is_stopped(partner: str) -> None:
    client = watcher(StaffRole.SUPERVISOR)
    assert client.get("/desk/flow/")["Refresh"] == "5"
    assert "Refresh" not in client.get("/desk/flow/?still=1")


def test_a_clerk_and_an_unknown_station_find_nothing(partner: str) -> None:
    assert cast_desk.clerk("H34010401").get("/desk/flow/").status_code == 404
    assert watcher().get("/desk/flow/nobody-here/").status_code == 404


def test_more_messages_cost_no_more_queries(partner: str, fixed_now: datetime) -> None:
    client = watcher()
    text_of(client, "/desk/flow/")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            text_of(client, "/desk/flow/")
        counts.append(len(captured))
        for _ in range(20):
            message(new_id(), fixed_now)
    assert counts[0] == counts[1]
