"""A message that stands still is somebody's: once more, at our desk, or given up with a reason."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now as real_now  # noqa: TID251 (the door has a clock)

from tests.api.conftest import CARD, card_of, keep_family, node
from yijian.actions import dead_letters as actions
from yijian.domain.context import RefusedError
from yijian.records import access, cases, dead_letters, exchange, journal, parked, people
from yijian.records.dead_letters import DeadLetterLine
from yijian.records.exchange import Received
from yijian.records.mapping import LoadedCase
from yijian.records.models import DeadLetter, InboxMessage, OutboxMessage, Staff
from yijian.records.people import StaffRole

__all__ = ["node"]
HR, LEAD, CARD_OFFICE = "hr-340000", "340000WJ", "340100HR"


@pytest.fixture
def family(node: None) -> LoadedCase:
    return keep_family()


def staff(office: str, *roles: StaffRole) -> User:
    user = User.objects.create(username=f"{office}:{len(roles)}:{User.objects.count()}")
    people.appoint(
        by=user, office=office, staff_number=f"T-{user.pk}",
        roles=roles or (StaffRole.ROUTING,), name="陈静",
    )  # fmt: skip
    return user


def park(family: LoadedCase, problem: str = "refused: wrong_data") -> OutboxMessage:
    row = OutboxMessage.objects.get(task_id=card_of(family))
    OutboxMessage.objects.filter(id=row.id).update(state="sending", claimed_until=real_now())
    exchange.settle_messages(parked={row.id: problem}, now=real_now())
    return row


def seen(by: User, now: datetime | None = None) -> list[DeadLetterLine]:
    return dead_letters.waiting(who=people.visitor(by), now=now or real_now(), limit=10)


def events_of(family: LoadedCase) -> list[dict[str, Any]]:
    entries = journal.entries_of(family.id)
    return [e.event_body | {"by": e.actor} for e in entries if e.kind == "exchange_settled"]


def test_what_is_parked_has_an_owner_and_a_deadline_at_once(family: LoadedCase) -> None:
    park(family)
    router = staff(LEAD)
    (line,) = seen(router)
    assert (line.direction, line.partner, line.item) == ("out", HR, CARD[0])
    assert (line.owner, line.office, line.problem) == ("", CARD_OFFICE, "refused: wrong_data")
    assert line.parked_at < line.due_at <= line.parked_at + timedelta(hours=24)
    assert line.case_number == family.case.number and line.under_way
    assert seen(staff(LEAD, StaffRole.CLERK, StaffRole.SUPERVISOR)) == []


def test_the_office_of_the_task_decides_where_somebody_there_may(family: LoadedCase) -> None:
    there = staff(CARD_OFFICE)
    park(family)
    (line,) = seen(there)
    assert line.owner == CARD_OFFICE and seen(staff(LEAD)) == []
    with pytest.raises(access.Refused):
        actions.try_again(by=staff("340100YB"), letter=line.id, now=real_now())
    Staff.objects.filter(user_id=there.pk).update(active=False)
    assert [each.id for each in seen(staff(LEAD))] == [line.id]


def test_trying_again_lets_the_same_message_go_and_the_journal_says_who(
    family: LoadedCase,
) -> None:
    row = park(family)
    router = staff(LEAD)
    (line,) = seen(router)
    assert actions.try_again(by=router, letter=line.id, now=real_now())
    again = OutboxMessage.objects.get(id=row.id)
    assert (again.state, again.problem) == ("waiting", "")
    (noted,) = events_of(family)
    assert (noted["did"], noted["to"], noted["problem"]) == ("tried_again", HR, "refused")
    assert noted["by"] == people.visitor(router).staff
    assert seen(router) == []
    with pytest.raises(access.Refused):
        actions.try_again(by=router, letter=line.id, now=real_now())
    park(family)
    assert DeadLetter.objects.filter(message_id=row.id).count() == 2


def test_the_office_does_at_our_desk_what_its_system_does_not_take(family: LoadedCase) -> None:
    row = park(family)
    router = staff(LEAD)
    actions.hand_over(by=router, letter=seen(router)[0].id, now=real_now())
    assert OutboxMessage.objects.get(id=row.id).state == "given_up"
    (kept,) = cases.read(ids=[family.id])
    assert kept.channels[CARD] == "desk"
    assert DeadLetter.objects.get().state == "handed_over"
    assert [noted["did"] for noted in events_of(family)] == ["handed_over"]


def test_giving_up_needs_a_reason_which_is_sealed_and_journalled(family: LoadedCase) -> None:
    row = park(family)
    router = staff(LEAD)
    (line,) = seen(router)
    with pytest.raises(RefusedError, match="reason_missing"):
        actions.give_up(by=router, letter=line.id, reason="  ", now=real_now())
    actions.give_up(by=router, letter=line.id, reason="与 王芳 电话确认，不办了", now=real_now())
    assert OutboxMessage.objects.get(id=row.id).state == "given_up"
    letter = DeadLetter.objects.get()
    assert letter.state == "given_up" and "王芳".encode() not in bytes(letter.sealed)
    assert dead_letters.words_of(letter=line.id) == "与 王芳 电话确认，不办了"
    (noted,) = events_of(family)
    assert noted["did"] == "given_up" and "王芳" not in json.dumps(noted, ensure_ascii=False)


def keep_event(problem: str, kind: str = "yijian.task.foretold.v1") -> UUID:
    exchange.receive(sender=HR, messages=[Received("m-1", b"0" * 32, kind=kind)], now=real_now())
    document = {
        "specversion": "1.0", "id": "m-1", "source": f"/nodes/{HR}", "type": kind,
        "time": "2026-11-22T10:00:00Z", "data": {},
    }  # fmt: skip
    parked.park(sender=HR, message_id="m-1", document=document, problem=problem)
    return InboxMessage.objects.get().id


def test_what_comes_by_itself_is_shown_only_when_its_time_is_over(node: None) -> None:
    keep_event("unknown_type")
    router = staff(LEAD)
    assert seen(router) == []
    (line,) = seen(router, real_now() + timedelta(hours=25))
    assert (line.direction, line.partner, line.case_id) == ("in", HR, None)
    assert not actions.try_again(by=router, letter=line.id, now=real_now())
    actions.give_up(by=router, letter=line.id, reason="对方说发错了", now=real_now())
    row = InboxMessage.objects.get()
    assert (row.state, row.outcome, row.sealed) == ("given_up", "refused", None)
    assert DeadLetter.objects.get().state == "given_up"


def test_a_message_that_failed_here_is_tried_again_by_a_person(
    node: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from yijian.actions import receiving
    from yijian.actions.receiving import Intake, Taken

    keep_event("failed: ZeroDivisionError")
    router = staff(LEAD)
    (line,) = seen(router)

    def take(intake: Intake) -> Taken:
        return intake.taken("applied")

    monkeypatch.setitem(receiving.TAKERS, "yijian.task.foretold.v1", take)
    assert actions.try_again(by=router, letter=line.id, now=real_now())
    letter = DeadLetter.objects.get()
    assert (letter.state, letter.settled_by) == ("tried_again", people.visitor(router).staff)
