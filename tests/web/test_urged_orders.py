"""Work orders whose time runs out are told to the office that has them and to the desk."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.actions.test_order_news import forget
from tests.web import cast_desk
from tests.web.test_console_orders import BRIEF, BUREAU, Scene, scene
from yijian.actions import order_urging
from yijian.domain.clocks import end_of
from yijian.records import people
from yijian.records.models import WorkOrderRow
from yijian.records.people import StaffRole

__all__ = ["scene"]
pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def told(client: Client) -> str:
    return client.get("/console/urged/").content.decode().split("<main")[1]


def timed(scene: Scene, now: datetime, *, opened: int, due: int) -> str:
    """Let the order be that old, and due in so many days; its number."""
    opened_at, due_at = now - opened * DAY, end_of((now + due * DAY).date())
    WorkOrderRow.objects.update(opened_at=opened_at, assign_due_at=due_at, due_at=due_at)
    return scene.row.number


def test_an_order_with_time_left_is_told_to_nobody(scene: Scene, fixed_now: datetime) -> None:
    number = timed(scene, fixed_now, opened=1, due=14)
    scene.act(scene.desk, "assign", office=scene.row.about, brief=BRIEF)
    for client in (scene.desk, scene.office):
        assert number not in told(client)


def test_the_last_fifth_of_the_time_is_told_to_office_and_desk(
    scene: Scene, fixed_now: datetime
) -> None:
    number = timed(scene, fixed_now, opened=25, due=2)
    assert number in told(scene.desk)
    assert number not in told(scene.office), "it is not the office's turn"
    scene.act(scene.desk, "assign", office=scene.row.about, brief=BRIEF)
    for client in (scene.desk, scene.office):
        page = told(client)
        assert number in page and "时间用到 80%" in page and "现在没有催办" not in page
    assert BRIEF not in told(scene.office)


def test_what_is_late_is_told_until_it_is_answered(scene: Scene, fixed_now: datetime) -> None:
    scene.act(scene.desk, "assign", office=scene.row.about, brief=BRIEF)
    number = timed(scene, fixed_now, opened=25, due=-2)
    assert number in told(scene.office) and "时限到了" in told(scene.desk)
    menu = scene.office.get("/console/orders/").content.decode()
    assert "<span>催办</span><b>1</b>" in menu
    desk = people.visitor(User.objects.get(pk=scene.desk.session["_auth_user_id"]))
    assert [order_urging.count(desk, now=fixed_now, limit=most) for most in (0, 1, 9)] == [0, 1, 1]
    scene.act(scene.office, "take")
    assert number in told(scene.office)
    scene.act(scene.office, "answer", finding="founded", reply="已增加值班电话")
    for client in (scene.desk, scene.office):
        assert number not in told(client)


def test_an_order_sent_back_after_its_deadline_is_told_to_the_desk(
    scene: Scene, fixed_now: datetime
) -> None:
    scene.act(scene.desk, "assign", office=scene.row.about, brief=BRIEF)
    number = timed(scene, fixed_now, opened=25, due=-2)
    scene.act(scene.office, "send_back", reason="不属本机构")
    assert scene.row.state == "new" and scene.row.assign_due_at > fixed_now
    assert number in told(scene.desk) and "时限到了" in told(scene.desk)
    assert "已超期" in scene.desk.get("/console/orders/").content.decode()


def test_a_second_round_has_its_own_time_and_its_own_extension(
    scene: Scene, fixed_now: datetime
) -> None:
    scene.act(scene.desk, "assign", office=scene.row.about, brief=BRIEF)
    number = timed(scene, fixed_now, opened=60, due=-30)
    scene.act(scene.office, "take")
    scene.act(scene.office, "answer", finding="founded", reply="已增加值班电话")
    scene.act(scene.desk, "call_back", outcome="unsatisfied")
    scene.act(scene.desk, "redo", reason="还是没人接")
    assert scene.row.rounds == 1
    for client in (scene.desk, scene.office):
        assert number not in told(client), "the whole fresh time is left"
        assert "未到期" in client.get("/console/orders/").content.decode()
    scene.act(scene.office, "take")
    fresh = scene.row.due_at
    scene.act(scene.office, "extend", reason="等设备")
    assert scene.row.due_at >= fresh + 14 * DAY, "ten working days more"


def test_what_is_late_is_told_however_many_others_are_open(
    scene: Scene, fixed_now: datetime
) -> None:
    number = timed(scene, fixed_now, opened=25, due=30)
    WorkOrderRow.objects.update(assign_due_at=fixed_now - DAY)
    row = scene.row
    WorkOrderRow.objects.bulk_create(
        WorkOrderRow(
            number=f"before-{place}", kind="question", channel="pc",
            about=BUREAU if place % 4 == 0 else "", opened_at=row.opened_at,
            assign_due_at=row.due_at - DAY, due_at=row.due_at - DAY, sealed=b"",
        )
        for place in range(101)
    )  # fmt: skip
    page = told(scene.desk)
    assert number in page and "before-" not in page
    WorkOrderRow.objects.update(assign_due_at=fixed_now - DAY)
    page = told(scene.desk)
    assert number in page and page.count("before-") == 75, "26 are about the own office"


def test_of_a_forgotten_family_only_the_desk_is_told(scene: Scene, fixed_now: datetime) -> None:
    scene.act(scene.desk, "assign", office=scene.row.about, brief=BRIEF)
    number = timed(scene, fixed_now, opened=25, due=-2)
    forget(scene.family)
    assert number in told(scene.desk), "it can end the order"
    assert number not in told(scene.office), "it has no step left"


def test_nobody_else_is_told_of_an_order(scene: Scene, fixed_now: datetime) -> None:
    scene.act(scene.desk, "assign", office=scene.row.about, brief=BRIEF)
    number = timed(scene, fixed_now, opened=25, due=-2)
    for role, office in (
        (StaffRole.SUPERVISOR, BUREAU),
        (StaffRole.CLERK, scene.row.about),
        (StaffRole.OPERATOR, BUREAU),
        (StaffRole.COMPLAINTS, scene.row.about),
    ):
        client = cast_desk.clerk(office, role, username=f"test:other:{role}")
        assert number not in told(client), role
