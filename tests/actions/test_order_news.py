"""Whoever came with an order learns that it is answered; a forgotten family's order still ends."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection

from tests.actions.cast import Household, clerk
from yijian.actions import work_orders
from yijian.domain.context import RefusedError
from yijian.domain.work_orders import OrderKind, OrderState
from yijian.records import exchange
from yijian.records.models import NotificationRow, WorkOrderRow
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
REPLY = "多叫了两位同事，王芳可以再来"
PHONE = "13800138000"


def desk() -> User:
    return clerk("340100WJ", StaffRole.COMPLAINTS)


def act(by: User, family: Household, step: str, **given: str) -> OrderState:
    row = WorkOrderRow.objects.get()
    return work_orders.act(
        by=by, order_id=row.id, step=step, given=given, version=row.version, now=family.now
    )


def complain(family: Household, kind: OrderKind = OrderKind.COMPLAINT) -> None:
    work_orders.complain(
        by=family.mother, number=family.number, kind=kind, text="窗口没有人", now=family.now
    )


def with_office(family: Household) -> tuple[User, User]:
    """The complaint is with an office, which has begun; both sides."""
    here, there = desk(), clerk("H34010401", StaffRole.SUPERVISOR)
    act(here, family, "assign", office="H34010401", brief="有家庭反映窗口没有人")
    act(there, family, "take")
    return here, there


def forget(family: Household) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            'UPDATE "case" SET wrapped_key = NULL, sealed = NULL, display = NULL,'
            " forgotten_at = now() WHERE id = %s",
            [UUID(str(family.id))],
        )


def texts() -> list[str]:
    told = NotificationRow.objects.filter(template="order_answered")
    return sorted(told.values_list("about", flat=True))


def test_a_family_is_told_that_it_was_answered_and_not_what(submitted: Household) -> None:
    complain(submitted)
    here, there = with_office(submitted)
    assert texts() == []
    act(there, submitted, "answer", finding="founded", reply=REPLY)
    row = WorkOrderRow.objects.get()
    assert len(texts()) == 2
    for about in texts():
        for secret in (row.number, str(row.id), row.id.hex, "mother"):
            assert secret not in about, "whoever reads the rows learns who came with which order"
    claimed = exchange.claim_notices(channel="sms", limit=90, now=submitted.now)
    (sms,) = [one for one in claimed if one.template == "order_answered"]
    assert f"/my/cases/{submitted.number}/complaints/" in sms.text and sms.phone
    assert REPLY not in sms.text and "窗口" not in sms.text
    act(here, submitted, "call_back", outcome="unsatisfied")
    act(here, submitted, "redo", reason="还是没有人")
    act(there, submitted, "take")
    act(there, submitted, "answer", finding="founded", reply=REPLY)
    assert len(texts()) == 4


@pytest.mark.parametrize("refused", [False, True])
def test_somebody_without_a_case_is_told_by_the_phone_that_was_left(
    submitted: Household, refused: bool
) -> None:
    for phone in ("", PHONE):
        WorkOrderRow.objects.all().delete()
        number, code = work_orders.speak_up(
            kind=OrderKind.QUESTION, text="周六上班吗", phone=phone, office="", sender="",
            channel="pc", now=submitted.now,
        )  # fmt: skip
        act(desk(), submitted, "reply", reply=REPLY)
    (row,) = NotificationRow.objects.filter(template="order_answered")
    assert row.case_id is None and PHONE.encode() not in bytes(row.sealed or b"")
    claimed = exchange.claim_notices(channel="sms", limit=90, now=submitted.now)
    (sms,) = [one for one in claimed if one.case_id is None]
    assert sms.phone == PHONE and "/speak/follow/" in sms.text and code not in sms.text
    assert number in sms.text and REPLY not in sms.text
    if refused:
        exchange.settle_notices(parked={sms.id: "no such number"}, now=submitted.now)
    else:
        exchange.settle_notices(delivered=[sms.id], now=submitted.now)
    assert not NotificationRow.objects.filter(pk=sms.id).exists()


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_the_order_of_a_forgotten_family_ends_wherever_it_stands(
    submitted: Household, steps: int
) -> None:
    complain(submitted)
    here, there = desk(), clerk("H34010401", StaffRole.SUPERVISOR)
    way: tuple[tuple[User, str, dict[str, str]], ...] = (
        (here, "assign", {"office": "H34010401"}),
        (there, "take", {}),
        (there, "answer", {"finding": "founded", "reply": REPLY}),
    )
    for by, step, given in way[:steps]:
        act(by, submitted, step, **given)
    told = texts()
    forget(submitted)
    for by, step in ((here, "assign"), (there, "answer"), (here, "reply"), (there, "extend")):
        given = {"office": "H34010401", "finding": "founded", "reply": REPLY, "reason": "等"}
        if step in ("assign", "reply") or steps > 0:
            with pytest.raises(RefusedError, match="family_forgotten"):
                act(by, submitted, step, **given)
    if steps < 3:
        assert act(here, submitted, "lapse") is OrderState.CLOSED
    else:
        with pytest.raises(RefusedError, match="family_forgotten"):
            act(here, submitted, "lapse")
        act(here, submitted, "call_back", outcome="not_reached")
        assert act(here, submitted, "close") is OrderState.CLOSED
    row = WorkOrderRow.objects.get()
    assert (row.outcome == "forgotten") is (steps < 3) and row.closed_at
    assert texts() == told


def test_no_order_of_a_living_case_lapses(submitted: Household) -> None:
    complain(submitted)
    with pytest.raises(RefusedError, match="step_not_allowed"):
        act(desk(), submitted, "lapse")
