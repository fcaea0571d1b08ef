"""What the worker sends: once, in batches, patiently, and one system's fault is no other's."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import Any

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from tests.api.conftest import CARD, FAMILIES, keep_family
from tests.gateways.conftest import Outside, reply
from yijian.actions import waking
from yijian.gateways import departments
from yijian.ops import jobs, sending
from yijian.ops import outside as outside_world
from yijian.records import cases, exchange, links
from yijian.records.mapping import LoadedCase
from yijian.records.models import DeadLetter, NotificationRow, OutboxMessage, Partner

HR = "hr-340000"
INSURANCE = "insurance-340000"


def take_all(request: httpx.Request) -> httpx.Response:
    ids = [event["id"] for event in json.loads(request.content)]
    return reply(202, {"accepted": ids, "refused": []})


def states(destination: str) -> list[str]:
    rows = OutboxMessage.objects.filter(destination=destination)
    return sorted(rows.values_list("state", flat=True))


def later(destination: str, **changes: Any) -> None:
    """Let the pause of every waiting message be over."""
    past = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    OutboxMessage.objects.filter(destination=destination).update(not_before=past, **changes)


@pytest.fixture
def families(node: None) -> list[LoadedCase]:
    return [keep_family(name) for name in FAMILIES[:3]]


def test_a_destination_is_emptied_in_one_batch(families: list[LoadedCase], world: Outside) -> None:
    world.answers["events"] = take_all
    assert sending.deliver(HR) == 3
    (request,) = world.asked
    assert str(request.url).endswith("/departments/hr-340000/events")
    assert request.headers["Content-Type"] == "application/cloudevents-batch+json"
    events = world.body()
    for event in events:
        assert event["specversion"] == "1.0" and event["type"] == "yijian.task.dispatched.v1"
        assert event["source"] == "/nodes/340000-anhui"
        assert event["subject"] == event["data"]["task_id"]
        assert event["data"]["item"] == CARD[0] and event["data"]["fields"]["newborn_name"]
        assert "father_name" not in event["data"]["fields"]
    assert states(HR) == ["delivered"] * 3
    assert sending.deliver(HR) == 0


def test_a_message_keeps_its_id_however_often_it_goes(
    families: list[LoadedCase], world: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.answers["events"] = httpx.ReadTimeout("slow")
    sending.deliver(HR)
    assert states(HR) == ["waiting"] * 3
    first = world.body()
    later(HR)
    monkeypatch.setattr(sending, "rests", outside_world.Rests())
    world.answers["events"] = take_all
    assert sending.deliver(HR) == 3
    assert world.body() == first


def test_a_silent_destination_rests_and_holds_up_no_other(
    families: list[LoadedCase], world: Outside
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return reply(503, {}) if HR in str(request.url) else take_all(request)

    world.answers["events"] = answer
    sending.deliver(HR)
    later(HR)
    sending.deliver(HR)
    assert len(world.asked) == 1
    sending.deliver(INSURANCE)
    assert set(states(INSURANCE)) == {"delivered"} and set(states(HR)) == {"waiting"}


def test_a_poisoned_message_goes_to_a_person_and_the_others_go_on(
    families: list[LoadedCase], world: Outside
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        first, *others = [event["id"] for event in json.loads(request.content)]
        return reply(202, {"accepted": others, "refused": [{"id": first, "reason": "no"}]})

    world.answers["events"] = answer
    sending.deliver(HR)
    assert states(HR) == ["delivered", "delivered", "parked"]


def test_a_message_that_spoils_its_batch_is_found_and_the_others_go_alone(
    families: list[LoadedCase], world: Outside
) -> None:
    spoilt = str(OutboxMessage.objects.filter(destination=HR).order_by("id")[1].id)

    def answer(request: httpx.Request) -> httpx.Response:
        return reply(422, {}) if spoilt in request.content.decode() else take_all(request)

    world.answers["events"] = answer
    assert sending.deliver(HR) == 3
    assert states(HR) == ["delivered", "delivered", "parked"]


def test_a_message_nobody_acknowledges_is_sent_again_and_given_up_at_last(
    families: list[LoadedCase], world: Outside
) -> None:
    world.answers["events"] = lambda _: reply(202, {"accepted": [], "refused": []})
    sending.deliver(HR)
    assert states(HR) == ["waiting"] * 3
    later(HR, attempts=sending.MOST_ATTEMPTS)
    sending.deliver(HR)
    assert states(HR) == ["parked"] * 3


def test_a_claim_of_a_dead_worker_runs_out(families: list[LoadedCase], world: Outside) -> None:
    world.answers["events"] = take_all
    past = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    OutboxMessage.objects.filter(destination=HR).update(state="sending", claimed_until=past)
    assert sending.deliver(HR) == 3


def test_what_a_killed_worker_had_claimed_goes_with_the_next_one(
    families: list[LoadedCase], world: Outside
) -> None:
    world.answers["events"] = take_all
    claimed = exchange.claim_messages(destination=HR, limit=2, now=timezone.now())
    assert states(HR) == ["sending", "sending", "waiting"]
    assert sending.deliver(HR) == 3
    assert {str(m.id) for m in claimed} < {event["id"] for event in world.body()}


def test_a_destination_without_an_address_is_for_a_person(
    families: list[LoadedCase], world: Outside
) -> None:
    OutboxMessage.objects.filter(destination=HR).update(destination="nobody-1")
    assert sending.deliver("nobody-1") == 3
    assert states("nobody-1") == ["parked"] * 3 and world.asked == []


def test_pauses_double_and_differ() -> None:
    pauses = [outside_world.pause_seconds(attempts) for attempts in range(1, 40)]
    assert 1 <= pauses[0] <= 3 and 2 <= pauses[1] <= 6 and 4 <= pauses[2] <= 12
    assert max(pauses) <= 1.5 * outside_world.LONGEST_PAUSE_SECONDS
    assert len(set(pauses)) == len(pauses)


def keep_notices(case: LoadedCase, count: int, now: datetime) -> None:
    from yijian.domain.applying import give_consent
    from yijian.domain.history import apply_all
    from yijian.domain.notices import Message
    from yijian.records.cases import Change

    events = give_consent(case.case, "mother", "user_notice", "other words", now)
    words = [Message("n", "mother", "sms", f"第{i}条", f"about {i}") for i in range(count)]
    cases.save([Change(case, events, apply_all(case.case, events), messages=words)])


def notices() -> list[str]:
    return sorted(NotificationRow.objects.values_list("state", flat=True))


def take_message(request: httpx.Request) -> httpx.Response:
    return reply(202, {"message_id": json.loads(request.content)["message_id"]})


def test_text_messages_are_sent_once_each(
    families: list[LoadedCase], world: Outside, now: datetime
) -> None:
    keep_notices(families[0], 3, now)
    world.answers["sms"] = take_message
    assert jobs.send_messages() == 3
    assert sorted(world.body(n)["text"] for n in range(3)) == ["第0条", "第1条", "第2条"]
    assert notices() == ["delivered"] * 3
    assert jobs.send_messages() == 0


def test_a_dead_gateway_is_asked_once_and_the_messages_wait(
    families: list[LoadedCase], world: Outside, now: datetime
) -> None:
    keep_notices(families[0], 3, now)
    world.answers["sms"] = httpx.ConnectError("refused")
    assert jobs.send_messages() == 0
    assert len(world.asked) == 1 and notices() == ["waiting"] * 3


def test_a_message_that_the_gateway_refuses_is_for_a_person(
    families: list[LoadedCase], world: Outside, now: datetime
) -> None:
    keep_notices(families[0], 1, now)
    world.answers["sms"] = lambda _: reply(422, {})
    jobs.send_messages()
    assert notices() == ["parked"]


def test_what_the_item_does_not_list_never_leaves(
    families: list[LoadedCase], world: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.answers["events"] = take_all
    claim = exchange.claim_messages

    def spoilt(**asked: Any) -> list[Any]:
        claimed = claim(**asked)
        if not claimed:
            return []
        first, *others = claimed
        more = {**first.payload, "fields": {**first.payload["fields"], "father_name": "李强"}}
        return [replace(first, payload=more), *others]

    monkeypatch.setattr(exchange, "claim_messages", spoilt)
    assert sending.deliver(HR) == 3
    assert states(HR) == ["delivered", "delivered", "parked"]
    assert len(world.body()) == 2 and "李强" not in world.asked[-1].content.decode()
    letter = DeadLetter.objects.get()
    assert letter.problem == "not_for_this_office: fields.father_name"
    assert (letter.state, letter.direction, letter.partner) == ("open", "out", HR)


def test_a_thin_partner_is_told_which_task_and_nothing_of_the_family(
    families: list[LoadedCase], world: Outside
) -> None:
    Partner.objects.filter(code=HR).update(thin=True)
    world.answers["events"] = take_all
    sending.deliver(HR)
    for event in world.body():
        assert set(event["data"]) == {
            "task_id", "case_number", "item", "newborn", "round", "office", "intent",
        }  # fmt: skip
        assert event["data"]["intent"] == "dispatched"


def test_how_it_goes_with_a_destination_is_seen_by_every_process(
    families: list[LoadedCase], world: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.answers["events"] = httpx.ReadTimeout("slow")
    sending.deliver(HR)
    (state,) = [s for s in links.states(now=timezone.now()) if s.destination == HR]
    assert (state.waiting, state.failures, state.reason) == (3, 1, "timeout")
    assert state.resting_until is not None and state.failing_since is not None
    later(HR)
    world.answers["events"] = take_all
    monkeypatch.setattr(sending, "rests", outside_world.Rests())
    sending.deliver(HR)
    (state,) = [s for s in links.states(now=timezone.now()) if s.destination == HR]
    assert (state.waiting, state.delivered, state.failures, state.resting_until) == (0, 3, 0, None)


def test_destinations_known_to_be_slow_share_a_few_hands() -> None:
    hands = outside_world.Hands()
    slow = [f"slow-{n}" for n in range(outside_world.SLOW_AT_ONCE + 1)]
    for name in slow:
        hands.took(name, outside_world.SLOW_SECONDS + 1)
    with ExitStack() as busy:
        lent = [busy.enter_context(hands.lent(name)) for name in slow]
        assert lent == [True] * outside_world.SLOW_AT_ONCE + [False]
        assert busy.enter_context(hands.lent("quick-1"))
        hands.took(slow[-1], 0.1)
        assert busy.enter_context(hands.lent(slow[-1]))
    with hands.lent(slow[0]) as free:
        assert free


@pytest.mark.django_db
def test_what_goes_on_for_long_is_not_begun_again_while_it_runs() -> None:
    waking.wake_calendar(timezone.now())
    waking.wake_outage_texts()
    jobs.defer_once("follow_calendar", "follow_calendar", alone=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name, lock FROM procrastinate_jobs WHERE lock IS NOT NULL")
        assert sorted(cursor.fetchall()) == [
            ("follow_calendar", "follow_calendar"), ("text_of_outages", "text_of_outages"),
        ]  # fmt: skip
    for task in (jobs.follow_figures, jobs.remind_families, jobs.watch_limits):
        assert task.lock == task.queueing_lock


def test_batches_are_neither_too_many_nor_too_large() -> None:
    events = [{"id": str(n), "data": "x" * 1000} for n in range(1200)]
    found = list(departments.batches(events))
    assert [event for batch in found for event in batch] == events
    assert [len(batch) for batch in found] == [500, 500, 200]
    large = [{"id": str(n), "data": "长" * 200_000} for n in range(5)]
    assert [len(batch) for batch in departments.batches(large)] == [2, 2, 1]
