"""What waits to go out is claimed by one, leaves in order, and survives those who die over it."""

from __future__ import annotations

import threading
from datetime import date
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from tests.records.families import (
    BABY,
    NOW,
    PHONE,
    decide,
    decided,
    later,
    saved,
    submitted,
)
from yijian.domain.states import TaskState
from yijian.records import cases, decisions, exchange
from yijian.records.cases import RuleBroken
from yijian.records.exchange import Received

pytestmark = pytest.mark.django_db
HR = "hr-340000"


def claim(minutes: float = 0, limit: int = 100) -> list[exchange.ClaimedMessage]:
    return exchange.claim_messages(destination=HR, limit=limit, now=later(minutes=minutes))


def written(count: int) -> list[UUID]:
    loaded = saved(*(submitted(f"N{n}", delivery=f"D{n}") for n in range(count)))
    ids = [each.id for each in loaded]
    decide(ids, ("certificate", 1), TaskState.ACCEPTED)
    return ids


def test_a_message_is_claimed_once_with_its_payload_opened() -> None:
    (case_id,) = written(1)
    (message,) = claim()
    assert message.payload == {"name": BABY, "on": "2026-01-01"}
    assert (message.case_id, message.item, message.newborn) == (case_id, "certificate", 1)
    assert message.attempts == 1
    assert claim() == []
    assert exchange.claim_messages(destination="other", limit=9, now=NOW) == []


def test_a_claim_whose_worker_died_ends_by_itself_and_keeps_the_id() -> None:
    written(1)
    (first,) = claim()
    assert claim(minutes=1) == []
    (again,) = claim(minutes=3)
    assert (again.id, again.attempts) == (first.id, 2)


def test_messages_about_one_task_leave_in_the_order_they_were_written() -> None:
    (case_id,) = written(1)
    decide([case_id], ("certificate", 1), TaskState.IN_REVIEW)
    (first,) = claim()
    assert first.kind == "test"
    assert claim() == []
    exchange.settle_messages(delivered=[first.id], now=NOW)
    (second,) = claim()
    assert second.id > first.id


def test_a_parked_message_holds_up_nobody_and_waits_for_a_person() -> None:
    (case_id,) = written(1)
    decide([case_id], ("certificate", 1), TaskState.IN_REVIEW)
    (poison,) = claim()
    exchange.settle_messages(parked={poison.id: "refused: unknown_item"}, now=NOW)
    assert [m.id for m in claim()] != [poison.id]
    ((parked, destination, _, _, problem),) = exchange.parked_messages()
    assert (parked, destination, problem) == (poison.id, HR, "refused: unknown_item")
    assert exchange.release_message(message=poison.id, now=NOW)
    assert not exchange.release_message(message=poison.id, now=NOW)
    assert exchange.parked_messages() == []


def test_a_retry_waits_for_its_time() -> None:
    written(1)
    (message,) = claim()
    exchange.settle_messages(retry={message.id: later(minutes=30)}, now=NOW)
    assert claim(minutes=29) == []
    assert exchange.destinations(now=later(minutes=29)) == []
    assert exchange.destinations(now=later(minutes=30)) == [HR]
    assert [m.id for m in claim(minutes=30)] == [message.id]


def test_settling_twice_changes_nothing_more() -> None:
    written(1)
    (message,) = claim()
    exchange.settle_messages(delivered=[message.id], now=NOW)
    exchange.settle_messages(parked={message.id: "late"}, now=NOW)
    exchange.settle_messages(now=NOW)
    assert exchange.parked_messages() == []
    assert claim(minutes=60) == []


def test_the_same_intent_is_never_sent_twice() -> None:
    """I10: one message per case, item, newborn, round, intent and destination."""
    (loaded,) = saved(submitted())
    change = decided(loaded, ("certificate", 1), TaskState.ACCEPTED)
    doubled = cases.Change(
        loaded,
        change.events,
        change.after,
        outbox=[*change.outbox, *decided(loaded, ("certificate", 1), TaskState.ACCEPTED).outbox],
    )
    with pytest.raises(RuleBroken) as refused, transaction.atomic():
        cases.save([doubled])
    assert refused.value.rule == "one_message_per_intent"


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_claim_the_same_message() -> None:
    written(30)
    start = threading.Barrier(2)
    claimed: list[UUID] = []

    def work() -> None:
        start.wait(10)
        for _ in range(6):
            claimed.extend(message.id for message in claim(limit=5))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(claimed) == len(set(claimed)) == 30


def test_a_notice_knows_the_phone_of_its_recipient() -> None:
    (loaded,) = saved(submitted())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notification SET to_role = 'mother'")
    (notice,) = exchange.claim_notices(channel="sms", limit=10, now=NOW)
    assert notice.phone is None, "the father's phone is not known; nobody else's is taken"
    assert notice.case_id == loaded.id
    exchange.settle_notices(delivered=[notice.id], now=NOW)
    assert exchange.claim_notices(channel="sms", limit=10, now=later(hours=1)) == []


def test_a_mothers_message_goes_to_the_mothers_phone() -> None:
    from dataclasses import replace

    from tests.records.families import new_change

    change = new_change(submitted())
    to_mother = [replace(message, role="mother") for message in change.messages]
    cases.save([replace(change, messages=to_mother)])
    (notice,) = exchange.claim_notices(channel="sms", limit=10, now=NOW)
    assert notice.phone == PHONE


def test_the_inbox_knows_what_it_has_seen_and_what_became_of_it() -> None:
    def receive(*names: str) -> set[str]:
        messages = [Received(name, b"d" * 32) for name in names]
        return exchange.receive(sender=HR, messages=messages, now=NOW)

    assert receive("a", "b") == {"a", "b"}
    exchange.set_outcomes(sender=HR, outcomes={"a": ("applied", ""), "b": ("late", "x" * 500)})
    assert receive("b", "c") == {"c"}
    known = exchange.received(sender=HR, message_ids=["a", "b", "c", "z"])
    assert known["a"] == (b"d" * 32, "applied", "")
    assert {name: outcome for name, (_, outcome, _) in known.items()} == {
        "a": "applied",
        "b": "late",
        "c": "received",
    }
    assert exchange.received(sender="tax-340000", message_ids=["a"]) == {}


def test_a_decision_is_held_taken_back_or_applied() -> None:
    (loaded,) = saved(submitted())
    assert loaded.key is not None
    task = loaded.task_id(("certificate", 1))

    def hold() -> UUID:
        assert loaded.key is not None
        return decisions.hold(
            by="staff:1",
            case_id=loaded.id,
            key=loaded.key,
            task_id=task,
            task_version=1,
            command={"to": "approved", "result": {"on": date(2026, 11, 21)}},
            due_at=later(seconds=10),
            now=NOW,
        )

    first = hold()
    with pytest.raises(IntegrityError, match="one_held_decision_per_task"), transaction.atomic():
        hold()
    assert not decisions.take_back(by="staff:2", decision=first)
    assert decisions.take_back(by="staff:1", decision=first)
    assert not decisions.take_back(by="staff:1", decision=first)
    second = hold()
    with transaction.atomic():
        assert decisions.claim_due_decisions(limit=9, now=later(seconds=9)) == []
        (held,) = decisions.claim_due_decisions(limit=9, now=later(seconds=10))
        assert held.command == {"to": "approved", "result": {"on": date(2026, 11, 21)}}
        assert (held.id, held.by, held.task_version) == (second, "staff:1", 1)
        decisions.settle_decision(decision=second, applied=True)
        assert decisions.claim_due_decisions(limit=9, now=later(hours=1)) == []


def test_a_nonce_is_spent_once_per_sender() -> None:
    assert exchange.spend_nonce(HR, "n", NOW)
    assert not exchange.spend_nonce(HR, "n", NOW)
    assert exchange.spend_nonce("tax-340000", "n", NOW)
    assert exchange.forget_nonces(before=later(minutes=1)) == 2


def test_a_stranger_at_the_door_is_recorded_without_what_it_brought() -> None:
    exchange.record_refusal(claimed="王芳\n" + "x" * 200, reason="forged", path="/api", now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT claimed, reason, path FROM refused_request")
        ((claimed, reason, path),) = cursor.fetchall()
    assert set(claimed) == {"x"}
    assert (reason, path) == ("forged", "/api")
    assert exchange.partner("nobody") is None
